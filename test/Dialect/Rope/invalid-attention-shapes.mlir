// RUN: rope-opt %s --split-input-file --verify-diagnostics

// rope.attention: shapes, heads and the keys' tail.

func.func @c1_rank(%q: tensor<4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>) {
  // expected-error @+1 {{(C1) query, key and value must have rank 4, got 'tensor<4x3x8xf32>'}}
  rope.attention %q, %k, %v : tensor<4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c1_memref_rank(%q: memref<2x4x3x8xf32>, %k: memref<2x5x8xf32>, %v: memref<2x5x8xf32>) {
  // expected-error @+1 {{(C1) query, key and value must have rank 4, got 'memref<2x5x8xf32>'}}
  rope.attention %q, %k, %v : memref<2x4x3x8xf32>, memref<2x5x8xf32>, memref<2x5x8xf32>
  return
}

// -----

func.func @c1_unranked(%q: tensor<2x4x3x8xf32>, %k: tensor<*xf32>, %v: tensor<2x2x5x8xf32>) {
  // expected-error @+1 {{(C1) query, key and value must have rank 4, got 'tensor<*xf32>'}}
  rope.attention %q, %k, %v : tensor<2x4x3x8xf32>, tensor<*xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c1_no_tensor(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: f32) {
  // expected-error @+1 {{(C1) query, key and value must have rank 4, got 'f32'}}
  rope.attention %q, %k, %v : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, f32
  return
}

// -----

func.func @c1_dynamic_heads(%q: tensor<2x?x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>) {
  // expected-error @+1 {{(C1) the numbers of heads and of lanes must be static and positive, got 'tensor<2x?x3x8xf32>' in layout bhsd}}
  rope.attention %q, %k, %v : tensor<2x?x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c1_dynamic_lanes(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x?xf32>) {
  // expected-error @+1 {{(C1) the numbers of heads and of lanes must be static and positive, got 'tensor<2x2x5x?xf32>' in layout bhsd}}
  rope.attention %q, %k, %v : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x?xf32>
  return
}

// -----

func.func @c1_no_lanes(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x0xf32>) {
  // expected-error @+1 {{(C1) the numbers of heads and of lanes must be static and positive, got 'tensor<2x2x5x0xf32>'}}
  rope.attention %q, %k, %v : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x0xf32>
  return
}

// -----

func.func @c1_layout(%q: tensor<2x4x?x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>) {
  // expected-error @+1 {{(C1) the numbers of heads and of lanes must be static and positive, got 'tensor<2x4x?x8xf32>' in layout bshd}}
  rope.attention %q, %k, %v layout<bshd> : tensor<2x4x?x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c1_batch(%q: tensor<2x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<2x2x5x8xf32>) {
  // expected-error @+1 {{(C1) query, key and value must agree on the batch dimension, got 'tensor<2x4x3x8xf32>' and 'tensor<1x2x5x8xf32>'}}
  rope.attention %q, %k, %v : tensor<2x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c1_keys(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x6x8xf32>) {
  // expected-error @+1 {{(C1) key and value must agree on the number of keys, got 'tensor<2x2x5x8xf32>' and 'tensor<2x2x6x8xf32>' in layout bhsd}}
  rope.attention %q, %k, %v : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x6x8xf32>
  return
}

// -----

func.func @c2_value_heads(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x4x5x8xf32>) {
  // expected-error @+1 {{(C2) key and value must have one number of heads, got 2 and 4}}
  rope.attention %q, %k, %v : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x4x5x8xf32>
  return
}

// -----

func.func @c2_heads_do_not_divide(%q: tensor<2x4x3x8xf32>, %k: tensor<2x3x5x8xf32>, %v: tensor<2x3x5x8xf32>) {
  // expected-error @+1 {{(C2) the number of query heads must be a multiple of that of key heads, got 4 and 3}}
  rope.attention %q, %k, %v : tensor<2x4x3x8xf32>, tensor<2x3x5x8xf32>, tensor<2x3x5x8xf32>
  return
}

// -----

func.func @c2_more_key_heads(%q: tensor<2x4x3x8xf32>, %k: tensor<2x8x5x8xf32>, %v: tensor<2x8x5x8xf32>) {
  // expected-error @+1 {{(C2) the number of query heads must be a multiple of that of key heads, got 4 and 8}}
  rope.attention %q, %k, %v : tensor<2x4x3x8xf32>, tensor<2x8x5x8xf32>, tensor<2x8x5x8xf32>
  return
}

// -----

func.func @c2_width(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x6xf32>, %v: tensor<2x2x5x8xf32>) {
  // expected-error @+1 {{(C2) a query of 8 lanes needs keys of as many, got 6 and a tail of 0}}
  rope.attention %q, %k, %v : tensor<2x4x3x8xf32>, tensor<2x2x5x6xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c2_width_with_tail(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<2x1x5x2xf32>) {
  // expected-error @+1 {{(C2) a query of 8 lanes needs keys of as many, got 8 and a tail of 2}}
  rope.attention %q, %k, %v key_tail(%t : tensor<2x1x5x2xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c3_heads(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x6xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<2x2x5x2xf32>) {
  // expected-error @+1 {{(C3) key_tail must have one head, a static number of lanes and the batch, keys and element type of 'tensor<2x2x5x6xf32>', got 'tensor<2x2x5x2xf32>'}}
  rope.attention %q, %k, %v key_tail(%t : tensor<2x2x5x2xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x6xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c3_dynamic_lanes(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x6xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<2x1x5x?xf32>) {
  // expected-error @+1 {{(C3) key_tail must have one head, a static number of lanes and the batch, keys and element type of 'tensor<2x2x5x6xf32>', got 'tensor<2x1x5x?xf32>'}}
  rope.attention %q, %k, %v key_tail(%t : tensor<2x1x5x?xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x6xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c3_element(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x6xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<2x1x5x2xf16>) {
  // expected-error @+1 {{(C3) key_tail must have one head, a static number of lanes and the batch, keys and element type of 'tensor<2x2x5x6xf32>', got 'tensor<2x1x5x2xf16>'}}
  rope.attention %q, %k, %v key_tail(%t : tensor<2x1x5x2xf16>) : tensor<2x4x3x8xf32>, tensor<2x2x5x6xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c3_keys(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x6xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<2x1x4x2xf32>) {
  // expected-error @+1 {{(C3) key_tail must have one head, a static number of lanes and the batch, keys and element type of 'tensor<2x2x5x6xf32>', got 'tensor<2x1x4x2xf32>'}}
  rope.attention %q, %k, %v key_tail(%t : tensor<2x1x4x2xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x6xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c3_rank(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x6xf32>, %v: tensor<2x2x5x8xf32>, %t: tensor<1x5x2xf32>) {
  // expected-error @+1 {{(C3) key_tail must have one head, a static number of lanes and the batch, keys and element type of 'tensor<2x2x5x6xf32>', got 'tensor<1x5x2xf32>'}}
  rope.attention %q, %k, %v key_tail(%t : tensor<1x5x2xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x6xf32>, tensor<2x2x5x8xf32>
  return
}
