// RUN: rope-opt %s --convert-rope-to-affine --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func @half
// CHECK-SAME:    (%[[C:.*]]: memref<?x24xf32>, %[[S:.*]]: memref<?x24xf32>, %[[M:.*]]: memref<?x48x48xf32>)
// CHECK:         affine.for %[[P:.*]] = 0 to
// CHECK:           affine.for %[[I:.*]] = 0 to 24 {
// CHECK-DAG:         %[[COS:.*]] = affine.load %[[C]][%[[P]], %[[I]]]
// CHECK-DAG:         %[[SIN:.*]] = affine.load %[[S]][%[[P]], %[[I]]]
// CHECK-DAG:         %[[NEG:.*]] = arith.negf %[[SIN]]
// CHECK:             affine.for %[[J:.*]] = 0 to 3 {
// CHECK-NEXT:          affine.vector_store %{{.*}}, %[[M]][%[[P]], %[[I]], %[[J]] * 16] : memref<?x48x48xf32>, vector<16xf32>
// CHECK:             affine.store %[[COS]], %[[M]][%[[P]], %[[I]], %[[I]]]
// CHECK-NEXT:        affine.store %[[NEG]], %[[M]][%[[P]], %[[I]], %[[I]] + 24]
// CHECK:             affine.store %[[SIN]], %[[M]][%[[P]], %[[I]] + 24, %[[I]]]
// CHECK-NEXT:        affine.store %[[COS]], %[[M]][%[[P]], %[[I]] + 24, %[[I]] + 24]
func.func @half(%c: memref<?x24xf32>, %s: memref<?x24xf32>, %m: memref<?x48x48xf32>) {
  rope.rotation_matrix %c, %s into %m : memref<?x24xf32> into memref<?x48x48xf32>
  return
}

// CHECK-LABEL: func @interleaved
// CHECK:         affine.store %{{.*}}, %{{.*}}[%[[I:.*]] * 2, %[[I]] * 2 + 1]
// CHECK:         affine.store %{{.*}}, %{{.*}}[%[[I]] * 2 + 1, %[[I]] * 2]
func.func @interleaved(%c: memref<3xf64>, %s: memref<3xf64>, %m: memref<6x6xf64>) {
  rope.rotation_matrix %c, %s into %m pairing<interleaved> : memref<3xf64> into memref<6x6xf64>
  return
}
