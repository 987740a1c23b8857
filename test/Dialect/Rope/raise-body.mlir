// RUN: rope-opt %s --split-input-file --rope-raise | FileCheck %s

// Rotations that exist only in the body of a structured op.

#rows = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// The rotated lanes are gated and summed at once: the op reads the rotated tensor.
// CHECK-LABEL: func @gated_sum(
// CHECK:         %[[Y:.*]] = rope.rotate %arg0 by %arg1, %arg2 along [0] : tensor<5x4xf32>, tensor<5x4xf32>
// CHECK:         linalg.generic {{.*}} ins({{.*}}%[[Y]] :
func.func @gated_sum(%x: tensor<5x4xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>, %gate: tensor<5x4xf32>) -> tensor<5xf32> {
  %zero = arith.constant dense<0.0> : tensor<5xf32>
  %sum = linalg.generic {indexing_maps = [#rows, #rows, #rows, #rows, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x, %c, %s, %gate : tensor<5x4xf32>, tensor<5x4xf32>, tensor<5x4xf32>, tensor<5x4xf32>) outs(%zero : tensor<5xf32>) {
  ^bb0(%e: f32, %cos: f32, %sin: f32, %g: f32, %acc: f32):
    %row = linalg.index 0 : index
    %lane = linalg.index 1 : index
    %two = arith.constant 2 : index
    %four = arith.constant 4 : index
    %moved = arith.addi %lane, %two : index
    %at = arith.remui %moved, %four : index
    %o = tensor.extract %x[%row, %at] : tensor<5x4xf32>
    %isFirst = arith.cmpi ult, %lane, %two : index
    %n = arith.negf %o : f32
    %half = arith.select %isFirst, %n, %o : f32
    %ec = arith.mulf %e, %cos : f32
    %hs = arith.mulf %half, %sin : f32
    %rotated = arith.addf %ec, %hs : f32
    %gated = arith.mulf %rotated, %g : f32
    %next = arith.addf %acc, %gated : f32
    linalg.yield %next : f32
  } -> tensor<5xf32>
  return %sum : tensor<5xf32>
}

// -----

#rows = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// Nothing reads the sum.
// CHECK-LABEL: func @negative_dead(
// CHECK-NOT:     rope.
// CHECK:         return
func.func @negative_dead(%x: tensor<5x4xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>, %gate: tensor<5x4xf32>) {
  %zero = arith.constant dense<0.0> : tensor<5xf32>
  %sum = linalg.generic {indexing_maps = [#rows, #rows, #rows, #rows, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x, %c, %s, %gate : tensor<5x4xf32>, tensor<5x4xf32>, tensor<5x4xf32>, tensor<5x4xf32>) outs(%zero : tensor<5xf32>) {
  ^bb0(%e: f32, %cos: f32, %sin: f32, %g: f32, %acc: f32):
    %row = linalg.index 0 : index
    %lane = linalg.index 1 : index
    %two = arith.constant 2 : index
    %four = arith.constant 4 : index
    %moved = arith.addi %lane, %two : index
    %at = arith.remui %moved, %four : index
    %o = tensor.extract %x[%row, %at] : tensor<5x4xf32>
    %isFirst = arith.cmpi ult, %lane, %two : index
    %n = arith.negf %o : f32
    %half = arith.select %isFirst, %n, %o : f32
    %ec = arith.mulf %e, %cos : f32
    %hs = arith.mulf %half, %sin : f32
    %rotated = arith.addf %ec, %hs : f32
    %gated = arith.mulf %rotated, %g : f32
    %next = arith.addf %acc, %gated : f32
    linalg.yield %next : f32
  } -> tensor<5xf32>
  return
}
