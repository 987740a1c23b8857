// RUN: rope-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" --cse --verify-each | FileCheck %s

// CHECK-LABEL: func @in_place
// CHECK-SAME:    (%[[X:.*]]: memref<2x?x8xf32>, %[[C:.*]]: memref<?x4xf32>, %[[S:.*]]: memref<?x4xf32>)
// CHECK-NOT:     memref.alloc
// CHECK:         rope.rotate %[[X]] into %[[X]] by %[[C]], %[[S]] along [1] rotary_dim 8 inverse : memref<2x?x8xf32> into memref<2x?x8xf32>, memref<?x4xf32>
// CHECK:         return %[[X]]
func.func @in_place(%x: tensor<2x?x8xf32> {bufferization.writable = true}, %c: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<2x?x8xf32> {
  %y = rope.rotate %x by %c, %s along [1] rotary_dim 8 inverse : tensor<2x?x8xf32>, tensor<?x4xf32>
  return %y : tensor<2x?x8xf32>
}

// The input may not be written: a copy is.
// CHECK-LABEL: func @read_only
// CHECK:         %[[COPY:.*]] = memref.alloc
// CHECK:         memref.copy %{{.*}}, %[[COPY]]
// CHECK:         rope.rotate %[[COPY]] into %[[COPY]]
func.func @read_only(%x: tensor<2x?x8xf32> {bufferization.writable = false}, %c: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<2x?x8xf32> {
  %y = rope.rotate %x by %c, %s along [1] : tensor<2x?x8xf32>, tensor<?x4xf32>
  return %y : tensor<2x?x8xf32>
}

// The input is its own table: lanes would be read after they were written.
// CHECK-LABEL: func @input_is_table
// CHECK:         memref.copy
// CHECK:         rope.rotate
func.func @input_is_table(%x: tensor<4x8xf32> {bufferization.writable = true}) -> tensor<4x8xf32> {
  %y = rope.rotate %x by %x, %x along [0] : tensor<4x8xf32>, tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// The input is used again after the rotation.
// CHECK-LABEL: func @input_used_later
// CHECK:         memref.copy
// CHECK:         rope.rotate
func.func @input_used_later(%x: tensor<4x8xf32> {bufferization.writable = true}, %c: tensor<4x4xf32>, %s: tensor<4x4xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %y = rope.rotate %x by %c, %s along [0] : tensor<4x8xf32>, tensor<4x4xf32>
  return %x, %y : tensor<4x8xf32>, tensor<4x8xf32>
}

// Lanes of the result stand elsewhere: a new buffer, and no copy.
// CHECK-LABEL: func @result_pairing
// CHECK-SAME:    (%[[X:[^:]*]]:
// CHECK:         %[[Y:.*]] = memref.alloc
// CHECK-NOT:     memref.copy
// CHECK:         rope.rotate %[[X]] into %[[Y]] by {{.*}} result_pairing<interleaved>
func.func @result_pairing(%x: tensor<4x8xf32> {bufferization.writable = true}, %c: tensor<4x4xf32>, %s: tensor<4x4xf32>) -> tensor<4x8xf32> {
  %y = rope.rotate %x by %c, %s along [0] result_pairing<interleaved> : tensor<4x8xf32>, tensor<4x4xf32>
  return %y : tensor<4x8xf32>
}

// CHECK-LABEL: func @tables_and_matrix
// CHECK-SAME:    (%[[P:.*]]: memref<?xi64>)
// CHECK:         %[[N:.*]] = memref.dim %[[P]]
// CHECK:         %[[C:.*]] = memref.alloc(%[[N]]) {{.*}} : memref<?x4xf32>
// CHECK:         %[[S:.*]] = memref.alloc(%[[N]]) {{.*}} : memref<?x4xf32>
// CHECK:         rope.sincos %[[P]] into %[[C]], %[[S]] frequencies<dim = 8, base = 1.000000e+04> accuracy<f32_angle>
// CHECK:         %[[M:.*]] = memref.alloc(%{{.*}}) {{.*}} : memref<?x8x8xf32>
// CHECK:         rope.rotation_matrix %[[C]], %[[S]] into %[[M]] pairing<interleaved>
func.func @tables_and_matrix(%p: tensor<?xi64>) -> tensor<?x8x8xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 8> accuracy<f32_angle> : tensor<?xi64> -> tensor<?x4xf32>
  %m = rope.rotation_matrix %c, %s pairing<interleaved> : tensor<?x4xf32>
  return %m : tensor<?x8x8xf32>
}
