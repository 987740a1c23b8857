// Products that are distributed over sums count as work, too.

// RUN: rope-opt %s --rope-raise='algebraic max-steps=100' --remark-format=emitRemark --remarks-filter=rope -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=IR < %t
// RUN: rope-opt %s --rope-raise='algebraic max-steps=150' | FileCheck %s --check-prefix=MORE
// RUN: rope-opt %s --rope-raise='max-steps=100' --remark-format=emitRemark --remarks-filter=rope 2>&1 | FileCheck %s --check-prefix=PLAIN

// CHECK: remark: [Missed] Budget | Category:rope | Function=three_products | Remark="gave up after 100 steps"
// IR-LABEL: func.func @three_products(
// IR-NOT: rope.
// MORE-LABEL: func.func @three_products(
// MORE: rope.rotate
// PLAIN-NOT: Budget
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
