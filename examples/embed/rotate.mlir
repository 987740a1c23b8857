// In place: 128 positions of 8 heads of 64 lanes.
func.func @rotate_heads(%x: memref<128x8x64xf32>, %cos: memref<128x32xf32>, %sin: memref<128x32xf32>) {
  rope.rotate %x into %x by %cos, %sin along [0] : memref<128x8x64xf32> into memref<128x8x64xf32>, memref<128x32xf32>
  return
}
