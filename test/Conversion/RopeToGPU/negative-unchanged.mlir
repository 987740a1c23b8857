// What the pass cannot lower it leaves as it was, and everything before it too.
// RUN: not rope-opt %s --convert-rope-to-gpu --mlir-print-ir-after-failure -o %t 2>&1 | FileCheck %s
// RUN: not ls %t

// CHECK:      error: 'rope.merge' op cannot be lowered to a GPU kernel: a merge in f64 has no kernel
// CHECK:      IR Dump After ConvertRopeToGPU Failed
// CHECK-NOT:  gpu.
// CHECK:      func.func @both(
// CHECK-NEXT:   rope.rotate
// CHECK-NEXT:   rope.merge
// CHECK-NEXT:   return
// CHECK-NOT:  gpu.
func.func @both(%x: memref<4x8xf32>, %cos: memref<4x4xf32>, %sin: memref<4x4xf32>, %p: memref<4x8xf64>, %lse: memref<4xf64>) {
  rope.rotate %x into %x by %cos, %sin along [0] : memref<4x8xf32> into memref<4x8xf32>, memref<4x4xf32>
  rope.merge %p, %lse and %p, %lse into %p, %lse : memref<4x8xf64>, memref<4xf64> into memref<4x8xf64>, memref<4xf64>
  return
}
