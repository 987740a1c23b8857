// A candidate that takes too much work is left with a remark.

// RUN: rope-opt %s --rope-raise=max-steps=10 --remark-format=emitRemark --remarks-filter=rope -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=IR < %t

// CHECK: remark: [Missed] Budget | Category:rope | Function=budget | Remark="gave up after 10 steps"
// IR-LABEL: func.func @budget(
// IR-NOT: rope.
func.func @budget(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
