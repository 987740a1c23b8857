func.func @main(%x: memref<4x8x64xf32>, %cos: memref<4x32xf32>, %sin: memref<4x32xf32>) {
  rope.rotate %x into %x by %cos, %sin along [0] : memref<4x8x64xf32> into memref<4x8x64xf32>, memref<4x32xf32>
  return
}
