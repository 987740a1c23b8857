// A step of decoding in a block of Llama: the cache holds rotated keys, so that only
// the new tokens' keys are rotated; four heads of queries share two of keys and
// values. The results are the block's output and the longer cache.

func.func @main(%x: tensor<2x?x32xf32>, %positions: tensor<?xi64>, %cached_keys: tensor<2x2x?x8xf32>, %cached_values: tensor<2x2x?x8xf32>,
                %wq: tensor<32x4x8xf32>, %wk: tensor<32x2x8xf32>, %wv: tensor<32x2x8xf32>, %wo: tensor<32x4x8xf32>,
                %w1: tensor<32x64xf32>, %w2: tensor<64x32xf32>, %w3: tensor<32x64xf32>,
                %gamma1: tensor<32xf32>, %gamma2: tensor<32xf32>) -> (tensor<2x?x32xf32>, tensor<2x2x?x8xf32>, tensor<2x2x?x8xf32>) {
  %h1 = call @rms_norm(%x, %gamma1) : (tensor<2x?x32xf32>, tensor<32xf32>) -> tensor<2x?x32xf32>
  %q = call @project(%h1, %wq) : (tensor<2x?x32xf32>, tensor<32x4x8xf32>) -> tensor<2x4x?x8xf32>
  %k = call @project_shared(%h1, %wk) : (tensor<2x?x32xf32>, tensor<32x2x8xf32>) -> tensor<2x2x?x8xf32>
  %v = call @project_shared(%h1, %wv) : (tensor<2x?x32xf32>, tensor<32x2x8xf32>) -> tensor<2x2x?x8xf32>
  %cos, %sin = rope.sincos %positions frequencies<dim = 8, base = 5.000000e+05> : tensor<?xi64> -> tensor<?x4xf32>
  %rotated = rope.rotate %k by %cos, %sin along [2] : tensor<2x2x?x8xf32>, tensor<?x4xf32>
  %keys = tensor.concat dim(2) %cached_keys, %rotated : (tensor<2x2x?x8xf32>, tensor<2x2x?x8xf32>) -> tensor<2x2x?x8xf32>
  %values = tensor.concat dim(2) %cached_values, %v : (tensor<2x2x?x8xf32>, tensor<2x2x?x8xf32>) -> tensor<2x2x?x8xf32>
  %c2 = arith.constant 2 : index
  %past = tensor.dim %cached_keys, %c2 : tensor<2x2x?x8xf32>
  %heads = rope.attention %q, %keys, %values causal rotate_query(%cos, %sin : tensor<?x4xf32>) past(%past)
    : tensor<2x4x?x8xf32>, tensor<2x2x?x8xf32>, tensor<2x2x?x8xf32>
  %attended = call @join(%heads, %wo, %x) : (tensor<2x4x?x8xf32>, tensor<32x4x8xf32>, tensor<2x?x32xf32>) -> tensor<2x?x32xf32>
  %h2 = call @rms_norm(%attended, %gamma2) : (tensor<2x?x32xf32>, tensor<32xf32>) -> tensor<2x?x32xf32>
  %y = call @gated_feed_forward(%h2, %w1, %w2, %w3, %attended)
    : (tensor<2x?x32xf32>, tensor<32x64xf32>, tensor<64x32xf32>, tensor<32x64xf32>, tensor<2x?x32xf32>) -> tensor<2x?x32xf32>
  return %y, %keys, %values : tensor<2x?x32xf32>, tensor<2x2x?x8xf32>, tensor<2x2x?x8xf32>
}
