#!/usr/bin/env bash
# Sets the machine up, makes every check and runs every test, those on the real engine included (as root).
#   scripts/test.sh [FILE...]   only these test files, without the checks
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

scripts/setup.sh
if [ "$(id -u)" != 0 ]; then
  echo 'The engine tests start real sandboxes and need root; going on with sudo.'
  exec sudo --preserve-env=PATH,CI,HOME -- "$0" "$@"
fi
if [ $# -gt 0 ]; then exec node --test "$@"; fi

scripts/check.sh
node scripts/build-example-images.ts
echo 'Unit tests'
node --test --test-timeout=180000 --test-reporter=spec 'src/**/*.test.ts' 'test/*.test.ts'
echo 'Tests through the public door, on the real engine'
if compgen -G 'test/e2e/*.test.ts' >/dev/null; then
  node --test --test-timeout=400000 --test-concurrency=1 --test-reporter=spec 'test/e2e/*.test.ts'
fi
