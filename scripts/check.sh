#!/usr/bin/env bash
# Sets up, builds everything and runs every test: lit tests, unit tests, the
# format check. The last line is `N passed, N failed`, with `, N skipped` behind
# it where this machine lacks what a test needs. Exits non-zero on a failure.
#
# ROPE_BUILD_DIR    the build folder (build/)
# ROPE_SKIP_BUILD=1 tests what is built already
set -euo pipefail
cd "$(dirname "$0")/.."

build=${ROPE_BUILD_DIR:-build}
if [[ ${ROPE_SKIP_BUILD:-0} != 1 ]]; then
  scripts/setup.sh
  scripts/build.sh all rope-test-depends
fi

results=$(mktemp)
trap 'rm -f "$results"' EXIT
status=0
/usr/lib/llvm-22/bin/lit -sv --no-progress-bar --show-unsupported -o "$results" "$build/test" || status=$?
/usr/bin/python3 scripts/count_results.py "$results" || status=$?
exit "$status"
