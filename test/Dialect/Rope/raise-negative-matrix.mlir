// A constant matrix is a rotation by its values only.

// RUN: rope-opt %s --rope-raise --remark-format=emitRemark --remarks-filter=rope -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=IR < %t

// One entry is off by 0.01.
// CHECK: remark: [Missed] {{.*}}Function=negative_one_entry {{.*}}lanes 2 and 3 are scaled differently: -0.6 * %arg0[.., 3] against 0.61 * %arg0[.., 2]
// IR-LABEL: func.func @negative_one_entry(
// IR-NOT: rope.
func.func @negative_one_entry(%x: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %m = arith.constant dense<[[0.6, 0.8, 0.0, 0.0], [-0.8, 0.6, 0.0, 0.0], [0.0, 0.0, 0.8, 0.61], [0.0, 0.0, -0.6, 0.8]]> : tensor<4x4xf32>
  %zero = arith.constant dense<0.0> : tensor<6x4xf32>
  %y = linalg.matmul ins(%x, %m : tensor<6x4xf32>, tensor<4x4xf32>) outs(%zero : tensor<6x4xf32>) -> tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}

// The second column is twice as long.
// CHECK: remark: [Missed] {{.*}}Function=negative_scaled_column {{.*}}are scaled differently
// IR-LABEL: func.func @negative_scaled_column(
// IR-NOT: rope.
func.func @negative_scaled_column(%x: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %m = arith.constant dense<[[0.6, 1.6, 0.0, 0.0], [-0.8, 1.2, 0.0, 0.0], [0.0, 0.0, 0.8, 0.6], [0.0, 0.0, -0.6, 0.8]]> : tensor<4x4xf32>
  %zero = arith.constant dense<0.0> : tensor<6x4xf32>
  %y = linalg.matmul ins(%x, %m : tensor<6x4xf32>, tensor<4x4xf32>) outs(%zero : tensor<6x4xf32>) -> tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}

// A shear has two products in one lane of each pair only.
// IR-LABEL: func.func @negative_shear(
// IR-NOT: rope.
func.func @negative_shear(%x: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %m = arith.constant dense<[[1.0, 0.5, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.5], [0.0, 0.0, 0.0, 1.0]]> : tensor<4x4xf32>
  %zero = arith.constant dense<0.0> : tensor<6x4xf32>
  %y = linalg.matmul ins(%x, %m : tensor<6x4xf32>, tensor<4x4xf32>) outs(%zero : tensor<6x4xf32>) -> tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}

// [[c, s], [s, c]]
// CHECK: remark: [Missed] {{.*}}Function=negative_symmetric {{.*}}expected exactly one minus sign
// IR-LABEL: func.func @negative_symmetric(
// IR-NOT: rope.
func.func @negative_symmetric(%x: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %m = arith.constant dense<[[0.6, -0.8, 0.0, 0.0], [-0.8, 0.6, 0.0, 0.0], [0.0, 0.0, 0.8, 0.6], [0.0, 0.0, -0.6, 0.8]]> : tensor<4x4xf32>
  %zero = arith.constant dense<0.0> : tensor<6x4xf32>
  %y = linalg.matmul ins(%x, %m : tensor<6x4xf32>, tensor<4x4xf32>) outs(%zero : tensor<6x4xf32>) -> tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}

// Lanes 2 and 3 take three sources.
// CHECK: remark: [Missed] {{.*}}Function=negative_dense {{.*}}the matrix is not a block-diagonal rotation: row 2 has entries in columns 0, 2 and 3
// IR-LABEL: func.func @negative_dense(
// IR-NOT: rope.
func.func @negative_dense(%x: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %m = arith.constant dense<[[0.6, 0.8, 0.1, 0.1], [-0.8, 0.6, 0.0, 0.0], [0.0, 0.0, 0.8, 0.6], [0.0, 0.0, -0.6, 0.8]]> : tensor<4x4xf32>
  %zero = arith.constant dense<0.0> : tensor<6x4xf32>
  %y = linalg.matmul ins(%x, %m : tensor<6x4xf32>, tensor<4x4xf32>) outs(%zero : tensor<6x4xf32>) -> tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}
