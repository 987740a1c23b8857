// What is written for another compiler holds stock dialects only: the stock
// mlir-opt reads it, and the way back through raising finds the rotations again.

// RUN: rope-opt %rope_src/examples/cases/llama.rope/module.mlir --rope-simplify-pipeline -o %t
// RUN: mlir-opt %t | FileCheck %s
// RUN: rope-opt %t --rope-raise | FileCheck %s --check-prefix=AGAIN
// RUN: rope-opt %s --rope-simplify-pipeline=algebraic | mlir-opt | FileCheck %s --check-prefix=BACK

// CHECK-LABEL: func.func @main
// CHECK-NOT:     rope.
// AGAIN:         rope.rotate
// AGAIN:         rope.rotate

// There and back: nothing is left to compute.
// BACK-LABEL: func.func @there_and_back
// BACK-NEXT:    return %arg0
func.func @there_and_back(%x: tensor<4x8xf32>, %p: tensor<4xi64>) -> tensor<4x8xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 8, base = 1.0e+04> : tensor<4xi64> -> tensor<4x4xf32>
  %0 = rope.rotate %x by %c, %s along [0] inverse : tensor<4x8xf32>, tensor<4x4xf32>
  %1 = rope.rotate %0 by %c, %s along [0] : tensor<4x8xf32>, tensor<4x4xf32>
  return %1 : tensor<4x8xf32>
}
