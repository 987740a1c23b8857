// RUN: rope-opt %s --convert-rope-to-gpu="target=amdgpu chip=gfx942" --canonicalize | FileCheck %s
// RUN: rope-opt %s --convert-rope-to-gpu="key-parts=5" --canonicalize | FileCheck %s --check-prefix=FIVE
// RUN: rope-opt %s --convert-rope-to-gpu="key-parts=1" --canonicalize | FileCheck %s --check-prefix=ONE
// RUN: not rope-opt %s --convert-rope-to-gpu="key-parts=1025" 2>&1 | FileCheck %s --check-prefix=MANY
// MANY: error: key-parts must be from 0 to 1024, got 1025

// 304 compute units want 8 blocks each, of which one part of the keys of two heads
// of keys makes 2; 8192 keys are worth 32 parts. A block has the four heads of a
// group.
// CHECK-LABEL: func @decode(
// CHECK:         %[[SUMS:.*]] = memref.alloc() : memref<32x1x8x1x64xf32>
// CHECK:         %[[STATISTICS:.*]] = memref.alloc() : memref<32x1x8x1x2xf32>
// CHECK:         gpu.launch_func @rope_kernels::@attention blocks in (%c1, %c2, %c32)
// CHECK:         gpu.launch_func @rope_kernels::@attention_merge
// CHECK-DAG:     memref.dealloc %[[SUMS]]
// CHECK-DAG:     memref.dealloc %[[STATISTICS]]
// FIVE-LABEL: func @decode(
// FIVE:         gpu.launch_func @rope_kernels::@attention blocks in (%c1, %c2, %c5)
// ONE-LABEL:  func @decode(
// ONE-NOT:      memref.alloc
// ONE:          gpu.launch_func @rope_kernels::@attention blocks in (%c1, %c2, %c1)
// ONE-NOT:      attention_merge
// ONE:          return
func.func @decode(%q: memref<1x8x1x64xbf16>, %k: memref<1x2x8192x64xbf16>, %v: memref<1x2x8192x64xbf16>, %out: memref<1x8x1x64xbf16>) {
  rope.attention %q, %k, %v into %out : memref<1x8x1x64xbf16>, memref<1x2x8192x64xbf16>, memref<1x2x8192x64xbf16> into memref<1x8x1x64xbf16>
  return
}

// The host counts the parts of what it knows at run time; with many queries they
// may be one, for which nothing is allocated.
// CHECK-LABEL: func @dynamic(
// CHECK:         arith.divui
// CHECK:         %[[PARTS:.*]] = arith.maxui
// CHECK:         %[[SPLITS:.*]] = arith.cmpi ugt, %[[PARTS]], %c1
// CHECK:         scf.if %[[SPLITS]] {
// CHECK:           memref.alloc(%[[PARTS]],
// CHECK:           gpu.launch_func
// CHECK:           gpu.launch_func @rope_kernels::@attention_merge
// CHECK:           memref.dealloc
// CHECK:         } else {
// CHECK-NOT:       memref.alloc
// CHECK:           gpu.launch_func
// CHECK-NOT:       attention_merge
// CHECK:         return
func.func @dynamic(%q: memref<?x8x?x64xf32>, %k: memref<?x2x?x64xf32>, %v: memref<?x2x?x64xf32>, %out: memref<?x8x?x64xf32>) {
  rope.attention %q, %k, %v into %out causal : memref<?x8x?x64xf32>, memref<?x2x?x64xf32>, memref<?x2x?x64xf32> into memref<?x8x?x64xf32>
  return
}

// Few keys are not worth a merge.
// CHECK-LABEL: func @negative_few_keys(
// CHECK-NOT:     memref.alloc
// CHECK:         gpu.launch_func
// CHECK-NOT:     attention_merge
// CHECK:         return
func.func @negative_few_keys(%q: memref<1x8x1x64xf32>, %k: memref<1x2x500x64xf32>, %v: memref<1x2x500x64xf32>, %out: memref<1x8x1x64xf32>) {
  rope.attention %q, %k, %v into %out : memref<1x8x1x64xf32>, memref<1x2x500x64xf32>, memref<1x2x500x64xf32> into memref<1x8x1x64xf32>
  return
}

// Nor are many queries, which make blocks enough.
// CHECK-LABEL: func @negative_many_queries(
// CHECK-NOT:     attention_merge
// CHECK:         return
func.func @negative_many_queries(%q: memref<1x8x2000x64xf32>, %k: memref<1x2x8192x64xf32>, %v: memref<1x2x8192x64xf32>, %out: memref<1x8x2000x64xf32>) {
  rope.attention %q, %k, %v into %out : memref<1x8x2000x64xf32>, memref<1x2x8192x64xf32>, memref<1x2x8192x64xf32> into memref<1x8x2000x64xf32>
  return
}

// A weight that is rounded takes the sum of all keys.
// FIVE-LABEL: func @negative_rounded_weights(
// FIVE-NOT:     memref.alloc
// FIVE-NOT:     attention_merge
// FIVE:         return
func.func @negative_rounded_weights(%q: memref<1x8x1x64xf32>, %k: memref<1x2x8192x64xf32>, %v: memref<1x2x8192x64xf32>, %out: memref<1x8x1x64xf32>) {
  rope.attention %q, %k, %v into %out softmax_precision bf16 : memref<1x8x1x64xf32>, memref<1x2x8192x64xf32>, memref<1x2x8192x64xf32> into memref<1x8x1x64xf32>
  return
}

// So do weights that are results.
// FIVE-LABEL: func @negative_weights(
// FIVE-NOT:     memref.alloc
// FIVE-NOT:     attention_merge
// FIVE:         return
func.func @negative_weights(%q: memref<1x8x1x64xf32>, %k: memref<1x2x500x64xf32>, %v: memref<1x2x500x64xf32>, %out: memref<1x8x1x64xf32>, %w: memref<1x8x1x500xf32>) {
  rope.attention %q, %k, %v into %out, %w returning_scores<weights> : memref<1x8x1x64xf32>, memref<1x2x500x64xf32>, memref<1x2x500x64xf32> into memref<1x8x1x64xf32>, memref<1x8x1x500xf32>
  return
}

// The largest divisor of a group of 12 that is at most 8; of 11 heads each has its
// own block.
// ONE-LABEL: func @heads(
// ONE:         gpu.launch_func @rope_kernels::@{{.*}} blocks in (%c1, %c2, %c1)
// ONE:         gpu.launch_func @rope_kernels::@{{.*}} blocks in (%c1, %c11, %c1)
func.func @heads(%q: memref<1x12x1x64xf32>, %r: memref<1x11x1x64xf32>, %k: memref<1x1x40x64xf32>, %v: memref<1x1x40x64xf32>, %out: memref<1x12x1x64xf32>, %other: memref<1x11x1x64xf32>) {
  rope.attention %q, %k, %v into %out : memref<1x12x1x64xf32>, memref<1x1x40x64xf32>, memref<1x1x40x64xf32> into memref<1x12x1x64xf32>
  rope.attention %r, %k, %v into %other : memref<1x11x1x64xf32>, memref<1x1x40x64xf32>, memref<1x1x40x64xf32> into memref<1x11x1x64xf32>
  return
}
