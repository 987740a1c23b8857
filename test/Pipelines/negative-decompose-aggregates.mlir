// RUN: rope-opt %s --rope-decompose-aggregates | FileCheck %s

// Its parts would be tensors.
// CHECK-LABEL: func @negative_buffers
// CHECK:         linalg.softmax
func.func @negative_buffers(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
  linalg.softmax dimension(1) ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>)
  return
}

// Verifies, and upstream takes its elements for floats.
// CHECK-LABEL: func @negative_integers
// CHECK:         linalg.softmax
func.func @negative_integers(%x: tensor<4x8xi32>, %y: tensor<4x8xi32>) -> tensor<4x8xi32> {
  %s = linalg.softmax dimension(1) ins(%x : tensor<4x8xi32>) outs(%y : tensor<4x8xi32>) -> tensor<4x8xi32>
  return %s : tensor<4x8xi32>
}
