// Neighbours as slices of stride two, put back through a dimension of two (RoFormer, JAX).

// RUN: rope-opt %s --rope-raise --canonicalize --verify-each | FileCheck %s
// RUN: rope-opt %s --rope-raise -o %t.once
// RUN: rope-opt %s --rope-raise --rope-raise | diff - %t.once

// CHECK-LABEL: func.func @even_odd(
// CHECK: rope.rotate %arg0 by %arg1, %arg2 along [0] pairing<interleaved> : tensor<6x8xf32>, tensor<6x4xf32>
func.func @even_odd(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %l = tensor.extract_slice %x[0, 0] [6, 4] [1, 2] : tensor<6x8xf32> to tensor<6x4xf32>
  %u = tensor.extract_slice %x[0, 1] [6, 4] [1, 2] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %l, %c : tensor<6x4xf32>
  %p1 = arith.mulf %u, %s : tensor<6x4xf32>
  %p2 = arith.mulf %l, %s : tensor<6x4xf32>
  %p3 = arith.mulf %u, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %v0 = tensor.expand_shape %y0 [[0], [1, 2]] output_shape [6, 4, 1] : tensor<6x4xf32> into tensor<6x4x1xf32>
  %v1 = tensor.expand_shape %y1 [[0], [1, 2]] output_shape [6, 4, 1] : tensor<6x4xf32> into tensor<6x4x1xf32>
  %v = tensor.concat dim(2) %v0, %v1 : (tensor<6x4x1xf32>, tensor<6x4x1xf32>) -> tensor<6x4x2xf32>
  %y = tensor.collapse_shape %v [[0], [1, 2]] : tensor<6x4x2xf32> into tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// Slices in, halves out: the result is laid out in the other pairing.
// CHECK-LABEL: func.func @even_odd_to_halves(
// CHECK: rope.rotate %arg0 by %arg1, %arg2 along [0] pairing<interleaved> result_pairing<half> : tensor<6x8xf32>, tensor<6x4xf32>
func.func @even_odd_to_halves(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %l = tensor.extract_slice %x[0, 0] [6, 4] [1, 2] : tensor<6x8xf32> to tensor<6x4xf32>
  %u = tensor.extract_slice %x[0, 1] [6, 4] [1, 2] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %l, %c : tensor<6x4xf32>
  %p1 = arith.mulf %u, %s : tensor<6x4xf32>
  %p2 = arith.mulf %l, %s : tensor<6x4xf32>
  %p3 = arith.mulf %u, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
