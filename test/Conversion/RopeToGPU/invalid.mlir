// RUN: rope-opt %s --convert-rope-to-gpu --split-input-file --verify-diagnostics
// RUN: not rope-opt %s --convert-rope-to-gpu="block-size=2048" 2>&1 | FileCheck %s

// CHECK: error: block-size must be at most 1024, got 2048

func.func @tensors(%x: tensor<4x8xf32>, %c: tensor<4x4xf32>, %s: tensor<4x4xf32>) -> tensor<4x8xf32> {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: it is on tensors; bufferize first}}
  %y = rope.rotate %x by %c, %s along [0] : tensor<4x8xf32>, tensor<4x4xf32>
  return %y : tensor<4x8xf32>
}

// -----

func.func @layout(%x: memref<4x8xf32, affine_map<(d0, d1) -> (d0 floordiv 2, d1, d0 mod 2)>>, %c: memref<4x4xf32>, %s: memref<4x4xf32>) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: the layout of a buffer is not strided}}
  rope.rotate %x into %x by %c, %s along [0] : memref<4x8xf32, affine_map<(d0, d1) -> (d0 floordiv 2, d1, d0 mod 2)>> into memref<4x8xf32, affine_map<(d0, d1) -> (d0 floordiv 2, d1, d0 mod 2)>>, memref<4x4xf32>
  return
}

// -----

func.func @narrow_positions(%p: memref<4xi8>, %c: memref<4x4xf32>, %s: memref<4x4xf32>) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: positions of neither 32 nor 64 bits have no kernel}}
  rope.sincos %p into %c, %s frequencies<dim = 8, base = 1.0e4> : memref<4xi8> -> memref<4x4xf32>
  return
}

// -----

func.func @wide_positions(%p: memref<4xi40>, %c: memref<4x4xf32>, %s: memref<4x4xf32>) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: positions of neither 32 nor 64 bits have no kernel}}
  rope.sincos %p into %c, %s frequencies<dim = 8, base = 1.0e4> : memref<4xi40> -> memref<4x4xf32>
  return
}

// -----

func.func @sequence_length(%p: memref<4xi32>, %n: index, %c: memref<4x4xf32>, %s: memref<4x4xf32>) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: frequencies that are computed at run time have no f32 angle}}
  rope.sincos %p sequence_length %n into %c, %s frequencies<dim = 8, scaling = #rope.dynamic_ntk<factor = 2.0, max_position_embeddings = 4096>> accuracy<f32_angle> : memref<4xi32> -> memref<4x4xf32>
  return
}

// -----

func.func @backwards(%x: memref<4x8xf32, strided<[-8, 1], offset: 24>>, %c: memref<4x4xf32>, %s: memref<4x4xf32>) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: a buffer has a negative stride}}
  rope.rotate %x into %x by %c, %s along [0] : memref<4x8xf32, strided<[-8, 1], offset: 24>> into memref<4x8xf32, strided<[-8, 1], offset: 24>>, memref<4x4xf32>
  return
}

// -----

module { module {
  func.func @nested(%x: memref<4x8xf32>, %c: memref<4x4xf32>, %s: memref<4x4xf32>) {
    // expected-error @+1 {{cannot be lowered to a GPU kernel: it is in a module of its own inside of this one}}
    rope.rotate %x into %x by %c, %s along [0] : memref<4x8xf32> into memref<4x8xf32>, memref<4x4xf32>
    return
  }
} }

// -----

func.func @merge(%o: memref<4x8xf64>, %l: memref<4xf64>, %p: memref<4x8xf64>, %m: memref<4xf64>) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: a merge in f64 has no kernel}}
  rope.merge %o, %l and %p, %m into %o, %l : memref<4x8xf64>, memref<4xf64> into memref<4x8xf64>, memref<4xf64>
  return
}

// -----

func.func @linear_attention(%q: memref<2x4x1x8xf64>, %o: memref<2x4x1x8xf64>) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: linear attention in f64 has no kernel}}
  rope.linear_attention %q, %q, %q into %o : memref<2x4x1x8xf64>, memref<2x4x1x8xf64>, memref<2x4x1x8xf64> into memref<2x4x1x8xf64>
  return
}

// -----

func.func @many_features(%q: memref<1x1x1x8192xf32>, %v: memref<1x1x1x8xf32>, %o: memref<1x1x1x8xf32>) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: linear attention with 8192 features takes more shared memory than the 49152 bytes of a block that the target has}}
  rope.linear_attention %q, %q, %v into %o : memref<1x1x1x8192xf32>, memref<1x1x1x8192xf32>, memref<1x1x1x8xf32> into memref<1x1x1x8xf32>
  return
}
