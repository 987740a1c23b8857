// RUN: rope-opt %s --split-input-file --verify-diagnostics

// rope.linear_attention: operands, features, rotations, gates and sums.

func.func @c1_rank(%q: tensor<4x3x8xf32>) {
  // expected-error @+1 {{(C1) query, key and value must have rank 4, got 'tensor<4x3x8xf32>'}}
  %o = rope.linear_attention %q, %q, %q : tensor<4x3x8xf32>, tensor<4x3x8xf32>, tensor<4x3x8xf32>
  return
}

// -----

func.func @c1_dynamic_heads(%q: tensor<2x?x3x8xf32>) {
  // expected-error @+1 {{(C1) the numbers of heads and of lanes must be static and positive, got 'tensor<2x?x3x8xf32>' in layout bhsd}}
  %o = rope.linear_attention %q, %q, %q : tensor<2x?x3x8xf32>, tensor<2x?x3x8xf32>, tensor<2x?x3x8xf32>
  return
}

// -----

func.func @c1_no_lanes(%q: tensor<2x4x3x8xf32>, %v: tensor<2x4x3x0xf32>) {
  // expected-error @+1 {{(C1) the numbers of heads and of lanes must be static and positive, got 'tensor<2x4x3x0xf32>'}}
  %o = rope.linear_attention %q, %q, %v : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x0xf32>
  return
}

// -----

func.func @c1_batch(%q: tensor<2x4x3x8xf32>, %k: tensor<1x4x3x8xf32>) {
  // expected-error @+1 {{(C1) query, key and value must agree on the batch dimension, got 'tensor<2x4x3x8xf32>' and 'tensor<1x4x3x8xf32>'}}
  %o = rope.linear_attention %q, %k, %k : tensor<2x4x3x8xf32>, tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>
  return
}

// -----

func.func @c1_keys_and_values(%q: tensor<2x3x4x8xf32>, %v: tensor<2x5x4x8xf32>) {
  // expected-error @+1 {{(C1) key and value must agree on the number of keys, got 'tensor<2x3x4x8xf32>' and 'tensor<2x5x4x8xf32>' in layout bshd}}
  %o = rope.linear_attention %q, %q, %v layout<bshd> : tensor<2x3x4x8xf32>, tensor<2x3x4x8xf32>, tensor<2x5x4x8xf32>
  return
}

// -----

func.func @c2_value_heads(%q: tensor<2x4x3x8xf32>, %v: tensor<2x2x3x8xf32>) {
  // expected-error @+1 {{(C2) key and value must have one number of heads, got 4 and 2}}
  %o = rope.linear_attention %q, %q, %v : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x2x3x8xf32>
  return
}

// -----

func.func @c2_groups(%q: tensor<2x4x3x8xf32>, %k: tensor<2x3x3x8xf32>) {
  // expected-error @+1 {{(C2) the number of query heads must be a multiple of that of key heads, got 4 and 3}}
  %o = rope.linear_attention %q, %k, %k : tensor<2x4x3x8xf32>, tensor<2x3x3x8xf32>, tensor<2x3x3x8xf32>
  return
}

// -----

func.func @c2_lanes(%q: tensor<2x4x3x8xf32>, %k: tensor<2x4x3x6xf32>) {
  // expected-error @+1 {{(C2) query and key must have one number of lanes, got 8 and 6}}
  %o = rope.linear_attention %q, %k, %k : tensor<2x4x3x8xf32>, tensor<2x4x3x6xf32>, tensor<2x4x3x6xf32>
  return
}

// -----

func.func @c3_no_projection(%q: tensor<2x4x3x8xf32>) {
  // expected-error @+1 {{(C3) features<softmax_kernel> needs a projection}}
  %o = rope.linear_attention %q, %q, %q features<softmax_kernel> : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return
}

// -----

