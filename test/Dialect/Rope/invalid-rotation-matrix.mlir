// RUN: rope-opt %s --split-input-file --verify-diagnostics

// One function a constraint of rope.rotation_matrix: see the op's description.

func.func @c1_tables_of_two_shapes(%c: tensor<4xf32>, %s: tensor<8xf32>) {
  // expected-error @+1 {{(C1) cos and sin must have one shape and element type, got 'tensor<4xf32>' and 'tensor<8xf32>'}}
  %m = "rope.rotation_matrix"(%c, %s) : (tensor<4xf32>, tensor<8xf32>) -> tensor<8x8xf32>
  return
}

// -----

func.func @c1_tables_of_two_types(%c: tensor<4xf32>, %s: tensor<4xf64>) {
  // expected-error @+1 {{(C1) cos and sin must have one shape and element type, got 'tensor<4xf32>' and 'tensor<4xf64>'}}
  %m = rope.rotation_matrix %c, %s : tensor<4xf32>, tensor<4xf64>
  return
}

// -----

func.func @c1_tables_of_rank_zero(%t: tensor<f32>) {
  // expected-error @+1 {{(C1) the last dimension of the tables must be static and positive, got 'tensor<f32>'}}
  %m = rope.rotation_matrix %t, %t : tensor<f32>
  return
}

// -----

func.func @c1_dynamic_width(%t: tensor<4x?xf32>) {
  // expected-error @+1 {{(C1) the last dimension of the tables must be static and positive, got 'tensor<4x?xf32>'}}
  %m = rope.rotation_matrix %t, %t : tensor<4x?xf32>
  return
}

// -----

func.func @c1_no_pairs(%t: tensor<4x0xf32>) {
  // expected-error @+1 {{(C1) the last dimension of the tables must be static and positive, got 'tensor<4x0xf32>'}}
  %m = rope.rotation_matrix %t, %t : tensor<4x0xf32>
  return
}

// -----

func.func @c1_dynamic_width_of_memrefs(%t: memref<?xf32>, %m: memref<8x8xf32>) {
  // expected-error @+1 {{(C1) the last dimension of the tables must be static and positive, got 'memref<?xf32>'}}
  rope.rotation_matrix %t, %t into %m : memref<?xf32> into memref<8x8xf32>
  return
}

// -----

func.func @c2_result_of_another_shape(%t: tensor<4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{'tensor<8x8xf32>' are incompatible with return type(s) of operation 'tensor<4x4xf32>'}}
  %m = "rope.rotation_matrix"(%t, %t) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @c2_destination_of_another_shape(%t: memref<?x4xf32>, %m: memref<?x4x4xf32>) {
  // expected-error @+1 {{(C2) tables of type 'memref<?x4xf32>' do not make a matrix of type 'memref<?x4x4xf32>'}}
  rope.rotation_matrix %t, %t into %m : memref<?x4xf32> into memref<?x4x4xf32>
  return
}

// -----

func.func @c2_destination_of_another_element_type(%t: memref<4xf32>, %m: memref<8x8xf64>) {
  // expected-error @+1 {{(C2) tables of type 'memref<4xf32>' do not make a matrix of type 'memref<8x8xf64>'}}
  rope.rotation_matrix %t, %t into %m : memref<4xf32> into memref<8x8xf64>
  return
}

// -----

func.func @c2_memref_without_destination(%t: memref<4xf32>) {
  // expected-error @+1 {{(C2) the tensor form has a result and no destination, the memref form the reverse}}
  rope.rotation_matrix %t, %t : memref<4xf32>
  return
}

// -----

func.func @c2_tensor_with_destination(%t: tensor<4xf32>, %m: memref<8x8xf32>) {
  // expected-error @+1 {{(C2) the tensor form has a result and no destination, the memref form the reverse}}
  %r = rope.rotation_matrix %t, %t into %m : tensor<4xf32> into memref<8x8xf32>
  return
}

// -----

func.func @integer_tables(%t: tensor<4xi32>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of 16-bit float or bfloat16 type or 32-bit float or 64-bit float values}}
  %m = rope.rotation_matrix %t, %t : tensor<4xi32>
  return
}
