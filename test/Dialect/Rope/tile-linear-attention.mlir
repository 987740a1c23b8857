// RUN: rope-opt %s --transform-interpreter --canonicalize --cse --split-input-file --verify-diagnostics | FileCheck %s

// The loops are batches and key heads: groups of query heads, tables of a batch and
// the state follow; a gate of all heads stays whole.
// CHECK-LABEL: func @heads
// CHECK-SAME:    (%[[Q:[^:]*]]: tensor<?x5x8x16xf32>, %[[K:[^:]*]]: tensor<?x5x4x16xf32>, %[[T:[^:]*]]: tensor<?x5x8xf32>, %[[B:[^:]*]]: tensor<?x5x1xf32>, %[[S:[^:]*]]: tensor<?x4x16x16xf32>)
// CHECK:         scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step
// CHECK:           scf.for %[[G:.*]] = %{{.*}} to %{{.*}} step
// CHECK:             %[[H:.*]] = affine.apply {{.*}}(%[[G]])
// CHECK-DAG:         tensor.extract_slice %[[Q]][%[[I]], 0, %[[H]], 0] [1, 5, 4, 16]
// CHECK-DAG:         tensor.extract_slice %[[K]][%[[I]], 0, %[[G]], 0] [1, 5, 2, 16]
// CHECK-DAG:         tensor.extract_slice %[[T]][%[[I]], 0, 0] [1, 5, 8]
// CHECK-DAG:         tensor.extract_slice %[[B]][%[[I]], 0, 0] [1, 5, 1]
// CHECK-DAG:         tensor.extract_slice %[[S]][%[[I]], %[[G]], 0, 0] [1, 2, 16, 16]
// CHECK:             %[[OUT:.*]], %[[STATE:.*]] = rope.linear_attention {{.*}} : tensor<1x5x4x16xf32>, tensor<1x5x2x16xf32>, tensor<1x5x2x16xf32>
// CHECK:             tensor.insert_slice %[[OUT]] into %{{.*}}[%[[I]], 0, %[[H]], 0] [1, 5, 4, 16]
// CHECK:             tensor.insert_slice %[[STATE]] into %{{.*}}[%[[I]], %[[G]], 0, 0] [1, 2, 16, 16]
func.func @heads(%q: tensor<?x5x8x16xf32>, %k: tensor<?x5x4x16xf32>, %t: tensor<?x5x8xf32>, %b: tensor<?x5x1xf32>, %s: tensor<?x4x16x16xf32>) -> (tensor<?x5x8x16xf32>, tensor<?x4x16x16xf32>) {
  %o, %s1 = rope.linear_attention %q, %k, %k layout<bshd> causal rotate_query(%t, %t : tensor<?x5x8xf32>) beta(%b : tensor<?x5x1xf32>)
    past(%s : tensor<?x4x16x16xf32>) returning_state : tensor<?x5x8x16xf32>, tensor<?x5x4x16xf32>, tensor<?x5x4x16xf32>
  return %o, %s1 : tensor<?x5x8x16xf32>, tensor<?x4x16x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.linear_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loops:2 = transform.structured.tile_using_for %op tile_sizes [1, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// In place: one view of the state.
// CHECK-LABEL: func @in_place
// CHECK:         %[[V:.*]] = memref.subview %{{.*}}[0, %{{.*}}, 0, 0] [2, 1, 8, 8]
// CHECK:         rope.linear_attention {{.*}} into %{{.*}}, %[[V]] past(%[[V]] :
func.func @in_place(%q: memref<2x4x3x8xf32>, %o: memref<2x4x3x8xf32>, %s: memref<2x4x8x8xf32>) {
  rope.linear_attention %q, %q, %q into %o, %s past(%s : memref<2x4x8x8xf32>) returning_state
    : memref<2x4x3x8xf32>, memref<2x4x3x8xf32>, memref<2x4x3x8xf32> into memref<2x4x3x8xf32>, memref<2x4x8x8xf32>
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.linear_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [0, 1] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// The number of heads of a tile is static.
func.func @negative_tile_does_not_divide(%q: tensor<2x4x3x8xf32>) -> tensor<2x4x3x8xf32> {
  // expected-error @+3 {{cannot be tiled by a number of heads that does not divide 4 key heads}}
  // expected-error @+2 {{to tile operation}}
  // expected-error @+1 {{failed to generate tiling loops}}
  %o = rope.linear_attention %q, %q, %q : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return %o : tensor<2x4x3x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.linear_attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [0, 3] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
