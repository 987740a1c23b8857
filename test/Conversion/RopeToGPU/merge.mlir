// RUN: rope-opt %s --convert-rope-to-gpu --canonicalize --split-input-file | FileCheck %s
// RUN: rope-compile %s --emit=ptx --chip=sm_90 | FileCheck %s --check-prefix=PTX

// The sums of exponentials come second: they may take the place of those that
// every lane of the average reads.
// CHECK-LABEL: func @merge
// CHECK:         gpu.launch_func @rope_kernels::@merge blocks in (%c8, %c4, %c1) threads in (%c64, %c1, %c1)
// CHECK:         gpu.launch_func @rope_kernels::@merge_lse blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
// CHECK-NOT:     rope.
// CHECK:       gpu.func @merge(
// CHECK:         arith.divf
// CHECK:       gpu.func @merge_lse(
// CHECK:         math.log2

// PTX-LABEL: .entry merge(
// PTX-NOT:     call
// PTX:         ex2.approx
// PTX-LABEL: .entry merge_lse(
// PTX:         lg2.approx
func.func @merge(%o: memref<4x8x64xbf16>, %l: memref<4x8xf32>, %p: memref<4x8x64xbf16>, %m: memref<4x8xf32>) {
  rope.merge %o, %l and %p, %m into %o, %l : memref<4x8x64xbf16>, memref<4x8xf32> into memref<4x8x64xbf16>, memref<4x8xf32>
  return
}

// -----

// Partials without lanes have sums of exponentials; without rows they have nothing.
// CHECK-LABEL: func @no_lanes
// CHECK-NOT:     @rope_kernels::@merge blocks
// CHECK:         gpu.launch_func @rope_kernels::@merge_lse blocks in (%c1, %c1, %c1) threads in (%c4, %c1, %c1)
// CHECK-NOT:     rope.
func.func @no_lanes(%o: memref<4x0xf32>, %l: memref<4xf32>) {
  rope.merge %o, %l and %o, %l into %o, %l : memref<4x0xf32>, memref<4xf32> into memref<4x0xf32>, memref<4xf32>
  return
}

// -----

// CHECK-LABEL: func @no_rows
// CHECK-NOT:     gpu.launch_func
// CHECK-NOT:     rope.
func.func @no_rows(%o: memref<0x4xf32>, %l: memref<0xf32>) {
  rope.merge %o, %l and %o, %l into %o, %l : memref<0x4xf32>, memref<0xf32> into memref<0x4xf32>, memref<0xf32>
  return
}
