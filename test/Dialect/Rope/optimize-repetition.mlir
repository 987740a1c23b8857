// RUN: rope-opt %s --rope-optimize --verify-each | FileCheck %s

// Grouped heads: rotate the keys, then repeat them.
// CHECK-LABEL: func @repeat_kv
// CHECK-SAME:    (%[[K:.*]]: tensor<1x2x?x8xf32>,
// CHECK:         %[[R:.*]] = rope.rotate %[[K]] by %{{.*}}, %{{.*}} along [2] : tensor<1x2x?x8xf32>, tensor<?x4xf32>
// CHECK:         %[[B:.*]] = linalg.broadcast ins(%[[R]]
// CHECK:         %[[Y:.*]] = tensor.collapse_shape %[[B]]
// CHECK-NEXT:    return %[[Y]]
func.func @repeat_kv(%k: tensor<1x2x?x8xf32>, %c: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<1x8x?x8xf32> {
  %two = arith.constant 2 : index
  %n = tensor.dim %k, %two : tensor<1x2x?x8xf32>
  %empty = tensor.empty(%n) : tensor<1x2x4x?x8xf32>
  %b = linalg.broadcast ins(%k : tensor<1x2x?x8xf32>) outs(%empty : tensor<1x2x4x?x8xf32>) dimensions = [2]
  %heads = tensor.collapse_shape %b [[0], [1, 2], [3], [4]] : tensor<1x2x4x?x8xf32> into tensor<1x8x?x8xf32>
  %y = rope.rotate %heads by %c, %s along [2] : tensor<1x8x?x8xf32>, tensor<?x4xf32>
  return %y : tensor<1x8x?x8xf32>
}

// CHECK-LABEL: func @generic_repetition
// CHECK-SAME:    (%[[K:.*]]: tensor<3x8xf32>,
// CHECK:         rope.rotate %[[K]] by %{{.*}}, %{{.*}} along [0] : tensor<3x8xf32>
// CHECK-NOT:     rope.rotate
func.func @generic_repetition(%k: tensor<3x8xf32>, %c: tensor<3x4xf32>, %s: tensor<3x4xf32>) -> tensor<5x3x8xf32> {
  %empty = tensor.empty() : tensor<5x3x8xf32>
  %b = linalg.generic {indexing_maps = [affine_map<(h, n, d) -> (n, d)>, affine_map<(h, n, d) -> (h, n, d)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%k : tensor<3x8xf32>) outs(%empty : tensor<5x3x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<5x3x8xf32>
  %y = rope.rotate %b by %c, %s along [1] : tensor<5x3x8xf32>, tensor<3x4xf32>
  return %y : tensor<5x3x8xf32>
}

// One key at many positions: every copy is rotated by its own angle.
// CHECK-LABEL: func @negative_repeated_positions
// CHECK:         %[[B:.*]] = linalg.broadcast
// CHECK:         rope.rotate %[[B]]
func.func @negative_repeated_positions(%k: tensor<2x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> tensor<5x2x8xf32> {
  %empty = tensor.empty() : tensor<5x2x8xf32>
  %b = linalg.broadcast ins(%k : tensor<2x8xf32>) outs(%empty : tensor<5x2x8xf32>) dimensions = [0]
  %y = rope.rotate %b by %c, %s along [0] : tensor<5x2x8xf32>, tensor<5x4xf32>
  return %y : tensor<5x2x8xf32>
}

// The lanes of a pair are one element.
// CHECK-LABEL: func @negative_repeated_lanes
// CHECK:         %[[B:.*]] = linalg.broadcast
// CHECK:         rope.rotate %[[B]]
func.func @negative_repeated_lanes(%k: tensor<3xf32>, %c: tensor<4xf32>, %s: tensor<4xf32>) -> tensor<3x8xf32> {
  %empty = tensor.empty() : tensor<3x8xf32>
  %b = linalg.broadcast ins(%k : tensor<3xf32>) outs(%empty : tensor<3x8xf32>) dimensions = [1]
  %y = rope.rotate %b by %c, %s along [] : tensor<3x8xf32>, tensor<4xf32>
  return %y : tensor<3x8xf32>
}
