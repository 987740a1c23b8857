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

func.func @lanes(%x: memref<4x8xf32, strided<[1, 4]>>, %c: memref<4x4xf32>, %s: memref<4x4xf32>) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: the lanes of a buffer do not lie side by side}}
  rope.rotate %x into %x by %c, %s along [0] : memref<4x8xf32, strided<[1, 4]>> into memref<4x8xf32, strided<[1, 4]>>, memref<4x4xf32>
  return
}

// -----

func.func @no_kernel(%c: memref<4xf32>, %s: memref<4xf32>, %m: memref<8x8xf32>) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: there is no kernel for this op}}
  rope.rotation_matrix %c, %s into %m : memref<4xf32> into memref<8x8xf32>
  return
}

// -----

func.func @f32_angles(%p: memref<4xi32>, %c: memref<4x4xf32>, %s: memref<4x4xf32>) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: only exact angles have a kernel}}
  rope.sincos %p into %c, %s frequencies<dim = 8, base = 1.0e4> accuracy<f32_angle> : memref<4xi32> -> memref<4x4xf32>
  return
}

// -----

func.func @narrow_positions(%p: memref<4xi8>, %c: memref<4x4xf32>, %s: memref<4x4xf32>) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: positions of less than 32 bits have no kernel}}
  rope.sincos %p into %c, %s frequencies<dim = 8, base = 1.0e4> : memref<4xi8> -> memref<4x4xf32>
  return
}

// -----

func.func @mask(%x: memref<1x1x4x8xf32>, %o: memref<1x1x4x8xf32>, %m: memref<4x4xi1>) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: attention with a mask has no kernel}}
  rope.attention %x, %x, %x into %o mask(%m : memref<4x4xi1>) : memref<1x1x4x8xf32>, memref<1x1x4x8xf32>, memref<1x1x4x8xf32> into memref<1x1x4x8xf32>
  return
}

// -----

func.func @wide(%x: memref<1x1x4x8xf64>, %o: memref<1x1x4x8xf64>) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: attention in f64 has no kernel}}
  rope.attention %x, %x, %x into %o : memref<1x1x4x8xf64>, memref<1x1x4x8xf64>, memref<1x1x4x8xf64> into memref<1x1x4x8xf64>
  return
}

// -----

func.func @origin(%x: memref<1x1x4x8xf32>, %o: memref<1x1x4x8xf32>, %i: index) {
  // expected-error @+1 {{cannot be lowered to a GPU kernel: a tile of a larger attention has no kernel}}
  rope.attention %x, %x, %x into %o causal origin(%i, %i) : memref<1x1x4x8xf32>, memref<1x1x4x8xf32>, memref<1x1x4x8xf32> into memref<1x1x4x8xf32>
  return
}
