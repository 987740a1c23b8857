// RUN: rope-opt %s --transform-interpreter --canonicalize --cse --mlir-print-local-scope --split-input-file --verify-diagnostics | FileCheck %s

// The loops are batches, key heads with their groups of query heads, and queries.
// Causal tiles know where they start.
// CHECK-LABEL: func @causal
// CHECK-SAME:    (%[[Q:[^:]*]]: tensor<2x8x64x16xf32>, %[[K:[^:]*]]: tensor<2x4x?x16xf32>, %[[T:[^:]*]]: tensor<2x64x8xf32>, %{{[^:]*}}: tensor<?x8xf32>, %[[M:[^:]*]]: tensor<64x?xf32>, %[[S:[^:]*]]: tensor<8xf32>)
// CHECK-DAG:     %[[C0:.*]] = arith.constant 0 : index
// CHECK:         scf.for %[[B:.*]] = %{{.*}} to %{{.*}} step
// CHECK:           scf.for %[[G:.*]] = %{{.*}} to %{{.*}} step
// CHECK:             scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step
// CHECK-DAG:           %[[H:.*]] = affine.apply {{.*}}(%[[G]])
// CHECK-DAG:           tensor.extract_slice %[[Q]][%[[B]], %[[H]], %[[I]], 0] [1, 4, 16, 16]
// CHECK-DAG:           tensor.extract_slice %[[K]][%[[B]], %[[G]], 0, 0] [1, 2, %{{.*}}, 16]
// CHECK-DAG:           tensor.extract_slice %[[T]][%[[B]], %[[I]], 0] [1, 16, 8]
// CHECK-DAG:           tensor.extract_slice %[[M]][%[[I]], 0] [16, %{{.*}}]
// CHECK-DAG:           tensor.extract_slice %[[S]][%[[H]]] [4]
// CHECK:               %[[OUT:.*]], %[[LSE:.*]] = rope.attention {{.*}} causal
// CHECK-SAME:            rotate_key(%{{.*}}, %{{.*}} : tensor<?x8xf32>)
// CHECK-SAME:            origin(%[[I]], %[[C0]])
// CHECK-SAME:            tensor<1x4x16x16xf32>, tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>
// CHECK-DAG:           tensor.insert_slice %[[OUT]] into %{{.*}}[%[[B]], %[[H]], %[[I]], 0] [1, 4, 16, 16]
// CHECK-DAG:           tensor.insert_slice %[[LSE]] into %{{.*}}[%[[B]], %[[H]], %[[I]]] [1, 4, 16]
func.func @causal(%q: tensor<2x8x64x16xf32>, %k: tensor<2x4x?x16xf32>, %t: tensor<2x64x8xf32>, %u: tensor<?x8xf32>,
                  %m: tensor<64x?xf32>, %s: tensor<8xf32>) -> (tensor<2x8x64x16xf32>, tensor<2x8x64xf32>) {
  %o, %lse = rope.attention %q, %k, %k causal rotate_query(%t, %t : tensor<2x64x8xf32>) rotate_key(%u, %u : tensor<?x8xf32>)
    mask(%m : tensor<64x?xf32>) sinks(%s : tensor<8xf32>) returning_lse : tensor<2x8x64x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>
  return %o, %lse : tensor<2x8x64x16xf32>, tensor<2x8x64xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loops:3 = transform.structured.tile_using_for %op tile_sizes [1, 2, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Behind lengths a query is counted from the end, so that an origin makes up for the
// queries that a tile lacks; tiles of heads alone need none.
// CHECK-LABEL: func @lengths
// CHECK:         scf.for %[[I:[^ ]*]] =
// CHECK:           %[[I0:.*]] = affine.apply affine_map<(d0) -> (d0 - 12)>(%[[I]])
// CHECK:           rope.attention {{.*}} kv_lengths(%{{.*}} : tensor<2xi32>) origin(%[[I0]], %{{.*}}) : tensor<2x4x4x8xf32>
func.func @lengths(%q: tensor<2x16x4x8xf32>, %k: tensor<2x32x4x8xf32>, %n: tensor<2xi32>) -> tensor<2x16x4x8xf32> {
  %o = rope.attention %q, %k, %k layout<bshd> window [4, 0] kv_lengths(%n : tensor<2xi32>) : tensor<2x16x4x8xf32>, tensor<2x32x4x8xf32>, tensor<2x32x4x8xf32>
  return %o : tensor<2x16x4x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [0, 0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK-LABEL: func @heads_of_memrefs
// CHECK:         scf.for %[[G:[^ ]*]] =
// CHECK-DAG:       memref.subview %{{.*}}[0, 0, %[[G]], 0] [2, 16, 1, 8]
// CHECK-DAG:       memref.subview %{{.*}}[0, 0, %[[G]], 0] [2, 32, 1, 8]
// CHECK:           rope.attention %{{.*}}, %{{.*}}, %{{.*}} into %{{.*}} layout<bshd> causal past(%{{.*}}) :
func.func @heads_of_memrefs(%q: memref<2x16x4x8xf32>, %k: memref<2x32x4x8xf32>, %o: memref<2x16x4x8xf32>, %p: index) {
  rope.attention %q, %k, %k into %o layout<bshd> causal past(%p) : memref<2x16x4x8xf32>, memref<2x32x4x8xf32>, memref<2x32x4x8xf32> into memref<2x16x4x8xf32>
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [0, 1] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Tiles of batches alone need no origin, whatever the sizes, and leave masks whole.
// CHECK-LABEL: func @negative_origin
// CHECK:         scf.for %[[B:[^ ]*]] =
// CHECK:           tensor.extract_slice %{{.*}}[%[[B]], 0, 0, 0] [1, 1, 1, %{{.*}}]
// CHECK-NOT:       affine.min
// CHECK:           rope.attention
// CHECK-NOT:       origin
// CHECK:           scf.yield
func.func @negative_origin(%q: tensor<?x4x?x8xf32>, %k: tensor<?x4x?x8xf32>, %n: tensor<?xi32>, %m: tensor<?x1x1x?xf32>) -> tensor<?x4x?x8xf32> {
  %o = rope.attention %q, %k, %k causal mask(%m : tensor<?x1x1x?xf32>) kv_lengths(%n : tensor<?xi32>) : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
  return %o : tensor<?x4x?x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [1] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A consumer's tiles fetch tiles of the attention.
// CHECK-LABEL: func @fused
// CHECK:         scf.forall (%{{.*}}, %{{.*}})
// CHECK:           rope.attention {{.*}} origin({{.*}}) : tensor<1x4x8x16xf32>
// CHECK:           linalg.exp
func.func @fused(%q: tensor<2x4x64x16xf32>, %k: tensor<2x2x64x16xf32>, %init: tensor<2x4x64x16xf32>) -> tensor<2x4x64x16xf32> {
  %o = rope.attention %q, %k, %k causal : tensor<2x4x64x16xf32>, tensor<2x2x64x16xf32>, tensor<2x2x64x16xf32>
  %e = linalg.exp ins(%o : tensor<2x4x64x16xf32>) outs(%init : tensor<2x4x64x16xf32>) -> tensor<2x4x64x16xf32>
  return %e : tensor<2x4x64x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %exp = transform.structured.match ops{["linalg.exp"]} in %root : (!transform.any_op) -> !transform.any_op
    %op = transform.structured.match ops{["rope.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %exp tile_sizes [1, 0, 8] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %fused, %new = transform.structured.fuse_into_containing_op %op into %loop : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @negative_keys(%q: tensor<2x4x3x8xf32>) -> tensor<2x4x3x8xf32> {
  // expected-error @+3 {{cannot be tiled by keys without a merge: split them as a partial reduction}}
  // expected-error @+2 {{to tile operation}}
  // expected-error @+1 {{failed to generate tiling loops}}
  %o = rope.attention %q, %q, %q : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return %o : tensor<2x4x3x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [0, 0, 0, 1] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @negative_empty(%q: tensor<2x4x3x8xf32>, %k: tensor<2x4x0x8xf32>) -> tensor<2x4x3x8xf32> {
  // expected-error @+3 {{cannot be tiled, an operand is empty: 'tensor<2x4x0x8xf32>'}}
  // expected-error @+2 {{to tile operation}}
  // expected-error @+1 {{failed to generate tiling loops}}
  %o = rope.attention %q, %k, %k : tensor<2x4x3x8xf32>, tensor<2x4x0x8xf32>, tensor<2x4x0x8xf32>
  return %o : tensor<2x4x3x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [1] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A tile of the result needs whole groups of query heads.
func.func @negative_part_of_a_group(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x3x8xf32>, %init: tensor<2x4x3x8xf32>) -> tensor<2x4x3x8xf32> {
  // expected-error @+1 {{cannot compute a part of a group of 2 query heads}}
  %o = rope.attention %q, %k, %k : tensor<2x4x3x8xf32>, tensor<2x2x3x8xf32>, tensor<2x2x3x8xf32>
  %e = linalg.exp ins(%o : tensor<2x4x3x8xf32>) outs(%init : tensor<2x4x3x8xf32>) -> tensor<2x4x3x8xf32>
  return %e : tensor<2x4x3x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %exp = transform.structured.match ops{["linalg.exp"]} in %root : (!transform.any_op) -> !transform.any_op
    %op = transform.structured.match ops{["rope.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %exp tile_sizes [0, 1] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %fused, %new = transform.structured.fuse_into_containing_op %op into %loop : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
