// RUN: rope-opt %s --convert-rope-to-affine="parallel" --canonicalize --split-input-file | FileCheck %s
// RUN: rope-opt %s --convert-rope-to-affine --canonicalize --split-input-file | FileCheck %s --check-prefix=SERIAL
// RUN: rope-opt %s --convert-rope-to-affine="parallel key-parts=1" --canonicalize --split-input-file | FileCheck %s --check-prefix=SERIAL
// RUN: rope-opt %s --convert-rope-to-affine="key-parts=3" --canonicalize --split-input-file | FileCheck %s --check-prefix=THREE
// RUN: rope-opt %s --convert-rope-to-affine="parallel" --split-input-file --remark-format=emitRemark --remarks-filter=rope -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK --implicit-check-not=remark:
// RUN: rope-opt %s --convert-rope-to-affine="parallel key-parts=1" --split-input-file --remark-format=emitRemark --remarks-filter=rope -o /dev/null 2>&1 | FileCheck %s --check-prefix=NONE --allow-empty

// Few heads and blocks of queries are too few items for threads: the keys are
// cut into parts of 512, whose rows have slots until they are merged. Sinks
// belong to the first part.

// SERIAL: func.func @one_head
// SERIAL-NOT: memref<{{[0-9?]+}}x{{66|96}}x128xf32>
// SERIAL: memref.view {{.*}} to memref<66x128xf32>
// SERIAL-NOT: memref<{{[0-9?]+}}x{{66|96}}x128xf32>

// CHECK-LABEL: func.func @one_head
// CHECK: %[[SUMS:.*]] = memref.view {{.*}} to memref<8x66x128xf32>
// CHECK: memref.view {{.*}} to memref<8x66xf32>
// CHECK: memref.view {{.*}} to memref<8x66xf32>
// CHECK-NOT: x66x128xf32>
// CHECK: affine.parallel (%{{.*}}, %[[KEY:.*]]) = (0, 0) to (1, 4096) step (1, 256)
// CHECK: affine.parallel (%{{.*}}, %{{.*}}, %[[PART:.*]]) = (0, 0, 0) to (1, 64, 8) step (1, 64, 1)
// CHECK: memref.subview %[[SUMS]]
// CHECK: affine.parallel (%{{.*}}, %{{.*}}) = (0, 0) to (1, 64) step (1, 64)
// CHECK: for %[[OTHER:.*]] = 1 to 8
// THREE-LABEL: func.func @one_head
// THREE: memref.view {{.*}} to memref<3x66x128xf32>
// THREE-NOT: parallel
func.func @one_head(%q: memref<1x1x64x128xf32>, %k: memref<1x1x4096x128xf32>, %o: memref<1x1x64x128xf32>, %x: memref<1xf32>) {
  rope.attention %q, %k, %k into %o causal sinks(%x : memref<1xf32>) : memref<1x1x64x128xf32>, memref<1x1x4096x128xf32>, memref<1x1x4096x128xf32> into memref<1x1x64x128xf32>
  return
}

// -----

// Two heads of two blocks: four items, four parts each. Batches are one after
// the other.
// CHECK-LABEL: func.func @two_heads
// CHECK: memref.view {{.*}} to memref<16x96x128xf32>
// CHECK: affine.parallel ({{.*}}) = (0, 0, 0) to (2, 100, 4) step (1, 96, 1)
func.func @two_heads(%q: memref<3x2x100x128xf32>, %k: memref<3x2x4096x128xf32>, %o: memref<3x2x100x128xf32>) {
  rope.attention %q, %k, %k into %o : memref<3x2x100x128xf32>, memref<3x2x4096x128xf32>, memref<3x2x4096x128xf32> into memref<3x2x100x128xf32>
  return
}

// -----

// Known at run time only, the number of keys bounds the parts then.
// CHECK-LABEL: func.func @dynamic_keys
// CHECK: memref.view {{.*}} to memref<16x66x128xf32>
// CHECK: affine.parallel ({{.*}}) = (0, 0, 0) to (1, 64, 16) step (1, 64, 1)
func.func @dynamic_keys(%q: memref<1x1x64x128xf32>, %k: memref<1x1x?x128xf32>, %o: memref<1x1x64x128xf32>) {
  rope.attention %q, %k, %k into %o : memref<1x1x64x128xf32>, memref<1x1x?x128xf32>, memref<1x1x?x128xf32> into memref<1x1x64x128xf32>
  return
}

// -----

// Not cut: fewer than 1024 keys.
// CHECK-LABEL: func.func @negative_few_keys
// CHECK-NOT: memref.subview
// CHECK-NOT: affine.parallel (%{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %
// CHECK: affine.parallel (%{{[a-z0-9]+}}, %{{[a-z0-9]+}}) = (0, 0) to (1, 64) step (1, 64)
// CHECK-NOT: memref.subview
func.func @negative_few_keys(%q: memref<1x1x64x128xf32>, %k: memref<1x1x1023x128xf32>, %o: memref<1x1x64x128xf32>) {
  rope.attention %q, %k, %k into %o : memref<1x1x64x128xf32>, memref<1x1x1023x128xf32>, memref<1x1x1023x128xf32> into memref<1x1x64x128xf32>
  return
}

