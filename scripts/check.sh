#!/usr/bin/env bash
# Every check that a tool can make: types, lint, format, import rule, dead code. `npm test` runs it before the tests.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

failed=()
check() {
  local name=$1 started=$SECONDS output
  shift
  if output=$("$@" 2>&1); then
    printf '  %-12s ok    %3d s\n' "$name" $((SECONDS - started))
  else
    printf '  %-12s FAILED\n%s\n' "$name" "$output"
    failed+=("$name")
  fi
}

# With the wrong TypeScript the cruiser sees no module and finds nothing wrong, so its count has a floor.
boundaries() {
  local report modules
  report=$(depcruise src --output-type err-long) || { printf '%s\n' "$report"; return 1; }
  modules=$(grep -oE '[0-9]+ modules' <<<"$report" | cut -d' ' -f1)
  [ "${modules:-0}" -ge 150 ] || { echo "Only ${modules:-0} modules were read: expected at least 150."; return 1; }
}

echo 'Checks'
check types tsc --noEmit
check lint oxlint --type-aware --deny-warnings
check format oxfmt --check src test bench scripts
check boundaries boundaries
check 'dead code' knip
[ ${#failed[@]} = 0 ] || { echo "Failed: ${failed[*]}"; exit 1; }
