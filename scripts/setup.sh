#!/usr/bin/env bash
# Brings a machine from `git clone` to a working Berth: npm packages, then only those system packages that are missing, then
# the sandbox engine: where there is Go it is built, once; otherwise it is the system's.
# Idempotent. A containerd that is already there is never altered. On a system without apt it changes nothing and says
# what is missing and where to get it.
#
#   scripts/setup.sh                   what a server needs, and what the quickstart and the tests need
#   scripts/setup.sh --server          only what a server needs
#   scripts/setup.sh --check           say what is missing, change nothing
#   scripts/setup.sh --system-engine   build no engine, use the system's containerd and runc
set -euo pipefail
cd "$(dirname "$0")/.."

scope=all check_only= system_engine=
for argument in "$@"; do
  case $argument in
    --server) scope=server ;;
    --check) check_only=1 ;;
    --system-engine) system_engine=1 ;;
    -h | --help) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "setup: unknown option '$argument'; see scripts/setup.sh --help" >&2; exit 2 ;;
  esac
done

say() { printf '%s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
warn() { printf 'setup: warning: %s\n' "$*" >&2; }

# step NAME COMMAND...: runs the command, shows its output only when it fails, prints how long it took.
step() {
  local name=$1 started=$SECONDS log
  shift
  log=$(mktemp)
  printf '  %-44s' "$name"
  if "$@" >"$log" 2>&1; then
    printf ' %3d s\n' $((SECONDS - started))
    rm -f "$log"
  else
    printf ' failed\n'
    tail -n 30 "$log" >&2
    rm -f "$log"
    fail "'$name' failed; the output is above."
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -- "$@"; fi
}

[ "$(uname -s)" = Linux ] || fail "Berth's sandboxes need Linux; this is $(uname -s). Use a Linux machine or a virtual machine."
case $(uname -m) in
  x86_64 | aarch64) ;;
  *) fail "Berth runs on x86_64 and aarch64; this is $(uname -m)." ;;
esac
command -v node >/dev/null || fail "Node 20 or newer is needed to install npm packages: https://nodejs.org/en/download"
node_major=$(node -p 'process.versions.node.split(".")[0]')
[ "$node_major" -ge 20 ] || fail "Node 20 or newer is needed, this is $(node --version): https://nodejs.org/en/download"

# What each thing is for, the Debian package that brings it, and how its presence is seen.
# (Package names are the same on Debian 12 and later and on Ubuntu 22.04 and later.)
server_needs=(
  'network namespaces|iproute2|ip'
  'packet filter|nftables|nft'
  'disks of sandboxes|e2fsprogs|mkfs.ext4'
  'loop devices and mounts|util-linux|losetup'
)
system_engine_needs=(
  'containerd|containerd|containerd'
  'runc|runc|runc'
  'a static init for sandboxes|tini|/usr/bin/tini-static'
)
build_needs=(
  'building runc and the init|gcc|gcc'
  'building runc statically|libc6-dev|/usr/include/stdlib.h'
  'building runc with seccomp|libseccomp-dev|/usr/include/seccomp.h'
  'finding libseccomp|pkg-config|pkg-config'
)
development_needs=(
  'base images of the examples|mmdebstrap|mmdebstrap'
  'pushing images|skopeo|skopeo'
  'a Python client and example|python3|python3'
  'Python environments|python3-venv|python3-venv'
  'consent in a real browser|chromium|chromium'
  'benchmark reference|nginx-light|nginx'
  'firewall tests|iptables|iptables'
  'a program that tries the walls|gcc|cc'
  'its static C library|libc6-dev|/usr/include/stdio.h'
  'images for other machines|qemu-user-static|qemu-s390x-static'
)
# The tests drive the system's engine as well as the one that is built.
needs=("${server_needs[@]}")
builds_engine=
if [ -z "$system_engine" ] && command -v go >/dev/null; then builds_engine=1; fi
if [ -n "$builds_engine" ]; then needs+=("${build_needs[@]}"); fi
if [ -z "$builds_engine" ] || [ "$scope" = all ]; then needs+=("${system_engine_needs[@]}"); fi
[ "$scope" = server ] || needs+=("${development_needs[@]}")

