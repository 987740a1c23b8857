// RUN: rope-opt %s --rope-raise --canonicalize | FileCheck %s
// Tiles of as many rows as run time says: all rows are rotated at once, also where the last
// tile is smaller. test/Spellings/loops.test runs random ones.

// CHECK-LABEL: func @whole_tiles
// CHECK-NOT:     scf.
// CHECK:         rope.rotate %{{.*}} along [0] : tensor<?x8xf32>
// CHECK-NOT:     scf.
func.func @whole_tiles(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %u: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %zero = arith.constant 0 : index
  %four = arith.constant 4 : index
  %n = tensor.dim %u, %zero : tensor<?x8xf32>
  %y = scf.for %i = %zero to %n step %four iter_args(%w = %u) -> (tensor<?x8xf32>) {
    %a = tensor.extract_slice %x[%i, 0] [4, 4] [1, 1] : tensor<?x8xf32> to tensor<4x4xf32>
    %b = tensor.extract_slice %x[%i, 4] [4, 4] [1, 1] : tensor<?x8xf32> to tensor<4x4xf32>
    %c = tensor.extract_slice %cos[%i, 0] [4, 4] [1, 1] : tensor<?x4xf32> to tensor<4x4xf32>
    %s = tensor.extract_slice %sin[%i, 0] [4, 4] [1, 1] : tensor<?x4xf32> to tensor<4x4xf32>
    %ac = arith.mulf %a, %c : tensor<4x4xf32>
    %bs = arith.mulf %b, %s : tensor<4x4xf32>
    %f = arith.subf %ac, %bs : tensor<4x4xf32>
    %bc = arith.mulf %b, %c : tensor<4x4xf32>
    %as = arith.mulf %a, %s : tensor<4x4xf32>
    %g = arith.addf %bc, %as : tensor<4x4xf32>
    %rows = tensor.concat dim(1) %f, %g : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x8xf32>
    %z = tensor.insert_slice %rows into %w[%i, 0] [4, 8] [1, 1] : tensor<4x8xf32> into tensor<?x8xf32>
    scf.yield %z : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func @whole_tiles_while
// CHECK-NOT:     scf.
// CHECK:         rope.rotate %{{.*}} along [0] : tensor<?x8xf32>
// CHECK-NOT:     scf.
func.func @whole_tiles_while(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %u: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %zero = arith.constant 0 : index
  %four = arith.constant 4 : index
  %n = tensor.dim %u, %zero : tensor<?x8xf32>
  %k, %y = scf.while (%i = %zero, %w = %u) : (index, tensor<?x8xf32>) -> (index, tensor<?x8xf32>) {
    %more = arith.cmpi slt, %i, %n : index
    scf.condition(%more) %i, %w : index, tensor<?x8xf32>
  } do {
  ^bb0(%i: index, %w: tensor<?x8xf32>):
    %a = tensor.extract_slice %x[%i, 0] [4, 4] [1, 1] : tensor<?x8xf32> to tensor<4x4xf32>
    %b = tensor.extract_slice %x[%i, 4] [4, 4] [1, 1] : tensor<?x8xf32> to tensor<4x4xf32>
    %c = tensor.extract_slice %cos[%i, 0] [4, 4] [1, 1] : tensor<?x4xf32> to tensor<4x4xf32>
    %s = tensor.extract_slice %sin[%i, 0] [4, 4] [1, 1] : tensor<?x4xf32> to tensor<4x4xf32>
    %ac = arith.mulf %a, %c : tensor<4x4xf32>
    %bs = arith.mulf %b, %s : tensor<4x4xf32>
    %f = arith.subf %ac, %bs : tensor<4x4xf32>
    %bc = arith.mulf %b, %c : tensor<4x4xf32>
    %as = arith.mulf %a, %s : tensor<4x4xf32>
    %g = arith.addf %bc, %as : tensor<4x4xf32>
    %rows = tensor.concat dim(1) %f, %g : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x8xf32>
    %z = tensor.insert_slice %rows into %w[%i, 0] [4, 8] [1, 1] : tensor<4x8xf32> into tensor<?x8xf32>
    %next = arith.addi %i, %four : index
    scf.yield %next, %z : index, tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func @smaller_last_tile
// CHECK-NOT:     scf.
// CHECK:         rope.rotate %{{.*}} along [0] : tensor<?x8xf32>
// CHECK-NOT:     scf.
func.func @smaller_last_tile(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %u: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %zero = arith.constant 0 : index
  %four = arith.constant 4 : index
  %n = tensor.dim %u, %zero : tensor<?x8xf32>
  %y = scf.for %i = %zero to %n step %four iter_args(%w = %u) -> (tensor<?x8xf32>) {
    %size = affine.min affine_map<(d0)[s0] -> (4, s0 - d0)>(%i)[%n]
    %a = tensor.extract_slice %x[%i, 0] [%size, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
    %b = tensor.extract_slice %x[%i, 4] [%size, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
    %c = tensor.extract_slice %cos[%i, 0] [%size, 4] [1, 1] : tensor<?x4xf32> to tensor<?x4xf32>
    %s = tensor.extract_slice %sin[%i, 0] [%size, 4] [1, 1] : tensor<?x4xf32> to tensor<?x4xf32>
    %ac = arith.mulf %a, %c : tensor<?x4xf32>
    %bs = arith.mulf %b, %s : tensor<?x4xf32>
    %f = arith.subf %ac, %bs : tensor<?x4xf32>
    %bc = arith.mulf %b, %c : tensor<?x4xf32>
    %as = arith.mulf %a, %s : tensor<?x4xf32>
    %g = arith.addf %bc, %as : tensor<?x4xf32>
    %rows = tensor.concat dim(1) %f, %g : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
    %z = tensor.insert_slice %rows into %w[%i, 0] [%size, 8] [1, 1] : tensor<?x8xf32> into tensor<?x8xf32>
    scf.yield %z : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func @smaller_last_tile_by_a_minimum
// CHECK-NOT:     scf.
// CHECK:         rope.rotate %{{.*}} along [0] : tensor<?x8xf32>
// CHECK-NOT:     scf.
func.func @smaller_last_tile_by_a_minimum(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %u: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %zero = arith.constant 0 : index
  %four = arith.constant 4 : index
  %n = tensor.dim %u, %zero : tensor<?x8xf32>
  %y = scf.for %i = %zero to %n step %four iter_args(%w = %u) -> (tensor<?x8xf32>) {
    %left = arith.subi %n, %i : index
    %size = arith.minsi %left, %four : index
    %a = tensor.extract_slice %x[%i, 0] [%size, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
    %b = tensor.extract_slice %x[%i, 4] [%size, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
    %c = tensor.extract_slice %cos[%i, 0] [%size, 4] [1, 1] : tensor<?x4xf32> to tensor<?x4xf32>
    %s = tensor.extract_slice %sin[%i, 0] [%size, 4] [1, 1] : tensor<?x4xf32> to tensor<?x4xf32>
    %ac = arith.mulf %a, %c : tensor<?x4xf32>
    %bs = arith.mulf %b, %s : tensor<?x4xf32>
    %f = arith.subf %ac, %bs : tensor<?x4xf32>
    %bc = arith.mulf %b, %c : tensor<?x4xf32>
    %as = arith.mulf %a, %s : tensor<?x4xf32>
    %g = arith.addf %bc, %as : tensor<?x4xf32>
    %rows = tensor.concat dim(1) %f, %g : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
    %z = tensor.insert_slice %rows into %w[%i, 0] [%size, 8] [1, 1] : tensor<?x8xf32> into tensor<?x8xf32>
    scf.yield %z : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func @smaller_last_tile_in_parallel
// CHECK-NOT:     scf.
// CHECK:         rope.rotate %{{.*}} along [0] : tensor<?x8xf32>
// CHECK-NOT:     scf.
func.func @smaller_last_tile_in_parallel(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %u: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %zero = arith.constant 0 : index
  %four = arith.constant 4 : index
  %n = tensor.dim %u, %zero : tensor<?x8xf32>
  %y = scf.forall (%i) = (0) to (%n) step (4) shared_outs(%w = %u) -> (tensor<?x8xf32>) {
    %size = affine.min affine_map<(d0)[s0] -> (4, s0 - d0)>(%i)[%n]
    %a = tensor.extract_slice %x[%i, 0] [%size, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
    %b = tensor.extract_slice %x[%i, 4] [%size, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
    %c = tensor.extract_slice %cos[%i, 0] [%size, 4] [1, 1] : tensor<?x4xf32> to tensor<?x4xf32>
    %s = tensor.extract_slice %sin[%i, 0] [%size, 4] [1, 1] : tensor<?x4xf32> to tensor<?x4xf32>
    %ac = arith.mulf %a, %c : tensor<?x4xf32>
    %bs = arith.mulf %b, %s : tensor<?x4xf32>
    %f = arith.subf %ac, %bs : tensor<?x4xf32>
    %bc = arith.mulf %b, %c : tensor<?x4xf32>
    %as = arith.mulf %a, %s : tensor<?x4xf32>
    %g = arith.addf %bc, %as : tensor<?x4xf32>
    %rows = tensor.concat dim(1) %f, %g : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %rows into %w[%i, 0] [%size, 8] [1, 1] : tensor<?x8xf32> into tensor<?x8xf32>
    }
  }
  return %y : tensor<?x8xf32>
}

// Nobody knows that both have as many rows.
// CHECK-LABEL: func @negative_rows_of_another
// CHECK:         scf.for
// CHECK:           rope.rotate
// CHECK:           scf.yield
func.func @negative_rows_of_another(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %u: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %zero = arith.constant 0 : index
  %four = arith.constant 4 : index
  %n = tensor.dim %x, %zero : tensor<?x8xf32>
  %y = scf.for %i = %zero to %n step %four iter_args(%w = %u) -> (tensor<?x8xf32>) {
    %a = tensor.extract_slice %x[%i, 0] [4, 4] [1, 1] : tensor<?x8xf32> to tensor<4x4xf32>
    %b = tensor.extract_slice %x[%i, 4] [4, 4] [1, 1] : tensor<?x8xf32> to tensor<4x4xf32>
    %c = tensor.extract_slice %cos[%i, 0] [4, 4] [1, 1] : tensor<?x4xf32> to tensor<4x4xf32>
    %s = tensor.extract_slice %sin[%i, 0] [4, 4] [1, 1] : tensor<?x4xf32> to tensor<4x4xf32>
    %ac = arith.mulf %a, %c : tensor<4x4xf32>
    %bs = arith.mulf %b, %s : tensor<4x4xf32>
    %f = arith.subf %ac, %bs : tensor<4x4xf32>
    %bc = arith.mulf %b, %c : tensor<4x4xf32>
    %as = arith.mulf %a, %s : tensor<4x4xf32>
    %g = arith.addf %bc, %as : tensor<4x4xf32>
    %rows = tensor.concat dim(1) %f, %g : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x8xf32>
    %z = tensor.insert_slice %rows into %w[%i, 0] [4, 8] [1, 1] : tensor<4x8xf32> into tensor<?x8xf32>
    scf.yield %z : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// The last tile is left out.
// CHECK-LABEL: func @negative_without_the_last
// CHECK:         scf.for
// CHECK:           tensor.insert_slice
func.func @negative_without_the_last(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %u: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %zero = arith.constant 0 : index
  %four = arith.constant 4 : index
  %n = tensor.dim %u, %zero : tensor<?x8xf32>
  %upper = arith.subi %n, %four : index
  %y = scf.for %i = %zero to %upper step %four iter_args(%w = %u) -> (tensor<?x8xf32>) {
    %size = affine.min affine_map<(d0)[s0] -> (4, s0 - d0)>(%i)[%n]
    %a = tensor.extract_slice %x[%i, 0] [%size, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
    %b = tensor.extract_slice %x[%i, 4] [%size, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
    %c = tensor.extract_slice %cos[%i, 0] [%size, 4] [1, 1] : tensor<?x4xf32> to tensor<?x4xf32>
    %s = tensor.extract_slice %sin[%i, 0] [%size, 4] [1, 1] : tensor<?x4xf32> to tensor<?x4xf32>
    %ac = arith.mulf %a, %c : tensor<?x4xf32>
    %bs = arith.mulf %b, %s : tensor<?x4xf32>
    %f = arith.subf %ac, %bs : tensor<?x4xf32>
    %bc = arith.mulf %b, %c : tensor<?x4xf32>
    %as = arith.mulf %a, %s : tensor<?x4xf32>
    %g = arith.addf %bc, %as : tensor<?x4xf32>
    %rows = tensor.concat dim(1) %f, %g : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
    %z = tensor.insert_slice %rows into %w[%i, 0] [%size, 8] [1, 1] : tensor<?x8xf32> into tensor<?x8xf32>
    scf.yield %z : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// The last row is in no tile.
// CHECK-LABEL: func @negative_short_last_tile
// CHECK:         scf.for
// CHECK:           tensor.insert_slice
func.func @negative_short_last_tile(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %u: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %zero = arith.constant 0 : index
  %four = arith.constant 4 : index
  %n = tensor.dim %u, %zero : tensor<?x8xf32>
  %y = scf.for %i = %zero to %n step %four iter_args(%w = %u) -> (tensor<?x8xf32>) {
    %size = affine.min affine_map<(d0)[s0] -> (4, s0 - d0 - 1)>(%i)[%n]
    %a = tensor.extract_slice %x[%i, 0] [%size, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
    %b = tensor.extract_slice %x[%i, 4] [%size, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
    %c = tensor.extract_slice %cos[%i, 0] [%size, 4] [1, 1] : tensor<?x4xf32> to tensor<?x4xf32>
    %s = tensor.extract_slice %sin[%i, 0] [%size, 4] [1, 1] : tensor<?x4xf32> to tensor<?x4xf32>
    %ac = arith.mulf %a, %c : tensor<?x4xf32>
    %bs = arith.mulf %b, %s : tensor<?x4xf32>
    %f = arith.subf %ac, %bs : tensor<?x4xf32>
    %bc = arith.mulf %b, %c : tensor<?x4xf32>
    %as = arith.mulf %a, %s : tensor<?x4xf32>
    %g = arith.addf %bc, %as : tensor<?x4xf32>
    %rows = tensor.concat dim(1) %f, %g : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
    %z = tensor.insert_slice %rows into %w[%i, 0] [%size, 8] [1, 1] : tensor<?x8xf32> into tensor<?x8xf32>
    scf.yield %z : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// Tiles of three rows, every four rows.
// CHECK-LABEL: func @negative_short_tiles
// CHECK:         scf.for
// CHECK:           tensor.insert_slice
func.func @negative_short_tiles(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %u: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %zero = arith.constant 0 : index
  %four = arith.constant 4 : index
  %n = tensor.dim %u, %zero : tensor<?x8xf32>
  %y = scf.for %i = %zero to %n step %four iter_args(%w = %u) -> (tensor<?x8xf32>) {
    %size = affine.min affine_map<(d0)[s0] -> (3, s0 - d0)>(%i)[%n]
    %a = tensor.extract_slice %x[%i, 0] [%size, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
    %b = tensor.extract_slice %x[%i, 4] [%size, 4] [1, 1] : tensor<?x8xf32> to tensor<?x4xf32>
    %c = tensor.extract_slice %cos[%i, 0] [%size, 4] [1, 1] : tensor<?x4xf32> to tensor<?x4xf32>
    %s = tensor.extract_slice %sin[%i, 0] [%size, 4] [1, 1] : tensor<?x4xf32> to tensor<?x4xf32>
    %ac = arith.mulf %a, %c : tensor<?x4xf32>
    %bs = arith.mulf %b, %s : tensor<?x4xf32>
    %f = arith.subf %ac, %bs : tensor<?x4xf32>
    %bc = arith.mulf %b, %c : tensor<?x4xf32>
    %as = arith.mulf %a, %s : tensor<?x4xf32>
    %g = arith.addf %bc, %as : tensor<?x4xf32>
    %rows = tensor.concat dim(1) %f, %g : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
    %z = tensor.insert_slice %rows into %w[%i, 0] [%size, 8] [1, 1] : tensor<?x8xf32> into tensor<?x8xf32>
    scf.yield %z : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// The results of scf.parallel are reductions, not places that iterations write: what it
// rotates is a rotation in it.
// CHECK-LABEL: func @negative_reduction_in_parallel
// CHECK:         scf.parallel
// CHECK:           rope.rotate
// CHECK:           scf.reduce
func.func @negative_reduction_in_parallel(%x: tensor<6x8xf32>, %c: tensor<1x4xf32>, %s: tensor<1x4xf32>, %z: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %six = arith.constant 6 : index
  %y = scf.parallel (%i) = (%zero) to (%six) step (%one) init (%z) -> tensor<1x8xf32> {
    %a = tensor.extract_slice %x[%i, 0] [1, 4] [1, 1] : tensor<6x8xf32> to tensor<1x4xf32>
    %b = tensor.extract_slice %x[%i, 4] [1, 4] [1, 1] : tensor<6x8xf32> to tensor<1x4xf32>
    %ac = arith.mulf %a, %c : tensor<1x4xf32>
    %bs = arith.mulf %b, %s : tensor<1x4xf32>
    %f = arith.subf %ac, %bs : tensor<1x4xf32>
    %bc = arith.mulf %b, %c : tensor<1x4xf32>
    %as = arith.mulf %a, %s : tensor<1x4xf32>
    %g = arith.addf %bc, %as : tensor<1x4xf32>
    %row = tensor.concat dim(1) %f, %g : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x8xf32>
    scf.reduce(%row : tensor<1x8xf32>) {
    ^bb0(%left: tensor<1x8xf32>, %right: tensor<1x8xf32>):
      %sum = arith.addf %left, %right : tensor<1x8xf32>
      scf.reduce.return %sum : tensor<1x8xf32>
    }
  }
  return %y : tensor<1x8xf32>
}
