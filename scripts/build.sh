#!/usr/bin/env bash
# Usage: scripts/build.sh [TARGET...]
# Configures the release build, if it is not, and builds the targets: everything
# without arguments. ROPE_BUILD_DIR names another build folder than build/.
set -euo pipefail
cd "$(dirname "$0")/.."

build=${ROPE_BUILD_DIR:-build}
log=$build/configure.log
if [[ ! -f $build/build.ninja ]]; then
  mkdir -p "$build"
  cmake --preset release -B "$build" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
fi
ninja -C "$build" "$@"
