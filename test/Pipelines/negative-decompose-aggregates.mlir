// RUN: rope-opt %s --rope-decompose-aggregates | FileCheck %s

// Its parts would be tensors.
// CHECK-LABEL: func @negative_buffers
// CHECK:         linalg.softmax
func.func @negative_buffers(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  linalg.softmax dimension(1) ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>)
  return
}
