// RUN: rope-opt %s --split-input-file --verify-diagnostics

// One function a constraint of rope.rotate: see the op's description.

func.func @c1_dynamic_head_dim(%x: tensor<4x?xf32>, %t: tensor<4x4xf32>) {
  // expected-error @+1 {{(C1) the last dimension of the input must be static, got 'tensor<4x?xf32>'}}
  rope.rotate %x by %t, %t along [0] : tensor<4x?xf32>, tensor<4x4xf32>
  return
}

// -----

func.func @c1_input_without_lanes(%x: tensor<f32>, %t: tensor<4xf32>) {
  // expected-error @+1 {{(C1) the last dimension of the input must be static, got 'tensor<f32>'}}
  rope.rotate %x by %t, %t along [] : tensor<f32>, tensor<4xf32>
  return
}

// -----

func.func @c1_odd_head_dim(%x: tensor<4x7xf32>, %t: tensor<4x3xf32>) {
  // expected-error @+1 {{(C1) rotary dimension must be even and positive, got 7 for input of type 'tensor<4x7xf32>' and tables of type 'tensor<4x3xf32>'}}
  rope.rotate %x by %t, %t along [0] : tensor<4x7xf32>, tensor<4x3xf32>
  return
}

// -----

func.func @c1_odd_rotary_dim(%x: tensor<4x8xf32>, %t: tensor<4x3xf32>) {
  // expected-error @+1 {{(C1) rotary dimension must be even and positive, got 3}}
  rope.rotate %x by %t, %t along [0] rotary_dim 3 : tensor<4x8xf32>, tensor<4x3xf32>
  return
}

// -----

func.func @c1_zero_rotary_dim(%x: tensor<4x8xf32>, %t: tensor<4x0xf32>) {
  // expected-error @+1 {{(C1) rotary dimension must be even and positive, got 0}}
  rope.rotate %x by %t, %t along [0] rotary_dim 0 : tensor<4x8xf32>, tensor<4x0xf32>
  return
}

// -----

func.func @c1_negative_rotary_dim(%x: tensor<4x8xf32>, %t: tensor<4x4xf32>) {
  // expected-error @+1 {{(C1) rotary dimension must be even and positive, got -8}}
  rope.rotate %x by %t, %t along [0] rotary_dim -8 : tensor<4x8xf32>, tensor<4x4xf32>
  return
}

// -----

func.func @c1_no_lanes(%x: tensor<4x0xf32>, %t: tensor<4x0xf32>) {
  // expected-error @+1 {{(C1) rotary dimension must be even and positive, got 0}}
  rope.rotate %x by %t, %t along [0] : tensor<4x0xf32>, tensor<4x0xf32>
  return
}

// -----

func.func @c1_negative_offset(%x: tensor<4x8xf32>, %t: tensor<4x4xf32>) {
  // expected-error @+1 {{(C1) offset must not be negative, got -2}}
  rope.rotate %x by %t, %t along [0] offset -2 rotary_dim 8 : tensor<4x8xf32>, tensor<4x4xf32>
  return
}

// -----

func.func @c1_range_past_the_end(%x: tensor<4x8xf32>, %t: tensor<4x3xf32>) {
  // expected-error @+1 {{(C1) offset 4 plus rotary dimension 6 is past the end of the last dimension of 'tensor<4x8xf32>'}}
  rope.rotate %x by %t, %t along [0] offset 4 rotary_dim 6 : tensor<4x8xf32>, tensor<4x3xf32>
  return
}

// -----

func.func @c1_offset_past_the_end(%x: tensor<4x8xf32>, %t: tensor<4x4xf32>) {
  // expected-error @+1 {{(C1) rotary dimension must be even and positive, got -2}}
  rope.rotate %x by %t, %t along [0] offset 10 : tensor<4x8xf32>, tensor<4x4xf32>
  return
}

// -----

func.func @c1_range_that_overflows(%x: tensor<4x8xf32>, %t: tensor<4x4xf32>) {
  // expected-error @+1 {{(C1) offset 9223372036854775806 plus rotary dimension 9223372036854775806 is past the end of the last dimension of 'tensor<4x8xf32>'}}
  rope.rotate %x by %t, %t along [0] offset 9223372036854775806 rotary_dim 9223372036854775806 : tensor<4x8xf32>, tensor<4x4xf32>
  return
}

// -----