func.func @c3_needless_projection(%q: tensor<2x4x3x8xf32>, %w: tensor<16x8xf32>) {
  // expected-error @+1 {{(C3) features<relu> takes no projection}}
  %o = rope.linear_attention %q, %q, %q features<relu> projection(%w : tensor<16x8xf32>) : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return
}

// -----

func.func @c3_projection_of_other_lanes(%q: tensor<2x4x3x8xf32>, %w: tensor<16x6xf32>) {
  // expected-error @+1 {{(C3) projection must have a static number of rows of 8 lanes, got 'tensor<16x6xf32>'}}
  %o = rope.linear_attention %q, %q, %q features<softmax_kernel> projection(%w : tensor<16x6xf32>) : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return
}

// -----

func.func @c3_projection_rank(%q: tensor<2x4x3x8xf32>, %w: tensor<8xf32>) {
  // expected-error @+1 {{(C3) projection must have rank 2, got 'tensor<8xf32>'}}
  %o = rope.linear_attention %q, %q, %q features<softmax_kernel> projection(%w : tensor<8xf32>) : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return
}

// -----

// Features are rotated, not lanes of queries.
func.func @c4_past_the_features(%q: tensor<2x4x3x8xf32>, %w: tensor<4x8xf32>, %t: tensor<3x4xf32>) {
  // expected-error @+1 {{(C4) rotate_query: offset 0 plus rotary dimension 8 is past the end of 4 lanes}}
  %o = rope.linear_attention %q, %q, %q features<softmax_kernel> projection(%w : tensor<4x8xf32>) rotate_query(%t, %t rotary_dim 8 : tensor<3x4xf32>) : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return
}

// -----

func.func @c4_odd_features(%q: tensor<2x4x3x7xf32>, %t: tensor<3x3xf32>) {
  // expected-error @+1 {{(C4) rotate_key: rotary dimension must be even and positive, got 7}}
  %o = rope.linear_attention %q, %q, %q rotate_key(%t, %t : tensor<3x3xf32>) : tensor<2x4x3x7xf32>, tensor<2x4x3x7xf32>, tensor<2x4x3x7xf32>
  return
}

// -----

func.func @c4_positions(%q: tensor<2x4x3x8xf32>, %k: tensor<2x4x5x8xf32>, %t: tensor<3x4xf32>) {
  // expected-error @+1 {{(C4) rotate_key: tables of type 'tensor<3x4xf32>' must agree with the sequence (and batch) of 'tensor<2x4x5x8xf32>'}}
  %o = rope.linear_attention %q, %k, %k rotate_query(%t, %t : tensor<3x4xf32>) rotate_key(%t, %t : tensor<3x4xf32>) : tensor<2x4x3x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
  return
}

// -----

