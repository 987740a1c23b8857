// Where both halves of a wave have the factors, heads of more than 128 lanes have no products
// of matrices, nor have values: with many clauses they spill.
// RUN: rope-opt %s --convert-rope-to-gpu="target=amdgpu chip=gfx1100" --split-input-file 2>&1 | FileCheck %s --implicit-check-not=rocdl.wmma
// RUN: rope-opt %s --convert-rope-to-gpu="target=amdgpu chip=gfx942" --split-input-file 2>&1 | FileCheck %s --check-prefix=MFMA --implicit-check-not=remark
// MFMA-COUNT-2: rocdl.mfma{{.*}}

// CHECK: remark: {{.*}}is computed without products of matrices: where threads have copies of factors heads have up to 128 lanes, got 144
// CHECK: gpu.launch_func
!x = memref<1x4x512x144xf16>
func.func @negative_lanes(%q: !x, %k: !x, %v: !x, %o: !x) {
  rope.attention %q, %k, %v into %o causal softcap 4.0 : !x, !x, !x into !x
  return
}

// -----

// CHECK: remark: {{.*}}is computed without products of matrices: where threads have copies of factors heads have up to 128 lanes, got 160
// CHECK: gpu.launch_func
!q = memref<1x4x512x160xbf16>
!v = memref<1x4x512x96xbf16>
!t = memref<512x80xf32>
func.func @negative_lanes_of_queries(%q: !q, %k: !q, %v: !v, %c: !t, %s: !t, %o: !v) {
  rope.attention %q, %k, %v into %o causal rotate_query(%c, %s : !t) rotate_key(%c, %s : !t) : !q, !q, !v into !v
  return
}
