// RUN: rope-opt %s --rope-optimize --verify-each | FileCheck %s

// Heads of q and k by the same tables.
// CHECK-LABEL: func @heads
// CHECK-NEXT:    %[[X:.*]] = tensor.concat dim(0) %arg0, %arg1
// CHECK-NEXT:    %[[Y:.*]] = rope.rotate %[[X]] by %arg2, %arg3 along [1] : tensor<5x6x8xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @heads(%q: tensor<4x6x8xf32>, %k: tensor<1x6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<5x6x8xf32> {
  %0 = rope.rotate %q by %c, %s along [1] : tensor<4x6x8xf32>, tensor<6x4xf32>
  %1 = rope.rotate %k by %c, %s along [1] : tensor<1x6x8xf32>, tensor<6x4xf32>
  %2 = tensor.concat dim(0) %0, %1 : (tensor<4x6x8xf32>, tensor<1x6x8xf32>) -> tensor<5x6x8xf32>
  return %2 : tensor<5x6x8xf32>
}

// Old keys and new ones.
// CHECK-LABEL: func @cache
// CHECK-SAME:    (%[[OLD:.*]]: tensor<2x?x8xf32>, %[[NEW:.*]]: tensor<2x1x8xf32>, %[[P:.*]]: tensor<?xi64>, %[[Q:.*]]: tensor<1xi64>)
// CHECK-DAG:     %[[X:.*]] = tensor.concat dim(1) %[[OLD]], %[[NEW]]
// CHECK-DAG:     %[[PQ:.*]] = tensor.concat dim(0) %[[P]], %[[Q]]
// CHECK:         %[[COS:.*]], %[[SIN:.*]] = rope.sincos %[[PQ]]
// CHECK-NEXT:    rope.rotate %[[X]] by %[[COS]], %[[SIN]] along [1]
// CHECK-NOT:     rope.
func.func @cache(%old: tensor<2x?x8xf32>, %new: tensor<2x1x8xf32>, %p: tensor<?xi64>, %q: tensor<1xi64>) -> tensor<2x?x8xf32> {
  %c0, %s0 = rope.sincos %p frequencies<dim = 8, base = 10000.0> : tensor<?xi64> -> tensor<?x4xf32>
  %c1, %s1 = rope.sincos %q frequencies<dim = 8, base = 10000.0> : tensor<1xi64> -> tensor<1x4xf32>
  %0 = rope.rotate %old by %c0, %s0 along [1] : tensor<2x?x8xf32>, tensor<?x4xf32>
  %1 = rope.rotate %new by %c1, %s1 along [1] : tensor<2x1x8xf32>, tensor<1x4xf32>
  %2 = tensor.concat dim(1) %0, %1 : (tensor<2x?x8xf32>, tensor<2x1x8xf32>) -> tensor<2x?x8xf32>
  return %2 : tensor<2x?x8xf32>
}

// CHECK-LABEL: func @negative_other_frequencies
// CHECK-COUNT-2: rope.rotate
func.func @negative_other_frequencies(%old: tensor<2x3x8xf32>, %new: tensor<2x1x8xf32>, %p: tensor<3xi64>, %q: tensor<1xi64>) -> tensor<2x4x8xf32> {
  %c0, %s0 = rope.sincos %p frequencies<dim = 8, base = 10000.0> : tensor<3xi64> -> tensor<3x4xf32>
  %c1, %s1 = rope.sincos %q frequencies<dim = 8, base = 10001.0> : tensor<1xi64> -> tensor<1x4xf32>
  %0 = rope.rotate %old by %c0, %s0 along [1] : tensor<2x3x8xf32>, tensor<3x4xf32>
  %1 = rope.rotate %new by %c1, %s1 along [1] : tensor<2x1x8xf32>, tensor<1x4xf32>
  %2 = tensor.concat dim(1) %0, %1 : (tensor<2x3x8xf32>, tensor<2x1x8xf32>) -> tensor<2x4x8xf32>
  return %2 : tensor<2x4x8xf32>
}

// CHECK-LABEL: func @negative_other_direction
// CHECK-COUNT-2: rope.rotate
func.func @negative_other_direction(%q: tensor<4x6x8xf32>, %k: tensor<1x6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<5x6x8xf32> {
  %0 = rope.rotate %q by %c, %s along [1] : tensor<4x6x8xf32>, tensor<6x4xf32>
  %1 = rope.rotate %k by %c, %s along [1] inverse : tensor<1x6x8xf32>, tensor<6x4xf32>
  %2 = tensor.concat dim(0) %0, %1 : (tensor<4x6x8xf32>, tensor<1x6x8xf32>) -> tensor<5x6x8xf32>
  return %2 : tensor<5x6x8xf32>
}

// Two heads beside each other in the lanes.
// CHECK-LABEL: func @negative_lanes
// CHECK-COUNT-2: rope.rotate
func.func @negative_lanes(%q: tensor<6x8xf32>, %k: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x16xf32> {
  %0 = rope.rotate %q by %c, %s along [0] : tensor<6x8xf32>, tensor<6x4xf32>
  %1 = rope.rotate %k by %c, %s along [0] : tensor<6x8xf32>, tensor<6x4xf32>
  %2 = tensor.concat dim(1) %0, %1 : (tensor<6x8xf32>, tensor<6x8xf32>) -> tensor<6x16xf32>
  return %2 : tensor<6x16xf32>
}
