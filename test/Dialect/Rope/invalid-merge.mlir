// RUN: rope-opt %s --split-input-file --verify-diagnostics

func.func @c1_partials_of_other_shapes(%a: tensor<4x8xf32>, %b: tensor<4x6xf32>, %l: tensor<4xf32>) {
  // expected-error @+1 {{(C1) both partials must have one shape and element type and a rank of at least 1, got 'tensor<4x8xf32>' and 'tensor<4x6xf32>'}}
  rope.merge %a, %l and %b, %l : tensor<4x8xf32>, tensor<4xf32> and tensor<4x6xf32>, tensor<4xf32>
  return
}

// -----

func.func @c1_partials_of_other_types(%a: tensor<4x8xf32>, %b: tensor<4x8xf16>, %l: tensor<4xf32>) {
  // expected-error @+1 {{(C1) both partials must have one shape and element type}}
  rope.merge %a, %l and %b, %l : tensor<4x8xf32>, tensor<4xf32> and tensor<4x8xf16>, tensor<4xf32>
  return
}

// -----

func.func @c1_scalar_partial(%a: tensor<f32>, %l: tensor<f32>) {
  // expected-error @+1 {{(C1) both partials must have one shape and element type and a rank of at least 1, got 'tensor<f32>'}}
  rope.merge %a, %l and %a, %l : tensor<f32>, tensor<f32>
  return
}

// -----

func.func @c1_lse_of_other_types(%a: tensor<4x8xf32>, %l: tensor<4xf32>, %m: tensor<4xf64>) {
  // expected-error @+1 {{(C1) both lse must have one shape and element type, got 'tensor<4xf32>' and 'tensor<4xf64>'}}
  rope.merge %a, %l and %a, %m : tensor<4x8xf32>, tensor<4xf32> and tensor<4x8xf32>, tensor<4xf64>
  return
}

// -----

func.func @c1_lse_an_element(%a: tensor<4x8xf32>, %l: tensor<4x8xf32>) {
  // expected-error @+1 {{(C1) lse must have the leading dimensions of its partial, got 'tensor<4x8xf32>' for 'tensor<4x8xf32>'}}
  rope.merge %a, %l and %a, %l : tensor<4x8xf32>, tensor<4x8xf32>
  return
}

// -----

func.func @c2_tensor_and_memref(%a: tensor<4x8xf32>, %l: tensor<4xf32>, %b: memref<4x8xf32>) {
  // expected-error @+1 {{(C2) operands must be all tensors or all memrefs, got 'tensor<4x8xf32>' and 'memref<4x8xf32>'}}
  rope.merge %a, %l and %b, %l : tensor<4x8xf32>, tensor<4xf32> and memref<4x8xf32>, tensor<4xf32>
  return
}

// -----

func.func @c2_memref_without_destinations(%a: memref<4x8xf32>, %l: memref<4xf32>) {
  // expected-error @+1 {{(C2) the tensor form has two results and no destinations, the memref form the reverse}}
  rope.merge %a, %l and %a, %l : memref<4x8xf32>, memref<4xf32>
  return
}

// -----

func.func @c2_tensor_with_destinations(%a: tensor<4x8xf32>, %l: tensor<4xf32>, %b: memref<4x8xf32>, %m: memref<4xf32>) {
  // expected-error @+1 {{(C2) operands must be all tensors or all memrefs}}
  rope.merge %a, %l and %a, %l into %b, %m : tensor<4x8xf32>, tensor<4xf32> into memref<4x8xf32>, memref<4xf32>
  return
}

// -----

func.func @c2_destination_of_another_shape(%a: memref<4x8xf32>, %l: memref<4xf32>, %b: memref<8x4xf32>) {
  // expected-error @+1 {{(C2) destinations must have the shapes and element types of a partial, got 'memref<8x4xf32>' and 'memref<4xf32>' for 'memref<4x8xf32>' and 'memref<4xf32>'}}
  rope.merge %a, %l and %a, %l into %b, %l : memref<4x8xf32>, memref<4xf32> into memref<8x4xf32>, memref<4xf32>
  return
}

// -----

func.func @c2_one_result(%a: tensor<4x8xf32>, %l: tensor<4xf32>) {
  // expected-error @+1 {{(C2) the tensor form has two results and no destinations, the memref form the reverse}}
  %m = "rope.merge"(%a, %l, %a, %l) : (tensor<4x8xf32>, tensor<4xf32>, tensor<4x8xf32>, tensor<4xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @integer_lse(%a: tensor<4x8xf32>, %l: tensor<4xi32>) {
  // expected-error @+1 {{operand #1 must be ranked tensor of 16-bit float}}
  rope.merge %a, %l and %a, %l : tensor<4x8xf32>, tensor<4xi32>
  return
}
