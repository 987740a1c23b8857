// RUN: rope-opt %s --split-input-file --verify-diagnostics

// One function a constraint of rope.sincos: see the op's description.

func.func @c1_float_positions(%p: tensor<4xf32>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of signless integer or index values or memref of signless integer or index values or signless integer or index, but got 'tensor<4xf32>'}}
  %0:2 = rope.sincos %p frequencies<dim = 8> : tensor<4xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @c1_bool_positions(%p: tensor<4xi1>) {
  // expected-error @+1 {{(C1) positions must be integers or indices, got 'tensor<4xi1>'}}
  %0:2 = rope.sincos %p frequencies<dim = 8> : tensor<4xi1> -> tensor<4x4xf32>
  return
}

// -----

func.func @c1_scalar_position(%p: index) {
  // expected-error @+1 {{(C1) a scalar position needs a length, or a tensor without dimensions, got 'index'}}
  %0:2 = rope.sincos %p frequencies<dim = 8> : index -> tensor<4xf32>
  return
}

// -----

func.func @c2_tables_of_full_width(%p: tensor<4xi64>) {
  // expected-error @+1 {{(C2) positions of type 'tensor<4xi64>' and dim = 8 make tables with a last dimension of 4 behind the positions' dimensions, got 'tensor<4x8xf32>'}}
  %0:2 = rope.sincos %p frequencies<dim = 8> : tensor<4xi64> -> tensor<4x8xf32>
  return
}

// -----

func.func @c2_tables_of_other_rows(%p: tensor<4xi64>) {
  // expected-error @+1 {{(C2) positions of type 'tensor<4xi64>' and dim = 8 make tables with a last dimension of 4 behind the positions' dimensions, got 'tensor<5x4xf32>'}}
  %0:2 = rope.sincos %p frequencies<dim = 8> : tensor<4xi64> -> tensor<5x4xf32>
  return
}

// -----

func.func @c2_tables_without_rows(%p: tensor<4xi64>) {
  // expected-error @+1 {{(C2) positions of type 'tensor<4xi64>'}}
  %0:2 = rope.sincos %p frequencies<dim = 8> : tensor<4xi64> -> tensor<4xf32>
  return
}

// -----

func.func @c2_tables_of_two_types(%p: tensor<4xi64>) {
  // expected-error @+1 {{(C2) cos and sin must have one shape and element type, got 'tensor<4x4xf32>' and 'tensor<4x4xf64>'}}
  %0:2 = rope.sincos %p frequencies<dim = 8> : tensor<4xi64> -> tensor<4x4xf32>, tensor<4x4xf64>
  return
}

// -----

func.func @c2_integer_tables(%p: tensor<4xi64>) {
  // expected-error @+1 {{result #0 must be ranked tensor of 16-bit float or bfloat16 type or 32-bit float or 64-bit float values, but got 'tensor<4x4xi32>'}}
  %0:2 = rope.sincos %p frequencies<dim = 8> : tensor<4xi64> -> tensor<4x4xi32>
  return
}

// -----

func.func @c3_tensor_positions_into_memrefs(%p: tensor<4xi64>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{(C3) the tensor form has two results and no destinations, the memref form the reverse}}
  rope.sincos %p into %c, %c frequencies<dim = 8> : tensor<4xi64> -> memref<4x4xf32>
  return
}

// -----

func.func @c3_memref_positions_to_tensors(%p: memref<4xi64>) {
  // expected-error @+1 {{(C3) the tensor form has two results and no destinations, the memref form the reverse}}
  %0:2 = rope.sincos %p frequencies<dim = 8> : memref<4xi64> -> tensor<4x4xf32>
  return
}

// -----

func.func @c3_one_destination_for_both(%p: memref<4xi64>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{(C3) cos and sin must have two destinations}}
  rope.sincos %p into %c, %c frequencies<dim = 8> : memref<4xi64> -> memref<4x4xf32>
  return
}

// -----

