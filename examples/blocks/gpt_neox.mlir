// A block of GPT-NeoX: the first half of the lanes of each head is rotated, in two
// halves; attention and feed-forward layer work side by side on normalized inputs.

func.func @main(%x: tensor<2x?x32xf32>, %positions: tensor<?xi64>,
                %wq: tensor<32x4x8xf32>, %wk: tensor<32x4x8xf32>, %wv: tensor<32x4x8xf32>, %wo: tensor<32x4x8xf32>,
                %w1: tensor<32x64xf32>, %w2: tensor<64x32xf32>,
                %gamma1: tensor<32xf32>, %beta1: tensor<32xf32>, %gamma2: tensor<32xf32>, %beta2: tensor<32xf32>) -> tensor<2x?x32xf32> {
  %h1 = call @layer_norm(%x, %gamma1, %beta1) : (tensor<2x?x32xf32>, tensor<32xf32>, tensor<32xf32>) -> tensor<2x?x32xf32>
  %q = call @project(%h1, %wq) : (tensor<2x?x32xf32>, tensor<32x4x8xf32>) -> tensor<2x4x?x8xf32>
  %k = call @project(%h1, %wk) : (tensor<2x?x32xf32>, tensor<32x4x8xf32>) -> tensor<2x4x?x8xf32>
  %v = call @project(%h1, %wv) : (tensor<2x?x32xf32>, tensor<32x4x8xf32>) -> tensor<2x4x?x8xf32>
  %cos, %sin = rope.sincos %positions frequencies<dim = 4> : tensor<?xi64> -> tensor<?x2xf32>
  %heads = rope.attention %q, %k, %v causal
    rotate_query(%cos, %sin rotary_dim 4 : tensor<?x2xf32>) rotate_key(%cos, %sin rotary_dim 4 : tensor<?x2xf32>)
    : tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>
  %attended = call @join(%heads, %wo, %x) : (tensor<2x4x?x8xf32>, tensor<32x4x8xf32>, tensor<2x?x32xf32>) -> tensor<2x?x32xf32>
  %h2 = call @layer_norm(%x, %gamma2, %beta2) : (tensor<2x?x32xf32>, tensor<32xf32>, tensor<32xf32>) -> tensor<2x?x32xf32>
  %y = call @feed_forward(%h2, %w1, %w2, %attended) : (tensor<2x?x32xf32>, tensor<32x64xf32>, tensor<64x32xf32>, tensor<2x?x32xf32>) -> tensor<2x?x32xf32>
  return %y : tensor<2x?x32xf32>
}
