// RUN: rope-opt %s --rope-optimize --verify-each | FileCheck %s

// To [batch, heads, sequence, lanes] and back, which nothing needs.
// CHECK-LABEL: func @there_and_back
// CHECK-SAME:    (%[[X:.*]]: tensor<2x?x4x8xf32>,
// CHECK-NOT:     linalg.transpose
// CHECK:         %[[Y:.*]] = rope.rotate %[[X]] by %{{.*}}, %{{.*}} along [1] pairing<interleaved> : tensor<2x?x4x8xf32>, tensor<?x4xf32>
// CHECK:         return %[[Y]]
func.func @there_and_back(%x: tensor<2x?x4x8xf32>, %c: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<2x?x4x8xf32> {
  %one = arith.constant 1 : index
  %n = tensor.dim %x, %one : tensor<2x?x4x8xf32>
  %e0 = tensor.empty(%n) : tensor<2x4x?x8xf32>
  %t = linalg.transpose ins(%x : tensor<2x?x4x8xf32>) outs(%e0 : tensor<2x4x?x8xf32>) permutation = [0, 2, 1, 3]
  %y = rope.rotate %t by %c, %s along [2] pairing<interleaved> : tensor<2x4x?x8xf32>, tensor<?x4xf32>
  %e1 = tensor.empty(%n) : tensor<2x?x4x8xf32>
  %back = linalg.transpose ins(%y : tensor<2x4x?x8xf32>) outs(%e1 : tensor<2x?x4x8xf32>) permutation = [0, 2, 1, 3]
  return %back : tensor<2x?x4x8xf32>
}

// k^T for the scores: one transposition in place of two.
// CHECK-LABEL: func @to_columns
// CHECK:         %[[Y:.*]] = rope.rotate %arg0 by %{{.*}}, %{{.*}} along [0] : tensor<5x4x8xf32>
// CHECK:         linalg.transpose ins(%[[Y]] {{.*}} permutation = [1, 2, 0]
// CHECK-NOT:     linalg.transpose
func.func @to_columns(%x: tensor<5x4x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> tensor<4x8x5xf32> {
  %e0 = tensor.empty() : tensor<4x5x8xf32>
  %t = linalg.transpose ins(%x : tensor<5x4x8xf32>) outs(%e0 : tensor<4x5x8xf32>) permutation = [1, 0, 2]
  %y = rope.rotate %t by %c, %s along [1] : tensor<4x5x8xf32>, tensor<5x4xf32>
  %e1 = tensor.empty() : tensor<4x8x5xf32>
  %columns = linalg.transpose ins(%y : tensor<4x5x8xf32>) outs(%e1 : tensor<4x8x5xf32>) permutation = [0, 2, 1]
  return %columns : tensor<4x8x5xf32>
}

// The inner transposition moves the lanes: other elements form the pairs.
// CHECK-LABEL: func @negative_lanes_moved
// CHECK-COUNT-2: linalg.transpose
func.func @negative_lanes_moved(%x: tensor<8x6xf32>, %c: tensor<4xf32>, %s: tensor<4xf32>) -> tensor<8x6xf32> {
  %e0 = tensor.empty() : tensor<6x8xf32>
  %t = linalg.transpose ins(%x : tensor<8x6xf32>) outs(%e0 : tensor<6x8xf32>) permutation = [1, 0]
  %y = rope.rotate %t by %c, %s along [] : tensor<6x8xf32>, tensor<4xf32>
  %e1 = tensor.empty() : tensor<8x6xf32>
  %back = linalg.transpose ins(%y : tensor<6x8xf32>) outs(%e1 : tensor<8x6xf32>) permutation = [1, 0]
  return %back : tensor<8x6xf32>
}

// CHECK-LABEL: func @reshapes
// CHECK-NEXT:    %[[Y:.*]] = rope.rotate %arg0 by %arg1, %arg2 along [2] : tensor<2x3x5x8xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @reshapes(%x: tensor<2x3x5x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> tensor<2x3x5x8xf32> {
  %0 = tensor.collapse_shape %x [[0, 1], [2], [3]] : tensor<2x3x5x8xf32> into tensor<6x5x8xf32>
  %y = rope.rotate %0 by %c, %s along [1] : tensor<6x5x8xf32>, tensor<5x4xf32>
  %1 = tensor.expand_shape %y [[0, 1], [2], [3]] output_shape [2, 3, 5, 8] : tensor<6x5x8xf32> into tensor<2x3x5x8xf32>
  return %1 : tensor<2x3x5x8xf32>
}

// CHECK-LABEL: func @negative_other_reshape
// CHECK:         tensor.collapse_shape
// CHECK:         tensor.expand_shape
func.func @negative_other_reshape(%x: tensor<2x3x5x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> tensor<3x2x5x8xf32> {
  %0 = tensor.collapse_shape %x [[0, 1], [2], [3]] : tensor<2x3x5x8xf32> into tensor<6x5x8xf32>
  %y = rope.rotate %0 by %c, %s along [1] : tensor<6x5x8xf32>, tensor<5x4xf32>
  %1 = tensor.expand_shape %y [[0, 1], [2], [3]] output_shape [3, 2, 5, 8] : tensor<6x5x8xf32> into tensor<3x2x5x8xf32>
  return %1 : tensor<3x2x5x8xf32>
}

// A copy of a scalar transposes nothing.
// CHECK-LABEL: func @negative_scalar_copy
// CHECK:         linalg.generic
func.func @negative_scalar_copy(%x: tensor<f32>) -> tensor<f32> {
  %empty = tensor.empty() : tensor<f32>
  %copy = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []} ins(%x : tensor<f32>) outs(%empty : tensor<f32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<f32>
  return %copy : tensor<f32>
}

// The first element of each row, repeated.
// CHECK-LABEL: func @negative_first_elements
// CHECK:         linalg.generic
func.func @negative_first_elements(%x: tensor<4x1xf32>) -> tensor<4x8xf32> {
  %empty = tensor.empty() : tensor<4x8xf32>
  %copy = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, 0)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x1xf32>) outs(%empty : tensor<4x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<4x8xf32>
  return %copy : tensor<4x8xf32>
}
