// RUN: rope-opt %s --convert-rope-to-affine --split-input-file | FileCheck %s --enable-var-scope
// RUN: rope-opt %s --convert-rope-to-affine="vector-bits=256" --split-input-file | FileCheck %s --check-prefix=AVX2
// RUN: rope-opt %s --convert-rope-to-affine="vector-bits=128 vector-registers=32" --split-input-file | FileCheck %s --check-prefix=NEON
// RUN: rope-opt %s --convert-rope-to-affine="parallel" --split-input-file | FileCheck %s --check-prefix=PARALLEL

// With 32 registers 6 rows of 4 vectors, with 16 registers 6 of 2; no
// temporary depends on queries times keys, and all are one allocation.
// CHECK-LABEL: func @causal
// CHECK:         %[[POOL:.*]] = memref.alloc() {alignment = 64 : i64} : memref<319680xi8>
// CHECK:         %[[SPECIAL:.*]] = memref.view %[[POOL]][%c0][] : {{.*}} to memref<1x2xi1>
// CHECK:         %[[PACKED:.*]] = memref.view %[[POOL]][%c64][] : {{.*}} to memref<65536xf32>
// CHECK:         %[[KEYS:.*]] = memref.reinterpret_cast %[[PACKED]] to offset: [0], sizes: [1, 8, 64, 64]
// CHECK-NEXT:    memref.reinterpret_cast %[[PACKED]] to offset: [32768], sizes: [1, 1, 512, 64]
// CHECK:         memref.view %[[POOL]]{{.*}} to memref<16x16xf32>
// CHECK:         memref.view %[[POOL]]{{.*}} to memref<96x64xf32>
// CHECK:         memref.view %[[POOL]]{{.*}} to memref<6x272xf32>
// CHECK:         memref.view %[[POOL]]{{.*}} to memref<96x64xf32>
// CHECK:         memref.view %[[POOL]]{{.*}} to memref<96xf32>
// CHECK:         memref.view %[[POOL]][%c319296][] : {{.*}} to memref<96xf32>
// CHECK-NOT:     memref.{{alloc|view}}
// A square of keys is transposed in two halves, of sixteen shuffles in all.
// CHECK:         affine.for %{{.*}} = 0 to 16 step 4
// CHECK-COUNT-8:   vector.shuffle
// CHECK-NOT:       vector.shuffle
// CHECK:         affine.for %{{.*}} = 0 to 4
// CHECK-COUNT-8:   vector.shuffle
// CHECK-NOT:     vector.shuffle
// A block of queries meets the keys up to its last one.
// CHECK:         affine.for %[[QUERY:.*]] = 0 to 512 step 96
// CHECK:           affine.for %{{.*}} = 0 to min #{{.*}}(%[[QUERY]]) {
// CHECK:             affine.for %[[LANE:.*]] = 0 to 64 iter_args({{(%[^ ]* = %[^ ]*, ){23}%[^ ]* = %[^ ]*}}) ->
// CHECK-COUNT-4:       affine.vector_load %[[KEYS]]{{.*}} vector<16xf32>
// CHECK-COUNT-24:      vector.fma
// CHECK:               affine.yield
// Row by row, the maximum and then the weights, whose sums change with it.
// CHECK:             affine.for %{{.*}} = 0 to 6
// CHECK:               vector.reduction <maxnumf>
// CHECK-NOT:           vector.reduction
// CHECK:               scf.if
// CHECK:                 affine.for %{{.*}} = 0 to 64 step 16
// CHECK:               vector.reduction <add>
// CHECK-NOT:           vector.reduction
// Where a value is not finite, one vector after the other, without those of no weight.
// CHECK:             %[[IS_SPECIAL:.*]] = affine.load %[[SPECIAL]][
// CHECK-NEXT:        scf.if %[[IS_SPECIAL]]
// CHECK:               affine.for %{{.*}} = 0 to 6
// CHECK:                 affine.for %{{.*}} = 0 to 4
// CHECK:                   affine.for %{{.*}} iter_args(%{{[^ ]*}} = %{{[^ ]*}}) ->
// CHECK:                     arith.cmpf oeq
// CHECK:                     arith.select
// CHECK:             else
// CHECK:               affine.for %{{.*}} iter_args({{(%[^ ]* = %[^ ]*, ){23}%[^ ]* = %[^ ]*}}) ->
// CHECK-COUNT-24:        vector.fma
// CHECK:         memref.dealloc %[[POOL]]
// CHECK-NOT:     memref.dealloc
// AVX2-LABEL:  func @causal
// AVX2:          affine.for %{{.*}} = 0 to 64 iter_args({{(%[^ ]* = %[^ ]*, ){11}%[^ ]* = %[^ ]*}}) ->
// AVX2-COUNT-12: vector.fma {{.*}} : vector<8xf32>
// AVX2-NEXT:     affine.yield
// NEON-LABEL:  func @causal
// NEON:          affine.for %{{.*}} = 0 to 64 iter_args({{(%[^ ]* = %[^ ]*, ){23}%[^ ]* = %[^ ]*}}) ->
// NEON-COUNT-24: vector.fma {{.*}} : vector<4xf32>
// NEON-NEXT:     affine.yield
// PARALLEL-LABEL: func @causal
// PARALLEL:         affine.parallel (%{{.*}}, %{{.*}}) = (0, 0) to (12, 512) step (1, 256)
// PARALLEL:         affine.parallel (%{{.*}}, %{{.*}}) = (0, 0) to (12, 512) step (1, 96)
func.func @causal(%q: memref<1x12x512x64xf32>, %k: memref<1x12x512x64xf32>, %v: memref<1x12x512x64xf32>, %o: memref<1x12x512x64xf32>) {
  rope.attention %q, %k, %v into %o causal : memref<1x12x512x64xf32>, memref<1x12x512x64xf32>, memref<1x12x512x64xf32> into memref<1x12x512x64xf32>
  return
}

