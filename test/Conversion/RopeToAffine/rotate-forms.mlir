// RUN: rope-opt %s --convert-rope-to-affine="vector-bits=256 contract=false parallel" --canonicalize --cse | FileCheck %s

// Each product is rounded; lanes outside of the rotary range are copied.
// CHECK-LABEL: func @out_of_place
// CHECK:         affine.parallel (%[[B:.*]], %[[P:.*]]) = (0, 0) to (2, symbol(%{{.*}})) {
// CHECK:           affine.for %[[H:.*]] = 0 to 4 {
// CHECK-NOT:         math.fma
// CHECK:             arith.subf
// CHECK:             arith.addf
// CHECK-NOT:         math.fma
// CHECK:             affine.load %{{.*}}[%[[B]], %[[P]], %[[H]], 0]
// CHECK:             affine.vector_load %{{.*}}[%[[B]], %[[P]], %[[H]], 17] : memref<2x?x4x21xf32>, vector<4xf32>
func.func @out_of_place(%x: memref<2x?x4x21xf32>, %y: memref<2x?x4x21xf32>, %c: memref<?x8xf32>, %s: memref<?x8xf32>) {
  rope.rotate %x into %y by %c, %s along [1] offset 1 rotary_dim 16 : memref<2x?x4x21xf32> into memref<2x?x4x21xf32>, memref<?x8xf32>
  return
}

// Not worth the start of threads.
// CHECK-LABEL: func @small
// CHECK-NOT:     affine.parallel
// CHECK:         return
func.func @small(%x: memref<4x4x16xf32>, %c: memref<4x8xf32>, %s: memref<4x8xf32>) {
  rope.rotate %x into %x by %c, %s along [0] : memref<4x4x16xf32> into memref<4x4x16xf32>, memref<4x8xf32>
  return
}

// Lanes that do not lie side by side are accessed one by one.
// CHECK-LABEL: func @no_unit_stride
// CHECK-NOT:     vector
// CHECK:         affine.for %[[I:.*]] = 0 to 7 {
// CHECK-COUNT-4:   affine.load
// CHECK-NOT:     vector
// CHECK:         return
func.func @no_unit_stride(%x: memref<16xf32, strided<[2]>>, %c: memref<8xf32>, %s: memref<8xf32>) {
  rope.rotate %x into %x by %c, %s along [] : memref<16xf32, strided<[2]>> into memref<16xf32, strided<[2]>>, memref<8xf32>
  return
}

// A size that is no symbol of affine: the loops are those of scf.
// CHECK-LABEL: func @run_time_tile
// CHECK:         scf.for %[[I:.*]] =
// CHECK:           scf.parallel (%[[P:.*]]) =
// CHECK:             vector.load %{{.*}}[%[[P]], %{{.*}}] : memref<?x8xf32, {{.*}}>, vector<8xf32>
func.func @run_time_tile(%x: memref<64x16xf32>, %c: memref<64x8xf32>, %s: memref<64x8xf32>) {
  %zero = arith.constant 0 : index
  %step = arith.constant 5 : index
  %size = arith.constant 64 : index
  scf.for %i = %zero to %size step %step {
    %left = arith.subi %size, %i : index
    %n = arith.minsi %left, %step : index
    %xt = memref.subview %x[%i, 0] [%n, 16] [1, 1] : memref<64x16xf32> to memref<?x16xf32, strided<[16, 1], offset: ?>>
    %ct = memref.subview %c[%i, 0] [%n, 8] [1, 1] : memref<64x8xf32> to memref<?x8xf32, strided<[8, 1], offset: ?>>
    %st = memref.subview %s[%i, 0] [%n, 8] [1, 1] : memref<64x8xf32> to memref<?x8xf32, strided<[8, 1], offset: ?>>
    rope.rotate %xt into %xt by %ct, %st along [0] : memref<?x16xf32, strided<[16, 1], offset: ?>> into memref<?x16xf32, strided<[16, 1], offset: ?>>, memref<?x8xf32, strided<[8, 1], offset: ?>>
  }
  return
}
