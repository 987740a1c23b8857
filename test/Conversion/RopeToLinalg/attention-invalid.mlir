// RUN: rope-opt %s --convert-rope-to-linalg --verify-diagnostics

func.func @negative_memref_form(%q: memref<2x4x3x8xf32>, %k: memref<2x2x5x8xf32>, %out: memref<2x4x3x8xf32>) {
  // expected-error @+1 {{'rope.attention' op cannot be lowered to linalg: it is bufferized; lower it before bufferization}}
  rope.attention %q, %k, %k into %out : memref<2x4x3x8xf32>, memref<2x2x5x8xf32>, memref<2x2x5x8xf32> into memref<2x4x3x8xf32>
  return
}
