// RUN: rope-opt %s --convert-rope-to-gpu --canonicalize | FileCheck %s
// RUN: rope-compile %s --emit=ptx --chip=sm_90 | FileCheck %s --check-prefix=PTX
// RUN: rope-compile %s --emit=amdgcn --chip=gfx942 | FileCheck %s --check-prefix=AMD --implicit-check-not='vgpr_spill_count: {{[ ]*[1-9]}}'
// RUN: rope-compile %s --emit=amdgcn --chip=gfx1100 | FileCheck %s --check-prefix=AMD --implicit-check-not='vgpr_spill_count: {{[ ]*[1-9]}}'

// A decoder's step whose keys are rotated: groups of threads load keys and tables by
// 128 bits, also where the number of keys and the stride of a batch are known at run
// time only.

!q = memref<4x32x1x128xbf16>
!kv = memref<4x8x?x128xbf16>
!tables = memref<?x64xf32>

// Of two keys at a time 16 bytes of each half of the pairs, and 32 of both tables.
// CHECK-LABEL: gpu.func @attention(
// CHECK:         scf.for %{{.*}} = %c0 to %c4 step %c1 iter_args({{.*}}) -> (f32, f32, f32, f32)
// CHECK-COUNT-4:   memref.load %{{.*}} : memref<?xvector<4xi32>>
// CHECK-COUNT-8:   memref.load %{{.*}} : memref<?xvector<4xf32>>
// CHECK-NOT:       memref.load %{{.*}} : memref<?x
// CHECK-COUNT-12:  gpu.shuffle xor
// CHECK:           scf.yield
// PTX-LABEL: .entry attention(
// PTX:         bar.warp.sync
// PTX-COUNT-12: ld.global.v4.b32
// PTX-COUNT-12: shfl.sync.bfly.b32
// AMD-LABEL: attention:
// AMD-COUNT-12: global_load_{{dwordx4|b128}}
// AMD:         ds_bpermute_b32
func.func @half(%q: !q, %k: !kv, %v: !kv, %cos: !tables, %sin: !tables, %n: memref<4xi64>, %out: !q) {
  rope.attention %q, %k, %v into %out rotate_key(%cos, %sin : !tables) kv_lengths(%n : memref<4xi64>) : !q, !kv, !kv into !q
  return
}

// Eight lanes side by side are four pairs; 16 chunks of them.
// CHECK-LABEL: gpu.func @attention_0(
// CHECK-COUNT-2:   memref.load %{{.*}} : memref<?xvector<4xi32>>
// CHECK-COUNT-4:   memref.load %{{.*}} : memref<?xvector<4xf32>>
// CHECK-NOT:       memref.load %{{.*}} : memref<?x
// CHECK:           gpu.shuffle xor
func.func @interleaved(%q: !q, %k: !kv, %v: !kv, %cos: !tables, %sin: !tables, %n: memref<4xi64>, %out: !q) {
  rope.attention %q, %k, %v into %out rotate_key(%cos, %sin pairing<interleaved> : !tables) kv_lengths(%n : memref<4xi64>) : !q, !kv, !kv into !q
  return
}

// Five chunks of a half of 80 lanes: three of eight threads have none, and what they
// add is left out.
!q80 = memref<4x32x1x80xf16>
!kv80 = memref<4x8x?x80xf16>
// CHECK-LABEL: gpu.func @attention_1(
// CHECK:         arith.cmpi ult, %[[CHUNK:.*]], %c5 : index
// CHECK-NEXT:    arith.minui %[[CHUNK]], %c4 : index
// CHECK:         gpu.shuffle xor
func.func @idle_threads(%q: !q80, %k: !kv80, %v: !kv80, %cos: memref<?x40xf32>, %sin: memref<?x40xf32>, %n: memref<4xi64>, %out: !q80) {
  rope.attention %q, %k, %v into %out rotate_key(%cos, %sin : memref<?x40xf32>) kv_lengths(%n : memref<4xi64>) : !q80, !kv80, !kv80 into !q80
  return
}

// The latent keys of all heads, and their tail: 64 chunks and 8.
// CHECK-LABEL: gpu.func @attention_2(
// CHECK:         scf.for %{{.*}} = %c0 to %c8 step %c1
// CHECK:         gpu.shuffle xor
func.func @tail(%q: memref<4x8x1x576xbf16>, %k: memref<4x1x?x512xbf16>, %tail: memref<4x1x?x64xbf16>, %v: memref<4x1x?x512xbf16>, %n: memref<4xi64>, %out: memref<4x8x1x512xbf16>) {
  rope.attention %q, %k, %v into %out key_tail(%tail : memref<4x1x?x64xbf16>) kv_lengths(%n : memref<4xi64>)
    : memref<4x8x1x576xbf16>, memref<4x1x?x512xbf16>, memref<4x1x?x512xbf16> into memref<4x8x1x512xbf16>
  return
}

// Lanes that do not lie side by side: a thread a key.
!strided = memref<4x8x?x128xbf16, strided<[?, ?, ?, 2]>>
// CHECK-LABEL: gpu.func @attention_3(
// CHECK-NOT:     gpu.shuffle
// CHECK:         gpu.return
func.func @strided(%q: !q, %k: !strided, %v: !kv, %n: memref<4xi64>, %out: !q) {
  rope.attention %q, %k, %v into %out kv_lengths(%n : memref<4xi64>) : !q, !strided, !kv into !q
  return
}