// -----

// The queries of a group of heads are rows of one block, and keys and values are read
// where they are: four keys of 128 lanes meet four queries, and shuffles add up the
// lanes of sixteen products. One head comes after the other, as in memory.
// CHECK-LABEL: func @decode
// CHECK-SAME:    %[[Q:[^:]*]]: memref<1x32x1x128xbf16>, %[[K:[^:]*]]: memref<1x8x?x128xbf16>, %[[V:[^:]*]]: memref
// CHECK:         %[[POOL:.*]] = memref.alloc()
// CHECK:         memref.view %[[POOL]]{{.*}} to memref<8x4x128xf32>
// CHECK:         memref.view %[[POOL]]{{.*}} to memref<8x4xf32>
// CHECK:         memref.view %[[POOL]]{{.*}} to memref<8x4xf32>
// CHECK:         memref.view %[[POOL]]{{.*}} to memref<1x8xi1>
// CHECK:         memref.view %[[POOL]]{{.*}} to memref<1x4x128xf32>
// CHECK:         memref.view %[[POOL]]{{.*}} to memref<1x4x272xf32>
// CHECK:         scf.while
// CHECK-NOT:     memref.{{alloc|view}}
// CHECK:         iter_args({{(%[^ ]* = %[^ ]*, ){15}%[^ ]* = %[^ ]*}}) ->
// CHECK-COUNT-4:   vector.load %[[K]]{{.*}} vector<16xbf16>
// CHECK-COUNT-16:  vector.fma
// CHECK-COUNT-30: vector.shuffle
// CHECK-COUNT-4: vector.extract_strided_slice
// CHECK-NOT:     vector.shuffle
// CHECK:         iter_args({{(%[^ ]* = %[^ ]*, ){15}%[^ ]* = %[^ ]*}}) ->
// CHECK-COUNT-4:   affine.vector_load %[[V]]{{.*}} vector<16xbf16>
// CHECK-COUNT-16:  vector.fma
// CHECK-NEXT:      affine.yield
// Keys are cut into 16 parts of at least 256, which are merged.
// PARALLEL-LABEL: func @decode
// PARALLEL:         memref.view {{.*}} to memref<16x4x128xf32>
// PARALLEL:         affine.parallel (%{{.*}}, %{{.*}}, %{{.*}}) = (0, 0, 0) to (1, 8, 2)
// PARALLEL:         affine.parallel (%{{.*}}, %{{.*}}) = (0, 0) to (1, 8)
func.func @decode(%q: memref<1x32x1x128xbf16>, %k: memref<1x8x?x128xbf16>, %v: memref<1x8x?x128xbf16>, %o: memref<1x32x1x128xbf16>) {
  rope.attention %q, %k, %v into %o : memref<1x32x1x128xbf16>, memref<1x8x?x128xbf16>, memref<1x8x?x128xbf16> into memref<1x32x1x128xbf16>
  return
}

// -----

