# Programs of ours that are started for a test, in the folder $work: sourced. Everything that was started ends with the
# script.
#
#   start_sim PROGRAMS [FLAG...]          the stand-in for the provider; sets $sim
#   start_worker PROGRAMS NAME [NAME=VALUE...]
#                                         a service whose log is $work/NAME.log; sets ${url[NAME]}; false where it ends
#                                         instead of serving
#   end NAME SIGNAL                       signals what has that name, and waits for its end
#   call NAME METHOD PATH [JSON]          an exchange with its API

: "${work:?the folder for logs}"

declare -A process url

say() {
  printf '%s\n' "$*" >&2
}

die() {
  say "$*"
  exit 1
}

# until_true SECONDS WHAT COMMAND...
until_true() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    ((SECONDS < deadline)) || die "waited in vain until $what"
    sleep 0.1
  done
}

end() {
  kill "-$2" "${process[$1]}" 2>/dev/null || true
  wait "${process[$1]}" 2>/dev/null || true
  unset "process[$1]"
}

end_all() {
  local name
  for name in "${!process[@]}"; do
    end "$name" KILL
  done
}
trap end_all EXIT

serves_or_has_ended() {
  grep -qs " $2 on " "$work/$1.out" || ! kill -0 "${process[$1]}" 2>/dev/null
}

# Remembers where it listens, or has its probes; false where it has ended.
await_address() {
  local address what=${2:-listening}
  until_true 60 "$1 serves" serves_or_has_ended "$1" "$what"
  address=$(sed -n "s|.* $what on \(http://\)\{0,1\}||p" "$work/$1.out" | head -n 1)
  url[$1]=http://${address%% *}
  [[ -n $address ]]
}

start_sim() {
  local programs=$1
  shift
  rm -f "$work/sim.out"
  "$programs/gemini-sim" --port 0 --picture-size 352 "$@" >"$work/sim.out" 2>"$work/sim.log" &
  process[sim]=$!
  await_address sim || die "gemini-sim does not start: $(cat "$work/sim.log")"
  sim=${url[sim]}
}

start_worker() {
  local programs=$1 name=$2
  shift 2
  rm -f "$work/$name.out"
  env -i PATH="$PATH" WORKER_HTTP_PORT=0 WORKER_HEALTH_CHECK_PORT=0 GEMINI_API_KEY=any GEMINI_BASE_URL="$sim" \
    GEMINI_REQUESTS_PER_MINUTE=1000000 QUEUE_MAX_JOBS_PER_USER=0 WORKER_RETRY_DELAY=100ms WORKER_MAX_WORKERS="${slots:-5}" "$@" \
    "$programs/stayler-worker" >"$work/$name.out" 2>>"$work/$name.log" &
  process[$name]=$!
  if [[ " $* " == *' WORKER_ROLE=worker '* ]]; then
    await_address "$name" probes
  else
    await_address "$name"
  fi
}

call() {
  local body=()
  [[ -z ${4:-} ]] || body=(-H 'Content-Type: application/json' -d "$4")
  curl -sS --max-time 30 -X "$2" "${body[@]}" "${url[$1]}$3"
}

# upload NAME FILE: the picture's id.
upload() {
  curl -sS --max-time 30 --data-binary "@$2" -H 'Content-Type: application/octet-stream' "${url[$1]}/images" | jq -er .id
}

# submit NAME PERSON GARMENT PREFIX COUNT [OPTIONS]: that many conversions, each of which takes a call of its own; their ids.
submit() {
  local jobs
  jobs=$(jq -cn --arg person "$2" --arg garment "$3" --arg prefix "$4" --argjson count "$5" --argjson options "${6:-{\}}" '
    {jobs: [range($count) | {type: "image_conversion", conversionId: "\($prefix)-\(.)", userId: "ann",
      payload: {userImageId: $person, clothImageId: $garment, options: ({noCache: true} + $options)}}]}')
  call "$1" POST /worker/jobs/batch "$jobs" | jq -er '.jobs[].id'
}

# count NAME FIELD: of GET /worker/status.
count() {
  call "$1" GET /worker/status | jq -r ".$2 // 0" 2>/dev/null || echo 0
}

has_at_least() {
  (($(count "$1" "$2") >= $3))
}

is_quiet() {
  call "$1" GET /worker/status 2>/dev/null \
    | jq -e '.pendingJobs + .scheduledJobs + .processingJobs == 0' >/dev/null 2>&1
}

# all_jobs NAME: each as a line of JSON.
all_jobs() {
  local cursor='' page
  while :; do
    page=$(call "$1" GET "/worker/jobs?limit=500$cursor")
    jq -ce '.jobs[]' <<<"$page"
    cursor=$(jq -r '.nextCursor // empty' <<<"$page")
    [[ -n $cursor ]] || return 0
    cursor="&cursor=$cursor"
  done
}