func.func @c4_lanes_without_tables(%q: tensor<2x4x3x8xf32>) {
  // expected-error @+1 {{(C4) rotate_query needs a cosine and a sine table}}
  %o = "rope.linear_attention"(%q, %q, %q) <{query_rotation = #rope.rotation<offset = 2>, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>}>
    : (tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>) -> tensor<2x4x3x8xf32>
  return
}

// -----

func.func @c5_queries_and_keys(%q: tensor<2x4x3x8xf32>, %k: tensor<2x4x5x8xf32>) {
  // expected-error @+1 {{(C5) causal needs as many queries as keys, got 'tensor<2x4x3x8xf32>' and 'tensor<2x4x5x8xf32>' in layout bhsd}}
  %o = rope.linear_attention %q, %k, %k causal : tensor<2x4x3x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
  return
}

// -----

func.func @c5_decay_without_causal(%q: tensor<2x4x3x8xf32>, %d: tensor<2x4x3xf32>) {
  // expected-error @+1 {{(C5) log_decay and beta need causal}}
  %o = rope.linear_attention %q, %q, %q log_decay(%d : tensor<2x4x3xf32>) : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return
}

// -----

func.func @c6_decay_of_query_heads(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x3x8xf32>, %d: tensor<2x4x3xf32>) {
  // expected-error @+1 {{(C6) log_decay must have an entry a key and head of 'tensor<2x2x3x8xf32>', or 8, in layout bhsd, got 'tensor<2x4x3xf32>'}}
  %o = rope.linear_attention %q, %k, %k causal log_decay(%d : tensor<2x4x3xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x3x8xf32>, tensor<2x2x3x8xf32>
  return
}

// -----

func.func @c6_decay_in_the_other_layout(%q: tensor<2x3x4x8xf32>, %d: tensor<2x4x3x8xf32>) {
  // expected-error @+1 {{(C6) log_decay must have an entry a key and head of 'tensor<2x3x4x8xf32>', or 8, in layout bshd, got 'tensor<2x4x3x8xf32>'}}
  %o = rope.linear_attention %q, %q, %q layout<bshd> causal log_decay(%d : tensor<2x4x3x8xf32>) : tensor<2x3x4x8xf32>, tensor<2x3x4x8xf32>, tensor<2x3x4x8xf32>
  return
}

// -----

func.func @c6_beta_a_lane(%q: tensor<2x4x3x8xf32>, %b: tensor<2x4x3x8xf32>) {
  // expected-error @+1 {{(C6) beta must have an entry a key and head of 'tensor<2x4x3x8xf32>' in layout bhsd, got 'tensor<2x4x3x8xf32>'}}
  %o = rope.linear_attention %q, %q, %q causal beta(%b : tensor<2x4x3x8xf32>) : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return
}

// -----

func.func @c6_normalized_correction(%q: tensor<2x4x3x8xf32>, %b: tensor<2x4x3xf32>) {
  // expected-error @+1 {{(C6) beta cannot be normalized}}
  %o = rope.linear_attention %q, %q, %q causal normalize beta(%b : tensor<2x4x3xf32>) : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return
}

// -----

func.func @c7_state_shape(%q: tensor<2x4x3x8xf32>, %s: tensor<2x4x8x6xf32>) {
  // expected-error @+1 {{(C7) past state must have the shape [2, 4, 8, 8], got 'tensor<2x4x8x6xf32>'}}
  %o = rope.linear_attention %q, %q, %q past(%s : tensor<2x4x8x6xf32>) : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return
}

// -----

func.func @c7_no_past_normalizer(%q: tensor<2x4x3x8xf32>, %s: tensor<2x4x8x8xf32>) {
  // expected-error @+1 {{(C7) a past normalizer is given with a past state and normalize, and only then}}
  %o = rope.linear_attention %q, %q, %q normalize past(%s : tensor<2x4x8x8xf32>) : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return
}

// -----

func.func @c7_normalizer_type(%q: tensor<2x4x3x8xf32>, %s: tensor<2x4x8x8xf32>, %n: tensor<2x4x8xf64>) {
  // expected-error @+1 {{(C7) past normalizer must have the shape [2, 4, 8] and the element type of 'tensor<2x4x8x8xf32>', got 'tensor<2x4x8xf64>'}}
  %o = rope.linear_attention %q, %q, %q normalize past(%s, %n : tensor<2x4x8x8xf32>, tensor<2x4x8xf64>) : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return
}

// -----

func.func @c8_scale(%q: tensor<2x4x3x8xf32>) {
  // expected-error @+1 {{(C8) scale must be finite, got}}
  %o = rope.linear_attention %q, %q, %q scale 0x7FF0000000000000 : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return
}

// -----

func.func @unknown_features(%q: tensor<2x4x3x8xf32>) {
  // expected-error @+2 {{expected ::mlir::rope::FeatureMapKind to be one of: identity, elu_plus_one, relu, exp, softmax_kernel}}
  // expected-error @+1 {{failed to parse Rope_FeatureMapAttr parameter 'value'}}
  %o = rope.linear_attention %q, %q, %q features<gelu> : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return
}