// -----

// Not cut: nine heads are items enough, two parts each would be eighteen.
// CHECK-LABEL: func.func @negative_many_heads
// CHECK-NOT: memref.subview
// CHECK-NOT: affine.parallel (%{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %
// CHECK: affine.parallel (%{{[a-z0-9]+}}, %{{[a-z0-9]+}}) = (0, 0) to (9, 64) step (1, 64)
// CHECK-NOT: memref.subview
func.func @negative_many_heads(%q: memref<1x9x64x128xf32>, %k: memref<1x9x4096x128xf32>, %o: memref<1x9x64x128xf32>) {
  rope.attention %q, %k, %k into %o : memref<1x9x64x128xf32>, memref<1x9x4096x128xf32>, memref<1x9x4096x128xf32> into memref<1x9x64x128xf32>
  return
}

// -----

// Not cut: as many blocks of queries.
// CHECK-LABEL: func.func @negative_many_queries
// CHECK-NOT: memref.subview
// CHECK-NOT: affine.parallel (%{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %
// CHECK: affine.parallel (%{{[a-z0-9]+}}, %{{[a-z0-9]+}}) = (0, 0) to (1, 1024) step (1, 96)
// CHECK-NOT: memref.subview
func.func @negative_many_queries(%q: memref<1x1x1024x128xf32>, %k: memref<1x1x4096x128xf32>, %o: memref<1x1x1024x128xf32>) {
  rope.attention %q, %k, %k into %o : memref<1x1x1024x128xf32>, memref<1x1x4096x128xf32>, memref<1x1x4096x128xf32> into memref<1x1x1024x128xf32>
  return
}

// -----

// Not cut: that many queries are not known to be few.
// One query, which takes a branch of its own, is.
// CHECK-LABEL: func.func @negative_dynamic_queries
// CHECK: scf.if
// CHECK: affine.parallel {{.*}} = (0, 0, 0) to (1, 1, 16)
// CHECK: else
// CHECK-NOT: affine.parallel (%{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %
// CHECK: affine.parallel {{.*}} step (1, 96)
// CHECK-NOT: affine.parallel
// THREE-LABEL: func.func @negative_dynamic_queries
// THREE: memref.alloc({{.*}}) {{.*}} : memref<?x96x128xf32>
// REMARK: remark: {{.*}}KeyParts{{.*}}the number of queries is not known
// NONE-NOT: remark
func.func @negative_dynamic_queries(%q: memref<1x1x?x128xf32>, %k: memref<1x1x4096x128xf32>, %o: memref<1x1x?x128xf32>) {
  rope.attention %q, %k, %k into %o : memref<1x1x?x128xf32>, memref<1x1x4096x128xf32>, memref<1x1x4096x128xf32> into memref<1x1x?x128xf32>
  return
}

// -----

// Not cut, whatever the option says: rounded weights are of a whole row.
// CHECK-LABEL: func.func @negative_rounded
// CHECK-NOT: affine.parallel (%{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %
// CHECK: affine.parallel (%{{[a-z0-9]+}}, %{{[a-z0-9]+}}) = (0, 0) to (1, 64) step (1, 64)
// CHECK-NOT: affine.parallel (%{{[a-z0-9]+}}, %{{[a-z0-9]+}}, %
// THREE-LABEL: func.func @negative_rounded
// THREE-NOT: 3x66x128xf32
// THREE: memref.view {{.*}} to memref<66x128xf32>
// THREE-NOT: 3x66x128xf32
func.func @negative_rounded(%q: memref<1x1x64x128xf32>, %k: memref<1x1x4096x128xf32>, %o: memref<1x1x64x128xf32>) {
  rope.attention %q, %k, %k into %o softmax_precision bf16 : memref<1x1x64x128xf32>, memref<1x1x4096x128xf32>, memref<1x1x4096x128xf32> into memref<1x1x64x128xf32>
  return
}

// -----

// Not cut: too little work for threads.
// CHECK-LABEL: func.func @negative_little_work
// CHECK-NOT: parallel
// CHECK-NOT: x18x16xf32>
// CHECK: memref.view {{.*}} to memref<18x16xf32>
// CHECK-NOT: parallel
// CHECK-NOT: x18x16xf32>
func.func @negative_little_work(%q: memref<1x1x18x8xf32>, %k: memref<1x1x2048x8xf32>, %o: memref<1x1x18x8xf32>) {
  rope.attention %q, %k, %k into %o : memref<1x1x18x8xf32>, memref<1x1x2048x8xf32>, memref<1x1x2048x8xf32> into memref<1x1x18x8xf32>
  return
}
