// RUN: rope-opt %s --rope-optimize --verify-each --remark-format=emitRemark --remarks-filter=rope -o %t 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: FileCheck %s < %t

// From the left, scaled, partial: what lanes meet is seen in the constant.
// CHECK-LABEL: func @left
// CHECK-DAG:     %[[C:.*]] = arith.constant dense<[1.500000e+00, 2.500000e-01]>
// CHECK-DAG:     %[[S:.*]] = arith.constant dense<[5.000000e-01, -7.500000e-01]>
// CHECK:         %[[T:.*]] = linalg.transpose ins(%arg0
// CHECK:         rope.rotate %[[T]] by %[[C]], %[[S]] along [] pairing<interleaved> offset 1 rotary_dim 4 : tensor<7x6xf32>, tensor<2xf32>
func.func @left(%x: tensor<6x7xf32>) -> tensor<6x7xf32> {
  %m = arith.constant dense<[[1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.5, -0.5, 0.0, 0.0, 0.0], [0.0, 0.5, 1.5, 0.0, 0.0, 0.0],
                             [0.0, 0.0, 0.0, 0.25, 0.75, 0.0], [0.0, 0.0, 0.0, -0.75, 0.25, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]]> : tensor<6x6xf32>
  %zero = arith.constant dense<0.0> : tensor<6x7xf32>
  %y = linalg.matmul ins(%m, %x : tensor<6x6xf32>, tensor<6x7xf32>) outs(%zero : tensor<6x7xf32>) -> tensor<6x7xf32>
  return %y : tensor<6x7xf32>
}

// REMARK: [Missed] NotARotationMatrix {{.*}}"entry [2, 0] is -0.5, expected 0.5"
// CHECK-LABEL: func @negative_reflection
// CHECK:         linalg.matvec
func.func @negative_reflection(%x: tensor<4xf32>) -> tensor<4xf32> {
  %m = arith.constant dense<[[1.5, 0.0, -0.5, 0.0], [0.0, 0.25, 0.0, 0.75], [-0.5, 0.0, 1.5, 0.0], [0.0, -0.75, 0.0, 0.25]]> : tensor<4x4xf32>
  %zero = arith.constant dense<0.0> : tensor<4xf32>
  %y = linalg.matvec ins(%m, %x : tensor<4x4xf32>, tensor<4xf32>) outs(%zero : tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// REMARK: [Missed] NotARotationMatrix {{.*}}"entry [1, 0] is 0, expected -0.5"
// CHECK-LABEL: func @negative_shear
// CHECK:         linalg.matmul
func.func @negative_shear(%x: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %m = arith.constant dense<[[1.0, 0.5, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.5], [0.0, 0.0, 0.0, 1.0]]> : tensor<4x4xf32>
  %zero = arith.constant dense<0.0> : tensor<6x4xf32>
  %y = linalg.matmul ins(%x, %m : tensor<6x4xf32>, tensor<4x4xf32>) outs(%zero : tensor<6x4xf32>) -> tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}

// REMARK: [Missed] NotARotationMatrix {{.*}}"no lane takes from another"
// CHECK-LABEL: func @negative_scale
// CHECK:         linalg.matmul
func.func @negative_scale(%x: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %m = arith.constant dense<[[2.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0], [0.0, 0.0, 0.0, 2.0]]> : tensor<4x4xf32>
  %zero = arith.constant dense<0.0> : tensor<6x4xf32>
  %y = linalg.matmul ins(%x, %m : tensor<6x4xf32>, tensor<4x4xf32>) outs(%zero : tensor<6x4xf32>) -> tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}
