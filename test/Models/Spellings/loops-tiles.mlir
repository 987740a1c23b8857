// RUN: rope-opt %s --rope-raise --split-input-file | FileCheck %s

// Loops that write rows or tiles of rows, each once: one rotation of all rows.

// -----

// A scan: its number, its operands and its rows are carried by a loop that tests.
// CHECK-LABEL: func @scan
// CHECK-NOT:     scf.
// CHECK:         rope.rotate %arg0 by %arg1, %arg2 along [0] : tensor<6x4xf32>, tensor<6x2xf32>
// CHECK-NOT:     scf.
func.func @scan(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %bound = arith.constant 6 : i32
  %one = arith.constant dense<1> : tensor<i32>
  %start = arith.constant dense<0> : tensor<i32>
  %empty = tensor.empty() : tensor<6x4xf32>
  %y:5 = scf.while (%t = %start, %a = %x, %b = %cos, %d = %sin, %z = %empty) : (tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>) -> (tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>) {
    %i = tensor.extract %t[] : tensor<i32>
    %more = arith.cmpi slt, %i, %bound : i32
    scf.condition(%more) %t, %a, %b, %d, %z : tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>
  } do {
  ^bb0(%t: tensor<i32>, %a: tensor<6x4xf32>, %b: tensor<6x2xf32>, %d: tensor<6x2xf32>, %z: tensor<6x4xf32>):
    %i = tensor.extract %t[] : tensor<i32>
    %r = arith.index_cast %i : i32 to index
    %low = tensor.extract_slice %a[%r, 0] [1, 2] [1, 1] : tensor<6x4xf32> to tensor<2xf32>
    %high = tensor.extract_slice %a[%r, 2] [1, 2] [1, 1] : tensor<6x4xf32> to tensor<2xf32>
    %c = tensor.extract_slice %b[%r, 0] [1, 2] [1, 1] : tensor<6x2xf32> to tensor<2xf32>
    %s = tensor.extract_slice %d[%r, 0] [1, 2] [1, 1] : tensor<6x2xf32> to tensor<2xf32>
    %lc = arith.mulf %low, %c : tensor<2xf32>
    %hs = arith.mulf %high, %s : tensor<2xf32>
    %first = arith.subf %lc, %hs : tensor<2xf32>
    %hc = arith.mulf %high, %c : tensor<2xf32>
    %ls = arith.mulf %low, %s : tensor<2xf32>
    %second = arith.addf %hc, %ls : tensor<2xf32>
    %row = tensor.concat dim(0) %first, %second : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
    %z1 = tensor.insert_slice %row into %z[%r, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<6x4xf32>
    %next = arith.addi %t, %one : tensor<i32>
    scf.yield %next, %a, %b, %d, %z1 : tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>
  }
  return %y#4 : tensor<6x4xf32>
}

// -----

// The bound stands first, and the row is clamped as dynamic slices are.
// CHECK-LABEL: func @scan_clamped
// CHECK-NOT:     scf.
// CHECK:         rope.rotate %arg0 by %arg1, %arg2 along [0] : tensor<6x4xf32>, tensor<6x2xf32>
// CHECK-NOT:     scf.
func.func @scan_clamped(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %bound = arith.constant 6 : i32
  %one = arith.constant dense<1> : tensor<i32>
  %start = arith.constant dense<0> : tensor<i32>
  %empty = tensor.empty() : tensor<6x4xf32>
  %y:5 = scf.while (%t = %start, %a = %x, %b = %cos, %d = %sin, %z = %empty) : (tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>) -> (tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>) {
    %i = tensor.extract %t[] : tensor<i32>
    %more = arith.cmpi sgt, %bound, %i : i32
    scf.condition(%more) %t, %a, %b, %d, %z : tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>
  } do {
  ^bb0(%t: tensor<i32>, %a: tensor<6x4xf32>, %b: tensor<6x2xf32>, %d: tensor<6x2xf32>, %z: tensor<6x4xf32>):
    %i = tensor.extract %t[] : tensor<i32>
    %zero = arith.constant 0 : i32
    %last = arith.constant 5 : i32
    %isNegative = arith.cmpi slt, %i, %zero : i32
    %wrapped = arith.addi %i, %bound : i32
    %wanted = arith.select %isNegative, %wrapped, %i : i32
    %atLeast = arith.maxsi %wanted, %zero : i32
    %row0 = arith.minsi %atLeast, %last : i32
    %r = arith.index_cast %row0 : i32 to index
    %low = tensor.extract_slice %a[%r, 0] [1, 2] [1, 1] : tensor<6x4xf32> to tensor<2xf32>
    %high = tensor.extract_slice %a[%r, 2] [1, 2] [1, 1] : tensor<6x4xf32> to tensor<2xf32>
    %c = tensor.extract_slice %b[%r, 0] [1, 2] [1, 1] : tensor<6x2xf32> to tensor<2xf32>
    %s = tensor.extract_slice %d[%r, 0] [1, 2] [1, 1] : tensor<6x2xf32> to tensor<2xf32>
    %lc = arith.mulf %low, %c : tensor<2xf32>
    %hs = arith.mulf %high, %s : tensor<2xf32>
    %first = arith.subf %lc, %hs : tensor<2xf32>
    %hc = arith.mulf %high, %c : tensor<2xf32>
    %ls = arith.mulf %low, %s : tensor<2xf32>
    %second = arith.addf %hc, %ls : tensor<2xf32>
    %row = tensor.concat dim(0) %first, %second : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
    %z1 = tensor.insert_slice %row into %z[%r, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<6x4xf32>
    %next = arith.addi %t, %one : tensor<i32>
    scf.yield %next, %a, %b, %d, %z1 : tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>
  }
  return %y#4 : tensor<6x4xf32>
}

// -----

// A loop that counts in i32 and carries what it reads.
// CHECK-LABEL: func @for_carries_operands
// CHECK-NOT:     scf.
// CHECK:         rope.rotate %arg0 by %arg1, %arg2 along [0] : tensor<6x4xf32>, tensor<6x2xf32>
// CHECK-NOT:     scf.
func.func @for_carries_operands(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %six = arith.constant 6 : i32
  %empty = tensor.empty() : tensor<6x4xf32>
  %y:2 = scf.for %i = %zero to %six step %one iter_args(%a = %x, %z = %empty) -> (tensor<6x4xf32>, tensor<6x4xf32>) : i32 {
    %number = tensor.from_elements %i : tensor<i32>
    %again = tensor.extract %number[] : tensor<i32>
    %r = arith.index_cast %again : i32 to index
    %low = tensor.extract_slice %a[%r, 0] [1, 2] [1, 1] : tensor<6x4xf32> to tensor<2xf32>
    %high = tensor.extract_slice %a[%r, 2] [1, 2] [1, 1] : tensor<6x4xf32> to tensor<2xf32>
    %c = tensor.extract_slice %cos[%r, 0] [1, 2] [1, 1] : tensor<6x2xf32> to tensor<2xf32>
    %s = tensor.extract_slice %sin[%r, 0] [1, 2] [1, 1] : tensor<6x2xf32> to tensor<2xf32>
    %lc = arith.mulf %low, %c : tensor<2xf32>
    %hs = arith.mulf %high, %s : tensor<2xf32>
    %first = arith.subf %lc, %hs : tensor<2xf32>
    %hc = arith.mulf %high, %c : tensor<2xf32>
    %ls = arith.mulf %low, %s : tensor<2xf32>
    %second = arith.addf %hc, %ls : tensor<2xf32>
    %row = tensor.concat dim(0) %first, %second : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
    %z1 = tensor.insert_slice %row into %z[%r, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<6x4xf32>
    scf.yield %a, %z1 : tensor<6x4xf32>, tensor<6x4xf32>
  }
  return %y#1 : tensor<6x4xf32>
}

// -----

// Two rows at a time.
// CHECK-LABEL: func @for_tiles
// CHECK-NOT:     scf.
// CHECK:         rope.rotate %arg0 by %arg1, %arg2 along [0] : tensor<6x4xf32>, tensor<6x2xf32>
// CHECK-NOT:     scf.
func.func @for_tiles(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c6 = arith.constant 6 : index
  %y = scf.for %r = %c0 to %c6 step %c2 iter_args(%z = %x) -> tensor<6x4xf32> {
    %low = tensor.extract_slice %z[%r, 0] [2, 2] [1, 1] : tensor<6x4xf32> to tensor<2x2xf32>
    %high = tensor.extract_slice %z[%r, 2] [2, 2] [1, 1] : tensor<6x4xf32> to tensor<2x2xf32>
    %c = tensor.extract_slice %cos[%r, 0] [2, 2] [1, 1] : tensor<6x2xf32> to tensor<2x2xf32>
    %s = tensor.extract_slice %sin[%r, 0] [2, 2] [1, 1] : tensor<6x2xf32> to tensor<2x2xf32>
    %lc = arith.mulf %low, %c : tensor<2x2xf32>
    %hs = arith.mulf %high, %s : tensor<2x2xf32>
    %first = arith.subf %lc, %hs : tensor<2x2xf32>
    %hc = arith.mulf %high, %c : tensor<2x2xf32>
    %ls = arith.mulf %low, %s : tensor<2x2xf32>
    %second = arith.addf %hc, %ls : tensor<2x2xf32>
    %row = tensor.concat dim(1) %first, %second : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x4xf32>
    %z1 = tensor.insert_slice %row into %z[%r, 0] [2, 4] [1, 1] : tensor<2x4xf32> into tensor<6x4xf32>
    scf.yield %z1 : tensor<6x4xf32>
  }
  return %y : tensor<6x4xf32>
}

// -----

// Two rows at a time, each of them in a loop of its own.
// CHECK-LABEL: func @for_rows_of_tiles
// CHECK-NOT:     scf.
// CHECK:         rope.rotate %arg0 by %arg1, %arg2 along [0] : tensor<6x4xf32>, tensor<6x2xf32>
// CHECK-NOT:     scf.
func.func @for_rows_of_tiles(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %y = scf.for %t = %c0 to %c3 step %c1 iter_args(%all = %x) -> tensor<6x4xf32> {
    %rows = scf.for %i = %c0 to %c2 step %c1 iter_args(%z = %all) -> tensor<6x4xf32> {
      %first_row = arith.muli %t, %c2 : index
      %r = arith.addi %first_row, %i : index
      %low = tensor.extract_slice %x[%r, 0] [1, 2] [1, 1] : tensor<6x4xf32> to tensor<2xf32>
      %high = tensor.extract_slice %x[%r, 2] [1, 2] [1, 1] : tensor<6x4xf32> to tensor<2xf32>
      %c = tensor.extract_slice %cos[%r, 0] [1, 2] [1, 1] : tensor<6x2xf32> to tensor<2xf32>
      %s = tensor.extract_slice %sin[%r, 0] [1, 2] [1, 1] : tensor<6x2xf32> to tensor<2xf32>
      %lc = arith.mulf %low, %c : tensor<2xf32>
      %hs = arith.mulf %high, %s : tensor<2xf32>
      %first = arith.subf %lc, %hs : tensor<2xf32>
      %hc = arith.mulf %high, %c : tensor<2xf32>
      %ls = arith.mulf %low, %s : tensor<2xf32>
      %second = arith.addf %hc, %ls : tensor<2xf32>
      %row = tensor.concat dim(0) %first, %second : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
      %z1 = tensor.insert_slice %row into %z[%r, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<6x4xf32>
      scf.yield %z1 : tensor<6x4xf32>
    }
    scf.yield %rows : tensor<6x4xf32>
  }
  return %y : tensor<6x4xf32>
}

// -----

// Tiles in parallel: two rows by one head.
// CHECK-LABEL: func @forall_tiles
// CHECK-NEXT:    rope.rotate %arg0 by %arg1, %arg2 along [0] : tensor<6x3x4xf32>, tensor<6x2xf32>
// CHECK-NEXT:    return
func.func @forall_tiles(%x: tensor<6x3x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x3x4xf32> {
  %empty = tensor.empty() : tensor<6x3x4xf32>
  %y = scf.forall (%t, %h) in (3, 3) shared_outs(%z = %empty) -> tensor<6x3x4xf32> {
    %r = affine.apply affine_map<(d0) -> (d0 * 2)>(%t)
    %head = tensor.extract_slice %x[%r, %h, 0] [2, 1, 4] [1, 1, 1] : tensor<6x3x4xf32> to tensor<2x4xf32>
    %low = tensor.extract_slice %head[0, 0] [2, 2] [1, 1] : tensor<2x4xf32> to tensor<2x2xf32>
    %high = tensor.extract_slice %head[0, 2] [2, 2] [1, 1] : tensor<2x4xf32> to tensor<2x2xf32>
    %c = tensor.extract_slice %cos[%r, 0] [2, 2] [1, 1] : tensor<6x2xf32> to tensor<2x2xf32>
    %s = tensor.extract_slice %sin[%r, 0] [2, 2] [1, 1] : tensor<6x2xf32> to tensor<2x2xf32>
    %lc = arith.mulf %low, %c : tensor<2x2xf32>
    %hs = arith.mulf %high, %s : tensor<2x2xf32>
    %first = arith.subf %lc, %hs : tensor<2x2xf32>
    %hc = arith.mulf %high, %c : tensor<2x2xf32>
    %ls = arith.mulf %low, %s : tensor<2x2xf32>
    %second = arith.addf %hc, %ls : tensor<2x2xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %first into %z[%r, %h, 0] [2, 1, 2] [1, 1, 1] : tensor<2x2xf32> into tensor<6x3x4xf32>
      tensor.parallel_insert_slice %second into %z[%r, %h, 2] [2, 1, 2] [1, 1, 1] : tensor<2x2xf32> into tensor<6x3x4xf32>
    }
  }
  return %y : tensor<6x3x4xf32>
}

// -----

// As many rows in parallel as there are.
// CHECK-LABEL: func @forall_dynamic
// CHECK-NOT:     scf.
// CHECK:         rope.rotate %arg0 by %{{.*}}, %{{.*}} along [0] : tensor<?x4xf32>
// CHECK-NOT:     scf.
func.func @forall_dynamic(%x: tensor<?x4xf32>, %cos: tensor<?x2xf32>, %sin: tensor<?x2xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %size = tensor.dim %x, %c0 : tensor<?x4xf32>
  %y = scf.forall (%r) in (%size) shared_outs(%z = %x) -> tensor<?x4xf32> {
    %low = tensor.extract_slice %z[%r, 0] [1, 2] [1, 1] : tensor<?x4xf32> to tensor<2xf32>
    %high = tensor.extract_slice %z[%r, 2] [1, 2] [1, 1] : tensor<?x4xf32> to tensor<2xf32>
    %c = tensor.extract_slice %cos[%r, 0] [1, 2] [1, 1] : tensor<?x2xf32> to tensor<2xf32>
    %s = tensor.extract_slice %sin[%r, 0] [1, 2] [1, 1] : tensor<?x2xf32> to tensor<2xf32>
    %lc = arith.mulf %low, %c : tensor<2xf32>
    %hs = arith.mulf %high, %s : tensor<2xf32>
    %first = arith.subf %lc, %hs : tensor<2xf32>
    %hc = arith.mulf %high, %c : tensor<2xf32>
    %ls = arith.mulf %low, %s : tensor<2xf32>
    %second = arith.addf %hc, %ls : tensor<2xf32>
    %row = tensor.concat dim(0) %first, %second : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %row into %z[%r, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<?x4xf32>
    }
  }
  return %y : tensor<?x4xf32>
}
