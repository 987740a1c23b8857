// RUN: rope-opt %s --generate-runtime-verification --cse | FileCheck %s

// CHECK-LABEL: func @lengths
// CHECK-SAME:  (%[[Q:.*]]: tensor<2x4x3x8xf32>, %[[K:.*]]: tensor<2x2x?x8xf32>, %[[N:.*]]: tensor<2xi32>)
// CHECK:       %[[KEYS:.*]] = tensor.dim %[[K]]
// CHECK:       scf.for %[[B:.*]] =
// CHECK:         %[[ENTRY:.*]] = tensor.extract %[[N]][%[[B]]]
// CHECK:         %[[LENGTH:.*]] = arith.index_cast %[[ENTRY]] : i32 to index
// CHECK:         %[[LOW:.*]] = arith.cmpi sge, %[[LENGTH]], %{{.*}}
// CHECK:         cf.assert %[[LOW]], {{.*}}kv_lengths must be within [0, number of keys]
// CHECK:         %[[HIGH:.*]] = arith.cmpi sle, %[[LENGTH]], %[[KEYS]]
// CHECK:         cf.assert %[[HIGH]], {{.*}}kv_lengths must be within [0, number of keys]
// CHECK:       rope.attention
func.func @lengths(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x?x8xf32>, %n: tensor<2xi32>) -> tensor<2x4x3x8xf32> {
  %out = rope.attention %q, %k, %k kv_lengths(%n : tensor<2xi32>) : tensor<2x4x3x8xf32>, tensor<2x2x?x8xf32>, tensor<2x2x?x8xf32>
  return %out : tensor<2x4x3x8xf32>
}

// Buffers are checked, too.
// CHECK-LABEL: func @rotate_memref
// CHECK:       memref.dim
// CHECK:       cf.assert {{.*}}dimension 0 of the input and 0 of the tables must agree
// CHECK:       cf.assert {{.*}}input and destination must have one shape
// CHECK:       rope.rotate
func.func @rotate_memref(%x: memref<?x8xf32>, %y: memref<4x8xf32>, %t: memref<?x4xf32>) {
  rope.rotate %x into %y by %t, %t along [0] : memref<?x8xf32> into memref<4x8xf32>, memref<?x4xf32>
  return
}

// What the verifier saw is not checked again.
// CHECK-LABEL: func @negative_static
// CHECK-NOT:   cf.assert
// CHECK:       return
func.func @negative_static(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %t: tensor<3x4xf32>, %m: tensor<1x5xi1>) -> tensor<2x4x3x8xf32> {
  %out = rope.attention %q, %k, %k causal rotate_query(%t, %t : tensor<3x4xf32>) mask(%m : tensor<1x5xi1>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return %out : tensor<2x4x3x8xf32>
}

// A tile may have lengths past its keys.
// CHECK-LABEL: func @tile
// CHECK:       cf.assert {{.*}}kv_lengths must not be negative
// CHECK-NOT:   cf.assert
// CHECK:       rope.attention
func.func @tile(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %n: tensor<2xi32>, %i: index) -> tensor<2x4x3x8xf32> {
  %out = rope.attention %q, %k, %k kv_lengths(%n : tensor<2xi32>) origin(%i, %i) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return %out : tensor<2x4x3x8xf32>
}

// CHECK-LABEL: func @attention_destinations
// CHECK:       cf.assert {{.*}}query and output must have one shape but for the lanes
// CHECK:       cf.assert {{.*}}lse must have the leading dimensions of query
// CHECK:       cf.assert {{.*}}scores must have a row for each query
// CHECK:       rope.attention
func.func @attention_destinations(%q: memref<2x4x?x8xf32>, %k: memref<2x2x5x8xf32>, %o: memref<2x4x?x8xf32>, %l: memref<2x4x?xf32>, %s: memref<2x4x?x5xf32>) {
  rope.attention %q, %k, %k into %o, %l, %s returning_lse returning_scores<raw> : memref<2x4x?x8xf32>, memref<2x2x5x8xf32>, memref<2x2x5x8xf32>
    into memref<2x4x?x8xf32>, memref<2x4x?xf32>, memref<2x4x?x5xf32>
  return
}

// CHECK-LABEL: func @merge
// CHECK:       cf.assert {{.*}}both partials must have one shape
// CHECK:       cf.assert {{.*}}lse must have the leading dimensions of its partial
// CHECK:       rope.merge
func.func @merge(%a: tensor<?x4xf32>, %l: tensor<?xf32>, %b: tensor<?x4xf32>, %m: tensor<?xf32>) -> tensor<?x4xf32> {
  %out, %lse = rope.merge %a, %l and %b, %m : tensor<?x4xf32>, tensor<?xf32>
  return %out : tensor<?x4xf32>
}

// CHECK-LABEL: func @rotation_matrix
// CHECK:       cf.assert {{.*}}cos and sin must have one shape
// CHECK:       rope.rotation_matrix
func.func @rotation_matrix(%c: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<?x8x8xf32> {
  %m = rope.rotation_matrix %c, %s : tensor<?x4xf32>
  return %m : tensor<?x8x8xf32>
}

// CHECK-LABEL: func @linear_attention
// CHECK:       cf.assert {{.*}}causal queries must be as many as keys
// CHECK:       cf.assert {{.*}}decay and beta must have the batches and tokens of key
// CHECK:       cf.assert {{.*}}state and normalizer must have the batches of query
// CHECK:       rope.linear_attention
func.func @linear_attention(%q: tensor<?x2x?x8xf32>, %d: tensor<?x2x?xf32>, %s: tensor<?x2x8x8xf32>) -> tensor<?x2x?x8xf32> {
  %o = rope.linear_attention %q, %q, %q causal log_decay(%d : tensor<?x2x?xf32>) past(%s : tensor<?x2x8x8xf32>)
    : tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>
  return %o : tensor<?x2x?x8xf32>
}
