// RUN: rope-opt %s --convert-rope-to-affine="vector-bits=128" --split-input-file | FileCheck %s --check-prefix=TWO
// RUN: rope-opt %s --convert-rope-to-affine="vector-bits=512" --split-input-file | FileCheck %s --check-prefix=EIGHT

// Of vectors of two the first half is all; of eight it leaves lanes four apart, of which a
// part of a square stores those that there are: 6 lanes are 4 and then 2.
// TWO-LABEL:   func @six_lanes
// TWO:           memref.view {{.*}} to memref<2x2xf64>
// TWO-COUNT-2:     vector.shuffle {{.*}} vector<2xf64>, vector<2xf64>
// TWO-NOT:       vector.shuffle
// TWO:         return
// EIGHT-LABEL: func @six_lanes
// EIGHT:         memref.view {{.*}} to memref<8x8xf64>
// No whole squares, and the part of one.
// EIGHT:         affine.for %{{.*}} = 0 to 8 step 4
// EIGHT-COUNT-8:   vector.shuffle
// EIGHT-NOT:       vector.shuffle
// EIGHT:         affine.for %[[LANE:.*]] = 0 to 4 {
// EIGHT:           %[[LOW:.*]] = vector.shuffle {{.*}} [0, 1, 2, 3, 8, 9, 10, 11]
// EIGHT-NEXT:      vector.shuffle {{.*}} [4, 5, 6, 7, 12, 13, 14, 15]
// EIGHT:           affine.vector_store %[[LOW]], %{{.*}}, %[[LANE]], %{{.*}}]
// EIGHT-NEXT:    }
// EIGHT:         affine.for %{{.*}} = 0 to 2 {
// EIGHT:           vector.shuffle {{.*}} [0, 1, 2, 3, 8, 9, 10, 11]
// EIGHT-NEXT:      %[[HIGH:.*]] = vector.shuffle {{.*}} [4, 5, 6, 7, 12, 13, 14, 15]
// EIGHT:           affine.vector_store %[[HIGH]]
// EIGHT-NEXT:    }
!x = memref<1x2x64x6xf64>
func.func @six_lanes(%q: !x, %k: !x, %v: !x, %o: !x) {
  rope.attention %q, %k, %v into %o : !x, !x, !x into !x
  return
}
