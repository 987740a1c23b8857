// RUN: rope-opt %s --split-input-file --verify-diagnostics

// rope.linear_attention: the two forms, results and destinations.

func.func @c9_no_destination(%q: memref<2x4x3x8xf32>) {
  // expected-error @+1 {{(C9) the tensor form has 1 results and no destinations, the memref form the reverse}}
  rope.linear_attention %q, %q, %q : memref<2x4x3x8xf32>, memref<2x4x3x8xf32>, memref<2x4x3x8xf32>
  return
}

// -----

func.func @c9_no_destination_of_a_sum(%q: memref<2x4x3x8xf32>, %o: memref<2x4x3x8xf32>, %s: memref<2x4x8x8xf32>) {
  // expected-error @+1 {{(C9) the tensor form has 3 results and no destinations, the memref form the reverse}}
  rope.linear_attention %q, %q, %q into %o, %s normalize returning_state : memref<2x4x3x8xf32>, memref<2x4x3x8xf32>, memref<2x4x3x8xf32> into memref<2x4x3x8xf32>, memref<2x4x8x8xf32>
  return
}

// -----

func.func @c9_tensors_and_memrefs(%q: tensor<2x4x3x8xf32>, %k: memref<2x4x3x8xf32>) {
  // expected-error @+1 {{(C9) operands must be all tensors or all memrefs, got 'tensor<2x4x3x8xf32>' and 'memref<2x4x3x8xf32>'}}
  %o = rope.linear_attention %q, %k, %k : tensor<2x4x3x8xf32>, memref<2x4x3x8xf32>, memref<2x4x3x8xf32>
  return
}

// -----

func.func @c9_tensors_into_memrefs(%q: tensor<2x4x3x8xf32>, %o: memref<2x4x3x8xf32>) {
  // expected-error @+1 {{(C9) the tensor form has 1 results and no destinations, the memref form the reverse}}
  %r = rope.linear_attention %q, %q, %q into %o : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32> into memref<2x4x3x8xf32>
  return
}

// -----

func.func @c9_destination_shape(%q: memref<2x4x3x8xf32>, %o: memref<2x4x3x6xf32>) {
  // expected-error @+1 {{(C9) destination of type 'memref<2x4x3x6xf32>' does not have the shape [2, 4, 3, 8] and element type 'f32' of its result}}
  rope.linear_attention %q, %q, %q into %o : memref<2x4x3x8xf32>, memref<2x4x3x8xf32>, memref<2x4x3x8xf32> into memref<2x4x3x6xf32>
  return
}

// -----

func.func @c9_state_of_another_type(%q: memref<2x4x3x8xf16>, %o: memref<2x4x3x8xf16>, %p: memref<2x4x8x8xf32>, %s: memref<2x4x8x8xf16>) {
  // expected-error @+1 {{(C9) destination of type 'memref<2x4x8x8xf16>' does not have the shape [2, 4, 8, 8] and element type 'f32' of its result}}
  rope.linear_attention %q, %q, %q into %o, %s past(%p : memref<2x4x8x8xf32>) returning_state : memref<2x4x3x8xf16>, memref<2x4x3x8xf16>, memref<2x4x3x8xf16> into memref<2x4x3x8xf16>, memref<2x4x8x8xf16>
  return
}

// -----

func.func @c9_into_the_query(%q: memref<2x4x3x8xf32>, %k: memref<2x4x3x8xf32>) {
  // expected-error @+1 {{(C9) a destination must not be another operand than its past}}
  rope.linear_attention %q, %k, %k into %q : memref<2x4x3x8xf32>, memref<2x4x3x8xf32>, memref<2x4x3x8xf32> into memref<2x4x3x8xf32>
  return
}

// -----

func.func @c9_two_sums_in_one(%q: memref<2x4x8x8xf32>, %o: memref<2x4x8x8xf32>) {
  // expected-error @+1 {{(C9) a destination must not be another operand than its past}}
  rope.linear_attention %q, %q, %q into %o, %o returning_state : memref<2x4x8x8xf32>, memref<2x4x8x8xf32>, memref<2x4x8x8xf32> into memref<2x4x8x8xf32>, memref<2x4x8x8xf32>
  return
}

// -----

func.func @result_of_another_type(%q: tensor<2x4x3x8xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{'tensor<2x4x3x8xf32>' are incompatible with return type(s) of operation 'tensor<2x4x3x8xf16>'}}
  %o = "rope.linear_attention"(%q, %q, %q) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>}>
    : (tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>) -> tensor<2x4x3x8xf16>
  return
}

// -----

func.func @integer_beta(%q: tensor<2x4x3x8xf32>, %b: tensor<2x4x3xi32>) {
  // expected-error @+1 {{operand #3 must be ranked tensor of 16-bit float}}
  %o = rope.linear_attention %q, %q, %q causal beta(%b : tensor<2x4x3xi32>) : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return
}
