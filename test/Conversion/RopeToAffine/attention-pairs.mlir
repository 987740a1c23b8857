// RUN: rope-opt %s --convert-rope-to-affine="bf16-products=tiles" --split-input-file -o %t.mlir --remark-format=emitRemark --remarks-filter=rope 2>&1 | FileCheck %s --check-prefix=REMARK --implicit-check-not=remark
// RUN: FileCheck %s --input-file %t.mlir
// RUN: rope-opt %s --convert-rope-to-affine="bf16-products=dots" --split-input-file | FileCheck %s --check-prefix=DOTS

// 2 x 2 tiles of sums: a load for each product, of rows of queries and of pairs of
// lanes of keys; the scale is no power of two, and scores take it.
// CHECK-LABEL: @tiles
// CHECK-DAG:     memref.view {{.*}} to memref<256x64xbf16>
// CHECK-DAG:     memref.view {{.*}} to memref<32x144xf32>
// CHECK-DAG:     memref.view {{.*}} to memref<32x160xbf16>
// CHECK:         affine.for {{.*}} step 32 iter_args
// CHECK-COUNT-4:   amx.tile_load
// CHECK-COUNT-4:   amx.tile_mulf
// CHECK-NEXT:      affine.yield
// CHECK:         amx.tile_store
// CHECK:         arith.mulf
// Weights in bf16 meet the values, which are read one by one where some are not finite.
// CHECK:         %[[SPECIAL:.*]] = affine.load {{.*}} : memref<1x4xi1>
// CHECK-NEXT:    scf.if %[[SPECIAL]]
// CHECK-NOT:     amx.tile
// CHECK:         } else {
// CHECK-COUNT-4:   amx.tile_load {{.*}} : memref<{{.*}}xf32> into
// CHECK:           {{affine|scf}}.for {{.*}} iter_args
// CHECK-COUNT-4:   amx.tile_load
// CHECK-COUNT-4:   amx.tile_mulf
// CHECK:           amx.tile_store
// DOTS-LABEL: @tiles
// DOTS:          affine.for {{.*}} step 2 iter_args
// DOTS:            x86vector.avx512.dot
!x = memref<1x1x512x48xbf16>
func.func @tiles(%x: !x, %o: !x) {
  rope.attention %x, %x, %x into %o : !x, !x, !x into !x
  return
}

// -----

// Few rows leave keys where they are.
// CHECK-LABEL: @negative_decoding
// CHECK-NOT: amx
// REMARK: remark: {{.*}}PairProducts{{.*}}few rows read them where they are
// DOTS-LABEL: @negative_decoding
// DOTS-NOT:  x86vector
!q1 = memref<1x8x1x64xbf16>
!k1 = memref<1x2x512x64xbf16>
func.func @negative_decoding(%q: !q1, %k: !k1, %o: !q1) {
  rope.attention %q, %k, %k into %o : !q1, !k1, !k1 into !q1
  return
}

// -----

// CHECK-LABEL: @negative_values
// CHECK-NOT: amx
// REMARK: remark: {{.*}}values are not bf16
// DOTS-LABEL: @negative_values
// DOTS-NOT:  x86vector
!x2 = memref<1x1x512x48xbf16>
!v2 = memref<1x1x512x48xf32>
func.func @negative_values(%x: !x2, %v: !v2, %o: !x2) {
  rope.attention %x, %x, %v into %o : !x2, !x2, !v2 into !x2
  return
}

// -----

// CHECK-LABEL: @negative_precision
// CHECK-NOT: amx
// REMARK: remark: {{.*}}the softmax is not in f32
// DOTS-LABEL: @negative_precision
// DOTS-NOT:  x86vector
!x3 = memref<1x1x512x48xbf16>
func.func @negative_precision(%x: !x3, %o: !x3) {
  rope.attention %x, %x, %x into %o softmax_precision f64 : !x3, !x3, !x3 into !x3
  return
}

// -----

// CHECK-LABEL: @negative_odd_tail
// CHECK-NOT: amx
// REMARK: remark: {{.*}}the key has an odd number of lanes before its tail
// DOTS-LABEL: @negative_odd_tail
// DOTS-NOT:  x86vector
!q4 = memref<1x1x512x48xbf16>
!k4 = memref<1x1x512x47xbf16>
!t4 = memref<1x1x512x1xbf16>
func.func @negative_odd_tail(%q: !q4, %k: !k4, %t: !t4, %o: !q4) {
  rope.attention %q, %k, %q into %o key_tail(%t : !t4) : !q4, !k4, !q4 into !q4
  return
}
