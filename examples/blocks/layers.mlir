// What the blocks of this folder share: projections to heads and back, feed-forward
// layers, normalizations. A block is run together with this file:
//
//   cat examples/blocks/gpt_j.mlir examples/blocks/layers.mlir | rope-opt -
//
// Tokens are [batch, sequence, 32]; heads have 8 lanes.

#tokens = affine_map<(b, s, h, d, m) -> (b, s, m)>
#weights = affine_map<(b, s, h, d, m) -> (m, h, d)>
#heads = affine_map<(b, s, h, d, m) -> (b, h, s, d)>
#dense_x = affine_map<(b, s, n, m) -> (b, s, m)>
#dense_w = affine_map<(b, s, n, m) -> (m, n)>
#dense_y = affine_map<(b, s, n, m) -> (b, s, n)>
#id = affine_map<(b, s, m) -> (b, s, m)>
#row = affine_map<(b, s, m) -> (b, s)>
#lane = affine_map<(b, s, m) -> (m)>

// x W, split into heads.
func.func private @project(%x: tensor<2x?x32xf32>, %w: tensor<32x4x8xf32>) -> tensor<2x4x?x8xf32> {
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c1 : tensor<2x?x32xf32>
  %empty = tensor.empty(%n) : tensor<2x4x?x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x4x?x8xf32>) -> tensor<2x4x?x8xf32>
  %y = linalg.contract indexing_maps = [#tokens, #weights, #heads]
    ins(%x, %w : tensor<2x?x32xf32>, tensor<32x4x8xf32>) outs(%init : tensor<2x4x?x8xf32>) -> tensor<2x4x?x8xf32>
  return %y : tensor<2x4x?x8xf32>
}

// x W, split into the heads of keys and values that four heads of queries share.
func.func private @project_shared(%x: tensor<2x?x32xf32>, %w: tensor<32x2x8xf32>) -> tensor<2x2x?x8xf32> {
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c1 : tensor<2x?x32xf32>
  %empty = tensor.empty(%n) : tensor<2x2x?x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x2x?x8xf32>) -> tensor<2x2x?x8xf32>
  %y = linalg.contract indexing_maps = [#tokens, #weights, #heads]
    ins(%x, %w : tensor<2x?x32xf32>, tensor<32x2x8xf32>) outs(%init : tensor<2x2x?x8xf32>) -> tensor<2x2x?x8xf32>
  return %y : tensor<2x2x?x8xf32>
}

