// RUN: rope-opt %s --convert-rope-to-linalg --canonicalize --cse --split-input-file | FileCheck %s
// RUN: rope-opt %s --one-shot-bufferize="bufferize-function-boundaries" --convert-rope-to-affine --canonicalize --cse --split-input-file | FileCheck %s --check-prefix=AFFINE
// RUN: rope-opt %s --canonicalize --split-input-file | FileCheck %s --check-prefix=CONSTANT

// Two sets of frequencies: a choice between two loops.
// CHECK-LABEL: func @longrope
// CHECK-SAME:    (%[[P:.*]]: tensor<?xi64>, %[[N:.*]]: index)
// CHECK:         %[[BELOW:.*]] = arith.cmpi sle, %[[N]], %c4096
// CHECK:         scf.if %[[BELOW]]
// CHECK:           linalg.generic
// CHECK:         } else {
// CHECK:           linalg.generic
// CHECK-NOT:     rope.
// AFFINE-LABEL: func @longrope
// AFFINE:         scf.if %{{.*}} {
// AFFINE:           affine.for
// AFFINE:         } else {
// AFFINE:           affine.for
// AFFINE-NOT:     rope.
func.func @longrope(%p: tensor<?xi64>, %n: index) -> tensor<?x2xf32> {
  %c, %s = rope.sincos %p sequence_length %n frequencies<dim = 4, scaling = #rope.longrope<short_factor = [1.0, 1.0], long_factor = [1.0, 4.0], original_max_position_embeddings = 4096, factor = 4.0>> : tensor<?xi64> -> tensor<?x2xf32>
  return %c : tensor<?x2xf32>
}

// -----

// A base for every length: integers, once for all positions, then the loop.
// CHECK-LABEL: func @dynamic
// CHECK:         arith.maxsi %{{.*}}, %c4096
// CHECK:         scf.for
// CHECK:           arith.muli %{{.*}} : i768
// CHECK:         %[[WORDS:.*]]:4 = scf.for {{.*}} -> (i384, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>)
// CHECK:         linalg.generic {{.*}}ins(%{{.*}}, %[[WORDS]]#1, %[[WORDS]]#2, %[[WORDS]]#3 :
// AFFINE-LABEL: func @dynamic
// AFFINE:         %[[WORDS:.*]] = memref.alloc() : memref<7x2xi32>
// AFFINE:         scf.for
// AFFINE:           memref.store %{{.*}}, %[[WORDS]]
// AFFINE:         affine.for
// AFFINE-NOT:       i384
// AFFINE:           affine.vector_load %[[WORDS]][6, 0] : memref<7x2xi32>, vector<2xi32>
// AFFINE:         memref.dealloc %[[WORDS]]
func.func @dynamic(%p: tensor<?xi64>, %n: index) -> tensor<?x2xf32> {
  %c, %s = rope.sincos %p sequence_length %n frequencies<dim = 4, scaling = #rope.dynamic_ntk<factor = 2.0, max_position_embeddings = 4096>> : tensor<?xi64> -> tensor<?x2xf32>
  return %c : tensor<?x2xf32>
}

// -----

// A constant length belongs to the frequencies.
// CONSTANT-LABEL: func @constant
// CONSTANT:         rope.sincos %{{.*}} frequencies<dim = 4, {{.*}}, sequence_length = 8192> : tensor<?xi64>
// CONSTANT-LABEL: func @negative_constant
// CONSTANT:         rope.sincos %{{.*}} sequence_length %c0
func.func @constant(%p: tensor<?xi64>) -> tensor<?x2xf32> {
  %n = arith.constant 8192 : index
  %c, %s = rope.sincos %p sequence_length %n frequencies<dim = 4, scaling = #rope.dynamic_ntk<factor = 2.0, max_position_embeddings = 4096>> : tensor<?xi64> -> tensor<?x2xf32>
  return %c : tensor<?x2xf32>
}
func.func @negative_constant(%p: tensor<?xi64>) -> tensor<?x2xf32> {
  %n = arith.constant 0 : index
  %c, %s = rope.sincos %p sequence_length %n frequencies<dim = 4, scaling = #rope.dynamic_ntk<factor = 2.0, max_position_embeddings = 4096>> : tensor<?xi64> -> tensor<?x2xf32>
  return %c : tensor<?x2xf32>
}
