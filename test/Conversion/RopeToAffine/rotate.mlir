// RUN: rope-opt %s --convert-rope-to-affine --canonicalize --cse | FileCheck %s

// A table row is loaded before the heads, which share it. Stores are in the order of
// addresses.
// CHECK-LABEL: func @heads_inside
// CHECK-SAME:    (%[[X:.*]]: memref<?x8x64xf32>, %[[C:.*]]: memref<?x32xf32>, %[[S:.*]]: memref<?x32xf32>)
// CHECK:         affine.for %[[P:.*]] = 0 to %{{.*}} {
// CHECK-NEXT:      %[[C0:.*]] = affine.vector_load %[[C]][%[[P]], 0] : memref<?x32xf32>, vector<16xf32>
// CHECK-NEXT:      %[[S0:.*]] = affine.vector_load %[[S]][%[[P]], 0]
// CHECK-NEXT:      affine.vector_load %[[C]][%[[P]], 16]
// CHECK-NEXT:      affine.vector_load %[[S]][%[[P]], 16]
// CHECK-NEXT:      affine.for %[[H:.*]] = 0 to 8 {
// CHECK-NEXT:        %[[A:.*]] = affine.vector_load %[[X]][%[[P]], %[[H]], 0]
// CHECK-NEXT:        %[[B:.*]] = affine.vector_load %[[X]][%[[P]], %[[H]], 32]
// CHECK:             %[[SB:.*]] = arith.mulf %[[S0]], %[[B]]
// CHECK-NEXT:        %[[NEG:.*]] = arith.negf %[[SB]]
// CHECK-NEXT:        %[[YA:.*]] = math.fma %[[C0]], %[[A]], %[[NEG]]
// CHECK-NEXT:        %[[SA:.*]] = arith.mulf %[[S0]], %[[A]]
// CHECK-NEXT:        %[[YB:.*]] = math.fma %[[C0]], %[[B]], %[[SA]]
// CHECK:             affine.vector_store %[[YA]], %[[X]][%[[P]], %[[H]], 0]
// CHECK-NEXT:        affine.vector_store %{{.*}}, %[[X]][%[[P]], %[[H]], 16]
// CHECK-NEXT:        affine.vector_store %[[YB]], %[[X]][%[[P]], %[[H]], 32]
// CHECK-NEXT:        affine.vector_store %{{.*}}, %[[X]][%[[P]], %[[H]], 48]
// CHECK-NEXT:      }
func.func @heads_inside(%x: memref<?x8x64xf32>, %c: memref<?x32xf32>, %s: memref<?x32xf32>) {
  rope.rotate %x into %x by %c, %s along [0] : memref<?x8x64xf32> into memref<?x8x64xf32>, memref<?x32xf32>
  return
}

// Heads are outside positions in memory: tiles of positions, heads, positions.
// CHECK-LABEL: func @heads_outside
// CHECK:         affine.for %[[B:.*]] = 0 to 2 {
// CHECK-NEXT:      affine.for %[[T:.*]] = 0 to %[[N:.*]] step 16 {
// CHECK-NEXT:        affine.for %[[H:.*]] = 0 to 4 {
// CHECK-NEXT:          affine.for %[[P:.*]] = #{{.*}}(%[[T]]) to min #{{.*}}(%[[T]])[%[[N]]] {
// CHECK-NEXT:            affine.vector_load %{{.*}}[%[[P]], 0] : memref<?x16xf32>
// CHECK:                 affine.vector_load %{{.*}}[%[[B]], %[[H]], %[[P]], 0]
func.func @heads_outside(%x: memref<2x4x?x32xf32>, %c: memref<?x16xf32>, %s: memref<?x16xf32>) {
  rope.rotate %x into %x by %c, %s along [2] : memref<2x4x?x32xf32> into memref<2x4x?x32xf32>, memref<?x16xf32>
  return
}

// One position: nothing to tile, the row serves all.
// CHECK-LABEL: func @decode
// CHECK:         affine.vector_load %{{.*}}[0, 0] : memref<1x16xf32>
// CHECK:         affine.for %{{.*}} = 0 to 2 {
// CHECK:           affine.for %{{.*}} = 0 to 4 {
// CHECK-NOT:         memref<1x16xf32>
// CHECK:         return
func.func @decode(%x: memref<2x4x1x32xf32>, %c: memref<1x16xf32>, %s: memref<1x16xf32>) {
  rope.rotate %x into %x by %c, %s along [2] : memref<2x4x1x32xf32> into memref<2x4x1x32xf32>, memref<1x16xf32>
  return
}

// Whole vectors of pairs, swapped in registers; 20 pairs are 8, 8 and 4.
// CHECK-LABEL: func @interleaved
// CHECK:         %[[T:.*]] = affine.vector_load %{{.*}}[0] : memref<20xf32>, vector<8xf32>
// CHECK:         %[[C:.*]] = vector.interleave %[[T]], %[[T]] : vector<8xf32> -> vector<16xf32>
// CHECK:         affine.for
// CHECK:           %[[X:.*]] = affine.vector_load %{{.*}}[%{{.*}}, 0] : memref<?x40xf32>, vector<16xf32>
// CHECK:           affine.vector_load %{{.*}}[%{{.*}}, 16] : memref<?x40xf32>, vector<16xf32>
// CHECK:           affine.vector_load %{{.*}}[%{{.*}}, 32] : memref<?x40xf32>, vector<8xf32>
// CHECK:           %[[SWAP:.*]] = vector.shuffle %[[X]], %[[X]] [1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14]
// CHECK:           %[[SX:.*]] = arith.mulf %{{.*}}, %[[SWAP]]
// CHECK:           math.fma %[[C]], %[[X]], %[[SX]]
func.func @interleaved(%x: memref<?x40xf32>, %c: memref<20xf32>, %s: memref<20xf32>) {
  rope.rotate %x into %x by %c, %s along [] pairing<interleaved> : memref<?x40xf32> into memref<?x40xf32>, memref<20xf32>
  return
}

// Many pairs are a loop over chunks that fill the registers.
// CHECK-LABEL: func @wide
// CHECK:         affine.for %[[CHUNK:.*]] = 0 to 3 {
// CHECK:           affine.vector_load %{{.*}}[%[[CHUNK]] * 128] : memref<512xf32>
// CHECK:         affine.vector_load %{{.*}}[384] : memref<512xf32>
func.func @wide(%x: memref<1024xf32>, %c: memref<512xf32>, %s: memref<512xf32>) {
  rope.rotate %x into %x by %c, %s along [] : memref<1024xf32> into memref<1024xf32>, memref<512xf32>
  return
}
