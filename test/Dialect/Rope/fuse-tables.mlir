// RUN: rope-opt %s --rope-fuse-tables --split-input-file | FileCheck %s
// RUN: rope-opt %s --rope-fuse-tables=parallel=true --split-input-file | FileCheck %s --check-prefix=PARALLEL
// RUN: rope-opt %s --rope-fuse-tables=angles=table --split-input-file | FileCheck %s --check-prefix=TABLE

// A row at a time for the heads inside, from a copy of the positions: the
// destination is an argument like the positions.
// CHECK-LABEL: func @heads_inside
// CHECK-SAME:    (%[[X:.*]]: memref<370x8x4xf32>, %[[Y:.*]]: memref<370x8x4xf32>, %[[P:.*]]: memref<370xi64>)
// CHECK:         %[[COPY:.*]] = memref.alloc() : memref<370xi64>
// CHECK-NEXT:    memref.copy %[[P]], %[[COPY]]
// CHECK:         %[[COS:.*]] = memref.alloc() {alignment = 64 : i64} : memref<1x2xf32>
// CHECK:         %[[SIN:.*]] = memref.alloc() {alignment = 64 : i64} : memref<1x2xf32>
// CHECK:         scf.for %[[I:[a-z0-9]+]] = %{{.*}} to %{{c370.*}} step %{{c1.*}} {
// CHECK:           %[[C:.*]] = memref.subview %[[COS]][0, 0] [1, 2] [1, 1]
// CHECK:           %[[S:.*]] = memref.subview %[[SIN]][0, 0] [1, 2] [1, 1]
// CHECK:           %[[ROWS:.*]] = memref.subview %[[COPY]][%[[I]]] [1] [1]
// CHECK:           rope.sincos %[[ROWS]] into %[[C]], %[[S]] frequencies<dim = 4, base
// CHECK:           %[[XI:.*]] = memref.subview %[[X]][%[[I]], 0, 0] [1, 8, 4] [1, 1, 1]
// CHECK:           %[[YI:.*]] = memref.subview %[[Y]][%[[I]], 0, 0] [1, 8, 4] [1, 1, 1]
// CHECK:           rope.rotate %[[XI]] into %[[YI]] by %[[C]], %[[S]] along [0] inverse
// CHECK:         }
// CHECK-DAG:     memref.dealloc %[[COS]]
// CHECK-DAG:     memref.dealloc %[[SIN]]
// CHECK-DAG:     memref.dealloc %[[COPY]]
// CHECK-NOT:     memref<370x2xf32>
// CHECK:         return
// PARALLEL-LABEL: func @heads_inside
// PARALLEL:         scf.parallel (%[[I:.*]]) = (%{{.*}}) to (%{{.*}}) step (%{{.*}})
// PARALLEL:           memref.alloc() {alignment = 64 : i64} : memref<1x2xf32>
// PARALLEL:           scf.for
// PARALLEL:             rope.sincos
// PARALLEL:             rope.rotate
// PARALLEL:           memref.dealloc
// TABLE-LABEL: func @heads_inside
// TABLE-NOT:     scf.for
// TABLE:         rope.sincos %{{.*}} into %{{.*}} -> memref<370x2xf32>
// TABLE-NOT:     scf.for
func.func @heads_inside(%x: memref<370x8x4xf32>, %y: memref<370x8x4xf32>, %p: memref<370xi64>) {
  %cos = memref.alloc() : memref<370x2xf32>
  %sin = memref.alloc() : memref<370x2xf32>
  rope.sincos %p into %cos, %sin frequencies<dim = 4> : memref<370xi64> -> memref<370x2xf32>, memref<370x2xf32>
  rope.rotate %x into %y by %cos, %sin along [0] inverse : memref<370x8x4xf32> into memref<370x8x4xf32>, memref<370x2xf32>
  memref.dealloc %cos : memref<370x2xf32>
  memref.dealloc %sin : memref<370x2xf32>
  return
}

// -----

// A start for each sequence and a length: sixteen rows from start + first on, for
// heads outside of positions, in place.
// CHECK-LABEL: func @starts
// CHECK-SAME:    (%[[X:.*]]: memref<2x8x?x4xf32>, %[[P:.*]]: memref<2xi64>, %[[LENGTH:.*]]: index)
// CHECK:         scf.for %[[B:[a-z0-9]+]] =
// CHECK:           scf.for %[[I:[a-z0-9]+]] = {{.*}} to %[[LENGTH]] step %c16 {
// CHECK:             affine.min
// CHECK:             %[[START:.*]] = memref.load %{{.*}}[%[[B]]] : memref<2xi64>
// CHECK:             %[[INDEX:.*]] = arith.index_cast %[[START]] : i64 to index
// CHECK:             %[[FIRST:.*]] = arith.addi %[[INDEX]], %[[I]] : index
// CHECK:             rope.sincos %[[FIRST]] length %{{.*}} into
// CHECK:             %[[ROWS:.*]] = memref.subview %[[X]][%[[B]], 0, %[[I]], 0]
// CHECK:             rope.rotate %[[ROWS]] into %[[ROWS]] by %{{.*}} along [0, 2]
func.func @starts(%x: memref<2x8x?x4xf32>, %p: memref<2xi64>, %length: index) {
  %cos = memref.alloc(%length) : memref<2x?x2xf32>
  %sin = memref.alloc(%length) : memref<2x?x2xf32>
  rope.sincos %p length %length into %cos, %sin frequencies<dim = 4> : memref<2xi64> -> memref<2x?x2xf32>, memref<2x?x2xf32>
  rope.rotate %x into %x by %cos, %sin along [0, 2] : memref<2x8x?x4xf32> into memref<2x8x?x4xf32>, memref<2x?x2xf32>
  memref.dealloc %cos : memref<2x?x2xf32>
  memref.dealloc %sin : memref<2x?x2xf32>
  return
}
