// A constant matrix that its values prove to be a rotation.

// RUN: rope-opt %s --rope-raise --canonicalize --verify-each | FileCheck %s
// RUN: rope-opt %s --rope-raise -o %t.once
// RUN: rope-opt %s --rope-raise --rope-raise | diff - %t.once

// CHECK-LABEL: func.func @matrix(
// CHECK-DAG: dense<[6.000000e-01, 8.000000e-01]>
// CHECK-DAG: dense<[8.000000e-01, 6.000000e-01]>
// CHECK: rope.rotate %arg0 by %{{.*}}, %{{.*}} along [] pairing<interleaved> : tensor<6x4xf32>, tensor<2xf32>
func.func @matrix(%x: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %m = arith.constant dense<[[0.6, 0.8, 0.0, 0.0], [-0.8, 0.6, 0.0, 0.0], [0.0, 0.0, 0.8, 0.6], [0.0, 0.0, -0.6, 0.8]]> : tensor<4x4xf32>
  %zero = arith.constant dense<0.0> : tensor<6x4xf32>
  %y = linalg.matmul ins(%x, %m : tensor<6x4xf32>, tensor<4x4xf32>) outs(%zero : tensor<6x4xf32>) -> tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}

// The transposed matrix rotates the other way.
// CHECK-LABEL: func.func @transposed(
// CHECK: rope.rotate %arg0 by %{{.*}}, %{{.*}} along [] pairing<interleaved> {{.*}}: tensor<6x4xf32>, tensor<2xf32>
func.func @transposed(%x: tensor<6x4xf32>) -> tensor<6x4xf32> {
  %m = arith.constant dense<[[0.6, -0.8, 0.0, 0.0], [0.8, 0.6, 0.0, 0.0], [0.0, 0.0, 0.8, -0.6], [0.0, 0.0, 0.6, 0.8]]> : tensor<4x4xf32>
  %zero = arith.constant dense<0.0> : tensor<6x4xf32>
  %y = linalg.matmul ins(%x, %m : tensor<6x4xf32>, tensor<4x4xf32>) outs(%zero : tensor<6x4xf32>) -> tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}
