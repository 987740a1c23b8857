#!/usr/bin/env bash
# Shows the main job on a real model's rotary embedding: sets up, builds the two
# tools that it needs, recognises, lowers, runs and compares.
#
# ROPE_BUILD_DIR    the build folder (build/)
# ROPE_SKIP_BUILD=1 uses what is built already
set -euo pipefail
cd "$(dirname "$0")/.."

build=${ROPE_BUILD_DIR:-build}
if [[ ${ROPE_SKIP_BUILD:-0} != 1 ]]; then
  scripts/setup.sh
  scripts/build.sh --quiet rope-opt rope-run
fi
exec /usr/bin/python3 scripts/demo.py "$build/bin"
