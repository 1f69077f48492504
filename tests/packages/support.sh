# shellcheck shell=bash
# For the tests of packages: `source` it first.
#   $packages, $build, $confined   the test's arguments
#   $work                          a folder of its own, which goes away
set -euo pipefail

packages=$1
build=$2
confined=$3
work=$(mktemp -d)
started=()

clean_up() {
  local pid
  for pid in "${started[@]}"; do
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap clean_up EXIT

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# Where the package of that name has been unpacked.
unpacked() { # name
  local root=$work/$1
  if [[ ! -d $root ]]; then
    dpkg-deb -R "$packages/$1"_*.deb "$root"
  fi
  printf '%s' "$root"
}

names() { # the packages' names
  local file
  for file in "$packages"/*.deb; do
    file=${file##*/}
    printf '%s\n' "${file%%_*}"
  done
}

# Starts a program that says where it listens; then $address is that, as a URL, and $NAME_pid the process. Its stderr goes
# to FOLDER/NAME.log.
serve() { # name, folder, command
  local name=$1 log=$2/$1.log line pid
  shift 2
  mkfifo "$work/$name.out"
  "$@" >"$work/$name.out" 2>"$log" &
  pid=$!
  started+=("$pid")
  printf -v "${name}_pid" %s "$pid"
  exec {said}<"$work/$name.out"
  while IFS= read -r -t 60 line <&"$said"; do
    if [[ $line == *' listening on '* ]]; then
      address=${line##* listening on }
      [[ $address == http*://* ]] || address=http://$address
      return
    fi
  done
  fail "$name does not serve: $(tail -5 "$log")"
}

# Puts the garment on the person, by the API at that URL.
convert_one_picture() { # url, file
  local url=$1 file=$2 assets=${BASH_SOURCE[0]%/*}/../../assets person garment job result
  call() { curl --silent --show-error --fail-with-body --max-time 60 "$@"; }
  person=$(call --data-binary "@$assets/person.jpg" -H 'Content-Type: image/jpeg' "$url/images" | jq -r .id)
  garment=$(call --data-binary "@$assets/garment.png" -H 'Content-Type: image/png' "$url/images" | jq -r .id)
  job=$(jq -n --arg person "$person" --arg garment "$garment" --arg conversion "c-$(uuid)" \
    '{type: "image_conversion", conversionId: $conversion, userId: "ann", payload: {userImageId: $person, clothImageId: $garment}}' |
    call -H 'Content-Type: application/json' -d @- "$url/worker/jobs" | jq -r .id)
  # To its end.
  call --no-buffer "$url/worker/jobs/$job/events" >/dev/null
  result=$(call "$url/worker/jobs/$job" | jq -r .result.imageId)
  call -o "$file" "$url/images/$result"
  [[ $(od -An -tx1 -N3 "$file") == ' ff d8 ff' ]] || fail "no picture: $(call "$url/worker/jobs/$job")"
}

uuid() { cat /proc/sys/kernel/random/uuid; }
