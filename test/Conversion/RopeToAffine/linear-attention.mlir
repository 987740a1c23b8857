// RUN: rope-opt %s --convert-rope-to-affine --split-input-file | FileCheck %s --enable-var-scope
// RUN: rope-opt %s --convert-rope-to-affine="parallel" --split-input-file | FileCheck %s --check-prefix=PARALLEL
// RUN: rope-opt %s --convert-rope-to-affine="vector-registers=400" --split-input-file | FileCheck %s --check-prefix=MANY

// A gated delta rule: one pass over the state recalls, the other one updates and
// answers both heads, five vectors of the value's lanes at a time.
// CHECK-LABEL: func @gated_delta
// CHECK-SAME:    %[[Q:[^:]*]]: memref<4x8x?x128xf32>
// CHECK:         memref.alloc() {alignment = 64 : i64} : memref<128x128xf32>
// CHECK:         iter_args({{(%[^ ]* = %[^ ]*, ){7}%[^ ]* = %[^ ]*}}) ->
// CHECK-COUNT-8:   math.fma {{.*}} vector<16xf32>
// CHECK:         iter_args({{(%[^ ]* = %[^ ]*, ){15}%[^ ]* = %[^ ]*}}) ->
// CHECK-COUNT-24:  math.fma {{.*}} vector<16xf32>
// CHECK-NOT:     linalg.
// PARALLEL-LABEL: func @gated_delta
// PARALLEL:         affine.parallel (%{{.*}}, %{{.*}}) = (0, 0) to (4, 4) {
// PARALLEL:           memref.alloc() {alignment = 64 : i64} : memref<128x128xf32>
func.func @gated_delta(%q: memref<4x8x?x128xf32>, %k: memref<4x4x?x128xf32>, %v: memref<4x4x?x128xf32>, %g: memref<4x4x?xf32>, %b: memref<4x4x?xf32>, %past: memref<4x4x128x128xf32>, %o: memref<4x8x?x128xf32>, %s: memref<4x4x128x128xf32>) {
  rope.linear_attention %q, %k, %v into %o, %s causal log_decay(%g : memref<4x4x?xf32>) beta(%b : memref<4x4x?xf32>) past(%past : memref<4x4x128x128xf32>) returning_state
    : memref<4x8x?x128xf32>, memref<4x4x?x128xf32>, memref<4x4x?x128xf32> into memref<4x8x?x128xf32>, memref<4x4x128x128xf32>
  return
}

// -----

// Whole sequences: a tile of the state, 6 features by 4 vectors, takes 16 keys in
// registers; features are rotated in buffers of their own, for the denominator.
// CHECK-LABEL: func @equation_19
// CHECK-COUNT-2: affine.vector_store
// CHECK:         iter_args({{(%[^ ]* = %[^ ]*, ){23}%[^ ]* = %[^ ]*}}) ->
// CHECK-COUNT-24:  math.fma {{.*}} vector<16xf32>
func.func @equation_19(%q: memref<1x4x64x64xf32>, %k: memref<1x4x64x64xf32>, %v: memref<1x4x64x64xf32>, %c: memref<64x32xf32>, %s: memref<64x32xf32>, %o: memref<1x4x64x64xf32>) {
  rope.linear_attention %q, %k, %v into %o features<elu_plus_one> normalize rotate_query(%c, %s : memref<64x32xf32>) rotate_key(%c, %s : memref<64x32xf32>)
    : memref<1x4x64x64xf32>, memref<1x4x64x64xf32>, memref<1x4x64x64xf32> into memref<1x4x64x64xf32>
  return
}

// -----

// CHECK-LABEL: func @negative_no_batch
// CHECK-NOT:     for
// CHECK:         return
func.func @negative_no_batch(%q: memref<0x2x4x8xf32>, %o: memref<0x2x4x8xf32>, %s: memref<0x2x8x8xf32>) {
  rope.linear_attention %q, %q, %q into %o, %s returning_state : memref<0x2x4x8xf32>, memref<0x2x4x8xf32>, memref<0x2x4x8xf32> into memref<0x2x4x8xf32>, memref<0x2x8x8xf32>
  return
}

// -----

// 16 rows of the state by 8 vectors, and no more queries at once than a chunk has rows,
// however many registers there are.
// MANY-LABEL: func @negative_more_registers_than_rows
// MANY:         iter_args({{(%[^ ]* = %[^ ]*, ){127}%[^ ]* = %[^ ]*}}) ->
// MANY:         iter_args({{(%[^ ]* = %[^ ]*, ){127}%[^ ]* = %[^ ]*}}) ->
// MANY-NOT:     iter_args
// MANY:         return
func.func @negative_more_registers_than_rows(%q: memref<1x1x16x16xf32>, %k: memref<1x1x16x16xf32>, %v: memref<1x1x16x128xf32>, %o: memref<1x1x16x128xf32>) {
  rope.linear_attention %q, %k, %v into %o : memref<1x1x16x16xf32>, memref<1x1x16x16xf32>, memref<1x1x16x128xf32> into memref<1x1x16x128xf32>
  return
}
