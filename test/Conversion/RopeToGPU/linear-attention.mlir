// RUN: rope-opt %s --convert-rope-to-gpu --canonicalize --split-input-file | FileCheck %s
// RUN: rope-compile %s --emit=ptx --chip=sm_90 | FileCheck %s --check-prefix=PTX

// 64 lanes of values a block, whose state is in shared memory beside features,
// rotated features, decays and the normalizer; the values have two such parts.
// CHECK-LABEL: func @parts
// CHECK:         gpu.launch_func @rope_kernels::@linear_attention blocks in (%c2, %c4, %c1) threads in (%c64, %c1, %c1)
// A normalizer in place of its past is written when every part has read it.
// CHECK-LABEL: func @in_place
// CHECK:         gpu.launch_func @rope_kernels::@linear_attention_0 blocks in (%c4, %c1, %c1) threads in (%c64, %c1, %c1)
// CHECK:       gpu.func @linear_attention({{.*}}) workgroup(%{{.*}}: memref<2048xf32, #gpu.address_space<workgroup>>
// CHECK:       gpu.func @linear_attention_0(
// CHECK:         scf.for %{{.*}} = %c0 to %c2 step %c1

// PTX-LABEL: .entry linear_attention(
// PTX-NOT:     call
// PTX:         ex2.approx
func.func @parts(%q: memref<1x12x?x32xf16>, %k: memref<1x4x?x32xf16>, %v: memref<1x4x?x128xf16>, %o: memref<1x12x?x128xf16>, %s: memref<1x4x32x128xf32>, %n: memref<1x4x32xf32>,
                 %ps: memref<1x4x32x128xf32>, %pn: memref<1x4x32xf32>) {
  rope.linear_attention %q, %k, %v into %o, %s, %n features<elu_plus_one> causal normalize past(%ps, %pn : memref<1x4x32x128xf32>, memref<1x4x32xf32>) returning_state
    : memref<1x12x?x32xf16>, memref<1x4x?x32xf16>, memref<1x4x?x128xf16> into memref<1x12x?x128xf16>, memref<1x4x32x128xf32>, memref<1x4x32xf32>
  return
}

func.func @in_place(%q: memref<1x12x?x32xf16>, %k: memref<1x4x?x32xf16>, %v: memref<1x4x?x128xf16>, %o: memref<1x12x?x128xf16>, %s: memref<1x4x32x128xf32>, %n: memref<1x4x32xf32>) {
  rope.linear_attention %q, %k, %v into %o, %s, %n features<elu_plus_one> causal normalize past(%s, %n : memref<1x4x32x128xf32>, memref<1x4x32xf32>) returning_state
    : memref<1x12x?x32xf16>, memref<1x4x?x32xf16>, memref<1x4x?x128xf16> into memref<1x12x?x128xf16>, memref<1x4x32x128xf32>, memref<1x4x32xf32>
  return
}

// -----

// No batch, no launch.
// CHECK-LABEL: func @no_batch
// CHECK-NOT:     gpu.launch_func
// CHECK:         return
func.func @no_batch(%q: memref<0x2x4x8xf32>, %o: memref<0x2x4x8xf32>, %s: memref<0x2x8x8xf32>) {
  rope.linear_attention %q, %q, %q into %o, %s returning_state : memref<0x2x4x8xf32>, memref<0x2x4x8xf32>, memref<0x2x4x8xf32> into memref<0x2x4x8xf32>, memref<0x2x8x8xf32>
  return
}
