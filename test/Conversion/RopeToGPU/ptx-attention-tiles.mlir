// Attention by tensor cores on NVIDIA: products, fragments and copies are the
// instructions for them, in bf16 and f16; no call is left.
// RUN: rope-compile %s --emit=ptx --chip=sm_80 -o %t.ptx
// RUN: FileCheck %s --input-file %t.ptx
// RUN: FileCheck %s --input-file %t.ptx --check-prefix=NONE
// Chips before sm_80 have no such products of bf16.
// RUN: rope-compile %s --emit=ptx --chip=sm_75 | FileCheck %s --check-prefix=OLD
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_80 matrix-products=none" | FileCheck %s --check-prefix=OFF
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_90" | FileCheck %s --check-prefix=LAUNCH
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_80 query-tile=64 key-tile=32" | FileCheck %s --check-prefix=SMALL

// CHECK-LABEL: .entry attention(
// CHECK-DAG:     ldmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK-DAG:     cp.async.cg.shared.global
// CHECK-DAG:     mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
// CHECK-DAG:     ex2.approx.ftz.f32
// CHECK-DAG:     cp.async.wait_group
// CHECK-DAG:     ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16
// Those behind them are for many queries, with keys rotated ahead, and for few; the
// host decides.
// CHECK-LABEL: .entry rotate(
// CHECK-NOT:     mma.sync
// CHECK-LABEL: .entry attention_0(
// CHECK:         mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
// CHECK-LABEL: .entry attention_1(
// CHECK-NOT:     mma.sync
// CHECK-LABEL: .entry attention_3(
// CHECK:         mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32
// NONE:        .entry attention(
// NONE-NOT:    call.uni
// NONE-NOT:    {{(ld|st)\.local}}
// OLD:         .entry attention(
// OLD-NOT:     mma.sync
// OFF:         gpu.launch_func @rope_kernels::@attention blocks in
// OFF-NOT:     nvvm.mma.sync
// LAUNCH:      %[[LEAST:.*]] = arith.constant 16 : index
// LAUNCH-NEXT: %[[MANY:.*]] = arith.cmpi uge, %{{.*}}, %[[LEAST]] : index
// LAUNCH-NEXT: scf.if %[[MANY]] {
// LAUNCH:      gpu.launch_func @rope_kernels::@attention blocks in ({{.*}} threads in (%c256
// LAUNCH:      } else {
// LAUNCH:      gpu.launch_func @rope_kernels::@rotate blocks in
// LAUNCH:      gpu.launch_func @rope_kernels::@attention_0 blocks in
// LAUNCH:      } else {
// LAUNCH:      gpu.launch_func @rope_kernels::@attention_1 blocks in
// LAUNCH:      nvvm.mma.sync
// SMALL:       threads in (%c128
// SMALL-COUNT-2: nvvm.mma.sync

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
