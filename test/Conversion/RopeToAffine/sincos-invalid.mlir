// RUN: rope-opt %s --convert-rope-to-affine --split-input-file --verify-diagnostics

func.func @tensors(%p: tensor<4xi64>) -> (tensor<4x2xf32>, tensor<4x2xf32>) {
  // expected-error @+1 {{'rope.sincos' op cannot be lowered to affine loops: tensors have no loops: bufferize first}}
  %c, %s = rope.sincos %p frequencies<dim = 4> : tensor<4xi64> -> tensor<4x2xf32>
  return %c, %s : tensor<4x2xf32>, tensor<4x2xf32>
}
