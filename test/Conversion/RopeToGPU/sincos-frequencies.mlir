// RUN: rope-opt %s --convert-rope-to-gpu --canonicalize --cse | FileCheck %s

// An angle that is rounded to f32 is the position times a constant of the lane.
// CHECK-LABEL: func @f32_angles
// CHECK:         gpu.launch_func @rope_kernels::@sincos 
func.func @f32_angles(%positions: memref<256xi32>, %cos: memref<256x64xf32>, %sin: memref<256x64xf32>) {
  rope.sincos %positions into %cos, %sin frequencies<dim = 128, base = 5.0e5> accuracy<f32_angle> : memref<256xi32> -> memref<256x64xf32>
  return
}

// The host chooses the frequencies: a kernel each.
// CHECK-LABEL: func @lengths
// CHECK:         arith.cmpi sle, %{{.*}}, %c4096
// CHECK:         scf.if
// CHECK:           gpu.launch_func @rope_kernels::@sincos_0
// CHECK:         } else {
// CHECK:           gpu.launch_func @rope_kernels::@sincos_1
func.func @lengths(%p: memref<4xi32>, %n: index, %c: memref<4x2xf32>, %s: memref<4x2xf32>) {
  rope.sincos %p sequence_length %n into %c, %s frequencies<dim = 4, scaling = #rope.longrope<short_factor = [1.0, 2.0], long_factor = [3.0, 4.0], original_max_position_embeddings = 4096, factor = 8.0>> : memref<4xi32> -> memref<4x2xf32>
  return
}

// A product in f32, then integers.
// CHECK:       gpu.func @sincos(
// CHECK:         %[[W:.*]] = memref.load %{{.*}} : memref<64xf32>
// CHECK:         arith.mulf %{{.*}}, %[[W]] : f32
// CHECK:         arith.muli %{{.*}} : i64
// CHECK-NOT:     f64
// CHECK:         memref.store
