// The adjoint of a rotation (gradients) is the inverse rotation.

// RUN: rope-opt %s --rope-raise --canonicalize --verify-each | FileCheck %s
// RUN: rope-opt %s --rope-raise -o %t.once
// RUN: rope-opt %s --rope-raise --rope-raise | diff - %t.once

// CHECK-LABEL: func.func @backward(
// CHECK: rope.rotate %arg0 by %{{.*}}, %{{.*}} along [0] inverse : tensor<6x8xf32>, tensor<6x4xf32>
func.func @backward(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %zero = arith.constant dense<0.0> : tensor<6x8xf32>
  %cc = tensor.concat dim(1) %c, %c : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %ss = tensor.concat dim(1) %s, %s : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %gc = arith.mulf %x, %cc : tensor<6x8xf32>
  %gs = arith.mulf %x, %ss : tensor<6x8xf32>
  %l = tensor.extract_slice %gs[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %u = tensor.extract_slice %gs[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %n = arith.negf %l : tensor<6x4xf32>
  %i0 = tensor.insert_slice %u into %zero[0, 0] [6, 4] [1, 1] : tensor<6x4xf32> into tensor<6x8xf32>
  %i1 = tensor.insert_slice %n into %zero[0, 4] [6, 4] [1, 1] : tensor<6x4xf32> into tensor<6x8xf32>
  %i = arith.addf %i0, %i1 : tensor<6x8xf32>
  %y = arith.addf %gc, %i : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
