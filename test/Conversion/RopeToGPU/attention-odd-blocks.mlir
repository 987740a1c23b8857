// Blocks of three threads: no access of shared memory claims an alignment that no
// array has, or reads past a number of keys that is no power of two.
// RUN: rope-opt %s --convert-rope-to-gpu="block-size=3 key-parts=1" --canonicalize | FileCheck %s --implicit-check-not="alignment = 12"

// CHECK: gpu.func @attention(
// CHECK: alignment = 16
func.func @attention(%q: memref<1x4x1x32xf32>, %k: memref<1x1x?x32xf32>, %v: memref<1x1x?x32xf32>, %out: memref<1x4x1x32xf32>) {
  rope.attention %q, %k, %v into %out : memref<1x4x1x32xf32>, memref<1x1x?x32xf32>, memref<1x1x?x32xf32> into memref<1x4x1x32xf32>
  return
}
