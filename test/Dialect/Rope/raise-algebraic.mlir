// RUN: rope-opt %s --rope-raise=algebraic | FileCheck %s
// RUN: rope-opt %s --rope-raise | FileCheck %s --check-prefix=PLAIN
// PLAIN-NOT: rope.rotate
// RUN: not rope-opt %s --rope-raise='strict algebraic' 2>&1 | FileCheck %s --check-prefix=BOTH
// BOTH: error: rope-raise: strict keeps every bit, algebraic does not

// Gauss' three products of two complex numbers: k1 = c (a + b), k2 = a (s - c),
// k3 = b (c + s); k1 - k3 = c a - s b, k1 + k2 = s a + c b.
// CHECK-LABEL: func @three_products
// CHECK-NEXT:    rope.rotate %arg0 by %arg1, %arg2 along [0] : tensor<3x8xf32>, tensor<3x4xf32>
// CHECK-NEXT:    return
func.func @three_products(%x: tensor<3x8xf32>, %c: tensor<3x4xf32>, %s: tensor<3x4xf32>) -> tensor<3x8xf32> {
  %a = tensor.extract_slice %x[0, 0] [3, 4] [1, 1] : tensor<3x8xf32> to tensor<3x4xf32>
  %b = tensor.extract_slice %x[0, 4] [3, 4] [1, 1] : tensor<3x8xf32> to tensor<3x4xf32>
  %ab = arith.addf %a, %b : tensor<3x4xf32>
  %k1 = arith.mulf %c, %ab : tensor<3x4xf32>
  %sc = arith.subf %s, %c : tensor<3x4xf32>
  %k2 = arith.mulf %a, %sc : tensor<3x4xf32>
  %cs = arith.addf %c, %s : tensor<3x4xf32>
  %k3 = arith.mulf %b, %cs : tensor<3x4xf32>
  %first = arith.subf %k1, %k3 : tensor<3x4xf32>
  %second = arith.addf %k1, %k2 : tensor<3x4xf32>
  %y = tensor.concat dim(1) %first, %second : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}

// x + ((c - 1) x + s turned): the difference to x is added.
// CHECK-LABEL: func @difference_added
// CHECK-NEXT:    rope.rotate %arg0 by %arg1, %arg2 along [0] : tensor<3x8xf32>, tensor<3x4xf32>
// CHECK-NEXT:    return
func.func @difference_added(%x: tensor<3x8xf32>, %c: tensor<3x4xf32>, %s: tensor<3x4xf32>) -> tensor<3x8xf32> {
  %one = arith.constant dense<1.0> : tensor<3x4xf32>
  %a = tensor.extract_slice %x[0, 0] [3, 4] [1, 1] : tensor<3x8xf32> to tensor<3x4xf32>
  %b = tensor.extract_slice %x[0, 4] [3, 4] [1, 1] : tensor<3x8xf32> to tensor<3x4xf32>
  %less = arith.subf %c, %one : tensor<3x4xf32>
  %0 = arith.mulf %less, %a : tensor<3x4xf32>
  %1 = arith.mulf %s, %b : tensor<3x4xf32>
  %2 = arith.subf %0, %1 : tensor<3x4xf32>
  %first = arith.addf %a, %2 : tensor<3x4xf32>
  %3 = arith.mulf %less, %b : tensor<3x4xf32>
  %4 = arith.mulf %s, %a : tensor<3x4xf32>
  %5 = arith.addf %3, %4 : tensor<3x4xf32>
  %second = arith.addf %b, %5 : tensor<3x4xf32>
  %y = tensor.concat dim(1) %first, %second : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}

// With b (c - s) as the third product the first lane is c a + s b.
// CHECK-LABEL: func @negative_other_third_product
// CHECK-NOT:     rope.rotate
func.func @negative_other_third_product(%x: tensor<3x8xf32>, %c: tensor<3x4xf32>, %s: tensor<3x4xf32>) -> tensor<3x8xf32> {
  %a = tensor.extract_slice %x[0, 0] [3, 4] [1, 1] : tensor<3x8xf32> to tensor<3x4xf32>
  %b = tensor.extract_slice %x[0, 4] [3, 4] [1, 1] : tensor<3x8xf32> to tensor<3x4xf32>
  %ab = arith.addf %a, %b : tensor<3x4xf32>
  %k1 = arith.mulf %c, %ab : tensor<3x4xf32>
  %sc = arith.subf %s, %c : tensor<3x4xf32>
  %k2 = arith.mulf %a, %sc : tensor<3x4xf32>
  %cs = arith.subf %c, %s : tensor<3x4xf32>
  %k3 = arith.mulf %b, %cs : tensor<3x4xf32>
  %first = arith.subf %k1, %k3 : tensor<3x4xf32>
  %second = arith.addf %k1, %k2 : tensor<3x4xf32>
  %y = tensor.concat dim(1) %first, %second : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}
