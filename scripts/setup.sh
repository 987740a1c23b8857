#!/usr/bin/env bash
# Installs what building and testing rope needs and this machine lacks, by
# package name through apt. Does nothing, quickly, where nothing is missing.
set -euo pipefail

llvm=/usr/lib/llvm-22

# package:probe, where the probe is a file or a command that the package brings.
requirements="
libmlir-22-dev:$llvm/lib/cmake/mlir/MLIRConfig.cmake
mlir-22-tools:$llvm/bin/mlir-opt
llvm-22-dev:$llvm/lib/cmake/llvm/LLVMConfig.cmake
llvm-22-tools:$llvm/bin/lit
clang-22:$llvm/bin/clang++
lld-22:$llvm/bin/ld.lld
clang-format-22:$llvm/bin/clang-format
clang-tidy-22:$llvm/bin/clang-tidy
libomp-22-dev:$llvm/lib/libomp.so
ninja-build:ninja
ccache:ccache
cmake:cmake
libvulkan-dev:/usr/include/vulkan/vulkan_core.h
mesa-vulkan-drivers:/usr/lib/$(uname -m)-linux-gnu/libvulkan_lvp.so
spirv-tools:spirv-val
libbenchmark-dev:/usr/include/benchmark/benchmark.h
libgtest-dev:/usr/include/gtest/gtest.h
zlib1g-dev:/usr/include/zlib.h
libzstd-dev:/usr/include/zstd.h
python3:/usr/bin/python3
python3-numpy:/usr/lib/python3/dist-packages/numpy/__init__.py
"
# Runs what is compiled for AArch64.
[[ $(uname -m) == x86_64 ]] && requirements+="
qemu-user:qemu-aarch64
libc6-dev-arm64-cross:/usr/aarch64-linux-gnu/lib/crt1.o
"

missing=()
for requirement in $requirements; do
  probe=${requirement#*:}
  [[ -e $probe ]] || command -v "$probe" >/dev/null || missing+=("${requirement%%:*}")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

fail() {
  echo "setup: $1; please install: ${missing[*]}" >&2
  exit 1
}

command -v apt-get >/dev/null || fail "no apt on this machine"
as_root=()
if [[ $(id -u) -ne 0 ]]; then
  sudo -n true 2>/dev/null || fail "not root and no sudo"
  as_root=(sudo -n)
fi

echo "setup: installing ${missing[*]}"
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@"
}
apt update >/dev/null || fail "apt-get update failed"
apt install -y --no-install-recommends "${missing[@]}" >/dev/null ||
  fail "apt-get install failed (the package sources must have LLVM 22)"
