#!/bin/bash
# Runs as root inside the bare machine's root file system, as its first process.
set -euo pipefail
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
for program in containerd containerd-shim-runc-v2 runc crun docker podman tini tini-static runsc node npm; do
  if command -v "$program" >/dev/null; then echo "This is no bare machine: it has $program." >&2; exit 1; fi
done
export PATH=/opt/berth/node_modules/.bin:$PATH
ip link set lo up
trap 'tail -n 20 /var/lib/berth/server.log /var/lib/berth/containerd/containerd.log >&2 || true' ERR
echo 'installed: no container package, no Node'
berth up -d
berth status
berth deploy oci:/images/hello-node --name hello
session=$(cat /proc/sys/kernel/random/uuid)
first=$(berth invoke hello '{"prompt":"hi"}' --session "$session")
echo "$first"
berth sessions list
kill -9 "$(berth status | sed -n 's/^pid *//p')"
berth up -d
again=$(berth invoke hello '{"prompt":"hi again"}' --session "$session")
echo "$again"
bootOf() { sed -n 's/.*"bootId":"\([^"]*\)".*/\1/p' <<<"$1"; }
if [ -z "$(bootOf "$first")" ] || [ "$(bootOf "$first")" != "$(bootOf "$again")" ]; then
  echo 'the session lost its sandbox' >&2
  exit 1
fi
echo 'kill -9 and a restart: the session answers from the same sandbox'
berth down --sessions
trap - ERR
[ -z "$(ls /run/berth 2>/dev/null)" ] || { echo "left in /run/berth: $(ls /run/berth)" >&2; exit 1; }
echo 'stopped: nothing is left'
