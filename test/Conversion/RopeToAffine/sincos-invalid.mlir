// RUN: rope-opt %s --convert-rope-to-affine --split-input-file --verify-diagnostics

func.func @tensors(%p: tensor<4xi64>) -> (tensor<4x2xf32>, tensor<4x2xf32>) {
  // expected-error @+1 {{'rope.sincos' op cannot be lowered to affine loops: tensors have no loops: bufferize first}}
  %c, %s = rope.sincos %p frequencies<dim = 4> : tensor<4xi64> -> tensor<4x2xf32>
  return %c, %s : tensor<4x2xf32>, tensor<4x2xf32>
}

// -----

// Too slow for the bits that are kept of a phase.
func.func @slow(%p: memref<4xi64>, %c: memref<4x2xf32>, %s: memref<4x2xf32>) {
  // expected-error @+1 {{the exact angle of frequency 1 comes too close to a quarter turn for the error bound}}
  rope.sincos %p into %c, %s frequencies<dim = 4, scaling = #rope.table<dense<[1.0, 1.0e-19]> : tensor<2xf64>>> : memref<4xi64> -> memref<4x2xf32>, memref<4x2xf32>
  return
}
