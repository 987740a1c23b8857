// Attention by the products of four warps on sm_90a: queries and keys come from
// swizzled shared memory, weights from registers, values from shared memory
// again; sums are waited for before anything takes them.
// RUN: rope-compile %s --emit=ptx --chip=sm_90a -o %t.ptx
// RUN: FileCheck %s --input-file %t.ptx
// RUN: FileCheck %s --input-file %t.ptx --check-prefix=NONE
// RUN: rope-compile %s --emit=ptx --chip=sm_90 | FileCheck %s --check-prefix=WARPS
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_90a" | FileCheck %s --check-prefix=LAUNCH
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_90a matrix-products=wgmma query-tile=64" | FileCheck %s --check-prefix=SMALL

// CHECK:       .target sm_90a
// CHECK:       .extern .shared .align 16 .b8 dynamic_shared[];
// CHECK-LABEL: .entry attention(
// CHECK-DAG:     fence.proxy.async.shared::cta
// CHECK-DAG:     cp.async.cg.shared.global
// CHECK-DAG:     wgmma.fence.sync.aligned
// CHECK-DAG:     wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {{{.*}}}, %rd{{[0-9]+}}, %rd{{[0-9]+}}, p, 1,  1, 0,  0;
// CHECK-DAG:     wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {{{.*}}}, {%r{{[0-9]+}}, %r{{[0-9]+}}, %r{{[0-9]+}}, %r{{[0-9]+}}}, %rd{{[0-9]+}}, adds, 1, 1, 1;
// CHECK-DAG:     wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16
// CHECK-DAG:     wgmma.commit_group.sync.aligned
// CHECK-DAG:     wgmma.wait_group.sync.aligned 0
// CHECK-DAG:     ex2.approx.ftz.f32
// CHECK-DAG:     cp.async.wait_group
// CHECK-LABEL: .entry attention_3(
// CHECK-DAG:     wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16
// CHECK-DAG:     wgmma.mma_async.sync.aligned.m64n112k16.f32.f16.f16
// NONE:        .entry attention(
// NONE-NOT:    {{call.uni|mma.sync|ldmatrix}}
// NONE-NOT:    {{(ld|st)\.local}}
// WARPS:       .entry attention(
// WARPS-NOT:   wgmma
// Keys, values and queries with their ones, and what the alignment to 1024 may skip.
// LAUNCH:      %[[BYTES:.*]] = arith.constant 67568 : i32
// LAUNCH:      gpu.launch_func @rope_kernels::@attention blocks in ({{.*}} threads in (%c256{{.*}}) dynamic_shared_memory_size %[[BYTES]]
// LAUNCH:      gpu.launch_func @rope_kernels::@attention_0 blocks in ({{.*}} dynamic_shared_memory_size
// Swizzle, strides of 1024 bytes between eights of rows and, for values, of 8192
// between panels, and places: queries and keys, then values.
// LAUNCH:      gpu.func @attention(
// LAUNCH-DAG:    arith.constant 4611686293305360384 : i64
// LAUNCH-DAG:    arith.constant 4611686293338850304 : i64
// LAUNCH:        nvvm.wgmma.mma_async
// SMALL:       threads in (%c128

func.func @bf16(%q: memref<2x32x?x128xbf16>, %k: memref<2x8x?x128xbf16>, %v: memref<2x8x?x128xbf16>,
                %qc: memref<?x64xf32>, %qs: memref<?x64xf32>, %kc: memref<?x64xf32>, %ks: memref<?x64xf32>, %o: memref<2x32x?x128xbf16>) {
  rope.attention %q, %k, %v into %o causal rotate_query(%qc, %qs : memref<?x64xf32>) rotate_key(%kc, %ks : memref<?x64xf32>)
    : memref<2x32x?x128xbf16>, memref<2x8x?x128xbf16>, memref<2x8x?x128xbf16> into memref<2x32x?x128xbf16>
  return
}

func.func @f16(%q: memref<2x?x16x64xf16>, %k: memref<2x?x16x64xf16>, %v: memref<2x?x16x64xf16>,
               %c: memref<?x32xf32>, %s: memref<?x32xf32>, %o: memref<2x?x16x64xf16>) {
  rope.attention %q, %k, %v into %o layout<bshd> window [128, -1] rotate_query(%c, %s pairing<interleaved> : memref<?x32xf32>)
    rotate_key(%c, %s pairing<interleaved> : memref<?x32xf32>) : memref<2x?x16x64xf16>, memref<2x?x16x64xf16>, memref<2x?x16x64xf16> into memref<2x?x16x64xf16>
  return
}
