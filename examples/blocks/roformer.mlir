// An encoder block of RoFormer: softmax attention whose queries and keys are
// rotated by their absolute positions, so that their products depend on relative
// ones (equation 16). Interleaved pairs, as in the paper; normalization last.

func.func @main(%x: tensor<2x?x32xf32>, %positions: tensor<?xi64>,
                %wq: tensor<32x4x8xf32>, %wk: tensor<32x4x8xf32>, %wv: tensor<32x4x8xf32>, %wo: tensor<32x4x8xf32>,
                %w1: tensor<32x64xf32>, %w2: tensor<64x32xf32>,
                %gamma1: tensor<32xf32>, %beta1: tensor<32xf32>, %gamma2: tensor<32xf32>, %beta2: tensor<32xf32>) -> tensor<2x?x32xf32> {
  %q = call @project(%x, %wq) : (tensor<2x?x32xf32>, tensor<32x4x8xf32>) -> tensor<2x4x?x8xf32>
  %k = call @project(%x, %wk) : (tensor<2x?x32xf32>, tensor<32x4x8xf32>) -> tensor<2x4x?x8xf32>
  %v = call @project(%x, %wv) : (tensor<2x?x32xf32>, tensor<32x4x8xf32>) -> tensor<2x4x?x8xf32>
  %cos, %sin = rope.sincos %positions frequencies<dim = 8> : tensor<?xi64> -> tensor<?x4xf32>
  %heads = rope.attention %q, %k, %v
    rotate_query(%cos, %sin pairing<interleaved> : tensor<?x4xf32>)
    rotate_key(%cos, %sin pairing<interleaved> : tensor<?x4xf32>)
    : tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>
  // Both sublayers add to their input and normalize the sum.
  %attended = call @join(%heads, %wo, %x) : (tensor<2x4x?x8xf32>, tensor<32x4x8xf32>, tensor<2x?x32xf32>) -> tensor<2x?x32xf32>
  %h = call @layer_norm(%attended, %gamma1, %beta1) : (tensor<2x?x32xf32>, tensor<32xf32>, tensor<32xf32>) -> tensor<2x?x32xf32>
  %fed = call @feed_forward(%h, %w1, %w2, %h) : (tensor<2x?x32xf32>, tensor<32x64xf32>, tensor<64x32xf32>, tensor<2x?x32xf32>) -> tensor<2x?x32xf32>
  %y = call @layer_norm(%fed, %gamma2, %beta2) : (tensor<2x?x32xf32>, tensor<32xf32>, tensor<32xf32>) -> tensor<2x?x32xf32>
  return %y : tensor<2x?x32xf32>
}
