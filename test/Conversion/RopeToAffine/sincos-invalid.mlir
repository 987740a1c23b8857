// RUN: rope-opt %s --convert-rope-to-affine --split-input-file --verify-diagnostics

func.func @tensors(%p: tensor<4xi64>) -> (tensor<4x2xf32>, tensor<4x2xf32>) {
  // expected-error @+1 {{'rope.sincos' op cannot be lowered to affine loops: it is on tensors; bufferize first}}
  %c, %s = rope.sincos %p frequencies<dim = 4> : tensor<4xi64> -> tensor<4x2xf32>
  return %c, %s : tensor<4x2xf32>, tensor<4x2xf32>
}

// -----

// At position 2083393483 the second of these frequencies, 1/(sqrt(1182) factor), is within
// 2^-95 turns of a quarter turn.
func.func @too_close_to_a_quarter_turn(%p: memref<4xi32>, %c: memref<4x2xf64>, %s: memref<4x2xf64>) {
  // expected-error @+1 {{'rope.sincos' op cannot be lowered to affine loops: the exact angle of frequency 1 comes too close to a quarter turn for the error bound of f64}}
  rope.sincos %p into %c, %s frequencies<dim = 4, base = 1182.0, scaling = #rope.linear<factor = 38578264.46895319>>
    : memref<4xi32> -> memref<4x2xf64>, memref<4x2xf64>
  return
}

// -----

// Positions of 16 bits do not reach that one, and f32 tables keep more bits.
func.func @close_elsewhere(%p: memref<4xi16>, %q: memref<4xi32>, %c: memref<4x2xf64>, %s: memref<4x2xf64>,
                           %d: memref<4x2xf32>, %t: memref<4x2xf32>) {
  rope.sincos %p into %c, %s frequencies<dim = 4, base = 1182.0, scaling = #rope.linear<factor = 38578264.46895319>>
    : memref<4xi16> -> memref<4x2xf64>, memref<4x2xf64>
  rope.sincos %q into %d, %t frequencies<dim = 4, base = 1182.0, scaling = #rope.linear<factor = 38578264.46895319>>
    : memref<4xi32> -> memref<4x2xf32>, memref<4x2xf32>
  return
}
