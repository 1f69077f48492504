# shellcheck shell=bash
# Roots of Debian's releases, made by debootstrap, in which scripts build and test: `source` it.
#   say, fail           print a line; fail also ends
#   $suite              the release's name
#   $place              a folder for the root and what belongs to it
#   $root               $place/root
#   $tree               where commands are run, within the root

install_tools() {
  local missing=() package
  for package in debootstrap debian-archive-keyring git; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing+=("$package")
  done
  ((${#missing[@]} > 0)) || return 0
  say "installing ${missing[*]}"
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends \
    "${missing[@]}" >/dev/null
}

# A line "URL SUFFIX" for each of Debian's own archives among this machine's sources; the suffix is
# what follows the release's name: nothing, -updates, or -security.
list_archives() {
  # shellcheck disable=SC2016  # apt's fields, not the shell's
  apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $2 == "main" && $4 ~ /^[a-z]+(-updates|-security)?$/ {
           suffix = $4; sub(/^[a-z]+/, "", suffix); print $3, suffix }' |
    sort -u
}

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

make_root() {
  say "making a root of $suite in $root"
  rm -rf --one-file-system "$root.part"
  use_proxy
  unshare --mount debootstrap --variant=minbase "$suite" "$root.part" "$mirror" >"$place/debootstrap.log" 2>&1 ||
    fail "debootstrap failed, see $place/debootstrap.log: $(tail -1 "$place/debootstrap.log")"
  # Packages that bring a server do not start it.
  printf '#!/bin/sh\nexit 101\n' >"$root.part/usr/sbin/policy-rc.d"
  chmod 755 "$root.part/usr/sbin/policy-rc.d"
  mv "$root.part" "$root"
}

# What reaches the packages from this machine reaches them from within.
adapt_root() {
  local archive
  for archive in "${archives[@]}"; do
    printf 'deb %s %s%s main\n' "${archive% *}" "$suite" "${archive##* }"
  done >"$root/etc/apt/sources.list"
  apt-config dump | grep -E '^Acquire::(https?::|Check-|Languages|Retries)' >"$root/etc/apt/apt.conf.d/90machine" ||
    true
  cp -L /etc/hosts /etc/resolv.conf "$root/etc/"
  # Certificates of the machine's own, those of a proxy for example.
  mkdir -p "$root/etc/ssl/certs" "$root/usr/local/share/ca-certificates"
  cp -rL /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/" 2>/dev/null || true
  [[ -e $root/etc/ssl/certs/ca-certificates.crt || ! -e /etc/ssl/certs/ca-certificates.crt ]] ||
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
}

# Runs the command in the root, in namespaces that end with it: what it leaves mounted or running goes, too.
# shellcheck disable=SC2016  # for the inner shell
run_inside() {
  local environment=(HOME=/root LANG=C.UTF-8 "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    CCACHE_DIR=/var/cache/ccache NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt)
  local name
  for name in BUILD_JOBS TEST_JOBS http_proxy https_proxy no_proxy; do
    [[ -z ${!name:-} ]] || environment+=("$name=${!name}")
  done
  unshare --mount --pid --fork --kill-child bash -euc '
    root=$1 tree=$2
    shift 2
    mount --bind "$root" "$root" # what is mounted at / can be made private by a test
    mount -t proc proc "$root/proc"
    mount -t sysfs sysfs "$root/sys"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs tmpfs "$root/dev/shm"
    mount -t tmpfs tmpfs "$root/run"
    find "$root/tmp" -mindepth 1 -delete
    status=0
    chroot "$root" env -i --chdir "$tree" "$@" || status=$?
    exit "$status"' inside "$root" "$tree" "${environment[@]}" "$@" &
  local inside=$!
  trap 'kill -KILL "$inside"; exit 130' INT TERM
  wait "$inside"
}

# Makes the root where there is none, and lets nobody else use it meanwhile.
open_root() {
  mkdir -p "$place"
  exec 9>"$place/lock"
  flock --nonblock 9 || fail "another run is using $place"
  install_tools
  read_archives
  [[ -d $root ]] || make_root
  adapt_root
}
