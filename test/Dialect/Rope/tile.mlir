// RUN: rope-opt %s --transform-interpreter --cse --split-input-file --verify-diagnostics | FileCheck %s

// Tables are cut along the dimensions that `along` names, here the last loop.
// CHECK-LABEL: func @rotate
// CHECK-SAME:    (%[[X:.*]]: tensor<4x6x?x8xf32>, %[[C:.*]]: tensor<?x4xf32>, %[[S:.*]]: tensor<?x4xf32>)
// CHECK:         scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step %{{.*}}
// CHECK:           scf.for %[[P:.*]] = %{{.*}} to %{{.*}} step %{{.*}}
// CHECK-DAG:         %[[XT:.*]] = tensor.extract_slice %[[X]][%[[I]], 0, %[[P]], 0] [2, 6, %[[N:.*]], 8]
// CHECK-DAG:         %[[CT:.*]] = tensor.extract_slice %[[C]][%[[P]], 0] [%[[N]], 4]
// CHECK-DAG:         %[[ST:.*]] = tensor.extract_slice %[[S]][%[[P]], 0] [%[[N]], 4]
// CHECK:             %[[Y:.*]] = rope.rotate %[[XT]] by %[[CT]], %[[ST]] along [2] : tensor<2x6x?x8xf32>, tensor<?x4xf32>
// CHECK:             tensor.insert_slice %[[Y]] into %{{.*}}[%[[I]], 0, %[[P]], 0] [2, 6, %[[N]], 8]
func.func @rotate(%x: tensor<4x6x?x8xf32>, %c: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<4x6x?x8xf32> {
  %y = rope.rotate %x by %c, %s along [2] : tensor<4x6x?x8xf32>, tensor<?x4xf32>
  return %y : tensor<4x6x?x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.rotate"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loops:2 = transform.structured.tile_using_for %op tile_sizes [2, 0, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// The memref form in place: one view, read and written.
// CHECK-LABEL: func @in_place
// CHECK:         scf.for %[[P:.*]] =
// CHECK:           %[[V:.*]] = memref.subview %{{.*}}[%[[P]], 0] [4, 8]
// CHECK:           rope.rotate %[[V]] into %[[V]] by
func.func @in_place(%x: memref<16x8xf32>, %c: memref<16x4xf32>, %s: memref<16x4xf32>) {
  rope.rotate %x into %x by %c, %s along [0] : memref<16x8xf32> into memref<16x8xf32>, memref<16x4xf32>
  return
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.rotate"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A consumer's tile takes the rotation and its tables into its loop.
// CHECK-LABEL: func @fuse
// CHECK:         scf.forall
// CHECK:           rope.sincos %{{.*}} : tensor<4xi64> -> tensor<4x4xf32>
// CHECK:           rope.rotate %{{.*}} : tensor<4x8xf32>, tensor<4x4xf32>
func.func @fuse(%x: tensor<16x8xf32>, %p: tensor<16xi64>) -> tensor<16x8xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 8> : tensor<16xi64> -> tensor<16x4xf32>
  %y = rope.rotate %x by %c, %s along [0] : tensor<16x8xf32>, tensor<16x4xf32>
  return %y : tensor<16x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %rotate = transform.structured.match ops{["rope.rotate"]} in %root : (!transform.any_op) -> !transform.any_op
    %sincos = transform.structured.match ops{["rope.sincos"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %rotate tile_sizes [4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %fused, %new_loop = transform.structured.fuse_into_containing_op %sincos into %loop : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK-LABEL: func @matrix
// CHECK:         rope.rotation_matrix %{{.*}}, %{{.*}} : tensor<2x4xf32>
func.func @matrix(%c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x8x8xf32> {
  %m = rope.rotation_matrix %c, %s : tensor<6x4xf32>
  return %m : tensor<6x8x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.rotation_matrix"]} in %root : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// The lanes of a row stay together: there is no loop for them.
func.func @lanes(%x: tensor<16x8xf32>, %c: tensor<16x4xf32>, %s: tensor<16x4xf32>) -> tensor<16x8xf32> {
  // expected-note @+1 {{target op}}
  %y = rope.rotate %x by %c, %s along [0] : tensor<16x8xf32>, tensor<16x4xf32>
  return %y : tensor<16x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["rope.rotate"]} in %root : (!transform.any_op) -> !transform.any_op
    // expected-error @+1 {{too many tiles provided, expected at most 1 found 2}}
    %tiled, %loops:2 = transform.structured.tile_using_for %op tile_sizes [4, 2] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}
