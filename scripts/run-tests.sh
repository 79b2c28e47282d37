#!/usr/bin/env bash
# Runs the tests, as root, on a machine that scripts/test.sh has set up.
#   scripts/run-tests.sh [FILE...]   only these test files
set -euo pipefail
cd "$(dirname "$0")/.."
# A user's PATH lacks the folders of the administrator's tools.
export PATH="$PWD/node_modules/.bin:$PATH:/usr/local/sbin:/usr/sbin:/sbin"

[ $# = 0 ] || exec node --test "$@"
echo 'Unit tests'
# Each file is a process of its own, and most of what they load is the same.
NODE_COMPILE_CACHE="$PWD/.cache/compiled" node --test --test-timeout=400000 --test-concurrency=3 --test-reporter=spec 'src/**/*.test.ts' \
  'test/*.test.ts' 'test/fakes/*.test.ts' 'test/soak/*.test.ts'
echo 'Tests through the public door, on the real engine'
node --test --test-timeout=900000 --test-concurrency=3 --test-reporter=spec 'test/e2e/*.test.ts'
