// RUN: rope-opt %s --convert-rope-to-affine=vector-bits=256 | FileCheck %s

// 90 columns are six panels of two vectors in a loop, and the last vector would end behind
// the row: the second one of a panel is loaded by a mask, so that nothing behind a buffer is read.
// CHECK-LABEL: func @packed(
// CHECK-SAME:    %[[V:[^:]*]]: memref<1x2x64x90xf32>
// CHECK:         affine.for %[[PANEL:.*]] = 0 to 6 iter_args
// CHECK:           affine.vector_load %[[V]]
// CHECK-NEXT:      affine.vector_store
// CHECK-NOT:       affine.vector_load
// CHECK:           %[[MASK:.*]] = vector.create_mask
// CHECK-NOT:       affine.vector_load
// CHECK:           vector.maskedload %[[V]]{{.*}} %[[MASK]]
func.func @packed(%v: memref<1x2x64x90xf32>, %q: memref<1x2x64x8xf32>, %o: memref<1x2x64x90xf32>) {
  rope.attention %q, %q, %v into %o : memref<1x2x64x8xf32>, memref<1x2x64x8xf32>, memref<1x2x64x90xf32> into memref<1x2x64x90xf32>
  return
}

// A decoder's step reads them where they are, two panels of six vectors.
// CHECK-LABEL: func @direct(
// CHECK-SAME:    %[[V:[^:]*]]: memref<1x2x64x90xf32>
// CHECK:         affine.for %{{.*}} = 0 to 2 {
// CHECK:           affine.for {{.*}} iter_args({{(%[^ ]* = %[^ ]*, ){5}%[^ ]* = %[^ ]*}}) ->
// CHECK-COUNT-5:     affine.vector_load %[[V]]
// CHECK-NOT:         affine.vector_load %[[V]]
// CHECK:             vector.maskedload %[[V]]
func.func @direct(%v: memref<1x2x64x90xf32>, %q: memref<1x2x1x8xf32>, %k: memref<1x2x64x8xf32>, %o: memref<1x2x1x90xf32>) {
  rope.attention %q, %k, %v into %o : memref<1x2x1x8xf32>, memref<1x2x64x8xf32>, memref<1x2x64x90xf32> into memref<1x2x1x90xf32>
  return
}

// Columns that fill their vectors need none.
// CHECK-LABEL: func @negative_whole(
// CHECK-NOT:     mask
// CHECK:         return
func.func @negative_whole(%v: memref<1x2x64x96xf32>, %q: memref<1x2x64x8xf32>, %o: memref<1x2x64x96xf32>) {
  rope.attention %q, %q, %v into %o : memref<1x2x64x8xf32>, memref<1x2x64x8xf32>, memref<1x2x64x96xf32> into memref<1x2x64x96xf32>
  return
}
