#!/usr/bin/env bash
# Sets the machine up, then tells Berth's story on a server of its own. --keep leaves that server up.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"
scripts/setup.sh
node scripts/build-example-images.ts hello-node
exec node scripts/quickstart.ts "$@"
