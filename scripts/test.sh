#!/usr/bin/env bash
# Sets the machine up, makes every check and runs every test, those on the real engine included (as root).
#   scripts/test.sh [FILE...]   only these test files, without the checks
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

scripts/setup.sh
[ $# -gt 0 ] || scripts/check.sh
node scripts/build-example-images.ts
[ "$(id -u)" != 0 ] || exec scripts/run-tests.sh "$@"

echo 'The engine tests start real sandboxes and need root; going on with sudo.'
# What says how to reach package registries goes along.
kept=$(compgen -e | grep -iE '^(PATH|CI|.*_proxy|npm_config_.*|pip_.*|.*_(cert|certs|ca_bundle|cert_file|cert_dir))$' | paste -sd,)
exec sudo --preserve-env="$kept" -- scripts/run-tests.sh "$@"
