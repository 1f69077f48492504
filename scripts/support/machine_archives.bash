# Where this machine gets its Debian packages from, for roots and images that are made on it. To be sourced by a script
# that has `say` and `fail`. No archive is named in the project: the machine's own sources are good.
# shellcheck shell=bash

# A line "URL SUFFIX" for each of Debian's own archives among this machine's sources; the suffix is
# what follows the release's name: nothing, -updates, or -security.
list_archives() {
  # shellcheck disable=SC2016  # apt's fields, not the shell's
  apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $2 == "main" && $4 ~ /^[a-z]+(-updates|-security)?$/ {
           suffix = $4; sub(/^[a-z]+/, "", suffix); print $3, suffix }' |
    sort -u
}

# Sets `archives` to these lines, and `mirror` to the archive of whole releases.
read_archives() {
  mapfile -t archives < <(list_archives)
  if ((${#archives[@]} == 0)); then
    say "renewing the package lists, to learn which sources are Debian's"
    apt-get -o DPkg::Lock::Timeout=300 update -q >/dev/null
    mapfile -t archives < <(list_archives)
  fi
  local archive
  mirror=
  for archive in "${archives[@]}"; do
    [[ $archive != *" " ]] || mirror=${archive% }
  done
  [[ -n $mirror ]] || fail "none of this machine's apt sources is Debian's archive"
}

# debootstrap does not ask apt for its proxy.
use_proxy() {
  local proxy=
  eval "$(apt-config shell proxy Acquire::http::Proxy)"
  [[ -z $proxy || -n ${http_proxy:-} ]] || export http_proxy=$proxy
}

# The sources of a release, as lines of a sources.list.
sources_of() { # suite
  local archive
  for archive in "${archives[@]}"; do
    printf 'deb %s %s%s main\n' "${archive% *}" "$1" "${archive##* }"
  done
}

# What reaches the packages from this machine reaches them from within a root: sources, apt's way there, and the
# machine's own certificates, those of a proxy for example.
give_sources() { # root, suite
  sources_of "$2" >"$1/etc/apt/sources.list"
  apt-config dump | grep -E '^Acquire::(https?::|Check-|Languages|Retries)' >"$1/etc/apt/apt.conf.d/90machine" || true
  mkdir -p "$1/etc/ssl/certs" "$1/usr/local/share/ca-certificates"
  cp -rL /usr/local/share/ca-certificates/. "$1/usr/local/share/ca-certificates/" 2>/dev/null || true
  [[ -e $1/etc/ssl/certs/ca-certificates.crt || ! -e /etc/ssl/certs/ca-certificates.crt ]] ||
    cp -L /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
}
