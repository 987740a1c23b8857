// Buffers that are returned: each freed once, and only the function's own. The
// memref functions return what no tensor program could be forced to.

// RUN: %npy make %t/x.npy "np.arange(12, dtype='f4').reshape(3, 4)" \
// RUN:   %t/t.npy "np.arange(12, dtype='f4').reshape(3, 4).T.copy()" \
// RUN:   %t/part.npy "np.arange(12, dtype='f4').reshape(3, 4)[1:, 1::2]" \
// RUN:   %t/c.npy "np.array([1, 2], 'f4')"

// DEFINE: %{llvm} = --pipeline=expand-strided-metadata,finalize-memref-to-llvm,convert-to-llvm,reconcile-unrealized-casts
// RUN: rope-run %s --entry-point=input_and_view %{llvm} --repeat=3 --input=%t/x.npy \
// RUN:   --expected=%t/x.npy --expected=%t/part.npy --expected=%t/t.npy | FileCheck %s
// CHECK: result 0: f32[3,4] ok, 12 elements
// CHECK: result 1: f32[2,2] ok, 4 elements
// CHECK: result 2: f32[4,3] ok, 12 elements

// RUN: rope-run %s --entry-point=same_twice %{llvm} --repeat=3 --input=%t/c.npy \
// RUN:   --expected=%t/c.npy --expected=%t/c.npy
// RUN: rope-run %s --entry-point=constant %{llvm} --repeat=3 --expected=%t/c.npy

func.func @input_and_view(%x: memref<3x4xf32>)
    -> (memref<3x4xf32>, memref<2x2xf32, strided<[4, 2], offset: 5>>,
        memref<4x3xf32, strided<[1, 4]>>) {
  %part = memref.subview %x[1, 1] [2, 2] [1, 2]
      : memref<3x4xf32> to memref<2x2xf32, strided<[4, 2], offset: 5>>
  %transposed = memref.reinterpret_cast %x to offset: [0], sizes: [4, 3], strides: [1, 4]
      : memref<3x4xf32> to memref<4x3xf32, strided<[1, 4]>>
  return %x, %part, %transposed
      : memref<3x4xf32>, memref<2x2xf32, strided<[4, 2], offset: 5>>,
        memref<4x3xf32, strided<[1, 4]>>
}

func.func @same_twice(%x: memref<2xf32>) -> (memref<2xf32>, memref<2xf32>) {
  %own = memref.alloc() {alignment = 128 : i64} : memref<2xf32>
  memref.copy %x, %own : memref<2xf32> to memref<2xf32>
  return %own, %own : memref<2xf32>, memref<2xf32>
}

memref.global "private" constant @table : memref<2xf32> = dense<[1.0, 2.0]>

func.func @constant() -> memref<2xf32> {
  %table = memref.get_global @table : memref<2xf32>
  return %table : memref<2xf32>
}
