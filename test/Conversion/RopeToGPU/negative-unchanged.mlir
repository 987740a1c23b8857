// What the pass cannot lower it leaves as it was, and everything before it too.
// RUN: not rope-opt %s --convert-rope-to-gpu --mlir-print-ir-after-failure -o %t 2>&1 | FileCheck %s
// RUN: not ls %t

// CHECK:      error: 'rope.merge' op cannot be lowered to a GPU kernel: there is no kernel for this op
// CHECK:      IR Dump After ConvertRopeToGPU Failed
// CHECK-NOT:  gpu.
// CHECK:      func.func @both(
// CHECK-NEXT:   rope.rotate
// CHECK-NEXT:   rope.merge
// CHECK-NEXT:   return
// CHECK-NOT:  gpu.
func.func @both(%x: memref<4x8xf32>, %cos: memref<4x4xf32>, %sin: memref<4x4xf32>, %lse: memref<4xf32>) {
  rope.rotate %x into %x by %cos, %sin along [0] : memref<4x8xf32> into memref<4x8xf32>, memref<4x4xf32>
  rope.merge %x, %lse and %x, %lse into %x, %lse : memref<4x8xf32>, memref<4xf32> into memref<4x8xf32>, memref<4xf32>
  return
}
