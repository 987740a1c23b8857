// RUN: rope-opt %s --rope-fuse-tables --remark-format=emitRemark --remarks-filter=rope 2>&1 >%t | FileCheck %s --check-prefix=REMARK
// RUN: FileCheck %s < %t
// RUN: rope-opt %s --rope-fuse-tables=angles=on-the-fly --remark-format=emitRemark --remarks-filter=rope 2>&1 >/dev/null | FileCheck %s --check-prefix=FLY
// RUN: rope-opt %s --rope-fuse-tables=parallel=true --remark-format=emitRemark --remarks-filter=rope 2>&1 >/dev/null | FileCheck %s --check-prefix=THREADS

!x = memref<32x8x4xf32>
!t = memref<32x2xf32>

// Two rotations share the tables: the cost model keeps them, the option does not.
// REMARK: [[#@LINE+6]]:{{.*}}Missed{{.*}}the tables are kept: several rotations share the tables
// FLY: [[#@LINE+5]]:{{.*}}Passed{{.*}}the tables are made in the loop of their rotation
// CHECK-LABEL: func @negative_shared
func.func @negative_shared(%q: !x, %k: !x, %p: memref<32xi64>) {
  %cos = memref.alloc() : !t
  %sin = memref.alloc() : !t
  rope.sincos %p into %cos, %sin frequencies<dim = 4> : memref<32xi64> -> !t, !t
  rope.rotate %q into %q by %cos, %sin along [0] : !x into !x, !t
  rope.rotate %k into %k by %cos, %sin along [0] : !x into !x, !t
  memref.dealloc %cos : !t
  memref.dealloc %sin : !t
  return
}

// REMARK: [[#@LINE+3]]:{{.*}}kept: the tables are not allocated for this op
// CHECK-LABEL: func @negative_arguments
func.func @negative_arguments(%x: !x, %p: memref<32xi64>, %cos: !t, %sin: !t) {
  rope.sincos %p into %cos, %sin frequencies<dim = 4> : memref<32xi64> -> !t, !t
  rope.rotate %x into %x by %cos, %sin along [0] : !x into !x, !t
  return
}

// REMARK: [[#@LINE+5]]:{{.*}}kept: a table is not only read by rotations
// CHECK-LABEL: func @negative_returned
func.func @negative_returned(%x: !x, %p: memref<32xi64>) -> !t {
  %cos = memref.alloc() : !t
  %sin = memref.alloc() : !t
  rope.sincos %p into %cos, %sin frequencies<dim = 4> : memref<32xi64> -> !t, !t
  rope.rotate %x into %x by %cos, %sin along [0] : !x into !x, !t
  return %cos : !t
}

// Only the cosine is the table's: the sine is another's.
// REMARK: [[#@LINE+5]]:{{.*}}kept: a table is not only read by rotations
// CHECK-LABEL: func @negative_other_sine
func.func @negative_other_sine(%x: !x, %p: memref<32xi64>, %other: !t) {
  %cos = memref.alloc() : !t
  %sin = memref.alloc() : !t
  rope.sincos %p into %cos, %sin frequencies<dim = 4> : memref<32xi64> -> !t, !t
  rope.rotate %x into %x by %cos, %other along [0] : !x into !x, !t
  return
}

// REMARK: [[#@LINE+5]]:{{.*}}kept: a table is used in another block
// CHECK-LABEL: func @negative_other_block
func.func @negative_other_block(%x: !x, %p: memref<32xi64>, %on: i1) {
  %cos = memref.alloc() : !t
  %sin = memref.alloc() : !t
  rope.sincos %p into %cos, %sin frequencies<dim = 4> : memref<32xi64> -> !t, !t
  scf.if %on {
    rope.rotate %x into %x by %cos, %sin along [0] : !x into !x, !t
  }
  return
}

// The rotation reads what was there before.
// REMARK: [[#@LINE+6]]:{{.*}}kept: a rotation stands before the table is made
// CHECK-LABEL: func @negative_before
func.func @negative_before(%x: !x, %p: memref<32xi64>) {
  %cos = memref.alloc() : !t
  %sin = memref.alloc() : !t
  rope.rotate %x into %x by %cos, %sin along [0] : !x into !x, !t
  rope.sincos %p into %cos, %sin frequencies<dim = 4> : memref<32xi64> -> !t, !t
  return
}
// Frequencies that are computed when the op runs: once, not in each tile.
// REMARK: [[#@LINE+5]]:{{.*}}kept: the frequencies are computed at run time, once for all positions
// CHECK-LABEL: func @negative_sequence_length
func.func @negative_sequence_length(%x: !x, %p: memref<32xi64>, %n: index) {
  %cos = memref.alloc() : !t
  %sin = memref.alloc() : !t
  rope.sincos %p sequence_length %n into %cos, %sin frequencies<dim = 4, scaling = #rope.dynamic_ntk<factor = 2.0, max_position_embeddings = 4096>> : memref<32xi64> -> !t, !t
  rope.rotate %x into %x by %cos, %sin along [0] : !x into !x, !t
  return
}
// CHECK-NOT: scf.for

// One reader, but for threads 32 rows are not worth it.
// THREADS: [[#@LINE+5]]:{{.*}}kept: too few positions for threads
// CHECK-LABEL: func @negative_few
func.func @negative_few(%x: !x, %p: memref<32xi64>) {
  %cos = memref.alloc() : !t
  %sin = memref.alloc() : !t
  rope.sincos %p into %cos, %sin frequencies<dim = 4> : memref<32xi64> -> !t, !t
  rope.rotate %x into %x by %cos, %sin along [0] : !x into !x, !t
  return
}
