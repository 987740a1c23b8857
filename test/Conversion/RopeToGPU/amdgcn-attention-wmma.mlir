// Attention by the matrix instructions of gfx11, of waves of 32 threads: its main loop
// has their products, and nothing is spilled or kept in memory of a thread.
// RUN: rope-compile %s --emit=amdgcn --chip=gfx1100 -o %t.s
// RUN: FileCheck %s --input-file %t.s
// RUN: FileCheck %s --input-file %t.s --check-prefix=SPILL
// RUN: %python %S/Inputs/count_loop.py %t.s attention 6
// A share that is not there is found.
// RUN: not %python %S/Inputs/count_loop.py %t.s attention 40
// So do heads of 128 lanes of bf16, in tiles of 32 keys, and those with a mask.
// RUN: rope-compile %S/ptx-attention-tiles.mlir --emit=amdgcn --chip=gfx1100 -o %t.large.s
// RUN: FileCheck %s --input-file %t.large.s --check-prefix=LARGE
// RUN: FileCheck %s --input-file %t.large.s --check-prefix=ALL --implicit-check-not="{{scratch|buffer}}_load" --implicit-check-not="{{scratch|buffer}}_store"
// RUN: %python %S/Inputs/count_loop.py %t.large.s attention 6
// RUN: %python %S/Inputs/count_loop.py %t.large.s attention_0 7.5
// RUN: %python %S/Inputs/count_loop.py %t.large.s attention_3 6
// RUN: sed -e 's/ causal / causal softcap 4.0 /' -e 's/kc, %%ks : memref<?x64xf32>)/kc, %%ks : memref<?x64xf32>) mask(%%kc : memref<?x64xf32>)/' %S/ptx-attention-tiles.mlir > %t.mask.mlir
// RUN: FileCheck %s --input-file %t.mask.mlir --check-prefix=MASK
// RUN: rope-compile --emit=amdgcn --chip=gfx1100 %t.mask.mlir -o %t.mask.s
// RUN: FileCheck %s --input-file %t.mask.s --check-prefix=LARGE
// RUN: FileCheck %s --input-file %t.mask.s --check-prefix=ALL --implicit-check-not="{{scratch|buffer}}_load" --implicit-check-not="{{scratch|buffer}}_store"
// Heads of 160 lanes would spill.
// RUN: sed -e 's/x128xbf16/x160xbf16/g' -e 's/x64xf32/x80xf32/g' %S/ptx-attention-tiles.mlir | rope-opt --convert-rope-to-gpu="target=amdgpu chip=gfx1100" 2>&1 | FileCheck %s --check-prefix=SPILLS
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
// LARGE:        attention:
// LARGE-COUNT-34: v_wmma_f32_16x16x16_bf16
// LARGE:        attention_0:
// LARGE-COUNT-34: v_wmma_f32_16x16x16_bf16
// LARGE:        attention_3:
// LARGE-COUNT-36: v_wmma_f32_16x16x16_f16
// ALL-COUNT-12: .vgpr_spill_count: 0
// SPILLS:       remark: {{.*}}is computed without products of matrices: a tile of 128 queries and 32 keys takes some {{[0-9]+}} registers a thread, of which it has 255
// MASK:         softcap 4.0{{.*}} mask(%kc
// SPILLS-NOT:   rocdl.wmma{{.*}}bf16
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
