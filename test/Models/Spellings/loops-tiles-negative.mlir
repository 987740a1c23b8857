// RUN: rope-opt %s --rope-raise --split-input-file | FileCheck %s

// Loops of other forms that do not write each row once, with that row's numbers.

// The first row is never written.
// CHECK-LABEL: func @negative_scan_starts_late
// CHECK:         scf.while
// CHECK:           rope.rotate %{{.*}} along [] :
// CHECK-NOT:     rope.rotate
// CHECK:         return
func.func @negative_scan_starts_late(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %bound = arith.constant 6 : i32
  %one = arith.constant dense<1> : tensor<i32>
  %start = arith.constant dense<1> : tensor<i32>
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

// Every other row is never written.
// CHECK-LABEL: func @negative_scan_in_steps
// CHECK:         scf.while
// CHECK:           rope.rotate %{{.*}} along [] :
// CHECK-NOT:     rope.rotate
// CHECK:         return
func.func @negative_scan_in_steps(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %bound = arith.constant 6 : i32
  %one = arith.constant dense<2> : tensor<i32>
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

// The last row is never written.
// CHECK-LABEL: func @negative_scan_stops_early
// CHECK:         scf.while
// CHECK:           rope.rotate %{{.*}} along [] :
// CHECK-NOT:     rope.rotate
// CHECK:         return
func.func @negative_scan_stops_early(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %bound = arith.constant 5 : i32
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

// The rows that are read and the row that is written have numbers of their own.
// CHECK-LABEL: func @negative_scan_other_number
// CHECK:         scf.while
// CHECK:           rope.rotate %{{.*}} along [] :
// CHECK-NOT:     rope.rotate
// CHECK:         return
func.func @negative_scan_other_number(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
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
    %other = arith.constant 0 : index
    %z1 = tensor.insert_slice %row into %z[%other, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<6x4xf32>
    %next = arith.addi %t, %one : tensor<i32>
    scf.yield %next, %a, %b, %d, %z1 : tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>
  }
  return %y#4 : tensor<6x4xf32>
}

// -----

// Below a negative number there is none, unless it is unsigned: the loop then goes on past the last row.
// CHECK-LABEL: func @negative_scan_unsigned
// CHECK:         scf.while
// CHECK:           rope.rotate %{{.*}} along [] :
// CHECK-NOT:     rope.rotate
// CHECK:         return
func.func @negative_scan_unsigned(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %bound = arith.constant -1 : i32
  %one = arith.constant dense<1> : tensor<i32>
  %start = arith.constant dense<0> : tensor<i32>
  %empty = tensor.empty() : tensor<6x4xf32>
  %y:5 = scf.while (%t = %start, %a = %x, %b = %cos, %d = %sin, %z = %empty) : (tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>) -> (tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>) {
    %i = tensor.extract %t[] : tensor<i32>
    %more = arith.cmpi ult, %i, %bound : i32
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

// Data decides when the loop ends.
// CHECK-LABEL: func @negative_scan_by_data
// CHECK:         scf.while
// CHECK:           rope.rotate %{{.*}} along [] :
// CHECK-NOT:     rope.rotate
// CHECK:         return
func.func @negative_scan_by_data(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %zero = arith.constant 0 : index
  %bound = arith.constant 6 : i32
  %one = arith.constant dense<1> : tensor<i32>
  %start = arith.constant dense<0> : tensor<i32>
  %empty = tensor.empty() : tensor<6x4xf32>
  %y:5 = scf.while (%t = %start, %a = %x, %b = %cos, %d = %sin, %z = %empty) : (tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>) -> (tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>) {
    %i = tensor.extract %t[] : tensor<i32>
    %x00 = tensor.extract %a[%zero, %zero] : tensor<6x4xf32>
    %end = arith.fptosi %x00 : f32 to i32
    %more = arith.cmpi slt, %i, %end : i32
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

// The bound that is carried moves away.
// CHECK-LABEL: func @negative_scan_carried_bound
// CHECK:         scf.while
// CHECK:           rope.rotate %{{.*}} along [] :
// CHECK-NOT:     rope.rotate
// CHECK:         return
func.func @negative_scan_carried_bound(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %six = arith.constant dense<6> : tensor<i32>
  %bound = arith.constant 6 : i32
  %one = arith.constant dense<1> : tensor<i32>
  %start = arith.constant dense<0> : tensor<i32>
  %empty = tensor.empty() : tensor<6x4xf32>
  %y:6 = scf.while (%t = %start, %a = %x, %b = %cos, %d = %sin, %z = %empty, %e = %six) : (tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>, tensor<i32>) -> (tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>, tensor<i32>) {
    %i = tensor.extract %t[] : tensor<i32>
    %end = tensor.extract %e[] : tensor<i32>
    %more = arith.cmpi slt, %i, %end : i32
    scf.condition(%more) %t, %a, %b, %d, %z, %e : tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>, tensor<i32>
  } do {
  ^bb0(%t: tensor<i32>, %a: tensor<6x4xf32>, %b: tensor<6x2xf32>, %d: tensor<6x2xf32>, %z: tensor<6x4xf32>, %e: tensor<i32>):
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
    %farther = arith.subi %e, %one : tensor<i32>
    scf.yield %next, %a, %b, %d, %z1, %farther : tensor<i32>, tensor<6x4xf32>, tensor<6x2xf32>, tensor<6x2xf32>, tensor<6x4xf32>, tensor<i32>
  }
  return %y#4 : tensor<6x4xf32>
}

// -----

// Tiles that overlap: the row that two write is rotated twice where it is read from what was written.
// CHECK-LABEL: func @negative_tiles_overlap
// CHECK:         scf.for
// CHECK:           rope.rotate %{{.*}} along [0] :
// CHECK-NOT:     rope.rotate
// CHECK:         return
func.func @negative_tiles_overlap(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c5 = arith.constant 5 : index
  %y = scf.for %r = %c0 to %c5 step %c1 iter_args(%z = %x) -> tensor<6x4xf32> {
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

// Tiles with a row between them.
// CHECK-LABEL: func @negative_tiles_apart
// CHECK:         scf.for
// CHECK:           rope.rotate %{{.*}} along [0] :
// CHECK-NOT:     rope.rotate
// CHECK:         return
func.func @negative_tiles_apart(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c6 = arith.constant 6 : index
  %y = scf.for %r = %c0 to %c6 step %c3 iter_args(%z = %x) -> tensor<6x4xf32> {
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

// In parallel, each row is written to the place of the row before it.
// CHECK-LABEL: func @negative_forall_shifted
// CHECK:         scf.forall
// CHECK:           rope.rotate %{{.*}} along [] :
// CHECK-NOT:     rope.rotate
// CHECK:         return
func.func @negative_forall_shifted(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %c1 = arith.constant 1 : index
  %y = scf.forall (%t) in (5) shared_outs(%z = %x) -> tensor<6x4xf32> {
    %r = arith.addi %t, %c1 : index
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
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %row into %z[%t, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<6x4xf32>
    }
  }
  return %y : tensor<6x4xf32>
}

// -----

// Two numbers share one dimension, so that neither is that of the row.
// CHECK-LABEL: func @negative_forall_sum
// CHECK:         scf.forall
// CHECK:           rope.rotate %{{.*}} along [] :
// CHECK-NOT:     rope.rotate
// CHECK:         return
func.func @negative_forall_sum(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %y = scf.forall (%t, %u) in (3, 2) shared_outs(%z = %x) -> tensor<6x4xf32> {
    %r = arith.addi %t, %u : index
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
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %row into %z[%r, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<6x4xf32>
    }
  }
  return %y : tensor<6x4xf32>
}

// -----

// Of each tile of two rows only the first is written.
// CHECK-LABEL: func @negative_forall_part
// CHECK:         scf.forall
// CHECK:           rope.rotate %{{.*}} along [] :
// CHECK-NOT:     rope.rotate
// CHECK:         return
func.func @negative_forall_part(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %c2 = arith.constant 2 : index
  %y = scf.forall (%t) in (3) shared_outs(%z = %x) -> tensor<6x4xf32> {
    %r = arith.muli %t, %c2 : index
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
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %row into %z[%r, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<6x4xf32>
    }
  }
  return %y : tensor<6x4xf32>
}

// -----

// All rotate the first rows, which one of them writes: run in place, they may be there or not.
// CHECK-LABEL: func @negative_forall_reads_other_rows
// CHECK:         scf.forall
// CHECK:           rope.rotate %{{.*}} along [0] : tensor<2x4xf32>
// CHECK-NOT:     rope.rotate
// CHECK:         return
func.func @negative_forall_reads_other_rows(%x: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %y = scf.forall (%t) in (3) shared_outs(%z = %x) -> tensor<6x4xf32> {
    %r = arith.muli %t, %c2 : index
    %low = tensor.extract_slice %z[%c0, 0] [2, 2] [1, 1] : tensor<6x4xf32> to tensor<2x2xf32>
    %high = tensor.extract_slice %z[%c0, 2] [2, 2] [1, 1] : tensor<6x4xf32> to tensor<2x2xf32>
    %c = tensor.extract_slice %cos[%r, 0] [2, 2] [1, 1] : tensor<6x2xf32> to tensor<2x2xf32>
    %s = tensor.extract_slice %sin[%r, 0] [2, 2] [1, 1] : tensor<6x2xf32> to tensor<2x2xf32>
    %lc = arith.mulf %low, %c : tensor<2x2xf32>
    %hs = arith.mulf %high, %s : tensor<2x2xf32>
    %first = arith.subf %lc, %hs : tensor<2x2xf32>
    %hc = arith.mulf %high, %c : tensor<2x2xf32>
    %ls = arith.mulf %low, %s : tensor<2x2xf32>
    %second = arith.addf %hc, %ls : tensor<2x2xf32>
    %row = tensor.concat dim(1) %first, %second : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x4xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %row into %z[%r, 0] [2, 4] [1, 1] : tensor<2x4xf32> into tensor<6x4xf32>
    }
  }
  return %y : tensor<6x4xf32>
}

// -----

// Of the number that is carried beside the rows the third is negative: from there on another tensor is read.
// CHECK-LABEL: func @negative_number_wraps
// CHECK:         scf.for
// CHECK:           rope.rotate %{{.*}} along [] :
// CHECK-NOT:     rope.rotate
// CHECK:         return
func.func @negative_number_wraps(%x: tensor<6x4xf32>, %u: tensor<6x4xf32>, %cos: tensor<6x2xf32>, %sin: tensor<6x2xf32>) -> tensor<6x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %start = arith.constant 2147483646 : i32
  %y:2 = scf.for %r = %c0 to %c6 step %c1 iter_args(%z = %x, %n = %start) -> (tensor<6x4xf32>, i32) {
    %isNegative = arith.cmpi slt, %n, %zero : i32
    %from = arith.select %isNegative, %u, %x : tensor<6x4xf32>
    %low = tensor.extract_slice %from[%r, 0] [1, 2] [1, 1] : tensor<6x4xf32> to tensor<2xf32>
    %high = tensor.extract_slice %from[%r, 2] [1, 2] [1, 1] : tensor<6x4xf32> to tensor<2xf32>
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
    %next = arith.addi %n, %one : i32
    scf.yield %z1, %next : tensor<6x4xf32>, i32
  }
  return %y#0 : tensor<6x4xf32>
}
