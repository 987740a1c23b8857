func.func @main(%q: memref<1x2x97x17xf32>, %k: memref<1x2x33x17xf32>, %v: memref<1x2x33x17xf32>, %o: memref<1x2x97x17xf32>) {
  rope.attention %q, %k, %v into %o : memref<1x2x97x17xf32>, memref<1x2x33x17xf32>, memref<1x2x33x17xf32> into memref<1x2x97x17xf32>
  return
}
