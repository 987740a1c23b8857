// RUN: rope-opt %s --rope-optimize=algebraic --verify-each | FileCheck %s

#q = affine_map<(b, i, j, k) -> (b, i, k)>
#k = affine_map<(b, i, j, k) -> (b, j, k)>
#s = affine_map<(b, i, j, k) -> (b, i, j)>

// Both leave their lanes in the other pairing: none needs to.
// CHECK-LABEL: func @common_permutation
// CHECK-DAG:     %[[Q:.*]] = rope.rotate %arg0 by %arg2, %arg3 along [1] : tensor<2x3x8xf32>, tensor<3x4xf32>
// CHECK-DAG:     %[[K:.*]] = rope.rotate %arg1 by %arg4, %arg5 along [1] inverse : tensor<2x5x8xf32>, tensor<5x4xf32>
// CHECK:         linalg.contract {{.*}} ins(%[[Q]], %[[K]]
func.func @common_permutation(%q: tensor<2x3x8xf32>, %k: tensor<2x5x8xf32>, %cq: tensor<3x4xf32>, %sq: tensor<3x4xf32>, %ck: tensor<5x4xf32>, %sk: tensor<5x4xf32>) -> tensor<2x3x5xf32> {
  %0 = rope.rotate %q by %cq, %sq along [1] result_pairing<interleaved> : tensor<2x3x8xf32>, tensor<3x4xf32>
  %1 = rope.rotate %k by %ck, %sk along [1] result_pairing<interleaved> inverse : tensor<2x5x8xf32>, tensor<5x4xf32>
  %zero = arith.constant dense<0.0> : tensor<2x3x5xf32>
  %2 = linalg.contract indexing_maps = [#q, #k, #s] ins(%0, %1 : tensor<2x3x8xf32>, tensor<2x5x8xf32>) outs(%zero : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  return %2 : tensor<2x3x5xf32>
}

// The positions of a batch are the same for its q and k.
// CHECK-LABEL: func @common_rotation
// CHECK-NOT:     rope.
// CHECK:         linalg.batch_matmul ins(%arg0,
func.func @common_rotation(%q: tensor<2x3x8xf32>, %k: tensor<2x5x8xf32>, %p: tensor<2xi64>) -> tensor<2x3x5xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 8, base = 1.0e+04> : tensor<2xi64> -> tensor<2x4xf32>
  %0 = rope.rotate %q by %c, %s along [0] : tensor<2x3x8xf32>, tensor<2x4xf32>
  %1 = rope.rotate %k by %c, %s along [0] : tensor<2x5x8xf32>, tensor<2x4xf32>
  %empty = tensor.empty() : tensor<2x8x5xf32>
  %t = linalg.transpose ins(%1 : tensor<2x5x8xf32>) outs(%empty : tensor<2x8x5xf32>) permutation = [0, 2, 1]
  %zero = arith.constant dense<0.0> : tensor<2x3x5xf32>
  %2 = linalg.batch_matmul ins(%0, %t : tensor<2x3x8xf32>, tensor<2x8x5xf32>) outs(%zero : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  return %2 : tensor<2x3x5xf32>
}

// The usual case: row i of q meets row j of k, at another position.
// CHECK-LABEL: func @negative_positions_of_rows
// CHECK-COUNT-2: rope.rotate
func.func @negative_positions_of_rows(%q: tensor<2x3x8xf32>, %k: tensor<2x3x8xf32>, %p: tensor<3xi64>) -> tensor<2x3x3xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 8, base = 1.0e+04> : tensor<3xi64> -> tensor<3x4xf32>
  %0 = rope.rotate %q by %c, %s along [1] : tensor<2x3x8xf32>, tensor<3x4xf32>
  %1 = rope.rotate %k by %c, %s along [1] : tensor<2x3x8xf32>, tensor<3x4xf32>
  %zero = arith.constant dense<0.0> : tensor<2x3x3xf32>
  %2 = linalg.contract indexing_maps = [#q, #k, #s] ins(%0, %1 : tensor<2x3x8xf32>, tensor<2x3x8xf32>) outs(%zero : tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
  return %2 : tensor<2x3x3xf32>
}

// One turns back: twice the angle remains.
// CHECK-LABEL: func @negative_opposite_directions
// CHECK-COUNT-2: rope.rotate
func.func @negative_opposite_directions(%q: tensor<2x3x8xf32>, %k: tensor<2x5x8xf32>, %p: tensor<2xi64>) -> tensor<2x3x5xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 8, base = 1.0e+04> : tensor<2xi64> -> tensor<2x4xf32>
  %0 = rope.rotate %q by %c, %s along [0] : tensor<2x3x8xf32>, tensor<2x4xf32>
  %1 = rope.rotate %k by %c, %s along [0] inverse : tensor<2x5x8xf32>, tensor<2x4xf32>
  %zero = arith.constant dense<0.0> : tensor<2x3x5xf32>
  %2 = linalg.contract indexing_maps = [#q, #k, #s] ins(%0, %1 : tensor<2x3x8xf32>, tensor<2x5x8xf32>) outs(%zero : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  return %2 : tensor<2x3x5xf32>
}

// Both are scaled by tables that are given.
// CHECK-LABEL: func @negative_common_given_tables
// CHECK-COUNT-2: rope.rotate
func.func @negative_common_given_tables(%q: tensor<2x3x8xf32>, %k: tensor<2x5x8xf32>, %c: tensor<2x4xf32>, %s: tensor<2x4xf32>) -> tensor<2x3x5xf32> {
  %0 = rope.rotate %q by %c, %s along [0] : tensor<2x3x8xf32>, tensor<2x4xf32>
  %1 = rope.rotate %k by %c, %s along [0] : tensor<2x5x8xf32>, tensor<2x4xf32>
  %zero = arith.constant dense<0.0> : tensor<2x3x5xf32>
  %2 = linalg.contract indexing_maps = [#q, #k, #s] ins(%0, %1 : tensor<2x3x8xf32>, tensor<2x5x8xf32>) outs(%zero : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  return %2 : tensor<2x3x5xf32>
}

// A chunk at an offset that run time knows: only differences count.
// CHECK-LABEL: func @common_offset
// CHECK:         %[[COS:.*]], %[[SIN:.*]] = rope.sincos %arg2
// CHECK-NOT:     rope.sincos
// CHECK-COUNT-2: rope.rotate %{{.*}} by %[[COS]], %[[SIN]] along [1]
func.func @common_offset(%q: tensor<2x3x8xf32>, %k: tensor<2x3x8xf32>, %p: tensor<3xi64>, %o: i64) -> tensor<2x3x3xf32> {
  %spread = tensor.splat %o : tensor<3xi64>
  %sum = arith.addi %p, %spread : tensor<3xi64>
  %c, %s = rope.sincos %sum frequencies<dim = 8, base = 1.0e+04> : tensor<3xi64> -> tensor<3x4xf32>
  %0 = rope.rotate %q by %c, %s along [1] : tensor<2x3x8xf32>, tensor<3x4xf32>
  %1 = rope.rotate %k by %c, %s along [1] : tensor<2x3x8xf32>, tensor<3x4xf32>
  %zero = arith.constant dense<0.0> : tensor<2x3x3xf32>
  %2 = linalg.contract indexing_maps = [#q, #k, #s] ins(%0, %1 : tensor<2x3x8xf32>, tensor<2x3x8xf32>) outs(%zero : tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
  return %2 : tensor<2x3x3xf32>
}

// Two offsets: their difference counts.
// CHECK-LABEL: func @negative_two_offsets
// CHECK-COUNT-2: arith.addi
func.func @negative_two_offsets(%q: tensor<2x3x8xf32>, %k: tensor<2x3x8xf32>, %p: tensor<3xi64>, %o: i64, %u: i64) -> tensor<2x3x3xf32> {
  %spread = tensor.splat %o : tensor<3xi64>
  %other = tensor.splat %u : tensor<3xi64>
  %sum = arith.addi %p, %spread : tensor<3xi64>
  %otherSum = arith.addi %p, %other : tensor<3xi64>
  %c, %s = rope.sincos %sum frequencies<dim = 8, base = 1.0e+04> : tensor<3xi64> -> tensor<3x4xf32>
  %d, %t = rope.sincos %otherSum frequencies<dim = 8, base = 1.0e+04> : tensor<3xi64> -> tensor<3x4xf32>
  %0 = rope.rotate %q by %c, %s along [1] : tensor<2x3x8xf32>, tensor<3x4xf32>
  %1 = rope.rotate %k by %d, %t along [1] : tensor<2x3x8xf32>, tensor<3x4xf32>
  %zero = arith.constant dense<0.0> : tensor<2x3x3xf32>
  %2 = linalg.contract indexing_maps = [#q, #k, #s] ins(%0, %1 : tensor<2x3x8xf32>, tensor<2x3x8xf32>) outs(%zero : tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
  return %2 : tensor<2x3x3xf32>
}
