// RUN: rope-opt %s --rope-raise | FileCheck %s

// Loops over pairs of lanes are gone through one by one.

// CHECK-LABEL: func @pairs
// CHECK-NEXT:    rope.rotate %arg0 by %arg1, %arg2 along [] : tensor<8xf32>, tensor<4xf32>
// CHECK-NEXT:    return
func.func @pairs(%x: tensor<8xf32>, %cos: tensor<4xf32>, %sin: tensor<4xf32>) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %empty = tensor.empty() : tensor<8xf32>
  %y = scf.for %i = %c0 to %c4 step %c1 iter_args(%y0 = %empty) -> tensor<8xf32> {
    %j = arith.addi %i, %c4 : index
    %a = tensor.extract %x[%i] : tensor<8xf32>
    %b = tensor.extract %x[%j] : tensor<8xf32>
    %c = tensor.extract %cos[%i] : tensor<4xf32>
    %s = tensor.extract %sin[%i] : tensor<4xf32>
    %ac = arith.mulf %a, %c : f32
    %bs = arith.mulf %b, %s : f32
    %first = arith.subf %ac, %bs : f32
    %bc = arith.mulf %b, %c : f32
    %as = arith.mulf %a, %s : f32
    %second = arith.addf %bc, %as : f32
    %y1 = tensor.insert %first into %y0[%i] : tensor<8xf32>
    %y2 = tensor.insert %second into %y1[%j] : tensor<8xf32>
    scf.yield %y2 : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// In place: the second product of a pair reads what the first has written.
// CHECK-LABEL: func @negative_reads_what_it_wrote
// CHECK-NOT:     rope.rotate
func.func @negative_reads_what_it_wrote(%x: tensor<8xf32>, %cos: tensor<4xf32>, %sin: tensor<4xf32>) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %y = scf.for %i = %c0 to %c4 step %c1 iter_args(%y0 = %x) -> tensor<8xf32> {
    %j = arith.addi %i, %c4 : index
    %a = tensor.extract %y0[%i] : tensor<8xf32>
    %b = tensor.extract %y0[%j] : tensor<8xf32>
    %c = tensor.extract %cos[%i] : tensor<4xf32>
    %s = tensor.extract %sin[%i] : tensor<4xf32>
    %ac = arith.mulf %a, %c : f32
    %bs = arith.mulf %b, %s : f32
    %first = arith.subf %ac, %bs : f32
    %y1 = tensor.insert %first into %y0[%i] : tensor<8xf32>
    %stale = tensor.extract %y1[%i] : tensor<8xf32>
    %bc = arith.mulf %b, %c : f32
    %as = arith.mulf %stale, %s : f32
    %second = arith.addf %bc, %as : f32
    %y2 = tensor.insert %second into %y1[%j] : tensor<8xf32>
    scf.yield %y2 : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// Lane 3 is written again by the iteration after its own: it is negated.
// CHECK-LABEL: func @negative_written_by_the_next
// CHECK-NOT:     rope.rotate
func.func @negative_written_by_the_next(%x: tensor<8xf32>, %cos: tensor<4xf32>, %sin: tensor<4xf32>) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %y = scf.for %i = %c0 to %c5 step %c1 iter_args(%y0 = %x) -> tensor<8xf32> {
    %k = arith.minsi %i, %c3 : index
    %j = arith.addi %k, %c4 : index
    %a = tensor.extract %x[%k] : tensor<8xf32>
    %b = tensor.extract %x[%j] : tensor<8xf32>
    %c = tensor.extract %cos[%k] : tensor<4xf32>
    %s = tensor.extract %sin[%k] : tensor<4xf32>
    %ac = arith.mulf %a, %c : f32
    %bs = arith.mulf %b, %s : f32
    %difference = arith.subf %ac, %bs : f32
    %isLast = arith.cmpi eq, %i, %c4 : index
    %minus = arith.negf %difference : f32
    %first = arith.select %isLast, %minus, %difference : f32
    %bc = arith.mulf %b, %c : f32
    %as = arith.mulf %a, %s : f32
    %second = arith.addf %bc, %as : f32
    %y1 = tensor.insert %first into %y0[%k] : tensor<8xf32>
    %y2 = tensor.insert %second into %y1[%j] : tensor<8xf32>
    scf.yield %y2 : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// The last pair is never reached: its lanes are those of an empty tensor.
// CHECK-LABEL: func @negative_one_iteration_less
// CHECK-NOT:     rope.rotate
func.func @negative_one_iteration_less(%x: tensor<8xf32>, %cos: tensor<4xf32>, %sin: tensor<4xf32>) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %empty = tensor.empty() : tensor<8xf32>
  %y = scf.for %i = %c0 to %c3 step %c1 iter_args(%y0 = %empty) -> tensor<8xf32> {
    %j = arith.addi %i, %c4 : index
    %a = tensor.extract %x[%i] : tensor<8xf32>
    %b = tensor.extract %x[%j] : tensor<8xf32>
    %c = tensor.extract %cos[%i] : tensor<4xf32>
    %s = tensor.extract %sin[%i] : tensor<4xf32>
    %ac = arith.mulf %a, %c : f32
    %bs = arith.mulf %b, %s : f32
    %first = arith.subf %ac, %bs : f32
    %bc = arith.mulf %b, %c : f32
    %as = arith.mulf %a, %s : f32
    %second = arith.addf %bc, %as : f32
    %y1 = tensor.insert %first into %y0[%i] : tensor<8xf32>
    %y2 = tensor.insert %second into %y1[%j] : tensor<8xf32>
    scf.yield %y2 : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}
