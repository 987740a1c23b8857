// RUN: rope-opt %s --canonicalize --verify-each | FileCheck %s

// CHECK-LABEL: func @concat
// CHECK-SAME:    (%[[X:.*]]: tensor<?x8xf32>, %[[C:.*]]: tensor<?x4xf32>, %[[S:.*]]: tensor<?x4xf32>)
// CHECK-NEXT:    rope.rotate %[[X]] by %[[C]], %[[S]] along [0] : tensor<?x8xf32>, tensor<?x4xf32>
func.func @concat(%x: tensor<?x8xf32>, %c: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<?x8xf32> {
  %cc = tensor.concat dim(1) %c, %c : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
  %ss = tensor.concat dim(1) %s, %s : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
  %y = rope.rotate %x by %cc, %ss along [0] : tensor<?x8xf32>, tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Halves side by side are not the lanes of interleaved pairs.
// CHECK-LABEL: func @concat_interleaved
// CHECK-COUNT-2: tensor.concat
func.func @concat_interleaved(%x: tensor<?x8xf32>, %c: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<?x8xf32> {
  %cc = tensor.concat dim(1) %c, %c : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
  %ss = tensor.concat dim(1) %s, %s : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
  %y = rope.rotate %x by %cc, %ss along [0] pairing<interleaved> : tensor<?x8xf32>, tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func @concat_of_two
// CHECK:         tensor.concat dim(1) %{{.*}}, %{{.*}}
// CHECK:         rope.rotate {{.*}}, tensor<4x8xf32>
func.func @concat_of_two(%x: tensor<4x8xf32>, %c: tensor<4x4xf32>, %s: tensor<4x4xf32>) -> tensor<4x8xf32> {
  %cc = tensor.concat dim(1) %c, %s : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x8xf32>
  %ss = tensor.concat dim(1) %s, %s : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x8xf32>
  %y = rope.rotate %x by %cc, %ss along [0] : tensor<4x8xf32>, tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// CHECK-LABEL: func @constants
// CHECK-DAG:     %[[C:.*]] = arith.constant dense<{{\[\[}}1.000000e+00, 2.000000e+00], [3.000000e+00, 4.000000e+00{{\]\]}}> : tensor<2x2xf32>
// CHECK-DAG:     %[[S:.*]] = arith.constant dense<5.000000e-01> : tensor<2x2xf32>
// CHECK:         rope.rotate %{{.*}} by %[[C]], %[[S]]
func.func @constants(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %c = arith.constant dense<[[1.0, 1.0, 2.0, 2.0], [3.0, 3.0, 4.0, 4.0]]> : tensor<2x4xf32>
  %s = arith.constant dense<0.5> : tensor<2x4xf32>
  %y = rope.rotate %x by %c, %s along [0] pairing<interleaved> : tensor<2x4xf32>, tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// The zeros of the second pair differ in their signs.
// CHECK-LABEL: func @constants_disagree
// CHECK:         rope.rotate {{.*}} : tensor<4xf32>, tensor<4xf32>
func.func @constants_disagree(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c = arith.constant dense<[1.0, 0.0, 1.0, -0.0]> : tensor<4xf32>
  %s = arith.constant dense<0.5> : tensor<4xf32>
  %y = rope.rotate %x by %c, %s along [] : tensor<4xf32>, tensor<4xf32>
  return %y : tensor<4xf32>
}

// CHECK-LABEL: func @position_zero
// CHECK-DAG:     %[[ONE:.*]] = arith.constant dense<1.000000e+00> : tensor<3x4xbf16>
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<3x4xbf16>
// CHECK:         return %[[ONE]], %[[ZERO]]
func.func @position_zero() -> (tensor<3x4xbf16>, tensor<3x4xbf16>) {
  %p = arith.constant dense<0> : tensor<3xi64>
  %c, %s = rope.sincos %p frequencies<dim = 8> : tensor<3xi64> -> tensor<3x4xbf16>
  return %c, %s : tensor<3x4xbf16>, tensor<3x4xbf16>
}

// CHECK-LABEL: func @position_one
// CHECK:         rope.sincos
func.func @position_one() -> (tensor<3x4xf32>, tensor<3x4xf32>) {
  %p = arith.constant dense<[0, 0, 1]> : tensor<3xi64>
  %c, %s = rope.sincos %p frequencies<dim = 8> : tensor<3xi64> -> tensor<3x4xf32>
  return %c, %s : tensor<3x4xf32>, tensor<3x4xf32>
}

// CHECK-LABEL: func @casts
// CHECK-SAME:    (%[[P:.*]]: tensor<3xi64>)
// CHECK:         %[[C:.*]], %[[S:.*]] = rope.sincos %[[P]] {{.*}} : tensor<3xi64> -> tensor<3x4xf32>
// CHECK:         %[[M:.*]] = rope.rotation_matrix %[[C]], %[[S]] pairing<interleaved> : tensor<3x4xf32>
// CHECK:         tensor.cast %[[M]] : tensor<3x8x8xf32> to tensor<?x8x8xf32>
func.func @casts(%p: tensor<3xi64>) -> tensor<?x8x8xf32> {
  %0 = tensor.cast %p : tensor<3xi64> to tensor<?xi64>
  %c, %s = rope.sincos %0 frequencies<dim = 8> : tensor<?xi64> -> tensor<?x4xf32>
  %m = rope.rotation_matrix %c, %s pairing<interleaved> : tensor<?x4xf32>
  return %m : tensor<?x8x8xf32>
}
