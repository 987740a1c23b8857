// What wgmma does not take is left to products of single warps, and a remark says
// why; it is an error where wgmma is asked for. An op without products of matrices
// has one remark.
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_90a" --split-input-file --verify-diagnostics -o %t.mlir
// RUN: FileCheck %s --input-file %t.mlir --implicit-check-not=nvvm.wgmma
// RUN: not rope-opt %s --convert-rope-to-gpu="chip=sm_90a matrix-products=wgmma" --split-input-file 2>&1 | FileCheck %s --check-prefix=MUST
// RUN: not rope-opt %s --convert-rope-to-gpu="chip=sm_90 matrix-products=wgmma" --split-input-file 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not rope-opt %s --convert-rope-to-gpu="target=amdgpu chip=gfx942 matrix-products=wgmma" --split-input-file 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not rope-opt %s --convert-rope-to-gpu="target=vulkan matrix-products=emulated-wgmma" --split-input-file 2>&1 | FileCheck %s --check-prefix=MUST
// RUN: rope-opt %s --convert-rope-to-gpu="chip=sm_90" --split-input-file 2>&1 | FileCheck %s --check-prefix=OLD --implicit-check-not="remark: is computed by products"
// CHECK-LABEL: func.func @negative_heads
// CHECK:       gpu.launch_func
// CHECK:       nvvm.mma.sync
// MUST: error: 'rope.attention' op cannot be lowered to a GPU kernel: wgmma takes heads of 64 or 128 lanes, got 80
// MUST: error: 'rope.attention' op cannot be lowered to a GPU kernel: wgmma takes heads of 64 or 128 lanes, got 96
// MUST: error: 'rope.attention' op cannot be lowered to a GPU kernel: it multiplies elements of f16 or bf16 only
// CHIP: error: 'rope.attention' op cannot be lowered to a GPU kernel: wgmma is an instruction of sm_90a only
// OLD:  gpu.launch_func

!x = memref<1x1x64x80xf16>
func.func @negative_heads(%x: !x, %o: !x) {
  // expected-remark @+1 {{is computed by products of single warps: wgmma takes heads of 64 or 128 lanes, got 80}}
  rope.attention %x, %x, %x into %o : !x, !x, !x into !x
  return
}

// -----

!x = memref<1x1x64x64xf16>
!v = memref<1x1x64x96xf16>
func.func @negative_values(%x: !x, %v: !v, %o: !v) {
  // expected-remark @+1 {{is computed by products of single warps: wgmma takes heads of 64 or 128 lanes, got 96}}
  rope.attention %x, %x, %v into %o : !x, !x, !v into !v
  return
}

// -----

!x = memref<1x1x64x64xf32>
func.func @negative_f32(%x: !x, %o: !x) {
  // expected-remark @+1 {{is computed without products of matrices: it multiplies elements of f16 or bf16 only}}
  rope.attention %x, %x, %x into %o : !x, !x, !x into !x
  return
}
