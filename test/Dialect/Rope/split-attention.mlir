// RUN: rope-opt %s --transform-interpreter --canonicalize --cse --mlir-print-local-scope --split-input-file --verify-diagnostics | FileCheck %s

// Keys in parts: partials into slots, merged behind the loop in the type of the
// computation. Sinks are merged once; a part counts its keys from its origin.
// CHECK-LABEL: func @split
// CHECK-SAME:    (%[[Q:[^:]*]]: tensor<2x8x1x16xbf16>, %[[K:[^:]*]]: tensor<2x4x?x16xbf16>, %[[N:[^:]*]]: tensor<2xi64>, %[[M:[^:]*]]: tensor<?xi1>, %[[S:[^:]*]]: tensor<8xf32>)
// CHECK-DAG:     %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG:     %[[C4:.*]] = arith.constant 4 : index
// CHECK-DAG:     %[[NEG_INF:.*]] = arith.constant 0xFF800000 : f32
// CHECK-DAG:     linalg.fill ins(%[[NEG_INF]] : f32) outs(%{{.*}} : tensor<4x2x8x1xf32>)
// CHECK:         %[[PARTS:.*]]:2 = scf.forall (%[[P:.*]]) in (4) {{.*}} -> (tensor<4x2x8x1x16xbf16>, tensor<4x2x8x1xf32>)
// CHECK:           %[[FIRST:.*]] = affine.apply {{.*}}(%[[P]])
// CHECK:           %[[PART:.*]] = tensor.extract_slice %[[K]][0, 0, %[[FIRST]], 0]
// CHECK:           tensor.extract_slice %[[M]]
// CHECK:           %[[OUT:.*]], %[[LSE:.*]] = rope.attention %[[Q]], %[[PART]], %[[PART]] causal mask({{.*}}) kv_lengths(%[[N]] : tensor<2xi64>) origin(%[[C0]], %[[FIRST]]) returning_lse
// CHECK-DAG:         tensor.parallel_insert_slice %[[OUT]] into %{{.*}}[%[[P]], 0, 0, 0, 0] [1, 2, 8, 1, 16]
// CHECK-DAG:         tensor.parallel_insert_slice %[[LSE]] into %{{.*}}[%[[P]], 0, 0, 0] [1, 2, 8, 1]
// CHECK:         %[[SINKS:.*]] = linalg.broadcast ins(%[[S]] : tensor<8xf32>)
// CHECK:         scf.for %[[I:.*]] = %[[C0]] to %[[C4]] {{.*}} iter_args(%{{.*}} = %{{.*}}, %{{.*}} = %[[SINKS]]) -> (tensor<2x8x1x16xf32>, tensor<2x8x1xf32>)
// CHECK-DAG:       tensor.extract_slice %[[PARTS]]#0[%[[I]], 0, 0, 0, 0] [1, 2, 8, 1, 16]
// CHECK-DAG:       linalg.map { arith.extf }
// CHECK:           rope.merge {{.*}} : tensor<2x8x1x16xf32>, tensor<2x8x1xf32>
// CHECK:         linalg.map { arith.truncf }
func.func @split(%q: tensor<2x8x1x16xbf16>, %k: tensor<2x4x?x16xbf16>, %n: tensor<2xi64>, %m: tensor<?xi1>, %s: tensor<8xf32>) -> tensor<2x8x1x16xbf16> {
  %o = rope.attention %q, %k, %k causal mask(%m : tensor<?xi1>) kv_lengths(%n : tensor<2xi64>) sinks(%s : tensor<8xf32>)
    : tensor<2x8x1x16xbf16>, tensor<2x4x?x16xbf16>, tensor<2x4x?x16xbf16>
  return %o : tensor<2x8x1x16xbf16>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %fill:2, %split, %merge, %loop = transform.structured.tile_reduction_using_forall %op by num_threads = [0, 0, 0, 4] tile_sizes = [] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Parts of given size; the log-sum-exp is a result. Nothing depends on positions, so
// that there is no origin.
// CHECK-LABEL: func @parts_of_32
// CHECK:         scf.forall (%[[P:.*]]) = (0) to (128) step (32)
// CHECK:           rope.attention
// CHECK-NOT:       origin
// CHECK-SAME:      returning_lse : tensor<2x3x8x16xf32>, tensor<2x3x32x16xf32>
// CHECK:         %[[MERGED:.*]]:2 = scf.for
// CHECK:           rope.merge
// CHECK:         return %[[MERGED]]#0, %[[MERGED]]#1
func.func @parts_of_32(%q: tensor<2x3x8x16xf32>, %k: tensor<2x3x128x16xf32>) -> (tensor<2x3x8x16xf32>, tensor<2x3x8xf32>) {
  %o, %l = rope.attention %q, %k, %k returning_lse : tensor<2x3x8x16xf32>, tensor<2x3x128x16xf32>, tensor<2x3x128x16xf32>
  return %o, %l : tensor<2x3x8x16xf32>, tensor<2x3x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %fill:2, %split, %merge, %loop = transform.structured.tile_reduction_using_forall %op by num_threads = [] tile_sizes = [0, 0, 0, 32] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @negative_scores(%q: tensor<2x3x8x16xf32>) -> tensor<2x3x8x8xf32> {
  // expected-error @+1 {{cannot split keys where scores are returned}}
  %o, %s = rope.attention %q, %q, %q returning_scores<raw> : tensor<2x3x8x16xf32>, tensor<2x3x8x16xf32>, tensor<2x3x8x16xf32>
  return %s : tensor<2x3x8x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    // expected-error @+1 {{could not tile reduction}}
    %fill:2, %split, %merge, %loop = transform.structured.tile_reduction_using_forall %op by num_threads = [0, 0, 0, 4] tile_sizes = [] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

func.func @negative_one_accumulator(%q: tensor<2x3x8x16xf32>) -> tensor<2x3x8x16xf32> {
  // expected-error @+3 {{splits keys into parts, not into lanes of one accumulator: use the parallel strategy of partial reduction}}
  // expected-error @+2 {{to tile operation}}
  // expected-error @+1 {{failed to generate tiling loops}}
  %o = rope.attention %q, %q, %q : tensor<2x3x8x16xf32>, tensor<2x3x8x16xf32>, tensor<2x3x8x16xf32>
  return %o : tensor<2x3x8x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    // expected-error @+1 {{failed to tile using partial reduction}}
    %fill:2, %split, %merge, %loop = transform.structured.tile_reduction_using_for %op by tile_sizes = [0, 0, 0, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Rows of the lowest number are averages of all values, which parts cannot tell.
func.func @negative_mask_of_floats(%q: tensor<2x3x8x16xf32>, %m: tensor<8x8xf32>) -> tensor<2x3x8x16xf32> {
  // expected-error @+1 {{cannot split keys under a mask of floats: the log-sum-exp of a row of low numbers forgets how many they are; use a boolean mask}}
  %o = rope.attention %q, %q, %q mask(%m : tensor<8x8xf32>) : tensor<2x3x8x16xf32>, tensor<2x3x8x16xf32>, tensor<2x3x8x16xf32>
  return %o : tensor<2x3x8x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    // expected-error @+1 {{could not tile reduction}}
    %fill:2, %split, %merge, %loop = transform.structured.tile_reduction_using_forall %op by num_threads = [0, 0, 0, 4] tile_sizes = [] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}
