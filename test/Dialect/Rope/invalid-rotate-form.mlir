// RUN: rope-opt %s --split-input-file --verify-diagnostics

// rope.rotate: the two forms, destinations, element types and syntax.

func.func @c4_tensor_with_destination(%x: tensor<4x8xf32>, %y: memref<4x8xf32>, %t: tensor<4x4xf32>) {
  // expected-error @+1 {{(C4) the tensor form has a result and no destination, the memref form the reverse}}
  %r = "rope.rotate"(%x, %y, %t, %t) <{along = array<i64: 0>, operandSegmentSizes = array<i32: 1, 1, 1, 1>}>
    : (tensor<4x8xf32>, memref<4x8xf32>, tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @c4_memref_without_destination(%x: memref<4x8xf32>, %t: memref<4x4xf32>) {
  // expected-error @+1 {{(C4) the tensor form has a result and no destination, the memref form the reverse}}
  rope.rotate %x by %t, %t along [0] : memref<4x8xf32>, memref<4x4xf32>
  return
}

// -----

func.func @c4_tensor_by_memref_tables(%x: tensor<4x8xf32>, %t: memref<4x4xf32>) {
  // expected-error @+1 {{(C4) input and tables must be all tensors or all memrefs, got 'tensor<4x8xf32>' and 'memref<4x4xf32>'}}
  rope.rotate %x by %t, %t along [0] : tensor<4x8xf32>, memref<4x4xf32>
  return
}

// -----

func.func @c4_result_of_another_type(%x: tensor<4x8xf32>, %t: tensor<4x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{'tensor<4x8xf32>' are incompatible with return type(s) of operation 'tensor<4x8xf16>'}}
  %r = "rope.rotate"(%x, %t, %t) <{along = array<i64: 0>}>
    : (tensor<4x8xf32>, tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x8xf16>
  return
}

// -----

func.func @c4_destination_of_another_shape(%x: memref<4x8xf32>, %y: memref<8x4xf32>, %t: memref<4x4xf32>) {
  // expected-error @+1 {{(C4) the destination must have the input's shape and element type, got 'memref<8x4xf32>' for input of type 'memref<4x8xf32>'}}
  rope.rotate %x into %y by %t, %t along [0] : memref<4x8xf32> into memref<8x4xf32>, memref<4x4xf32>
  return
}

// -----

func.func @c4_destination_of_another_element_type(%x: memref<4x8xf32>, %y: memref<4x8xbf16>, %t: memref<4x4xf32>) {
  // expected-error @+1 {{(C4) the destination must have the input's shape and element type, got 'memref<4x8xbf16>' for input of type 'memref<4x8xf32>'}}
  rope.rotate %x into %y by %t, %t along [0] : memref<4x8xf32> into memref<4x8xbf16>, memref<4x4xf32>
  return
}

// -----

func.func @c4_into_its_own_table(%x: memref<4x8xf32>, %c: memref<4x8xf32>, %s: memref<4x8xf32>) {
  // expected-error @+1 {{(C4) the destination must not be one of the tables}}
  rope.rotate %x into %s by %c, %s along [0] : memref<4x8xf32> into memref<4x8xf32>, memref<4x8xf32>
  return
}

// -----

func.func @c4_in_place_to_another_pairing(%x: memref<4x8xf32>, %t: memref<4x4xf32>) {
  // expected-error @+1 {{(C4) in place, result_pairing must be pairing}}
  rope.rotate %x into %x by %t, %t along [0] pairing<interleaved> result_pairing<half> : memref<4x8xf32> into memref<4x8xf32>, memref<4x4xf32>
  return
}

// -----

func.func @integer_input(%x: tensor<4x8xi32>, %t: tensor<4x4xf32>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of 16-bit float or bfloat16 type or 32-bit float or 64-bit float values}}
  rope.rotate %x by %t, %t along [0] : tensor<4x8xi32>, tensor<4x4xf32>
  return
}

// -----

func.func @f8_input(%x: tensor<4x8xf8E4M3FN>, %t: tensor<4x4xf32>) {
  // expected-error @+1 {{but got 'tensor<4x8xf8E4M3FN>'}}
  rope.rotate %x by %t, %t along [0] : tensor<4x8xf8E4M3FN>, tensor<4x4xf32>
  return
}

// -----

func.func @complex_tables(%x: tensor<4x8xf32>, %t: tensor<4x4xcomplex<f32>>) {
  // expected-error @+1 {{but got 'tensor<4x4xcomplex<f32>>'}}
  rope.rotate %x by %t, %t along [0] : tensor<4x8xf32>, tensor<4x4xcomplex<f32>>
  return
}

// -----

func.func @unranked_input(%x: tensor<*xf32>, %t: tensor<4x4xf32>) {
  // expected-error @+1 {{but got 'tensor<*xf32>'}}
  rope.rotate %x by %t, %t along [0] : tensor<*xf32>, tensor<4x4xf32>
  return
}

// -----

func.func @unknown_pairing(%x: tensor<4x8xf32>, %t: tensor<4x4xf32>) {
  // expected-error @+2 {{expected ::mlir::rope::PairingKind to be one of: half, interleaved}}
  // expected-error @+1 {{failed to parse Rope_PairingAttr parameter 'value'}}
  rope.rotate %x by %t, %t along [0] pairing<quarter> : tensor<4x8xf32>, tensor<4x4xf32>
  return
}

// -----

func.func @without_along(%x: tensor<4x8xf32>, %t: tensor<4x4xf32>) {
  // expected-error @+1 {{expected 'along'}}
  rope.rotate %x by %t, %t : tensor<4x8xf32>, tensor<4x4xf32>
  return
}
