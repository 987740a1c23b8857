// RUN: rope-opt %s --convert-rope-to-gpu --canonicalize | FileCheck %s
// RUN: rope-compile %s --emit=ptx --chip=sm_90 | FileCheck %s --check-prefix=PTX
// RUN: rope-compile %s --emit=amdgcn --chip=gfx942 | FileCheck %s --check-prefix=AMD

// A block a query of the four heads of a group and a part of the keys: the queries
// are rotated into shared memory, a tile of keys is as long as the block, and two
// barriers separate scores, weights and products. A key is loaded once for all
// heads by eight threads, which have two chunks of eight lanes each of four keys
// at a time; a sum over them takes a shuffle to have half of the keys, and so on,
// twice, and one to have all of the group. Of eight values a thread has four lanes
// each.
// CHECK-LABEL: func @decode
// CHECK:         gpu.launch_func @rope_kernels::@attention blocks in (%c1, %c8, %{{.*}}) threads in (%c64, %c1, %c1)
// CHECK:         gpu.launch_func @rope_kernels::@attention_merge
// CHECK:       gpu.func @attention({{.*}}) workgroup(%{{.*}}: memref<512xi32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}, %{{.*}}: memref<256xi32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}, %{{.*}}: memref<256xi32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64})
// CHECK:         gpu.barrier
// CHECK:         scf.for
// CHECK:           scf.for %{{.*}} = %c0 to %c2 step %c1 iter_args({{.*}}) -> (f32, f32, f32, f32)
// CHECK:             scf.for %{{.*}} = %c0 to %c2 step %c1
// CHECK-COUNT-4:       memref.load %{{.*}} : memref<?xvector<4xi32>>
// CHECK-NOT:           memref.load %{{.*}} : memref<?x
// CHECK-COUNT-16:    gpu.shuffle xor
// CHECK-NOT:         gpu.shuffle
// CHECK:           gpu.barrier
// CHECK:           gpu.barrier
// CHECK-COUNT-8:     memref.load %{{.*}} : memref<?xvector<2xi32>>
// CHECK-NOT:     rope.

// Exponentials and logarithms are instructions, not calls.
// PTX-LABEL: .entry attention(
// PTX-NOT:     call
// PTX-COUNT-4: ld.global.v4.b32
// PTX-COUNT-16: shfl.sync.bfly.b32
// PTX:         ex2.approx
// PTX-COUNT-8: ld.global.v2.b32
// AMD-LABEL: attention:
// AMD-COUNT-4: global_load_dwordx4
// AMD:         ds_bpermute_b32
// AMD:         v_exp_f32
// AMD:         .vgpr_spill_count: 0
func.func @decode(%q: memref<4x32x1x128xbf16>, %k: memref<4x8x?x128xbf16>, %v: memref<4x8x?x128xbf16>,
                  %cos: memref<4x1x64xf32>, %sin: memref<4x1x64xf32>, %n: memref<4xi64>, %out: memref<4x32x1x128xbf16>, %lse: memref<4x32x1xf32>) {
  rope.attention %q, %k, %v into %out, %lse causal rotate_query(%cos, %sin : memref<4x1x64xf32>) kv_lengths(%n : memref<4xi64>) returning_lse
    : memref<4x32x1x128xbf16>, memref<4x8x?x128xbf16>, memref<4x8x?x128xbf16> into memref<4x32x1x128xbf16>, memref<4x32x1xf32>
  return
}

// Weights that are results take a pass over the keys for the largest score and
// the sum of two heads, and one for them; every key has one.
// CHECK-LABEL: gpu.func @attention_0(
// CHECK:         scf.for %{{.*}} = %{{.*}} to %c99 step %c64 {{.*}} -> (f32, f32, f32, f32)
// CHECK:         scf.for %{{.*}} = %{{.*}} to %c99 step %c64 {{.*}} -> (f32, f32, f32, f32, f32, f32, f32, f32)
// CHECK:           arith.divf
// CHECK:           memref.store
func.func @weights(%q: memref<1x2x3x16xf32>, %k: memref<1x1x99x12xf32>, %v: memref<1x1x99x8xf32>, %tail: memref<1x1x99x4xf32>,
                   %mask: memref<3x99xi1>, %out: memref<1x2x3x8xf32>, %weights: memref<1x2x3x99xf32>) {
  rope.attention %q, %k, %v into %out, %weights causal key_tail(%tail : memref<1x1x99x4xf32>) mask(%mask : memref<3x99xi1>) returning_scores<weights>
    : memref<1x2x3x16xf32>, memref<1x1x99x12xf32>, memref<1x1x99x8xf32> into memref<1x2x3x8xf32>, memref<1x2x3x99xf32>
  return
}
