// RUN: rope-opt %s --convert-rope-to-gpu --canonicalize --cse | FileCheck %s
// RUN: rope-compile %s --emit=ptx --chip=sm_90 | FileCheck %s --check-prefix=PTX
// RUN: rope-compile %s --emit=amdgcn --chip=gfx942 | FileCheck %s --check-prefix=AMD

// A thread an entry of both tables; frequencies are constant arrays of words.
// CHECK-LABEL: func @tables
// CHECK:         gpu.launch_func @rope_kernels::@sincos blocks in (%c256, %c1, %c1) threads in (%c64, %c1, %c1)
// CHECK:       gpu.module @rope_kernels
// CHECK:         memref.global "private" constant @table{{.*}} : memref<64xi32>
// CHECK:         gpu.func @sincos(
// CHECK-NOT:       f64
// CHECK:           math.fma
// CHECK-COUNT-2:   memref.store %{{.*}} : memref<?xf32>

// No call, no f64, no double: integers and fused products.
// PTX-LABEL: .entry sincos(
// PTX-NOT:     call
// PTX-NOT:     .f64
// PTX:         fma.rn.f32
// PTX-NOT:     .f64
// PTX:         ret
// AMD-LABEL: sincos:
// AMD:         v_fma
// AMD:         .vgpr_spill_count: 0
func.func @tables(%positions: memref<256xi32>, %cos: memref<256x64xf32>, %sin: memref<256x64xf32>) {
  rope.sincos %positions into %cos, %sin frequencies<dim = 128, base = 5.0e5> : memref<256xi32> -> memref<256x64xf32>
  return
}
