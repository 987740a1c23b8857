// What becomes of rotations on NVIDIA. Pairs a thread: 40.
// RUN: rope-compile %s --emit=ptx --chip=sm_90 -o %t.ptx
// RUN: FileCheck %s --input-file %t.ptx
// RUN: FileCheck %s --input-file %t.ptx --check-prefix=NARROW --allow-empty

// All accesses are of 128 bits, and bf16 is rounded in pairs.
// CHECK-LABEL: .entry rotate(
// CHECK-COUNT-4: ld.global.v4.b32
// CHECK:         cvt.rn.bf16x2.f32
// CHECK:         st.global.v4.b32
// NARROW-NOT:  {{(ld|st)\.global\.(nc\.)?[bu]}}
// NARROW-NOT:  {{(ld|st)\.local}}
// NARROW-NOT:  call.uni

module {
  func.func @half_bf16(%q: memref<2x256x32x128xbf16>, %k: memref<2x256x8x128xbf16>,
                       %cos: memref<256x64xf32>, %sin: memref<256x64xf32>) {
    rope.rotate %q into %q by %cos, %sin along [1] : memref<2x256x32x128xbf16> into memref<2x256x32x128xbf16>, memref<256x64xf32>
    rope.rotate %k into %k by %cos, %sin along [1] : memref<2x256x8x128xbf16> into memref<2x256x8x128xbf16>, memref<256x64xf32>
    return
  }
  // CHECK-LABEL: .entry rotate_0(
  // CHECK:         cvt.rn.bf16x2.f32
  func.func @interleaved_bf16(%q: memref<2x256x32x128xbf16>, %k: memref<2x256x8x128xbf16>,
                              %cos: memref<256x64xf32>, %sin: memref<256x64xf32>) {
    rope.rotate %q into %q by %cos, %sin along [1] pairing<interleaved> : memref<2x256x32x128xbf16> into memref<2x256x32x128xbf16>, memref<256x64xf32>
    rope.rotate %k into %k by %cos, %sin along [1] pairing<interleaved> : memref<2x256x8x128xbf16> into memref<2x256x8x128xbf16>, memref<256x64xf32>
    return
  }
  // CHECK-LABEL: .entry rotate_1(
  func.func @half_f32(%q: memref<2x256x32x128xf32>, %k: memref<2x256x8x128xf32>,
                      %cos: memref<256x64xf32>, %sin: memref<256x64xf32>) {
    rope.rotate %q into %q by %cos, %sin along [1] : memref<2x256x32x128xf32> into memref<2x256x32x128xf32>, memref<256x64xf32>
    rope.rotate %k into %k by %cos, %sin along [1] : memref<2x256x8x128xf32> into memref<2x256x8x128xf32>, memref<256x64xf32>
    return
  }
  // CHECK-LABEL: .entry rotate_2(
  func.func @interleaved_f32(%q: memref<2x256x32x128xf32>, %k: memref<2x256x8x128xf32>,
                             %cos: memref<256x64xf32>, %sin: memref<256x64xf32>) {
    rope.rotate %q into %q by %cos, %sin along [1] pairing<interleaved> : memref<2x256x32x128xf32> into memref<2x256x32x128xf32>, memref<256x64xf32>
    rope.rotate %k into %k by %cos, %sin along [1] pairing<interleaved> : memref<2x256x8x128xf32> into memref<2x256x8x128xf32>, memref<256x64xf32>
    return
  }
  // CHECK-LABEL: .entry rotate_3(
  // CHECK:         cvt.rn.f16x2.f32
  func.func @half_f16(%q: memref<2x256x32x128xf16>, %k: memref<2x256x8x128xf16>,
                      %cos: memref<256x64xf32>, %sin: memref<256x64xf32>) {
    rope.rotate %q into %q by %cos, %sin along [1] : memref<2x256x32x128xf16> into memref<2x256x32x128xf16>, memref<256x64xf32>
    rope.rotate %k into %k by %cos, %sin along [1] : memref<2x256x8x128xf16> into memref<2x256x8x128xf16>, memref<256x64xf32>
    return
  }
}
