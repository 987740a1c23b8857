// RUN: rope-opt %s --split-input-file --verify-diagnostics

// rope.attention: numbers, sinks and the two forms.

func.func @c7_one_limit(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>) {
  // expected-error @+1 {{(C7) window must be a left and a right limit, each -1 or larger, got [2]}}
  rope.attention %q, %k, %v window [2] : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c7_below_minus_one(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>) {
  // expected-error @+1 {{(C7) window must be a left and a right limit, each -1 or larger, got [2, -2]}}
  rope.attention %q, %k, %v window [2, -2] : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c8_scale_zero(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>) {
  // expected-error @+1 {{(C8) scale must be positive and finite, got 0.000000e+00}}
  rope.attention %q, %k, %v scale 0.0 : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c8_scale_negative(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>) {
  // expected-error @+1 {{(C8) scale must be positive and finite, got -5.000000e-01}}
  rope.attention %q, %k, %v scale -0.5 : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c8_scale_nan(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>) {
  // expected-error @+1 {{(C8) scale must be positive and finite, got}}
  rope.attention %q, %k, %v scale 0x7FF8000000000000 : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c8_softcap_negative(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>) {
  // expected-error @+1 {{(C8) softcap must be positive and finite, got -3.000000e+01}}
  rope.attention %q, %k, %v softcap -30.0 : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c8_softcap_infinite(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>) {
  // expected-error @+1 {{(C8) softcap must be positive and finite, got}}
  rope.attention %q, %k, %v softcap 0x7FF0000000000000 : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c8_precision(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>) {
  // expected-error @+1 {{(C8) softmax_precision must be f16, bf16, f32 or f64, got 'i32'}}
  rope.attention %q, %k, %v softmax_precision i32 : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c9_kv_heads(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %s: tensor<2xf32>) {
  // expected-error @+1 {{(C9) sinks must be one logit for each of 4 heads, got 'tensor<2xf32>'}}
  rope.attention %q, %k, %v sinks(%s : tensor<2xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c9_rank(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %s: tensor<4x1xf32>) {
  // expected-error @+1 {{(C9) sinks must be one logit for each of 4 heads, got 'tensor<4x1xf32>'}}
  rope.attention %q, %k, %v sinks(%s : tensor<4x1xf32>) : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
  return
}

// -----

func.func @c10_no_destination(%q: memref<2x4x3x8xf32>, %k: memref<2x2x5x8xf32>, %v: memref<2x2x5x8xf32>) {
  // expected-error @+1 {{(C10) the tensor form has 1 results and no destinations, the memref form the reverse}}
  rope.attention %q, %k, %v : memref<2x4x3x8xf32>, memref<2x2x5x8xf32>, memref<2x2x5x8xf32>
  return
}

// -----

func.func @c10_lse_without_destination(%q: memref<2x4x3x8xf32>, %k: memref<2x2x5x8xf32>, %v: memref<2x2x5x8xf32>, %o: memref<2x4x3x8xf32>) {
  // expected-error @+1 {{(C10) the tensor form has 2 results and no destinations, the memref form the reverse}}
  rope.attention %q, %k, %v into %o returning_lse : memref<2x4x3x8xf32>, memref<2x2x5x8xf32>, memref<2x2x5x8xf32> into memref<2x4x3x8xf32>
  return
}

// -----

func.func @c10_tensor_mask(%q: memref<2x4x3x8xf32>, %k: memref<2x2x5x8xf32>, %v: memref<2x2x5x8xf32>, %o: memref<2x4x3x8xf32>, %m: tensor<3x5xi1>) {
  // expected-error @+1 {{(C10) operands must be all tensors or all memrefs, got 'memref<2x4x3x8xf32>' and 'tensor<3x5xi1>'}}
  rope.attention %q, %k, %v into %o mask(%m : tensor<3x5xi1>) : memref<2x4x3x8xf32>, memref<2x2x5x8xf32>, memref<2x2x5x8xf32> into memref<2x4x3x8xf32>
  return
}

// -----

func.func @c10_into_query(%q: memref<2x4x3x8xf32>, %k: memref<2x2x5x8xf32>, %v: memref<2x2x5x8xf32>) {
  // expected-error @+1 {{(C10) a destination must not be another operand}}
  rope.attention %q, %k, %v into %q : memref<2x4x3x8xf32>, memref<2x2x5x8xf32>, memref<2x2x5x8xf32> into memref<2x4x3x8xf32>
  return
}

// -----

func.func @c10_one_destination_twice(%q: memref<2x4x3x8xf32>, %k: memref<2x2x5x8xf32>, %v: memref<2x2x5x8xf32>, %o: memref<2x4x3x8xf32>) {
  // expected-error @+1 {{(C10) a destination must not be another operand}}
  rope.attention %q, %k, %v into %o, %o returning_lse : memref<2x4x3x8xf32>, memref<2x2x5x8xf32>, memref<2x2x5x8xf32> into memref<2x4x3x8xf32>, memref<2x4x3x8xf32>
  return
}

// -----

func.func @c10_shape(%q: memref<2x4x3x8xf32>, %k: memref<2x2x5x8xf32>, %v: memref<2x2x5x8xf32>, %o: memref<2x3x4x8xf32>) {
  // expected-error @+1 {{(C10) destination of type 'memref<2x3x4x8xf32>' does not have the shape [2, 4, 3, 8] and element type 'f32' of its result}}
  rope.attention %q, %k, %v into %o : memref<2x4x3x8xf32>, memref<2x2x5x8xf32>, memref<2x2x5x8xf32> into memref<2x3x4x8xf32>
  return
}

// -----

func.func @c10_lse_element(%q: memref<2x4x3x8xf32>, %k: memref<2x2x5x8xf32>, %v: memref<2x2x5x8xf32>, %o: memref<2x4x3x8xf32>, %l: memref<2x4x3xf16>) {
  // expected-error @+1 {{(C10) destination of type 'memref<2x4x3xf16>' does not have the shape [2, 4, 3] and element type 'f32' of its result}}
  rope.attention %q, %k, %v into %o, %l returning_lse : memref<2x4x3x8xf32>, memref<2x2x5x8xf32>, memref<2x2x5x8xf32> into memref<2x4x3x8xf32>, memref<2x4x3xf16>
  return
}

// -----

func.func @c10_scores_shape(%q: memref<2x4x3x8xf32>, %k: memref<2x2x5x8xf32>, %v: memref<2x2x5x8xf32>, %o: memref<2x4x3x8xf32>, %s: memref<2x4x3x3xf32>) {
  // expected-error @+1 {{(C10) destination of type 'memref<2x4x3x3xf32>' does not have the shape [2, 4, 3, 5] and element type 'f32' of its result}}
  rope.attention %q, %k, %v into %o, %s returning_scores<raw> : memref<2x4x3x8xf32>, memref<2x2x5x8xf32>, memref<2x2x5x8xf32> into memref<2x4x3x8xf32>, memref<2x4x3x3xf32>
  return
}
