// RUN: rope-opt %s --rope-optimize=algebraic --verify-each | FileCheck %s
// RUN: rope-opt %s --rope-optimize -o %t && rope-opt %s -o - | diff - %t


// A cache of rotated keys moves by an offset of each batch.
// CHECK-LABEL: func @positions
// CHECK-SAME:    (%[[X:.*]]: tensor<2x8x?x8xf32>, %[[P:.*]]: tensor<?xi32>, %[[Q:.*]]: tensor<2xi64>)
// CHECK:         %[[QB:.*]] = linalg.broadcast ins(%[[Q]]
// CHECK:         %[[PW:.*]] = arith.extsi %[[P]]
// CHECK:         %[[PB:.*]] = linalg.broadcast ins(%[[PW]]
// CHECK:         %[[SUM:.*]] = arith.addi %[[QB]], %[[PB]] : tensor<2x?xi64>
// CHECK:         %[[COS:.*]], %[[SIN:.*]] = rope.sincos %[[SUM]]
// CHECK-NEXT:    rope.rotate %[[X]] by %[[COS]], %[[SIN]] along [0, 2] : tensor<2x8x?x8xf32>
// CHECK-NOT:     rope.
func.func @positions(%x: tensor<2x8x?x8xf32>, %p: tensor<?xi32>, %q: tensor<2xi64>) -> tensor<2x8x?x8xf32> {
  %c0, %s0 = rope.sincos %p frequencies<dim = 8, base = 1.0e+04> : tensor<?xi32> -> tensor<?x4xf32>
  %c1, %s1 = rope.sincos %q frequencies<dim = 8, base = 1.0e+04> : tensor<2xi64> -> tensor<2x4xf32>
  %0 = rope.rotate %x by %c0, %s0 along [2] : tensor<2x8x?x8xf32>, tensor<?x4xf32>
  %1 = rope.rotate %0 by %c1, %s1 along [0] : tensor<2x8x?x8xf32>, tensor<2x4xf32>
  return %1 : tensor<2x8x?x8xf32>
}

// CHECK-LABEL: func @inverse
// CHECK:         arith.subi %arg2, %arg1
// CHECK:         rope.rotate %arg0 by %{{.*}} along [1] inverse
func.func @inverse(%x: tensor<8x4x8xf32>, %p: tensor<4xi64>, %q: tensor<4xi64>) -> tensor<8x4x8xf32> {
  %c0, %s0 = rope.sincos %p frequencies<dim = 8, base = 1.0e+04> : tensor<4xi64> -> tensor<4x4xf32>
  %c1, %s1 = rope.sincos %q frequencies<dim = 8, base = 1.0e+04> : tensor<4xi64> -> tensor<4x4xf32>
  %0 = rope.rotate %x by %c0, %s0 along [1] : tensor<8x4x8xf32>, tensor<4x4xf32>
  %1 = rope.rotate %0 by %c1, %s1 along [1] inverse : tensor<8x4x8xf32>, tensor<4x4xf32>
  return %1 : tensor<8x4x8xf32>
}

// CHECK-LABEL: func @cancel
// CHECK-NEXT:    return %arg0
func.func @cancel(%x: tensor<4x8xf32>, %p: tensor<4xi64>) -> tensor<4x8xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 8, base = 1.0e+04> : tensor<4xi64> -> tensor<4x4xf32>
  %0 = rope.rotate %x by %c, %s along [0] inverse : tensor<4x8xf32>, tensor<4x4xf32>
  %1 = rope.rotate %0 by %c, %s along [0] : tensor<4x8xf32>, tensor<4x4xf32>
  return %1 : tensor<4x8xf32>
}

// Given tables of any scale.
// CHECK-LABEL: func @tables
// CHECK:         %[[CC:.*]] = arith.mulf %arg3, %arg1
// CHECK:         %[[SS:.*]] = arith.mulf %arg4, %arg2
// CHECK:         arith.subf %[[CC]], %[[SS]]
// CHECK:         rope.rotate %arg0
// CHECK-NOT:     rope.rotate
func.func @tables(%x: tensor<8x4x8xf32>, %c: tensor<4x4xf32>, %s: tensor<4x4xf32>, %d: tensor<4x4xf32>, %t: tensor<4x4xf32>) -> tensor<8x4x8xf32> {
  %0 = rope.rotate %x by %c, %s along [1] : tensor<8x4x8xf32>, tensor<4x4xf32>
  %1 = rope.rotate %0 by %d, %t along [1] : tensor<8x4x8xf32>, tensor<4x4xf32>
  return %1 : tensor<8x4x8xf32>
}
