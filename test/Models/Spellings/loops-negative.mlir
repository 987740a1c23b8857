// RUN: rope-opt %s --rope-raise --split-input-file | FileCheck %s

// Loops over rows of which some are not written once, by the iteration of their number:
// the rows in them are rotated, the loops stay.

// The row above is read after it was rotated.
// CHECK-LABEL: func @negative_reads_the_row_before
// CHECK-NOT:     rope.rotate
func.func @negative_reads_the_row_before(%x: tensor<5x4xf32>, %cos: tensor<5x2xf32>, %sin: tensor<5x2xf32>) -> tensor<5x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %y = scf.for %r = %c0 to %c5 step %c1 iter_args(%z = %x) -> tensor<5x4xf32> {
    %less = arith.subi %r, %c1 : index
    %above = arith.maxsi %less, %c0 : index
    %low = tensor.extract_slice %z[%above, 0] [1, 2] [1, 1] : tensor<5x4xf32> to tensor<2xf32>
    %high = tensor.extract_slice %x[%r, 2] [1, 2] [1, 1] : tensor<5x4xf32> to tensor<2xf32>
    %c = tensor.extract_slice %cos[%r, 0] [1, 2] [1, 1] : tensor<5x2xf32> to tensor<2xf32>
    %s = tensor.extract_slice %sin[%r, 0] [1, 2] [1, 1] : tensor<5x2xf32> to tensor<2xf32>
    %lc = arith.mulf %low, %c : tensor<2xf32>
    %hs = arith.mulf %high, %s : tensor<2xf32>
    %first = arith.subf %lc, %hs : tensor<2xf32>
    %hc = arith.mulf %high, %c : tensor<2xf32>
    %ls = arith.mulf %low, %s : tensor<2xf32>
    %second = arith.addf %hc, %ls : tensor<2xf32>
    %z1 = tensor.insert_slice %first into %z[%r, 0] [1, 2] [1, 1] : tensor<2xf32> into tensor<5x4xf32>
    %z2 = tensor.insert_slice %second into %z1[%r, 2] [1, 2] [1, 1] : tensor<2xf32> into tensor<5x4xf32>
    scf.yield %z2 : tensor<5x4xf32>
  }
  return %y : tensor<5x4xf32>
}

// -----