func.func @c2_tables_of_two_types(%x: tensor<4x8xf32>, %c: tensor<4x4xf32>, %s: tensor<4x4xf16>) {
  // expected-error @+1 {{(C2) cos and sin must have one shape and element type, got 'tensor<4x4xf32>' and 'tensor<4x4xf16>'}}
  rope.rotate %x by %c, %s along [0] : tensor<4x8xf32>, tensor<4x4xf32>, tensor<4x4xf16>
  return
}

// -----

func.func @c2_tables_of_two_shapes(%x: tensor<4x8xf32>, %c: tensor<4x4xf32>, %s: tensor<4x8xf32>) {
  // expected-error @+1 {{(C2) cos and sin must have one shape and element type, got 'tensor<4x4xf32>' and 'tensor<4x8xf32>'}}
  rope.rotate %x by %c, %s along [0] : tensor<4x8xf32>, tensor<4x4xf32>, tensor<4x8xf32>
  return
}

// -----

func.func @c2_rank_of_tables(%x: tensor<2x4x8xf32>, %t: tensor<2x4x4xf32>) {
  // expected-error @+1 {{(C2) tables must have rank 2, one more than `along` names, got 'tensor<2x4x4xf32>' for input of type 'tensor<2x4x8xf32>'}}
  rope.rotate %x by %t, %t along [1] : tensor<2x4x8xf32>, tensor<2x4x4xf32>
  return
}

// -----

func.func @c2_tables_of_rank_zero(%x: tensor<8xf32>, %t: tensor<f32>) {
  // expected-error @+1 {{(C2) tables must have rank 1, one more than `along` names, got 'tensor<f32>' for input of type 'tensor<8xf32>'}}
  rope.rotate %x by %t, %t along [] : tensor<8xf32>, tensor<f32>
  return
}

// -----

func.func @c2_width_neither_pairs_nor_lanes(%x: tensor<4x8xf32>, %t: tensor<4x6xf32>) {
  // expected-error @+1 {{(C2) the last dimension of the tables must be 4 (one entry a pair) or 8 (one entry a lane), got 'tensor<4x6xf32>' for input of type 'tensor<4x8xf32>'}}
  rope.rotate %x by %t, %t along [0] : tensor<4x8xf32>, tensor<4x6xf32>
  return
}

// -----

func.func @c2_dynamic_width(%x: tensor<4x8xf32>, %t: tensor<4x?xf32>) {
  // expected-error @+1 {{(C2) the last dimension of the tables must be 4 (one entry a pair) or 8 (one entry a lane), got 'tensor<4x?xf32>'}}
  rope.rotate %x by %t, %t along [0] : tensor<4x8xf32>, tensor<4x?xf32>
  return
}

// -----

func.func @c3_along_not_increasing(%x: tensor<2x4x8xf32>, %t: tensor<4x2x4xf32>) {
  // expected-error @+1 {{(C3) `along` must be strictly increasing and name leading dimensions of 'tensor<2x4x8xf32>', got [1, 0]}}
  rope.rotate %x by %t, %t along [1, 0] : tensor<2x4x8xf32>, tensor<4x2x4xf32>
  return
}

// -----

func.func @c3_along_twice(%x: tensor<4x4x8xf32>, %t: tensor<4x4x4xf32>) {
  // expected-error @+1 {{(C3) `along` must be strictly increasing}}
  rope.rotate %x by %t, %t along [0, 0] : tensor<4x4x8xf32>, tensor<4x4x4xf32>
  return
}

// -----

func.func @c3_along_the_lanes(%x: tensor<2x4x8xf32>, %t: tensor<8x4xf32>) {
  // expected-error @+1 {{(C3) `along` must be strictly increasing and name leading dimensions of 'tensor<2x4x8xf32>', got [2]}}
  rope.rotate %x by %t, %t along [2] : tensor<2x4x8xf32>, tensor<8x4xf32>
  return
}

// -----

func.func @c3_negative_along(%x: tensor<2x4x8xf32>, %t: tensor<4x4xf32>) {
  // expected-error @+1 {{(C3) `along` must be strictly increasing and name leading dimensions of 'tensor<2x4x8xf32>', got [-1]}}
  rope.rotate %x by %t, %t along [-1] : tensor<2x4x8xf32>, tensor<4x4xf32>
  return
}

// -----

func.func @c3_rows_do_not_agree(%x: tensor<2x4x8xf32>, %t: tensor<5x4xf32>) {
  // expected-error @+1 {{(C3) dimension 1 of input of type 'tensor<2x4x8xf32>' and dimension 0 of tables of type 'tensor<5x4xf32>' must agree}}
  rope.rotate %x by %t, %t along [1] : tensor<2x4x8xf32>, tensor<5x4xf32>
  return
}
