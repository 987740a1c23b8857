// RUN: rope-opt %s --canonicalize --verify-each | FileCheck %s

// CHECK-LABEL: func @ends
// CHECK:         %[[COS:.*]], %[[SIN:.*]] = rope.sincos %arg1 frequencies<dim = 4, {{.*}}table<dense<[5.000000e-01, 2.500000e-01]>
// CHECK-DAG:     rope.rotate %arg0 by %[[COS]], %[[SIN]] along [0] pairing<interleaved> offset 4 rotary_dim 4 :
// CHECK-DAG:     rope.rotate %{{.*}} by %[[COS]], %[[SIN]] along [0] pairing<interleaved> offset 4 rotary_dim 4 inverse :
func.func @ends(%x: tensor<3x10xf32>, %p: tensor<3xi64>) -> tensor<3x10xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 8, scaling = #rope.table<dense<[0.0, 0.5, 0.25, 0.0]> : tensor<4xf32>>> : tensor<3xi64> -> tensor<3x4xf32>
  %0 = rope.rotate %x by %c, %s along [0] pairing<interleaved> offset 2 : tensor<3x10xf32>, tensor<3x4xf32>
  %1 = rope.rotate %0 by %c, %s along [0] pairing<interleaved> offset 2 inverse : tensor<3x10xf32>, tensor<3x4xf32>
  return %1 : tensor<3x10xf32>
}

// CHECK-LABEL: func @all
// CHECK-NEXT:    return %arg0
func.func @all(%x: tensor<?x4xf32>, %p: tensor<?xi64>) -> tensor<?x4xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 4, scaling = #rope.table<dense<0.0> : tensor<2xf64>>> : tensor<?xi64> -> tensor<?x2xf32>
  %0 = rope.rotate %x by %c, %s along [0] : tensor<?x4xf32>, tensor<?x2xf32>
  return %0 : tensor<?x4xf32>
}

// Lanes (0, 2) and (1, 3): without the second pair these are no halves.
// CHECK-LABEL: func @negative_halves
// CHECK:         rope.sincos %arg1 frequencies<dim = 4
func.func @negative_halves(%x: tensor<3x4xf32>, %p: tensor<3xi64>) -> tensor<3x4xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 4, scaling = #rope.table<dense<[0.5, 0.0]> : tensor<2xf32>>> : tensor<3xi64> -> tensor<3x2xf32>
  %0 = rope.rotate %x by %c, %s along [0] : tensor<3x4xf32>, tensor<3x2xf32>
  return %0 : tensor<3x4xf32>
}

// Between two others.
// CHECK-LABEL: func @negative_middle
// CHECK:         rope.sincos %arg1 frequencies<dim = 6
func.func @negative_middle(%x: tensor<3x6xf32>, %p: tensor<3xi64>) -> tensor<3x6xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 6, scaling = #rope.table<dense<[0.5, 0.0, 0.1]> : tensor<3xf32>>> : tensor<3xi64> -> tensor<3x3xf32>
  %0 = rope.rotate %x by %c, %s along [0] pairing<interleaved> : tensor<3x6xf32>, tensor<3x3xf32>
  return %0 : tensor<3x6xf32>
}

// Someone else reads the whole table.
// CHECK-LABEL: func @negative_other_user
// CHECK:         rope.sincos %arg1 frequencies<dim = 4
func.func @negative_other_user(%x: tensor<3x4xf32>, %p: tensor<3xi64>) -> (tensor<3x4xf32>, tensor<3x2xf32>) {
  %c, %s = rope.sincos %p frequencies<dim = 4, scaling = #rope.table<dense<[0.5, 0.0]> : tensor<2xf32>>> : tensor<3xi64> -> tensor<3x2xf32>
  %0 = rope.rotate %x by %c, %s along [0] pairing<interleaved> : tensor<3x4xf32>, tensor<3x2xf32>
  return %0, %c : tensor<3x4xf32>, tensor<3x2xf32>
}
