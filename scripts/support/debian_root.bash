# shellcheck shell=bash
# Roots of Debian's releases, made by debootstrap, in which scripts build and test: `source` it.
#   say, fail           print a line; fail also ends
#   $suite              the release's name
#   $place              a folder for the root and what belongs to it
#   $root               $place/root
#   $tree               where commands are run, within the root

# shellcheck source=scripts/support/machine_archives.bash
source "$(dirname "${BASH_SOURCE[0]}")/machine_archives.bash"

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
  give_sources "$root" "$suite"
  cp -L /etc/hosts /etc/resolv.conf "$root/etc/"
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
