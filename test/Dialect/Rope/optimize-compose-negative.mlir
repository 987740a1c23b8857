// RUN: rope-opt %s --rope-optimize=algebraic --verify-each | FileCheck %s

// Scaled tables undo nothing.
// CHECK-LABEL: func @negative_not_pure
// CHECK-COUNT-2: rope.rotate
func.func @negative_not_pure(%x: tensor<4x8xf32>, %c: tensor<4x4xf32>, %s: tensor<4x4xf32>) -> tensor<4x8xf32> {
  %0 = rope.rotate %x by %c, %s along [0] : tensor<4x8xf32>, tensor<4x4xf32>
  %1 = rope.rotate %0 by %c, %s along [0] inverse : tensor<4x8xf32>, tensor<4x4xf32>
  return %1 : tensor<4x8xf32>
}

// c^2 + s^2 of bf16 tables is not 1 in f32.
// CHECK-LABEL: func @negative_coarse_tables
// CHECK-COUNT-2: rope.rotate
func.func @negative_coarse_tables(%x: tensor<4x8xf32>, %p: tensor<4xi64>) -> tensor<4x8xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 8, base = 1.0e+04> : tensor<4xi64> -> tensor<4x4xbf16>
  %0 = rope.rotate %x by %c, %s along [0] inverse : tensor<4x8xf32>, tensor<4x4xbf16>
  %1 = rope.rotate %0 by %c, %s along [0] : tensor<4x8xf32>, tensor<4x4xbf16>
  return %1 : tensor<4x8xf32>
}

// The angle of p + q in f32 is not the sum of two angles in f32.
// CHECK-LABEL: func @negative_f32_angles
// CHECK-NOT:     arith.addi
// CHECK-COUNT-2: rope.sincos
func.func @negative_f32_angles(%x: tensor<2x2x8xf32>, %p: tensor<2xi64>, %q: tensor<2xi64>) -> tensor<2x2x8xf32> {
  %c0, %s0 = rope.sincos %p frequencies<dim = 8, base = 1.0e+04> accuracy<f32_angle> : tensor<2xi64> -> tensor<2x4xf32>
  %c1, %s1 = rope.sincos %q frequencies<dim = 8, base = 1.0e+04> accuracy<f32_angle> : tensor<2xi64> -> tensor<2x4xf32>
  %0 = rope.rotate %x by %c0, %s0 along [1] : tensor<2x2x8xf32>, tensor<2x4xf32>
  %1 = rope.rotate %0 by %c1, %s1 along [1] : tensor<2x2x8xf32>, tensor<2x4xf32>
  return %1 : tensor<2x2x8xf32>
}

// 2^30 + 2^30 is no position (C1).
// CHECK-LABEL: func @negative_large_sum
// CHECK-NOT:     arith.addi
// CHECK-COUNT-2: rope.rotate
func.func @negative_large_sum(%x: tensor<2x1x8xf32>) -> tensor<2x1x8xf32> {
  %p = arith.constant dense<1073741824> : tensor<1xi64>
  %c, %s = rope.sincos %p frequencies<dim = 8, base = 1.0e+04> : tensor<1xi64> -> tensor<1x4xf32>
  %0 = rope.rotate %x by %c, %s along [1] : tensor<2x1x8xf32>, tensor<1x4xf32>
  %1 = rope.rotate %0 by %c, %s along [1] : tensor<2x1x8xf32>, tensor<1x4xf32>
  return %1 : tensor<2x1x8xf32>
}

// The result of the inner rotation pairs other lanes than the outer one.
// CHECK-LABEL: func @negative_other_pairs
// CHECK-COUNT-2: rope.rotate
func.func @negative_other_pairs(%x: tensor<9x4x8xf32>, %p: tensor<4xi64>) -> tensor<9x4x8xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 8, base = 1.0e+04> : tensor<4xi64> -> tensor<4x4xf32>
  %0 = rope.rotate %x by %c, %s along [1] result_pairing<interleaved> : tensor<9x4x8xf32>, tensor<4x4xf32>
  %1 = rope.rotate %0 by %c, %s along [1] : tensor<9x4x8xf32>, tensor<4x4xf32>
  return %1 : tensor<9x4x8xf32>
}

// One table for each of one head would cost more than the second rotation.
// CHECK-LABEL: func @negative_cost
// CHECK-COUNT-2: rope.rotate
func.func @negative_cost(%x: tensor<?x1x8xf32>, %c: tensor<?x4xf32>, %s: tensor<?x4xf32>, %d: tensor<?x4xf32>, %t: tensor<?x4xf32>) -> tensor<?x1x8xf32> {
  %0 = rope.rotate %x by %c, %s along [0] : tensor<?x1x8xf32>, tensor<?x4xf32>
  %1 = rope.rotate %0 by %d, %t along [0] : tensor<?x1x8xf32>, tensor<?x4xf32>
  return %1 : tensor<?x1x8xf32>
}

// The tables of xPos grow with the position: turning back does not undo that.
// CHECK-LABEL: func @negative_growing_tables
// CHECK-COUNT-2: rope.rotate
func.func @negative_growing_tables(%x: tensor<4x8xf32>, %p: tensor<4xi64>) -> tensor<4x8xf32> {
  %c, %s = rope.sincos %p frequencies<dim = 8, base = 1.0e+04, scaling = #rope.xpos> : tensor<4xi64> -> tensor<4x4xf32>
  %0 = rope.rotate %x by %c, %s along [0] inverse : tensor<4x8xf32>, tensor<4x4xf32>
  %1 = rope.rotate %0 by %c, %s along [0] : tensor<4x8xf32>, tensor<4x4xf32>
  return %1 : tensor<4x8xf32>
}
