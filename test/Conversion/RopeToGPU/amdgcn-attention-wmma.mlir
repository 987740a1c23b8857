// Attention by the matrix instructions of gfx11, of waves of 32 threads: its main loop
// has their products, and nothing is spilled or kept in memory of a thread.
// RUN: rope-compile %s --emit=amdgcn --chip=gfx1100 -o %t.s
// RUN: FileCheck %s --input-file %t.s
// RUN: FileCheck %s --input-file %t.s --check-prefix=SPILL
// RUN: %python %S/Inputs/count_loop.py %t.s attention 4
// A share that is not there is found.
// RUN: not %python %S/Inputs/count_loop.py %t.s attention 40
// Heads of 128 lanes of bf16 would spill.
// RUN: rope-compile %S/ptx-attention-tiles.mlir --emit=amdgcn --chip=gfx1100 2>&1 | FileCheck %s --check-prefix=LARGE
// gfx12 takes factors once.
// RUN: rope-compile %s --emit=amdgcn --chip=gfx1201 | FileCheck %s --check-prefix=OTHER
// CHECK:        attention:
// CHECK:          global_load_b128
// CHECK:          v_wmma_f32_16x16x16_bf16
// CHECK:        attention_0:
// CHECK:          v_wmma_f32_16x16x16_f16
// CHECK-NOT:      {{scratch|buffer}}_{{load|store}}
// CHECK:        .vgpr_count:     {{[1-9]?[0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-6]}}
// CHECK:        .wavefront_size: 32
// SPILL-COUNT-2: .vgpr_spill_count: 0
// LARGE:        remark: {{.*}}is computed without products of matrices: a tile of 128 queries and 32 keys takes some {{[0-9]+}} registers a thread
// LARGE-NOT:    v_wmma_f32_16x16x16_bf16
// LARGE:        v_wmma_f32_16x16x16_f16
// OTHER:        attention:
// OTHER-NOT:    v_wmma
// OTHER:        .vgpr_spill_count

func.func @bf16(%q: memref<2x32x512x64xbf16>, %k: memref<2x8x?x64xbf16>, %v: memref<2x8x?x64xbf16>,
                %qc: memref<512x32xf32>, %qs: memref<512x32xf32>, %kc: memref<?x32xf32>, %ks: memref<?x32xf32>, %o: memref<2x32x512x64xbf16>) {
  rope.attention %q, %k, %v into %o causal rotate_query(%qc, %qs : memref<512x32xf32>) rotate_key(%kc, %ks : memref<?x32xf32>)
    : memref<2x32x512x64xbf16>, memref<2x8x?x64xbf16>, memref<2x8x?x64xbf16> into memref<2x32x512x64xbf16>
  return
}

func.func @f16(%q: memref<2x512x16x64xf16>, %k: memref<2x?x16x64xf16>, %v: memref<2x?x16x64xf16>,
               %qc: memref<512x32xf32>, %qs: memref<512x32xf32>, %kc: memref<?x32xf32>, %ks: memref<?x32xf32>, %o: memref<2x512x16x64xf16>) {
  rope.attention %q, %k, %v into %o layout<bshd> window [128, -1] rotate_query(%qc, %qs pairing<interleaved> : memref<512x32xf32>)
    rotate_key(%kc, %ks pairing<interleaved> : memref<?x32xf32>) : memref<2x512x16x64xf16>, memref<2x?x16x64xf16>, memref<2x?x16x64xf16> into memref<2x512x16x64xf16>
  return
}
