// RUN: rope-opt %s --convert-rope-to-affine --split-input-file --verify-diagnostics
// RUN: not rope-opt %s --convert-rope-to-affine="vector-bits=100" 2>&1 | FileCheck %s

// RUN: not rope-opt %s --convert-rope-to-affine="key-parts=1025" 2>&1 | FileCheck %s --check-prefix=PARTS
// RUN: not rope-opt %s --convert-rope-to-affine="key-parts=-1" 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not rope-opt %s --convert-rope-to-affine="bf16-products=tiles vector-bits=256" 2>&1 | FileCheck %s --check-prefix=TILES
// RUN: not rope-opt %s --convert-rope-to-affine="bf16-products=dots vector-bits=1024" 2>&1 | FileCheck %s --check-prefix=DOTS
// RUN: not rope-opt %s --convert-rope-to-affine="bf16-products=some" 2>&1 | FileCheck %s --check-prefix=SOME

// CHECK: error: vector-bits must be a power of two from 128 to 2048, got 100
// PARTS: error: key-parts must be from 0 to 1024, got 1025
// TILES: error: bf16-products=tiles needs vector-bits=512, got 256
// DOTS: error: bf16-products=dots needs vector-bits=512 or less, got 1024
// SOME: for the --bf16-products option: Cannot find option named 'some'!
// NEGATIVE: for the --key-parts option: '-1' value invalid for uint argument!

func.func @tensors(%x: tensor<4x8xf32>, %c: tensor<4x4xf32>, %s: tensor<4x4xf32>) -> tensor<4x8xf32> {
  // expected-error @+1 {{cannot be lowered to affine loops: it is on tensors; bufferize first}}
  %y = rope.rotate %x by %c, %s along [0] : tensor<4x8xf32>, tensor<4x4xf32>
  return %y : tensor<4x8xf32>
}

// -----

func.func @matrix_on_tensors(%c: tensor<4xf32>, %s: tensor<4xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{cannot be lowered to affine loops: it is on tensors; bufferize first}}
  %m = rope.rotation_matrix %c, %s : tensor<4xf32>
  return %m : tensor<8x8xf32>
}

// -----

func.func @layout(%x: memref<4x8xf32, affine_map<(d0, d1) -> (d0 floordiv 2, d1, d0 mod 2)>>, %c: memref<4x4xf32>, %s: memref<4x4xf32>) {
  // expected-error @+1 {{cannot be lowered to affine loops: the layout of a buffer is not strided}}
  rope.rotate %x into %x by %c, %s along [0] : memref<4x8xf32, affine_map<(d0, d1) -> (d0 floordiv 2, d1, d0 mod 2)>> into memref<4x8xf32, affine_map<(d0, d1) -> (d0 floordiv 2, d1, d0 mod 2)>>, memref<4x4xf32>
  return
}

// -----

func.func @merge_on_tensors(%o: tensor<4x8xf32>, %l: tensor<4xf32>) -> tensor<4x8xf32> {
  // expected-error @+1 {{cannot be lowered to affine loops: it is on tensors; bufferize first}}
  %m, %s = rope.merge %o, %l and %o, %l : tensor<4x8xf32>, tensor<4xf32>
  return %m : tensor<4x8xf32>
}

// -----

func.func @attention_on_tensors(%x: tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32> {
  // expected-error @+1 {{cannot be lowered to affine loops: it is on tensors; bufferize first}}
  %o = rope.attention %x, %x, %x : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>
  return %o : tensor<1x1x4x8xf32>
}

// -----

func.func @linear_attention_on_tensors(%q: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  // expected-error @+1 {{cannot be lowered to affine loops: it is on tensors; bufferize first}}
  %o = rope.linear_attention %q, %q, %q : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>
  return %o : tensor<1x2x4x8xf32>
}
