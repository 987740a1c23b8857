// RUN: rope-opt %s --split-input-file --verify-diagnostics

// rope.attention: masks, lengths and starts.

func.func @c5_rank_0(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %m: tensor<f32>) {
  // expected-error @+1 {{(C5) mask must have rank 1 to 4, got 'tensor<f32>'}}
  rope.attention %q, %k, %v mask(%m : tensor<f32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c5_rank_5(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %m: tensor<1x2x4x3x5xf32>) {
  // expected-error @+1 {{(C5) mask must have rank 1 to 4, got 'tensor<1x2x4x3x5xf32>'}}
  rope.attention %q, %k, %v mask(%m : tensor<1x2x4x3x5xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c5_heads(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %m: tensor<2x3x5xi1>) {
  // expected-error @+1 {{(C5) dimension 0 of mask of type 'tensor<2x3x5xi1>' must be 1 or 4}}
  rope.attention %q, %k, %v mask(%m : tensor<2x3x5xi1>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c5_batch_before_queries(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %m: tensor<2x5xi1>) {
  // expected-error @+1 {{(C5) dimension 0 of mask of type 'tensor<2x5xi1>' must be 1 or 3}}
  rope.attention %q, %k, %v mask(%m : tensor<2x5xi1>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c5_longer_than_keys(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %m: tensor<3x6xf32>) {
  // expected-error @+1 {{(C5) mask of type 'tensor<3x6xf32>' has more than 5 keys}}
  rope.attention %q, %k, %v mask(%m : tensor<3x6xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c5_integers(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %m: tensor<3x5xi32>) {
  // expected-error @+1 {{operand #3 must be ranked tensor of 1-bit signless integer or 16-bit float or bfloat16 type or 32-bit float or 64-bit float values or memref of 1-bit signless integer or 16-bit float or bfloat16 type or 32-bit float or 64-bit float values, but got 'tensor<3x5xi32>'}}
  rope.attention %q, %k, %v mask(%m : tensor<3x5xi32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c6_past_and_lengths(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %p: index, %n: tensor<2xi64>) {
  // expected-error @+1 {{(C6) at most one of past, kv_lengths and starts may be given}}
  rope.attention %q, %k, %v past(%p) kv_lengths(%n : tensor<2xi64>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c6_lengths_and_starts(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %n: tensor<2xi64>) {
  // expected-error @+1 {{(C6) at most one of past, kv_lengths and starts may be given}}
  rope.attention %q, %k, %v kv_lengths(%n : tensor<2xi64>) starts(%n, %n : tensor<2xi64>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c6_lengths_of_batch(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %n: tensor<3xi64>) {
  // expected-error @+1 {{(C6) kv_lengths must be one integer a batch of 'tensor<2x4x3x8xf32>', got 'tensor<3xi64>'}}
  rope.attention %q, %k, %v kv_lengths(%n : tensor<3xi64>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c6_lengths_rank(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %n: tensor<2x1xi64>) {
  // expected-error @+1 {{(C6) kv_lengths must be one integer a batch of 'tensor<2x4x3x8xf32>', got 'tensor<2x1xi64>'}}
  rope.attention %q, %k, %v kv_lengths(%n : tensor<2x1xi64>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c6_lengths_i1(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %n: tensor<2xi1>) {
  // expected-error @+1 {{(C6) kv_lengths must be one integer a batch of 'tensor<2x4x3x8xf32>', got 'tensor<2xi1>'}}
  rope.attention %q, %k, %v kv_lengths(%n : tensor<2xi1>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c6_float_lengths(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %n: tensor<2xf32>) {
  // expected-error @+1 {{operand #3 must be ranked tensor of signless integer or index values or memref of signless integer or index values, but got 'tensor<2xf32>'}}
  rope.attention %q, %k, %v kv_lengths(%n : tensor<2xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c6_starts_shapes(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %s: tensor<3xi32>, %t: tensor<4xi32>) {
  // expected-error @+1 {{(C6) starts must be integers of one shape [G + 1], G > 0, got 'tensor<3xi32>' and 'tensor<4xi32>'}}
  rope.attention %q, %k, %v starts(%s, %t : tensor<3xi32>, tensor<4xi32>) : tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>
  return
}

// -----

func.func @c6_no_starts(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x8xf32>, %s: tensor<1xi32>) {
  // expected-error @+1 {{(C6) starts must be integers of one shape [G + 1], G > 0, got 'tensor<1xi32>' and 'tensor<1xi32>'}}
  rope.attention %q, %k, %v starts(%s, %s : tensor<1xi32>) : tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>
  return
}

// -----

func.func @c6_starts_of_batches(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %s: tensor<3xi32>) {
  // expected-error @+1 {{(C6) with starts the batch dimension must be 1, got 'tensor<2x4x3x8xf32>'}}
  rope.attention %q, %k, %v starts(%s, %s : tensor<3xi32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c6_query_starts_alone(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %s: tensor<3xi32>) {
  // expected-error @+1 {{(C6) starts are those of queries and of keys}}
  %r = "rope.attention"(%q, %k, %v, %s) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0>}> : (tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>, tensor<3xi32>) -> tensor<2x4x3x8xf32>
  return
}

// -----

func.func @c6_query_origin_alone(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %i: index) {
  // expected-error @+1 {{(C6) origin is that of queries and of keys}}
  %r = "rope.attention"(%q, %k, %v, %i) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0>}> : (tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>, index) -> tensor<2x4x3x8xf32>
  return
}
