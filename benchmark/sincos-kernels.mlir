// What rope-bench-sincos measures: tables of exact angles, and rotations by them
// made before the rotation or on the fly, compiled through rope-cpu-pipeline.

!x = memref<?x?x128xf32>
!t = memref<?x64xf32>
!p = memref<?xi32>

func.func @tables(%p: !p, %c: !t, %s: !t) {
  rope.sincos %p into %c, %s frequencies<dim = 128, base = 5.000000e+05> : !p -> !t, !t
  return
}

// The positions of a context that has a fixed length need fewer bits.
func.func @tables_of_context(%c: memref<131072x64xf32>, %s: memref<131072x64xf32>) {
  %start = arith.constant 0 : index
  %length = arith.constant 131072 : index
  rope.sincos %start length %length into %c, %s frequencies<dim = 128, base = 5.000000e+05>
    : index -> memref<131072x64xf32>, memref<131072x64xf32>
  return
}

// With tables that are ready.
func.func @rotate_by_tables(%x: !x, %y: !x, %c: !t, %s: !t) {
  rope.rotate %x into %y by %c, %s along [0] : !x into !x, !t
  return
}
func.func @rotate_by_tables_in_place(%x: !x, %c: !t, %s: !t) {
  rope.rotate %x into %x by %c, %s along [0] : !x into !x, !t
  return
}

// With tables that nobody has made yet.
func.func @rotate_by_positions(%x: !x, %y: !x, %p: !p) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %p, %c0 : !p
  %c = memref.alloc(%n) : !t
  %s = memref.alloc(%n) : !t
  rope.sincos %p into %c, %s frequencies<dim = 128, base = 5.000000e+05> : !p -> !t, !t
  rope.rotate %x into %y by %c, %s along [0] : !x into !x, !t
  return
}
func.func @rotate_by_positions_in_place(%x: !x, %p: !p) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %p, %c0 : !p
  %c = memref.alloc(%n) : !t
  %s = memref.alloc(%n) : !t
  rope.sincos %p into %c, %s frequencies<dim = 128, base = 5.000000e+05> : !p -> !t, !t
  rope.rotate %x into %x by %c, %s along [0] : !x into !x, !t
  return
}
