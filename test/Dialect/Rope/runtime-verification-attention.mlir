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