// Positions outside: the heads of four keys are inside of the loops over keys, with rows
// of all of them. Keys are rotated in memory, sixteen at a time. Few keys are one part.
// CHECK-LABEL: func @decode_heads_inside
// CHECK:         memref.view {{.*}} to memref<1x16x8x128xf32>
// CHECK:         affine.for %{{.*}} = 0 to 4 {
// CHECK:           affine.for %[[HEAD:.*]] = 0 to 8 {
// CHECK:             affine.for %[[LANE:.*]] = 0 to 128 step 16 iter_args({{(%[^ ]* = %[^ ]*, ){15}%[^ ]* = %[^ ]*}}) ->
// PARALLEL-LABEL: func @decode_heads_inside
// PARALLEL:         affine.parallel (%{{.*}}, %{{.*}}, %{{.*}}) = (0, 0, 0) to (1, 1, 1)
func.func @decode_heads_inside(%q: memref<1x1x32x128xf32>, %k: memref<1x400x8x128xf32>, %v: memref<1x400x8x128xf32>, %c: memref<400x64xf32>, %s: memref<400x64xf32>, %o: memref<1x1x32x128xf32>) {
  rope.attention %q, %k, %v into %o layout<bshd> rotate_key(%c, %s : memref<400x64xf32>) : memref<1x1x32x128xf32>, memref<1x400x8x128xf32>, memref<1x400x8x128xf32> into memref<1x1x32x128xf32>
  return
}

// -----

// Any number of queries, with loops of their own for one.
// CHECK-LABEL: func @any_number
// CHECK:         scf.if
// CHECK:           memref.subview %arg0[0, 0, 0, 0] [1, 1, 32, 128] [1, 1, 1, 1] : memref<1x?x32x128xf32> to memref<1x1x32x128xf32, strided<[?, 4096, 128, 1]>>
// CHECK:           affine.for %{{.*}} = 0 to 8
// CHECK:         } else {
// CHECK:           iter_args({{(%[^ ]* = %[^ ]*, ){23}%[^ ]* = %[^ ]*}}) ->
func.func @any_number(%q: memref<1x?x32x128xf32>, %k: memref<1x?x8x128xf32>, %v: memref<1x?x8x128xf32>, %o: memref<1x?x32x128xf32>) {
  rope.attention %q, %k, %v into %o layout<bshd> : memref<1x?x32x128xf32>, memref<1x?x8x128xf32>, memref<1x?x8x128xf32> into memref<1x?x32x128xf32>
  return
}

// -----

// A mask that is known to have three rows is not for one query.
// CHECK-LABEL: func @negative_never_one
// CHECK-NOT:     memref.subview %arg0
// CHECK:         return
func.func @negative_never_one(%q: memref<1x4x?x64xf32>, %k: memref<1x4x?x64xf32>, %m: memref<3x?xf32>, %o: memref<1x4x?x64xf32>) {
  rope.attention %q, %k, %k into %o mask(%m : memref<3x?xf32>) : memref<1x4x?x64xf32>, memref<1x4x?x64xf32>, memref<1x4x?x64xf32> into memref<1x4x?x64xf32>
  return
}

// -----

// Nor are scores of no keys, of which no row could be taken.
// CHECK-LABEL: func @negative_scores_of_no_keys
// CHECK-NOT:     memref.subview %arg0
// CHECK:         return
func.func @negative_scores_of_no_keys(%q: memref<1x4x?x64xf32>, %k: memref<1x4x0x64xf32>, %o: memref<1x4x?x64xf32>, %w: memref<1x4x?x0xf32>) {
  rope.attention %q, %k, %k into %o, %w returning_scores<weights> : memref<1x4x?x64xf32>, memref<1x4x0x64xf32>, memref<1x4x0x64xf32> into memref<1x4x?x64xf32>, memref<1x4x?x0xf32>
  return
}

// -----

// Lengths are loaded: the loops over keys are those of scf.
// CHECK-LABEL: func @lengths
// CHECK:         %[[LENGTH:.*]] = affine.load %{{.*}} : memref<2xindex>
// CHECK:         scf.for
func.func @lengths(%q: memref<2x4x8x64xf32>, %k: memref<2x4x?x64xf32>, %v: memref<2x4x?x80xf32>, %n: memref<2xindex>, %o: memref<2x4x8x80xf32>) {
  rope.attention %q, %k, %v into %o causal kv_lengths(%n : memref<2xindex>) : memref<2x4x8x64xf32>, memref<2x4x?x64xf32>, memref<2x4x?x80xf32> into memref<2x4x8x80xf32>
  return
}

// -----

// CHECK-LABEL: func @negative_no_queries
// CHECK-NEXT:    return
func.func @negative_no_queries(%q: memref<2x4x0x64xf32>, %k: memref<2x4x8x64xf32>, %v: memref<2x4x8x64xf32>, %o: memref<2x4x0x64xf32>) {
  rope.attention %q, %k, %v into %o : memref<2x4x0x64xf32>, memref<2x4x8x64xf32>, memref<2x4x8x64xf32> into memref<2x4x0x64xf32>
  return
}
