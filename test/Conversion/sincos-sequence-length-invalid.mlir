// RUN: rope-opt %s --convert-rope-to-linalg --split-input-file --verify-diagnostics
// RUN: rope-opt %s --one-shot-bufferize="bufferize-function-boundaries" --convert-rope-to-affine --split-input-file --verify-diagnostics

func.func @f32_angle(%p: tensor<4xi64>, %n: index) -> tensor<4x2xf32> {
  // expected-error @+1 {{frequencies that are computed at run time have no f32 angle}}
  %c, %s = rope.sincos %p sequence_length %n frequencies<dim = 4, scaling = #rope.dynamic_ntk<factor = 2.0, max_position_embeddings = 4096>> accuracy<f32_angle> : tensor<4xi64> -> tensor<4x2xf32>
  return %c : tensor<4x2xf32>
}
