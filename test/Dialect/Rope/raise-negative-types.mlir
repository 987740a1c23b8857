// What is not a candidate, and what must not be crossed.

// RUN: rope-opt %s --rope-raise | FileCheck %s --check-prefix=IR

// Integers rotate nothing.
// IR-LABEL: func.func @negative_integers(
// IR-NOT: rope.
func.func @negative_integers(%x: tensor<6x8xi32>, %c: tensor<6x4xi32>, %s: tensor<6x4xi32>) -> tensor<6x8xi32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xi32> to tensor<6x4xi32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xi32> to tensor<6x4xi32>
  %p0 = arith.muli %lower, %c : tensor<6x4xi32>
  %p1 = arith.muli %upper, %s : tensor<6x4xi32>
  %p2 = arith.muli %lower, %s : tensor<6x4xi32>
  %p3 = arith.muli %upper, %c : tensor<6x4xi32>
  %y0 = arith.subi %p0, %p1 : tensor<6x4xi32>
  %y1 = arith.addi %p2, %p3 : tensor<6x4xi32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xi32>, tensor<6x4xi32>) -> tensor<6x8xi32>
  return %y : tensor<6x8xi32>
}

// rope.rotate has no f8.
// IR-LABEL: func.func @negative_f8(
// IR-NOT: rope.
func.func @negative_f8(%x: tensor<6x8xf8E4M3FN>, %c: tensor<6x4xf8E4M3FN>, %s: tensor<6x4xf8E4M3FN>) -> tensor<6x8xf8E4M3FN> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf8E4M3FN> to tensor<6x4xf8E4M3FN>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf8E4M3FN> to tensor<6x4xf8E4M3FN>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf8E4M3FN>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf8E4M3FN>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf8E4M3FN>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf8E4M3FN>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf8E4M3FN>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf8E4M3FN>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf8E4M3FN>, tensor<6x4xf8E4M3FN>) -> tensor<6x8xf8E4M3FN>
  return %y : tensor<6x8xf8E4M3FN>
}

// A head of unknown length has no lanes to look at.
// IR-LABEL: func.func @negative_dynamic_head(
// IR-NOT: rope.
func.func @negative_dynamic_head(%x: tensor<6x?xf32>, %z: tensor<6x?xf32>, %c: tensor<6x?xf32>, %s: tensor<6x?xf32>) -> tensor<6x?xf32> {
  %p = arith.mulf %x, %c : tensor<6x?xf32>
  %q = arith.mulf %z, %s : tensor<6x?xf32>
  %y = arith.subf %p, %q : tensor<6x?xf32>
  return %y : tensor<6x?xf32>
}

// Products that are rounded before the sum are no products of the sum.
// IR-LABEL: func.func @negative_rounded_products(
// IR-NOT: rope.
func.func @negative_rounded_products(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %r0 = arith.truncf %p0 : tensor<6x4xf32> to tensor<6x4xbf16>
  %r1 = arith.extf %r0 : tensor<6x4xbf16> to tensor<6x4xf32>
  %y0 = arith.subf %r1, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