// Each iteration clears the row after its own.
// CHECK-LABEL: func @negative_writes_the_next_row
// CHECK:         scf.for
// CHECK:           rope.rotate %{{.*}} along [] :
// CHECK:         return
func.func @negative_writes_the_next_row(%x: tensor<?x4xf32>, %cos: tensor<?x2xf32>, %sin: tensor<?x2xf32>, %end: index) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant dense<0.0> : tensor<4xf32>
  %y = scf.for %r = %c0 to %end step %c1 iter_args(%z = %x) -> tensor<?x4xf32> {
    %low = tensor.extract_slice %x[%r, 0] [1, 2] [1, 1] : tensor<?x4xf32> to tensor<2xf32>
    %high = tensor.extract_slice %x[%r, 2] [1, 2] [1, 1] : tensor<?x4xf32> to tensor<2xf32>
    %c = tensor.extract_slice %cos[%r, 0] [1, 2] [1, 1] : tensor<?x2xf32> to tensor<2xf32>
    %s = tensor.extract_slice %sin[%r, 0] [1, 2] [1, 1] : tensor<?x2xf32> to tensor<2xf32>
    %lc = arith.mulf %low, %c : tensor<2xf32>
    %hs = arith.mulf %high, %s : tensor<2xf32>
    %first = arith.subf %lc, %hs : tensor<2xf32>
    %hc = arith.mulf %high, %c : tensor<2xf32>
    %ls = arith.mulf %low, %s : tensor<2xf32>
    %second = arith.addf %hc, %ls : tensor<2xf32>
    %row = tensor.concat dim(0) %first, %second : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
    %z1 = tensor.insert_slice %row into %z[%r, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<?x4xf32>
    %next = arith.addi %r, %c1 : index
    %z2 = tensor.insert_slice %zero into %z1[%next, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<?x4xf32>
    scf.yield %z2 : tensor<?x4xf32>
  }
  return %y : tensor<?x4xf32>
}

// -----

// Nobody knows whether the loop reaches all rows, and every other row passes through.
// CHECK-LABEL: func @negative_other_bounds
// CHECK:         scf.for
// CHECK:           rope.rotate %{{.*}} along [] :
// CHECK:         scf.for
// CHECK:           rope.rotate %{{.*}} along [] :
// CHECK:         return
func.func @negative_other_bounds(%x: tensor<?x4xf32>, %cos: tensor<?x2xf32>, %sin: tensor<?x2xf32>, %end: index) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %rows = tensor.dim %x, %c0 : tensor<?x4xf32>
  %y = scf.for %r = %c0 to %end step %c1 iter_args(%z = %x) -> tensor<?x4xf32> {
    %low = tensor.extract_slice %x[%r, 0] [1, 2] [1, 1] : tensor<?x4xf32> to tensor<2xf32>
    %high = tensor.extract_slice %x[%r, 2] [1, 2] [1, 1] : tensor<?x4xf32> to tensor<2xf32>
    %c = tensor.extract_slice %cos[%r, 0] [1, 2] [1, 1] : tensor<?x2xf32> to tensor<2xf32>
    %s = tensor.extract_slice %sin[%r, 0] [1, 2] [1, 1] : tensor<?x2xf32> to tensor<2xf32>
    %lc = arith.mulf %low, %c : tensor<2xf32>
    %hs = arith.mulf %high, %s : tensor<2xf32>
    %first = arith.subf %lc, %hs : tensor<2xf32>
    %hc = arith.mulf %high, %c : tensor<2xf32>
    %ls = arith.mulf %low, %s : tensor<2xf32>
    %second = arith.addf %hc, %ls : tensor<2xf32>
    %row = tensor.concat dim(0) %first, %second : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
    %z1 = tensor.insert_slice %row into %z[%r, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<?x4xf32>
    scf.yield %z1 : tensor<?x4xf32>
  }
  %w = scf.for %r = %c0 to %rows step %c2 iter_args(%z = %x) -> tensor<?x4xf32> {
    %low = tensor.extract_slice %x[%r, 0] [1, 2] [1, 1] : tensor<?x4xf32> to tensor<2xf32>
    %high = tensor.extract_slice %x[%r, 2] [1, 2] [1, 1] : tensor<?x4xf32> to tensor<2xf32>
    %c = tensor.extract_slice %cos[%r, 0] [1, 2] [1, 1] : tensor<?x2xf32> to tensor<2xf32>
    %s = tensor.extract_slice %sin[%r, 0] [1, 2] [1, 1] : tensor<?x2xf32> to tensor<2xf32>
    %lc = arith.mulf %low, %c : tensor<2xf32>
    %hs = arith.mulf %high, %s : tensor<2xf32>
    %first = arith.subf %lc, %hs : tensor<2xf32>
    %hc = arith.mulf %high, %c : tensor<2xf32>
    %ls = arith.mulf %low, %s : tensor<2xf32>
    %second = arith.addf %hc, %ls : tensor<2xf32>
    %row = tensor.concat dim(0) %first, %second : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
    %z1 = tensor.insert_slice %row into %z[%r, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<?x4xf32>
    scf.yield %z1 : tensor<?x4xf32>
  }
  return %y, %w : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// Two tensors that change places at each iteration.
// CHECK-LABEL: func @negative_carried_values_exchanged
// CHECK:         scf.for
// CHECK:         return
func.func @negative_carried_values_exchanged(%x: tensor<5x4xf32>, %u: tensor<5x4xf32>, %cos: tensor<5x2xf32>, %sin: tensor<5x2xf32>) -> tensor<5x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %y:2 = scf.for %r = %c0 to %c5 step %c1 iter_args(%z = %x, %o = %u) -> (tensor<5x4xf32>, tensor<5x4xf32>) {
    %low = tensor.extract_slice %x[%r, 0] [1, 2] [1, 1] : tensor<5x4xf32> to tensor<2xf32>
    %high = tensor.extract_slice %x[%r, 2] [1, 2] [1, 1] : tensor<5x4xf32> to tensor<2xf32>
    %c = tensor.extract_slice %cos[%r, 0] [1, 2] [1, 1] : tensor<5x2xf32> to tensor<2xf32>
    %s = tensor.extract_slice %sin[%r, 0] [1, 2] [1, 1] : tensor<5x2xf32> to tensor<2xf32>
    %lc = arith.mulf %low, %c : tensor<2xf32>
    %hs = arith.mulf %high, %s : tensor<2xf32>
    %first = arith.subf %lc, %hs : tensor<2xf32>
    %hc = arith.mulf %high, %c : tensor<2xf32>
    %ls = arith.mulf %low, %s : tensor<2xf32>
    %second = arith.addf %hc, %ls : tensor<2xf32>
    %row = tensor.concat dim(0) %first, %second : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
    %z1 = tensor.insert_slice %row into %z[%r, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<5x4xf32>
    scf.yield %o, %z1 : tensor<5x4xf32>, tensor<5x4xf32>
  }
  return %y#0 : tensor<5x4xf32>
}

// -----

// The rows are scaled by a number that the iterations carry: no table holds it.
// CHECK-LABEL: func @negative_carried_number
// CHECK:         scf.for
// CHECK:         return
func.func @negative_carried_number(%x: tensor<5x4xf32>, %cos: tensor<5x2xf32>, %sin: tensor<5x2xf32>) -> (tensor<5x4xf32>, f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %one = arith.constant 1.0 : f32
  %y:2 = scf.for %r = %c0 to %c5 step %c1 iter_args(%z = %x, %o = %one) -> (tensor<5x4xf32>, f32) {
    %low = tensor.extract_slice %x[%r, 0] [1, 2] [1, 1] : tensor<5x4xf32> to tensor<2xf32>
    %high = tensor.extract_slice %x[%r, 2] [1, 2] [1, 1] : tensor<5x4xf32> to tensor<2xf32>
    %c1row = tensor.extract_slice %cos[%r, 0] [1, 2] [1, 1] : tensor<5x2xf32> to tensor<2xf32>
    %factor = tensor.splat %o : tensor<2xf32>
    %c = arith.mulf %c1row, %factor : tensor<2xf32>
    %s = tensor.extract_slice %sin[%r, 0] [1, 2] [1, 1] : tensor<5x2xf32> to tensor<2xf32>
    %lc = arith.mulf %low, %c : tensor<2xf32>
    %hs = arith.mulf %high, %s : tensor<2xf32>
    %first = arith.subf %lc, %hs : tensor<2xf32>
    %hc = arith.mulf %high, %c : tensor<2xf32>
    %ls = arith.mulf %low, %s : tensor<2xf32>
    %second = arith.addf %hc, %ls : tensor<2xf32>
    %row = tensor.concat dim(0) %first, %second : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
    %z1 = tensor.insert_slice %row into %z[%r, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<5x4xf32>
    %two = arith.addf %o, %one : f32
    scf.yield %z1, %two : tensor<5x4xf32>, f32
  }
  return %y#0, %y#1 : tensor<5x4xf32>, f32
}

// -----

// The sines are read past their end: there is no row of them to rotate by.
// CHECK-LABEL: func @negative_out_of_bounds
// CHECK-NOT:     rope.rotate
func.func @negative_out_of_bounds(%x: tensor<5x8xf32>, %cos: tensor<5x4xf32>, %sin: tensor<5x4xf32>) -> tensor<5x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c5 = arith.constant 5 : index
  %c8 = arith.constant 8 : index
  %y = scf.for %r = %c0 to %c5 step %c1 iter_args(%z = %x) -> tensor<5x8xf32> {
    %all = scf.for %i = %c0 to %c8 step %c2 iter_args(%y0 = %z) -> tensor<5x8xf32> {
      %j = arith.addi %i, %c1 : index
      %h = arith.divui %i, %c2 : index
      %a = tensor.extract %y0[%r, %i] : tensor<5x8xf32>
      %b = tensor.extract %y0[%r, %j] : tensor<5x8xf32>
      %c = tensor.extract %cos[%r, %h] : tensor<5x4xf32>
      %s = tensor.extract %sin[%r, %j] : tensor<5x4xf32>
      %ac = arith.mulf %a, %c : f32
      %bs = arith.mulf %b, %s : f32
      %first = arith.subf %ac, %bs : f32
      %bc = arith.mulf %b, %c : f32
      %as = arith.mulf %a, %s : f32
      %second = arith.addf %bc, %as : f32
      %y1 = tensor.insert %first into %y0[%r, %i] : tensor<5x8xf32>
      %y2 = tensor.insert %second into %y1[%r, %j] : tensor<5x8xf32>
      scf.yield %y2 : tensor<5x8xf32>
    }
    scf.yield %all : tensor<5x8xf32>
  }
  return %y : tensor<5x8xf32>
}

// -----

// Only the first iteration is there, which takes x: the second number would overflow.
// CHECK-LABEL: func @negative_huge_step
// CHECK:         scf.for
// CHECK-NOT:     rope.rotate
func.func @negative_huge_step(%x: tensor<5x4xf32>, %cos: tensor<5x2xf32>, %sin: tensor<5x2xf32>) -> tensor<5x4xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %huge = arith.constant 9223372036854775807 : index
  %low = tensor.extract_slice %x[0, 0] [5, 2] [1, 1] : tensor<5x4xf32> to tensor<5x2xf32>
  %high = tensor.extract_slice %x[0, 2] [5, 2] [1, 1] : tensor<5x4xf32> to tensor<5x2xf32>
  %lc = arith.mulf %low, %cos : tensor<5x2xf32>
  %hs = arith.mulf %high, %sin : tensor<5x2xf32>
  %first = arith.subf %lc, %hs : tensor<5x2xf32>
  %hc = arith.mulf %high, %cos : tensor<5x2xf32>
  %ls = arith.mulf %low, %sin : tensor<5x2xf32>
  %second = arith.addf %hc, %ls : tensor<5x2xf32>
  %three = tensor.concat dim(1) %low, %first, %second : (tensor<5x2xf32>, tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x6xf32>
  %y = scf.for %r = %c0 to %c2 step %huge iter_args(%z = %x) -> tensor<5x4xf32> {
    %some = tensor.extract_slice %three[0, %r] [5, 4] [1, 1] : tensor<5x6xf32> to tensor<5x4xf32>
    %z1 = tensor.insert_slice %some into %z[0, 0] [5, 4] [1, 1] : tensor<5x4xf32> into tensor<5x4xf32>
    scf.yield %z1 : tensor<5x4xf32>
  }
  return %y : tensor<5x4xf32>
}

// -----

// The sizes in the branch are those of the iteration: the second lanes of the result are x.
// CHECK-LABEL: func @negative_sizes_in_branch
// CHECK:         scf.for
// CHECK-NOT:     rope.rotate
func.func @negative_sizes_in_branch(%x: tensor<5x4xf32>, %cos: tensor<5x2xf32>, %sin: tensor<5x2xf32>) -> tensor<5x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %true = arith.constant true
  %low = tensor.extract_slice %x[0, 0] [5, 2] [1, 1] : tensor<5x4xf32> to tensor<5x2xf32>
  %high = tensor.extract_slice %x[0, 2] [5, 2] [1, 1] : tensor<5x4xf32> to tensor<5x2xf32>
  %lc = arith.mulf %low, %cos : tensor<5x2xf32>
  %hs = arith.mulf %high, %sin : tensor<5x2xf32>
  %first = arith.subf %lc, %hs : tensor<5x2xf32>
  %hc = arith.mulf %high, %cos : tensor<5x2xf32>
  %ls = arith.mulf %low, %sin : tensor<5x2xf32>
  %second = arith.addf %hc, %ls : tensor<5x2xf32>
  %start = tensor.concat dim(1) %second, %high : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x4xf32>
  %y = scf.for %r = %c0 to %c2 step %c1 iter_args(%z = %start) -> tensor<5x4xf32> {
    %z1 = scf.if %true -> tensor<5x4xf32> {
      %n = arith.muli %r, %c2 : index
      %m = arith.subi %c4, %n : index
      %head = tensor.extract_slice %first[0, 0] [5, %n] [1, 1] : tensor<5x2xf32> to tensor<5x?xf32>
      %tail = tensor.extract_slice %z[0, %n] [5, %m] [1, 1] : tensor<5x4xf32> to tensor<5x?xf32>
      %row = tensor.concat dim(1) %head, %tail : (tensor<5x?xf32>, tensor<5x?xf32>) -> tensor<5x?xf32>
      %cast = tensor.cast %row : tensor<5x?xf32> to tensor<5x4xf32>
      scf.yield %cast : tensor<5x4xf32>
    } else {
      scf.yield %z : tensor<5x4xf32>
    }
    scf.yield %z1 : tensor<5x4xf32>
  }
  return %y : tensor<5x4xf32>
}

// -----

// Compared without sign -1 is the largest number: there are iterations, the last of which
// takes x.
// CHECK-LABEL: func @negative_unsigned_bounds
// CHECK:         %[[Y:.*]] = scf.for unsigned
// CHECK:         return %[[Y]]
func.func @negative_unsigned_bounds(%x: tensor<5x4xf32>, %cos: tensor<5x2xf32>, %sin: tensor<5x2xf32>) -> tensor<5x4xf32> {
  %c0 = arith.constant 0 : index
  %last = arith.constant -1 : index
  %huge = arith.constant 4611686018427387904 : index
  %low = tensor.extract_slice %x[0, 0] [5, 2] [1, 1] : tensor<5x4xf32> to tensor<5x2xf32>
  %high = tensor.extract_slice %x[0, 2] [5, 2] [1, 1] : tensor<5x4xf32> to tensor<5x2xf32>
  %lc = arith.mulf %low, %cos : tensor<5x2xf32>
  %hs = arith.mulf %high, %sin : tensor<5x2xf32>
  %first = arith.subf %lc, %hs : tensor<5x2xf32>
  %hc = arith.mulf %high, %cos : tensor<5x2xf32>
  %ls = arith.mulf %low, %sin : tensor<5x2xf32>
  %second = arith.addf %hc, %ls : tensor<5x2xf32>
  %rotated = tensor.concat dim(1) %first, %second : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x4xf32>
  %y = scf.for unsigned %r = %c0 to %last step %huge iter_args(%z = %rotated) -> tensor<5x4xf32> {
    scf.yield %x : tensor<5x4xf32>
  }
  return %y : tensor<5x4xf32>
}
