// RUN: rope-opt %s --rope-raise | FileCheck %s

// A head with an odd number of lanes, part of which is rotated.

// CHECK-LABEL: func @prefix(
// CHECK:         %[[Y:.*]] = rope.rotate %arg0 by %arg1, %arg2 along [0] rotary_dim 4 : tensor<5x7xf32>, tensor<5x2xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @prefix(%x: tensor<5x7xf32>, %c: tensor<5x2xf32>, %s: tensor<5x2xf32>) -> tensor<5x7xf32> {
  %a = tensor.extract_slice %x[0, 0] [5, 2] [1, 1] : tensor<5x7xf32> to tensor<5x2xf32>
  %b = tensor.extract_slice %x[0, 2] [5, 2] [1, 1] : tensor<5x7xf32> to tensor<5x2xf32>
  %rest = tensor.extract_slice %x[0, 4] [5, 3] [1, 1] : tensor<5x7xf32> to tensor<5x3xf32>
  %ac = arith.mulf %a, %c : tensor<5x2xf32>
  %bs = arith.mulf %b, %s : tensor<5x2xf32>
  %bc = arith.mulf %b, %c : tensor<5x2xf32>
  %as = arith.mulf %a, %s : tensor<5x2xf32>
  %y0 = arith.subf %ac, %bs : tensor<5x2xf32>
  %y1 = arith.addf %bc, %as : tensor<5x2xf32>
  %rotated = tensor.concat dim(1) %y0, %y1 : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x4xf32>
  %y = tensor.concat dim(1) %rotated, %rest : (tensor<5x4xf32>, tensor<5x3xf32>) -> tensor<5x7xf32>
  return %y : tensor<5x7xf32>
}

// The rest begins one lane too early: only the rotated lanes are raised.
// CHECK-LABEL: func @negative_shifted_rest(
// CHECK:         rope.rotate %{{.*}} : tensor<5x4xf32>
// CHECK:         %[[Y:.*]] = tensor.concat
// CHECK:         return %[[Y]]
func.func @negative_shifted_rest(%x: tensor<5x7xf32>, %c: tensor<5x2xf32>, %s: tensor<5x2xf32>) -> tensor<5x7xf32> {
  %a = tensor.extract_slice %x[0, 0] [5, 2] [1, 1] : tensor<5x7xf32> to tensor<5x2xf32>
  %b = tensor.extract_slice %x[0, 2] [5, 2] [1, 1] : tensor<5x7xf32> to tensor<5x2xf32>
  %rest = tensor.extract_slice %x[0, 3] [5, 3] [1, 1] : tensor<5x7xf32> to tensor<5x3xf32>
  %ac = arith.mulf %a, %c : tensor<5x2xf32>
  %bs = arith.mulf %b, %s : tensor<5x2xf32>
  %bc = arith.mulf %b, %c : tensor<5x2xf32>
  %as = arith.mulf %a, %s : tensor<5x2xf32>
  %y0 = arith.subf %ac, %bs : tensor<5x2xf32>
  %y1 = arith.addf %bc, %as : tensor<5x2xf32>
  %rotated = tensor.concat dim(1) %y0, %y1 : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x4xf32>
  %y = tensor.concat dim(1) %rotated, %rest : (tensor<5x4xf32>, tensor<5x3xf32>) -> tensor<5x7xf32>
  return %y : tensor<5x7xf32>
}
