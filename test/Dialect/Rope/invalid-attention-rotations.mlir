// RUN: rope-opt %s --split-input-file --verify-diagnostics

// rope.attention: tables and lanes of the rotations.

func.func @c4_odd(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<3x1xf32>) {
  // expected-error @+1 {{(C4) rotate_query: rotary dimension must be even and positive, got 3}}
  rope.attention %q, %k, %v rotate_query(%t, %t rotary_dim 3 : tensor<3x1xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c4_no_lanes_left(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<3x1xf32>) {
  // expected-error @+1 {{(C4) rotate_query: rotary dimension must be even and positive, got 0}}
  rope.attention %q, %k, %v rotate_query(%t, %t offset 8 : tensor<3x1xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c4_negative_offset(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<3x4xf32>) {
  // expected-error @+1 {{(C4) rotate_query: offset must not be negative, got -1}}
  rope.attention %q, %k, %v rotate_query(%t, %t offset -1 rotary_dim 8 : tensor<3x4xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c4_past_the_end(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<5x3xf32>) {
  // expected-error @+1 {{(C4) rotate_key: offset 4 plus rotary dimension 6 is past the end of 8 lanes}}
  rope.attention %q, %k, %v rotate_key(%t, %t offset 4 rotary_dim 6 : tensor<5x3xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c4_value_lanes(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x6xf32>, %t: tensor<5x4xf32>) {
  // expected-error @+1 {{(C4) rotate_value: offset 0 plus rotary dimension 8 is past the end of 6 lanes}}
  rope.attention %q, %k, %v rotate_value(%t, %t rotary_dim 8 : tensor<5x4xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>
  return
}

// -----

func.func @c4_output_lanes(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x5xf32>, %t: tensor<3x4xf32>) {
  // expected-error @+1 {{(C4) rotate_output: rotary dimension must be even and positive, got 5}}
  rope.attention %q, %k, %v rotate_output(%t, %t inverse : tensor<3x4xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x5xf32>
  return
}

// -----

func.func @c4_rank(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<2x1x3x4xf32>) {
  // expected-error @+1 {{(C4) rotate_query: tables must have rank 2 or 3, got 'tensor<2x1x3x4xf32>'}}
  rope.attention %q, %k, %v rotate_query(%t, %t : tensor<2x1x3x4xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c4_width(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<3x6xf32>) {
  // expected-error @+1 {{(C4) rotate_query: the last dimension of the tables must be 4 (one entry a pair) or 8 (one entry a lane), got 'tensor<3x6xf32>'}}
  rope.attention %q, %k, %v rotate_query(%t, %t : tensor<3x6xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c4_queries(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<5x4xf32>) {
  // expected-error @+1 {{(C4) rotate_query: tables of type 'tensor<5x4xf32>' must agree with the sequence (and batch) of 'tensor<2x4x3x8xf32>'}}
  rope.attention %q, %k, %v rotate_query(%t, %t : tensor<5x4xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c4_keys(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<3x4xf32>) {
  // expected-error @+1 {{(C4) rotate_key: tables of type 'tensor<3x4xf32>' must agree with the sequence (and batch) of 'tensor<2x2x5x8xf32>'}}
  rope.attention %q, %k, %v rotate_key(%t, %t : tensor<3x4xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c4_output_positions(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<5x4xf32>) {
  // expected-error @+1 {{(C4) rotate_output: tables of type 'tensor<5x4xf32>' must agree with the sequence (and batch) of 'tensor<2x4x3x8xf32>'}}
  rope.attention %q, %k, %v rotate_output(%t, %t : tensor<5x4xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c4_batch(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<1x5x4xf32>) {
  // expected-error @+1 {{(C4) rotate_value: tables of type 'tensor<1x5x4xf32>' must agree with the sequence (and batch) of 'tensor<2x2x5x8xf32>'}}
  rope.attention %q, %k, %v rotate_value(%t, %t : tensor<1x5x4xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c4_two_types(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %c: tensor<3x4xf32>, %s: tensor<3x4xf16>) {
  // expected-error @+1 {{(C4) cos and sin must have one shape and element type, got 'tensor<3x4xf32>' and 'tensor<3x4xf16>'}}
  rope.attention %q, %k, %v rotate_query(%c, %s : tensor<3x4xf32>, tensor<3x4xf16>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c4_across_the_tail(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x6xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<2x1x5x2xf32>, %c: tensor<5x2xf32>) {
  // expected-error @+1 {{(C4) rotate_key: the lanes [4, 8) are neither all in key nor all in key_tail, which starts at 6}}
  rope.attention %q, %k, %v key_tail(%t : tensor<2x1x5x2xf32>) rotate_key(%c, %c offset 4 : tensor<5x2xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x6xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c4_cosine_alone(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %c: tensor<3x4xf32>) {
  // expected-error @+1 {{(C4) rotate_query needs a cosine and a sine table}}
  %r = "rope.attention"(%q, %k, %v, %c) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>}> : (tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>, tensor<3x4xf32>) -> tensor<2x4x3x8xf32>
  return
}

// -----

func.func @c4_attribute_alone(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>) {
  // expected-error @+1 {{(C4) rotate_key needs a cosine and a sine table}}
  %r = "rope.attention"(%q, %k, %v) <{key_rotation = #rope.rotation<offset = 2>, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>}> : (tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>) -> tensor<2x4x3x8xf32>
  return
}
