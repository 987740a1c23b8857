// RUN: rope-opt %s --inline --resolve-ranked-shaped-type-result-dims --canonicalize --cse | FileCheck %s

// The callee is inlined; sizes of its results come from the operands, and what
// nothing uses then disappears, since the tensor form has no effects.
// CHECK-LABEL: func @caller
// CHECK-SAME:  (%[[Q:.*]]: tensor<?x4x?x8xf32>, %[[K:.*]]: tensor<?x2x?x8xf32>)
// CHECK-DAG:   %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG:   %[[C2:.*]] = arith.constant 2 : index
// CHECK-NOT:   call
// CHECK-NOT:   rope.attention
// CHECK-DAG:   %[[B:.*]] = tensor.dim %[[Q]], %[[C0]]
// CHECK-DAG:   %[[S:.*]] = tensor.dim %[[Q]], %[[C2]]
// CHECK-DAG:   %[[N:.*]] = tensor.dim %[[K]], %[[C2]]
// CHECK:       return %[[B]], %[[S]], %[[S]], %[[N]]
func.func private @callee(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x8xf32>) -> (tensor<?x4x?x8xf32>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>) {
  %0:3 = rope.attention %q, %k, %k returning_lse returning_scores<raw> : tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>
  return %0#0, %0#1, %0#2 : tensor<?x4x?x8xf32>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>
}
func.func @caller(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x8xf32>) -> (index, index, index, index) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %0:3 = call @callee(%q, %k) : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>) -> (tensor<?x4x?x8xf32>, tensor<?x4x?xf32>, tensor<?x4x?x?xf32>)
  %b = tensor.dim %0#0, %c0 : tensor<?x4x?x8xf32>
  %s = tensor.dim %0#1, %c2 : tensor<?x4x?xf32>
  %r = tensor.dim %0#2, %c2 : tensor<?x4x?x?xf32>
  %n = tensor.dim %0#2, %c3 : tensor<?x4x?x?xf32>
  return %b, %s, %r, %n : index, index, index, index
}

// An attention that writes stays.
// CHECK-LABEL: func @negative_memref_form
// CHECK:       rope.attention
func.func @negative_memref_form(%q: memref<1x4x3x8xf32>, %k: memref<1x2x5x8xf32>, %out: memref<1x4x3x8xf32>) {
  rope.attention %q, %k, %k into %out : memref<1x4x3x8xf32>, memref<1x2x5x8xf32>, memref<1x2x5x8xf32> into memref<1x4x3x8xf32>
  return
}
