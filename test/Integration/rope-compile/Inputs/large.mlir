func.func @main(%x: memref<4096x32x64xf32>, %cos: memref<4096x32xf32>, %sin: memref<4096x32xf32>) {
  rope.rotate %x into %x by %cos, %sin along [0] : memref<4096x32x64xf32> into memref<4096x32x64xf32>, memref<4096x32xf32>
  return
}
