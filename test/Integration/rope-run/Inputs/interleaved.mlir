!row = memref<4x2xf16, strided<[5, 1]>>
!other = memref<4x2xf16, strided<[5, 1], offset: 3>>
func.func @main() -> tensor<1xf32> {
  %zero = arith.constant 0.0 : f16
  %all = memref.alloc() : memref<4x5xf16>
  linalg.fill ins(%zero : f16) outs(%all : memref<4x5xf16>)
  %x = memref.subview %all[0, 0] [4, 2] [1, 1] : memref<4x5xf16> to !row
  %y = memref.subview %all[0, 3] [4, 2] [1, 1] : memref<4x5xf16> to !other
  %t = memref.alloc() : memref<4x1xf32>
  %one = arith.constant 1.0 : f32
  linalg.fill ins(%one : f32) outs(%t : memref<4x1xf32>)
  rope.rotate %x into %y by %t, %t along [0] : !row into !other, memref<4x1xf32>
  %r = arith.constant dense<0.0> : tensor<1xf32>
  return %r : tensor<1xf32>
}