// residual + heads W, the heads side by side.
func.func private @join(%heads: tensor<2x4x?x8xf32>, %w: tensor<32x4x8xf32>, %residual: tensor<2x?x32xf32>) -> tensor<2x?x32xf32> {
  %y = linalg.contract indexing_maps = [#heads, #weights, #tokens]
    ins(%heads, %w : tensor<2x4x?x8xf32>, tensor<32x4x8xf32>) outs(%residual : tensor<2x?x32xf32>) -> tensor<2x?x32xf32>
  return %y : tensor<2x?x32xf32>
}

// residual + gelu(x W1) W2.
func.func private @feed_forward(%x: tensor<2x?x32xf32>, %w1: tensor<32x64xf32>, %w2: tensor<64x32xf32>, %residual: tensor<2x?x32xf32>) -> tensor<2x?x32xf32> {
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c1 : tensor<2x?x32xf32>
  %empty = tensor.empty(%n) : tensor<2x?x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x?x64xf32>) -> tensor<2x?x64xf32>
  %hidden = linalg.contract indexing_maps = [#dense_x, #dense_w, #dense_y]
    ins(%x, %w1 : tensor<2x?x32xf32>, tensor<32x64xf32>) outs(%init : tensor<2x?x64xf32>) -> tensor<2x?x64xf32>
  %active = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel", "parallel"]} outs(%hidden : tensor<2x?x64xf32>) {
  ^bb0(%h: f32):
    %half = arith.constant 0.5 : f32
    %one = arith.constant 1.0 : f32
    %root = arith.constant 0.707106781 : f32
    %scaled = arith.mulf %h, %root : f32
    %erf = math.erf %scaled : f32
    %above = arith.addf %erf, %one : f32
    %gate = arith.mulf %above, %half : f32
    %gelu = arith.mulf %h, %gate : f32
    linalg.yield %gelu : f32
  } -> tensor<2x?x64xf32>
  %y = linalg.contract indexing_maps = [#dense_x, #dense_w, #dense_y]
    ins(%active, %w2 : tensor<2x?x64xf32>, tensor<64x32xf32>) outs(%residual : tensor<2x?x32xf32>) -> tensor<2x?x32xf32>
  return %y : tensor<2x?x32xf32>
}

// gamma (x - mean) / sqrt(variance + 1e-5) + beta, over the lanes of a token.
func.func private @layer_norm(%x: tensor<2x?x32xf32>, %gamma: tensor<32xf32>, %beta: tensor<32xf32>) -> tensor<2x?x32xf32> {
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c1 : tensor<2x?x32xf32>
  %empty = tensor.empty(%n) : tensor<2x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x?xf32>) -> tensor<2x?xf32>
  %sum = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x : tensor<2x?x32xf32>) outs(%init : tensor<2x?xf32>) {
  ^bb0(%value: f32, %partial: f32):
    %next = arith.addf %partial, %value : f32
    linalg.yield %next : f32
  } -> tensor<2x?xf32>
  %squares = linalg.generic {indexing_maps = [#id, #row, #row], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %sum : tensor<2x?x32xf32>, tensor<2x?xf32>) outs(%init : tensor<2x?xf32>) {
  ^bb0(%value: f32, %total: f32, %partial: f32):
    %lanes = arith.constant 32.0 : f32
    %mean = arith.divf %total, %lanes : f32
    %centered = arith.subf %value, %mean : f32
    %square = arith.mulf %centered, %centered : f32
    %next = arith.addf %partial, %square : f32
    linalg.yield %next : f32
  } -> tensor<2x?xf32>
  %y = linalg.generic {indexing_maps = [#row, #row, #lane, #lane, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%sum, %squares, %gamma, %beta : tensor<2x?xf32>, tensor<2x?xf32>, tensor<32xf32>, tensor<32xf32>) outs(%x : tensor<2x?x32xf32>) {
  ^bb0(%total: f32, %square: f32, %g: f32, %b: f32, %value: f32):
    %lanes = arith.constant 32.0 : f32
    %epsilon = arith.constant 1.0e-05 : f32
    %mean = arith.divf %total, %lanes : f32
    %variance = arith.divf %square, %lanes : f32
    %positive = arith.addf %variance, %epsilon : f32
    %deviation = math.sqrt %positive : f32
    %centered = arith.subf %value, %mean : f32
    %normal = arith.divf %centered, %deviation : f32
    %scaled = arith.mulf %normal, %g : f32
    %shifted = arith.addf %scaled, %b : f32
    linalg.yield %shifted : f32
  } -> tensor<2x?x32xf32>
  return %y : tensor<2x?x32xf32>
}

// residual + (silu(x W1) * x W3) W2.
func.func private @gated_feed_forward(%x: tensor<2x?x32xf32>, %w1: tensor<32x64xf32>, %w2: tensor<64x32xf32>, %w3: tensor<32x64xf32>, %residual: tensor<2x?x32xf32>) -> tensor<2x?x32xf32> {
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c1 : tensor<2x?x32xf32>
  %empty = tensor.empty(%n) : tensor<2x?x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x?x64xf32>) -> tensor<2x?x64xf32>
  %gate = linalg.contract indexing_maps = [#dense_x, #dense_w, #dense_y]
    ins(%x, %w1 : tensor<2x?x32xf32>, tensor<32x64xf32>) outs(%init : tensor<2x?x64xf32>) -> tensor<2x?x64xf32>
  %up = linalg.contract indexing_maps = [#dense_x, #dense_w, #dense_y]
    ins(%x, %w3 : tensor<2x?x32xf32>, tensor<32x64xf32>) outs(%init : tensor<2x?x64xf32>) -> tensor<2x?x64xf32>
  %active = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%gate : tensor<2x?x64xf32>) outs(%up : tensor<2x?x64xf32>) {
  ^bb0(%g: f32, %u: f32):
    %one = arith.constant 1.0 : f32
    %negated = arith.negf %g : f32
    %exp = math.exp %negated : f32
    %below = arith.addf %one, %exp : f32
    %silu = arith.divf %g, %below : f32
    %product = arith.mulf %silu, %u : f32
    linalg.yield %product : f32
  } -> tensor<2x?x64xf32>
  %y = linalg.contract indexing_maps = [#dense_x, #dense_w, #dense_y]
    ins(%active, %w2 : tensor<2x?x64xf32>, tensor<64x32xf32>) outs(%residual : tensor<2x?x32xf32>) -> tensor<2x?x32xf32>
  return %y : tensor<2x?x32xf32>
}

// gamma x / sqrt(mean of squares + 1e-5), over the lanes of a token.
func.func private @rms_norm(%x: tensor<2x?x32xf32>, %gamma: tensor<32xf32>) -> tensor<2x?x32xf32> {
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c1 : tensor<2x?x32xf32>
  %empty = tensor.empty(%n) : tensor<2x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x?xf32>) -> tensor<2x?xf32>
  %squares = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x : tensor<2x?x32xf32>) outs(%init : tensor<2x?xf32>) {
  ^bb0(%value: f32, %partial: f32):
    %square = arith.mulf %value, %value : f32
    %next = arith.addf %partial, %square : f32
    linalg.yield %next : f32
  } -> tensor<2x?xf32>
  %y = linalg.generic {indexing_maps = [#row, #lane, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%squares, %gamma : tensor<2x?xf32>, tensor<32xf32>) outs(%x : tensor<2x?x32xf32>) {
  ^bb0(%square: f32, %g: f32, %value: f32):
    %lanes = arith.constant 32.0 : f32
    %epsilon = arith.constant 1.0e-05 : f32
    %mean = arith.divf %square, %lanes : f32
    %positive = arith.addf %mean, %epsilon : f32
    %length = math.sqrt %positive : f32
    %normal = arith.divf %value, %length : f32
    %scaled = arith.mulf %normal, %g : f32
    linalg.yield %scaled : f32
  } -> tensor<2x?x32xf32>
  return %y : tensor<2x?x32xf32>
}
