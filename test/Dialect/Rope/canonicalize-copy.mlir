// RUN: rope-opt %s --canonicalize --verify-each | FileCheck %s

!x = memref<4x8xf32>
!t = memref<4x4xf32>

// CHECK-LABEL: func @copy
// CHECK-SAME:    (%[[X:[^:]*]]: memref<4x8xf32>,
// CHECK-NEXT:    %[[Y:.*]] = memref.alloc
// CHECK-NEXT:    rope.rotate %[[X]] into %[[Y]]
// CHECK-NEXT:    return %[[Y]]
func.func @copy(%x: !x, %c: !t, %s: !t) -> !x {
  %y = memref.alloc() : !x
  memref.copy %x, %y : !x to !x
  rope.rotate %y into %y by %c, %s along [0] : !x into !x, !t
  return %y : !x
}

// Tables that are made in between are other memory.
// CHECK-LABEL: func @tables_between
// CHECK-NOT:     memref.copy
// CHECK:         rope.sincos
// CHECK:         rope.rotate %{{.*}} into
func.func @tables_between(%x: !x, %p: memref<4xi64>) -> !x {
  %y = memref.alloc() : !x
  memref.copy %x, %y : !x to !x
  %c = memref.alloc() : !t
  %s = memref.alloc() : !t
  rope.sincos %p into %c, %s frequencies<dim = 8> : memref<4xi64> -> !t, !t
  rope.rotate %y into %y by %c, %s along [0] : !x into !x, !t
  return %y : !x
}

// CHECK-LABEL: func @source_changes
// CHECK:         memref.copy
func.func @source_changes(%x: !x, %c: !t, %s: !t, %i: index, %v: f32) -> !x {
  %y = memref.alloc() : !x
  memref.copy %x, %y : !x to !x
  memref.store %v, %x[%i, %i] : !x
  rope.rotate %y into %y by %c, %s along [0] : !x into !x, !t
  return %y : !x
}

// Another argument may be the same memory.
// CHECK-LABEL: func @argument_changes
// CHECK:         memref.copy
func.func @argument_changes(%x: !x, %other: !x, %c: !t, %s: !t, %i: index, %v: f32) -> !x {
  %y = memref.alloc() : !x
  memref.copy %x, %y : !x to !x
  memref.store %v, %other[%i, %i] : !x
  rope.rotate %y into %y by %c, %s along [0] : !x into !x, !t
  return %y : !x
}

func.func private @unknown()

// CHECK-LABEL: func @call_between
// CHECK:         memref.copy
func.func @call_between(%x: !x, %c: !t, %s: !t) -> !x {
  %y = memref.alloc() : !x
  memref.copy %x, %y : !x to !x
  func.call @unknown() : () -> ()
  rope.rotate %y into %y by %c, %s along [0] : !x into !x, !t
  return %y : !x
}

// CHECK-LABEL: func @source_freed
// CHECK:         memref.copy
func.func @source_freed(%x: !x, %c: !t, %s: !t) -> !x {
  %y = memref.alloc() : !x
  memref.copy %x, %y : !x to !x
  memref.dealloc %x : !x
  rope.rotate %y into %y by %c, %s along [0] : !x into !x, !t
  return %y : !x
}

// The copy is read before it is rotated.
// CHECK-LABEL: func @copy_is_read
// CHECK:         memref.copy
func.func @copy_is_read(%x: !x, %z: !x, %c: !t, %s: !t) -> !x {
  %y = memref.alloc() : !x
  memref.copy %x, %y : !x to !x
  memref.copy %y, %z : !x to !x
  rope.rotate %y into %y by %c, %s along [0] : !x into !x, !t
  return %y : !x
}

// A view of the copy exists: the source may be a part of it.
// CHECK-LABEL: func @copy_has_view
// CHECK:         memref.copy
func.func @copy_has_view(%x: !x, %c: !t, %s: !t) -> !x {
  %big = memref.alloc() : memref<8x8xf32>
  %y = memref.subview %big[0, 0] [4, 8] [1, 1] : memref<8x8xf32> to memref<4x8xf32, strided<[8, 1]>>
  memref.copy %x, %y : !x to memref<4x8xf32, strided<[8, 1]>>
  rope.rotate %y into %y by %c, %s along [0] : memref<4x8xf32, strided<[8, 1]>> into memref<4x8xf32, strided<[8, 1]>>, !t
  memref.copy %y, %x : memref<4x8xf32, strided<[8, 1]>> to !x
  return %x : !x
}

// The buffer outlives one iteration: the source of the next may lie in it.
// CHECK-LABEL: func @buffer_outside_loop
// CHECK:         scf.for
// CHECK:           memref.copy
func.func @buffer_outside_loop(%x: !x, %c: !t, %s: !t, %n: index) -> !x {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %y = memref.alloc() : !x
  %r = scf.for %i = %zero to %n step %one iter_args(%source = %x) -> !x {
    memref.copy %source, %y : !x to !x
    rope.rotate %y into %y by %c, %s along [0] : !x into !x, !t
    scf.yield %y : !x
  }
  return %r : !x
}
