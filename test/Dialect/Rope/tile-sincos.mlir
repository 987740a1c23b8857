// RUN: rope-opt %s --transform-interpreter --canonicalize --cse --split-input-file --verify-diagnostics | FileCheck %s

// A tile of a run of positions starts later; the sum may not wrap in i8.
// CHECK-LABEL: func @start_and_length
// CHECK-SAME:    (%[[START:.*]]: i8, %[[N:.*]]: index)
// CHECK:         scf.for %[[I:[a-z0-9]+]] =
// CHECK:           %[[WIDE:.*]] = arith.index_cast %[[START]] : i8 to index
// CHECK:           %[[FIRST:.*]] = arith.addi %[[WIDE]], %[[I]] : index
// CHECK:           rope.sincos %[[FIRST]] length %{{.*}} frequencies<{{.*}}> : index -> tensor<?x4xf32>
func.func @start_and_length(%start: i8, %n: index) -> tensor<?x4xf32> {
  %c, %s = rope.sincos %start length %n frequencies<dim = 8> : i8 -> tensor<?x4xf32>
  return %c : tensor<?x4xf32>
}

// Starts of a batch are cut along the batch and moved along the length.
// CHECK-LABEL: func @batch
// CHECK-SAME:    (%[[STARTS:.*]]: tensor<6xindex>)
// CHECK:         scf.for %[[I:[a-z0-9]+]] =
// CHECK:           scf.for %[[J:[a-z0-9]+]] =
// CHECK:             %[[SLICE:.*]] = tensor.extract_slice %[[STARTS]][%[[I]]] [2] [1]
// CHECK:             %[[OFFSET:.*]] = tensor.splat %[[J]] : tensor<2xindex>
// CHECK:             %[[MOVED:.*]] = arith.addi %[[SLICE]], %[[OFFSET]]
// CHECK:             rope.sincos %[[MOVED]] length %c2{{.*}} : tensor<2xindex> -> tensor<2x2x4xf32>
func.func @batch(%starts: tensor<6xindex>) -> tensor<6x8x4xf32> {
  %n = arith.constant 8 : index
  %c, %s = rope.sincos %starts length %n frequencies<dim = 8> : tensor<6xindex> -> tensor<6x8x4xf32>
  return %c : tensor<6x8x4xf32>
}

// Every tile has all axes.
// CHECK-LABEL: func @axes
// CHECK:         scf.for %[[I:[a-z0-9]+]] =
// CHECK:           %[[SLICE:.*]] = tensor.extract_slice %{{.*}}[0, %[[I]]] [3, 2] [1, 1] : tensor<3x6xi64> to tensor<3x2xi64>
// CHECK:           rope.sincos %[[SLICE]] frequencies<{{.*}}> : tensor<3x2xi64> -> tensor<2x4xf32>
func.func @axes(%p: tensor<3x6xi64>) -> tensor<6x4xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 8, sections = [1, 1, 2]> : tensor<3x6xi64> -> tensor<6x4xf32>
  return %c : tensor<6x4xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %ops = transform.structured.match ops{["rope.sincos"]} in %root : (!transform.any_op) -> !transform.any_op
    %run, %batch, %axes = transform.split_handle %ops : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    %t0, %l0 = transform.structured.tile_using_for %run tile_sizes [4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %t1, %l1:2 = transform.structured.tile_using_for %batch tile_sizes [2, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    %t2, %l2 = transform.structured.tile_using_for %axes tile_sizes [2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