func.func @c3_destinations_without_into(%p: memref<4xi64>) {
  // expected-error @+1 {{number of operands and types do not match: got 0 operands and 1 types}}
  rope.sincos %p frequencies<dim = 8> : memref<4xi64> -> memref<4x4xf32>
  return
}

// -----

func.func @c3_into_with_results(%p: memref<4xi64>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{number of operands and types do not match: got 1 operands and 0 types}}
  rope.sincos %p into %c, %c frequencies<dim = 8> : memref<4xi64> -> tensor<4x4xf32>
  return
}

// -----

func.func @c3_one_destination(%p: memref<4xi64>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{'rope.sincos' op (C3) the tensor form has two results and no destinations, the memref form the reverse}}
  "rope.sincos"(%p, %c) <{frequencies = #rope.frequencies<dim = 8>, operandSegmentSizes = array<i32: 1, 0, 0, 1, 0>}> : (memref<4xi64>, memref<4x4xf32>) -> ()
  return
}

// -----

func.func @c3_neither_destinations_nor_results(%p: memref<4xi64>) {
  // expected-error @+1 {{'rope.sincos' op (C3) the tensor form has two results and no destinations, the memref form the reverse}}
  "rope.sincos"(%p) <{frequencies = #rope.frequencies<dim = 8>, operandSegmentSizes = array<i32: 1, 0, 0, 0, 0>}> : (memref<4xi64>) -> ()
  return
}

// -----

func.func @c3_destination_and_result(%p: tensor<4xi64>, %c: memref<4x4xf32>, %t: memref<4x4xf32>) {
  // expected-error @+1 {{'rope.sincos' op (C3) the tensor form has two results and no destinations, the memref form the reverse}}
  %0:2 = "rope.sincos"(%p, %c, %t) <{frequencies = #rope.frequencies<dim = 8>, operandSegmentSizes = array<i32: 1, 0, 0, 1, 1>}>
    : (tensor<4xi64>, memref<4x4xf32>, memref<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>)
  return
}

// -----

// expected-note @+1 {{prior use here}}
func.func @c3_memref_and_tensor(%p: memref<4xi64>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{use of value '%c' expects different type than prior uses: 'tensor<4x4xf32>' vs 'memref<4x4xf32>'}}
  rope.sincos %p into %c, %c frequencies<dim = 8> : memref<4xi64> -> memref<4x4xf32>, tensor<4x4xf32>
  return
}

// -----

func.func @c3_one_result(%p: tensor<4xi64>) {
  // expected-error @+1 {{'rope.sincos' op (C3) the tensor form has two results and no destinations, the memref form the reverse}}
  %0 = "rope.sincos"(%p) <{frequencies = #rope.frequencies<dim = 8>, operandSegmentSizes = array<i32: 1, 0, 0, 0, 0>}> : (tensor<4xi64>) -> tensor<4x4xf32>
  return
}

// -----

func.func @c3_one_destination_and_results(%p: tensor<4xi64>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{'rope.sincos' op (C3) the tensor form has two results and no destinations, the memref form the reverse}}
  %0:2 = "rope.sincos"(%p, %c) <{frequencies = #rope.frequencies<dim = 8>, operandSegmentSizes = array<i32: 1, 0, 0, 1, 0>}>
    : (tensor<4xi64>, memref<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>)
  return
}

// -----

func.func @without_frequencies(%p: tensor<4xi64>) {
  // expected-error @+1 {{requires attribute 'frequencies'}}
  %0:2 = "rope.sincos"(%p) <{operandSegmentSizes = array<i32: 1, 0, 0, 0, 0>}> : (tensor<4xi64>) -> (tensor<4x4xf32>, tensor<4x4xf32>)
  return
}

// -----

func.func @unknown_accuracy(%p: tensor<4xi64>) {
  // expected-error @+2 {{expected ::mlir::rope::AccuracyKind to be one of: exact, f32_angle}}
  // expected-error @+1 {{failed to parse Rope_AccuracyAttr parameter 'value'}}
  %0:2 = rope.sincos %p frequencies<dim = 8> accuracy<fast> : tensor<4xi64> -> tensor<4x4xf32>
  return
}

// -----

func.func @c1_float_start(%p: f32, %n: index) {
  // expected-error @+1 {{operand #0 must be ranked tensor of signless integer or index values or memref of signless integer or index values or signless integer or index, but got 'f32'}}
  %0:2 = rope.sincos %p length %n frequencies<dim = 8> : f32 -> tensor<?x4xf32>
  return
}

// -----

func.func @c2_length_adds_a_dimension(%p: tensor<4xi64>, %n: index) {
  // expected-error @+1 {{(C2) positions of type 'tensor<4xi64>' and dim = 8 make tables with a last dimension of 4 behind the positions' dimensions, got 'tensor<4x4xf32>'}}
  %0:2 = rope.sincos %p length %n frequencies<dim = 8> : tensor<4xi64> -> tensor<4x4xf32>
  return
}

// -----

func.func @c3_scalar_start_into_one_memref(%p: i64, %n: index, %c: memref<?x4xf32>) {
  // expected-error @+1 {{(C3) the tensor form has two results and no destinations, the memref form the reverse}}
  "rope.sincos"(%p, %n, %c) <{frequencies = #rope.frequencies<dim = 8>, operandSegmentSizes = array<i32: 1, 1, 0, 1, 0>}>
    : (i64, index, memref<?x4xf32>) -> ()
  return
}

// -----

func.func @c4_positions_without_axes(%p: tensor<2x4xi64>) {
  // expected-error @+1 {{(C4) frequencies with 3 sections need positions with a first dimension of 3, got 'tensor<2x4xi64>'}}
  %0:2 = rope.sincos %p frequencies<dim = 8, sections = [1, 1, 2]> : tensor<2x4xi64> -> tensor<4x4xf32>
  return
}

// -----

func.func @c4_dynamic_axes(%p: tensor<?x4xi64>) {
  // expected-error @+1 {{(C4) frequencies with 3 sections need positions with a first dimension of 3, got 'tensor<?x4xi64>'}}
  %0:2 = rope.sincos %p frequencies<dim = 8, sections = [1, 1, 2]> : tensor<?x4xi64> -> tensor<4x4xf32>
  return
}

// -----

func.func @c4_scalar_start_of_three_axes(%p: i64, %n: index) {
  // expected-error @+1 {{(C4) frequencies with 3 sections need positions with a first dimension of 3, got 'i64'}}
  %0:2 = rope.sincos %p length %n frequencies<dim = 8, sections = [1, 1, 2]> : i64 -> tensor<?x4xf32>
  return
}

// -----

func.func @c5_useless_sequence_length(%p: tensor<4xi64>, %n: index) {
  // expected-error @+1 {{(C5) sequence_length has no meaning for frequencies that do not depend on it}}
  %0:2 = rope.sincos %p sequence_length %n frequencies<dim = 8> : tensor<4xi64> -> tensor<4x4xf32>
  return
}

// -----

func.func @c5_without_sequence_length(%p: tensor<4xi64>) {
  // expected-error @+1 {{(C5) frequencies that depend on the length of the sequence need a sequence_length}}
  %0:2 = rope.sincos %p frequencies<dim = 8, scaling = #rope.dynamic_ntk<factor = 2.0, max_position_embeddings = 4096>> : tensor<4xi64> -> tensor<4x4xf32>
  return
}

// -----

func.func @c5_sequence_length_twice(%p: tensor<4xi64>, %n: index) {
  // expected-error @+1 {{(C5) sequence_length has no meaning for frequencies that do not depend on it}}
  %0:2 = rope.sincos %p sequence_length %n frequencies<dim = 8, scaling = #rope.dynamic_ntk<factor = 2.0, max_position_embeddings = 4096>, sequence_length = 100> : tensor<4xi64> -> tensor<4x4xf32>
  return
}