is_present() {
  case $1 in
    python3-venv) python3 -c 'import venv, ensurepip' 2>/dev/null ;;
    /*) [ -e "$1" ] ;;
    *) PATH="$PATH:/usr/sbin:/sbin:/usr/local/sbin" command -v "$1" >/dev/null ;;
  esac
}

missing=()
for need in "${needs[@]}"; do
  IFS='|' read -r purpose package presence <<<"$need"
  is_present "$presence" || missing+=("$package|$purpose")
done

if [ -n "$check_only" ]; then
  if [ ${#missing[@]} = 0 ]; then say 'Nothing is missing.'; exit 0; fi
  for entry in "${missing[@]}"; do say "missing: ${entry%%|*} (${entry#*|})"; done
  exit 1
fi

if [ ${#missing[@]} -gt 0 ] && ! command -v apt-get >/dev/null; then
  say 'This system has no apt, so nothing was changed. Install these by its own package manager, then run this again:' >&2
  for entry in "${missing[@]}"; do say "  ${entry%%|*}: ${entry#*|}" >&2; done
  say 'containerd: https://containerd.io/downloads  runc: https://github.com/opencontainers/runc/releases' >&2
  exit 1
fi

say 'Setting up Berth'
lock_sum=$(sha256sum package-lock.json | cut -d' ' -f1)
if [ "$(cat node_modules/.berth-lock 2>/dev/null)" != "$lock_sum" ]; then
  step 'npm packages' npm ci --no-fund --no-audit
  printf '%s\n' "$lock_sum" >node_modules/.berth-lock
else
  say '  npm packages are up to date'
fi

if [ ${#missing[@]} -gt 0 ]; then
  packages=()
  for entry in "${missing[@]}"; do packages+=("${entry%%|*}"); done
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || fail "root is needed to install: ${packages[*]}. Run as root: apt-get install --no-remove ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  step 'package lists' as_root apt-get update
  # Services that packages bring (nginx) must not start on the user's machine because of us.
  policy=
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    policy=/usr/sbin/policy-rc.d
    as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy"
    trap 'as_root rm -f "$policy"' EXIT
  fi
  step "packages: ${packages[*]:0:3}${packages[3]:+ ...}" \
    as_root apt-get install -y --no-remove --no-install-recommends "${packages[@]}"
else
  say '  engine packages are up to date'
fi

case $(uname -m) in
  x86_64) engine=.cache/engine/berth-engine-linux-x64/bin ;;
  *) engine=.cache/engine/berth-engine-linux-arm64/bin ;;
esac
if [ -n "$builds_engine" ]; then
  step 'engine: containerd, runc, init, gVisor, lazy images' node_modules/.bin/node scripts/build-engine.ts
fi
if [ -z "$system_engine" ] && [ -x "$engine/containerd" ]; then
  say "  the engine is Berth's own: $("$engine/containerd" --version | cut -d' ' -f1,3), $("$engine/runc" --version | head -n 1)"
  say 'Berth is set up.'
  exit 0
fi
say "  the engine is the system's${system_engine:+, as you said: start servers with BERTH_ENGINE=system}"
[ -n "$system_engine" ] || say '  (with Go 1.21 or newer, https://go.dev/dl/, Berth builds its own, which is newer; the tests need it)'

runc_version=$(PATH="$PATH:/usr/sbin:/usr/local/sbin" runc --version 2>/dev/null | sed -n '1s/.* //p')
oldest=$(printf '%s\n%s\n' "${runc_version%%+*}" 1.2.8 | sort -V | head -n 1)
if [ "$oldest" != 1.2.8 ]; then
  warn "runc $runc_version lacks the fixes of November 2025 for escapes through masked paths (CVE-2025-31133, CVE-2025-52565, CVE-2025-52881). Do not run untrusted images until your distribution or you install 1.2.8 or newer."
fi
say 'Berth is set up.'
