// A block of GPT-J: the first lanes of each head are rotated in interleaved pairs;
// attention and feed-forward layer work side by side on one normalized input.

func.func @main(%x: tensor<2x?x32xf32>, %positions: tensor<?xi64>,
                %wq: tensor<32x4x8xf32>, %wk: tensor<32x4x8xf32>, %wv: tensor<32x4x8xf32>, %wo: tensor<32x4x8xf32>,
                %w1: tensor<32x64xf32>, %w2: tensor<64x32xf32>,
                %gamma: tensor<32xf32>, %beta: tensor<32xf32>) -> tensor<2x?x32xf32> {
  %h = call @layer_norm(%x, %gamma, %beta) : (tensor<2x?x32xf32>, tensor<32xf32>, tensor<32xf32>) -> tensor<2x?x32xf32>
  %q = call @project(%h, %wq) : (tensor<2x?x32xf32>, tensor<32x4x8xf32>) -> tensor<2x4x?x8xf32>
  %k = call @project(%h, %wk) : (tensor<2x?x32xf32>, tensor<32x4x8xf32>) -> tensor<2x4x?x8xf32>
  %v = call @project(%h, %wv) : (tensor<2x?x32xf32>, tensor<32x4x8xf32>) -> tensor<2x4x?x8xf32>
  %cos, %sin = rope.sincos %positions frequencies<dim = 4> : tensor<?xi64> -> tensor<?x2xf32>
  %heads = rope.attention %q, %k, %v causal
    rotate_query(%cos, %sin pairing<interleaved> rotary_dim 4 : tensor<?x2xf32>)
    rotate_key(%cos, %sin pairing<interleaved> rotary_dim 4 : tensor<?x2xf32>)
    : tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>
  %attended = call @join(%heads, %wo, %x) : (tensor<2x4x?x8xf32>, tensor<32x4x8xf32>, tensor<2x?x32xf32>) -> tensor<2x?x32xf32>
  %y = call @feed_forward(%h, %w1, %w2, %attended) : (tensor<2x?x32xf32>, tensor<32x64xf32>, tensor<64x32xf32>, tensor<2x?x32xf32>) -> tensor<2x?x32xf32>
  return %y : tensor<2x?x32xf32>
}
