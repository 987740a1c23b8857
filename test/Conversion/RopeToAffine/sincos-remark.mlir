// RUN: rope-opt %s --convert-rope-to-affine --remark-format=emitRemark --remarks-filter=rope 2>&1 >/dev/null | FileCheck %s
// RUN: rope-opt %s --convert-rope-to-affine=tight=true --remark-format=emitRemark --remarks-filter=rope 2>&1 >/dev/null | FileCheck %s --check-prefix=TIGHT

!t = memref<4x2xf32>
!t64 = memref<4x2xf64>

// CHECK: [[#@LINE+3]]:{{.*}}SinCosBound{{.*}}exact angles for |p| <= 2147483648: within 0.92 ulp, with 96 bits of a turn and a float; frequency 1 comes closest to a quarter turn, 2^-34.1 turns
// TIGHT: [[#@LINE+2]]:{{.*}}within 0.54 ulp, with 96 bits of a turn and a float
func.func @usual(%p: memref<4xi64>, %c: !t, %s: !t) {
  rope.sincos %p into %c, %s frequencies<dim = 4> : memref<4xi64> -> !t, !t
  return
}

// Positions of 16 bits need fewer bits of the frequency.
// CHECK: [[#@LINE+2]]:{{.*}}exact angles for |p| <= 32768: within 0.92 ulp, with 64 bits of a turn and a float;
func.func @narrow_positions(%p: memref<4xi16>, %c: !t, %s: !t) {
  rope.sincos %p into %c, %s frequencies<dim = 4> : memref<4xi16> -> !t, !t
  return
}

// The double next to pi/2: 2^-56 turns from a quarter turn at position 1, and
// closer at multiples.
// CHECK: [[#@LINE+2]]:{{.*}}within 0.92 ulp, with 96 bits of a turn and a float; frequency 1 comes closest to a quarter turn, 2^-56.5 turns
func.func @near_quarter(%p: memref<4xi64>, %c: !t, %s: !t) {
  rope.sincos %p into %c, %s frequencies<dim = 4, scaling = #rope.table<dense<[1.0, 1.5707963267948966]> : tensor<2xf64>>> : memref<4xi64> -> !t, !t
  return
}

// CHECK: [[#@LINE+2]]:{{.*}}within 0.92 ulp, with 128 bits of a turn and a float
func.func @f64(%p: memref<4xi64>, %c: !t64, %s: !t64) {
  rope.sincos %p into %c, %s frequencies<dim = 4> : memref<4xi64> -> !t64, !t64
  return
}

// An attention factor takes up to twice as many units of what was lost before it.
// CHECK: [[#@LINE+2]]:{{.*}}within 0.60 ulp, with 96 bits of a turn and a float
func.func @attention_factor(%p: memref<4xi64>, %c: !t, %s: !t) {
  rope.sincos %p into %c, %s frequencies<dim = 4, scaling = #rope.yarn<factor = 4.0, original_max_position_embeddings = 4096>> : memref<4xi64> -> !t, !t
  return
}

// CHECK: [[#@LINE+2]]:{{.*}}within 0.60 ulp, with 128 bits of a turn and a float
func.func @attention_factor_f64(%p: memref<4xi64>, %c: !t64, %s: !t64) {
  rope.sincos %p into %c, %s frequencies<dim = 4, scaling = #rope.yarn<factor = 4.0, original_max_position_embeddings = 4096>> : memref<4xi64> -> !t64, !t64
  return
}

// An f32 angle has nothing to prove.
// CHECK-NOT: remark
func.func @negative_f32_angle(%p: memref<4xi64>, %c: !t, %s: !t) {
  rope.sincos %p into %c, %s frequencies<dim = 4> accuracy<f32_angle> : memref<4xi64> -> !t, !t
  return
}
