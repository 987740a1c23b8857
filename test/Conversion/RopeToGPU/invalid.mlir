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
