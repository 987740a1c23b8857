// RUN: rope-opt %s --convert-rope-to-affine=vector-bits=128 | FileCheck %s

// Lanes of a dimension of one are side by side, but not for vector.load where their stride
// is not known to be 1: they are copied into rows.
// CHECK-LABEL: func.func @keys_of_one_lane(
// CHECK-SAME:    %[[Q:.*]]: memref<1x1x?x1xf16>, %[[K:.*]]: memref<1x1x64x1xf16, strided<[?, ?, ?, ?]>>
// CHECK-NOT:     vector.load %[[K]]
// CHECK:         memref.subview %[[K]]
// CHECK-NOT:     vector.load %[[K]]
// CHECK:         return
func.func @keys_of_one_lane(%q: memref<1x1x?x1xf16>, %k: memref<1x1x64x1xf16, strided<[?, ?, ?, ?]>>,
                            %v: memref<1x1x64x8xf16>, %o: memref<1x1x?x8xf16>) {
  rope.attention %q, %k, %v into %o
    : memref<1x1x?x1xf16>, memref<1x1x64x1xf16, strided<[?, ?, ?, ?]>>, memref<1x1x64x8xf16> into memref<1x1x?x8xf16>
  return
}
