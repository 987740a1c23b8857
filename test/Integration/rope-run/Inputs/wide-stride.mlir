memref.global "private" constant @far : memref<1xi64> = dense<8589934592>
!row = memref<1x2xf32, strided<[?, 1]>>
func.func @main() -> tensor<1xf32> {
  %c0 = arith.constant 0 : index
  %far = memref.get_global @far : memref<1xi64>
  %word = memref.load %far[%c0] : memref<1xi64>
  %stride = arith.index_cast %word : i64 to index
  %one = arith.constant 1.0 : f32
  %all = memref.alloc() : memref<2xf32>
  linalg.fill ins(%one : f32) outs(%all : memref<2xf32>)
  %t = memref.alloc() : memref<1x1xf32>
  linalg.fill ins(%one : f32) outs(%t : memref<1x1xf32>)
  %x = memref.reinterpret_cast %all to offset: [0], sizes: [1, 2], strides: [%stride, 1] : memref<2xf32> to !row
  rope.rotate %x into %x by %t, %t along [0] : !row into !row, memref<1x1xf32>
  %r = arith.constant dense<0.0> : tensor<1xf32>
  return %r : tensor<1xf32>
}
