// RUN: rope-opt %s --rope-raise | FileCheck %s

// Lane numbers that are computed: by bits, by remainders of negative numbers,
// in floating point.

#lanes = affine_map<(d0, d1) -> (d0, d1)>

// The neighbour by exclusive or, the table's column by a shift.
// CHECK-LABEL: func @neighbour_by_xor
// CHECK:         rope.rotate %arg0 by %arg1, %arg2 along [0] pairing<interleaved>
func.func @neighbour_by_xor(%x: tensor<5x8xf32>, %cos: tensor<5x4xf32>, %sin: tensor<5x4xf32>) -> tensor<5x8xf32> {
  %empty = tensor.empty() : tensor<5x8xf32>
  %c1 = arith.constant 1 : index
  %c0 = arith.constant 0 : index
  %y = linalg.generic {indexing_maps = [#lanes, #lanes], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<5x8xf32>) outs(%empty : tensor<5x8xf32>) {
  ^bb0(%own: f32, %out: f32):
    %s = linalg.index 0 : index
    %lane = linalg.index 1 : index
    %partner = arith.xori %lane, %c1 : index
    %pair = arith.shrui %lane, %c1 : index
    %bit = arith.andi %lane, %c1 : index
    %even = arith.cmpi eq, %bit, %c0 : index
    %other = tensor.extract %x[%s, %partner] : tensor<5x8xf32>
    %c = tensor.extract %cos[%s, %pair] : tensor<5x4xf32>
    %n = tensor.extract %sin[%s, %pair] : tensor<5x4xf32>
    %minus = arith.negf %other : f32
    %turned = arith.select %even, %minus, %other : f32
    %a = arith.mulf %own, %c : f32
    %b = arith.mulf %turned, %n : f32
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  } -> tensor<5x8xf32>
  return %y : tensor<5x8xf32>
}

// The same with lanes two apart, whose pairs take each two columns.
// CHECK-LABEL: func @negative_partner_two_apart
// CHECK-NOT:     rope.rotate
func.func @negative_partner_two_apart(%x: tensor<5x8xf32>, %cos: tensor<5x4xf32>, %sin: tensor<5x4xf32>) -> tensor<5x8xf32> {
  %empty = tensor.empty() : tensor<5x8xf32>
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c0 = arith.constant 0 : index
  %y = linalg.generic {indexing_maps = [#lanes, #lanes], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<5x8xf32>) outs(%empty : tensor<5x8xf32>) {
  ^bb0(%own: f32, %out: f32):
    %s = linalg.index 0 : index
    %lane = linalg.index 1 : index
    %partner = arith.xori %lane, %c2 : index
    %pair = arith.shrui %lane, %c1 : index
    %bit = arith.andi %lane, %c1 : index
    %even = arith.cmpi eq, %bit, %c0 : index
    %other = tensor.extract %x[%s, %partner] : tensor<5x8xf32>
    %c = tensor.extract %cos[%s, %pair] : tensor<5x4xf32>
    %n = tensor.extract %sin[%s, %pair] : tensor<5x4xf32>
    %minus = arith.negf %other : f32
    %turned = arith.select %even, %minus, %other : f32
    %a = arith.mulf %own, %c : f32
    %b = arith.mulf %turned, %n : f32
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  } -> tensor<5x8xf32>
  return %y : tensor<5x8xf32>
}

// A roll by half of the head, and a mask, as they are written for any head.
// CHECK-LABEL: func @roll_by_remainder
// CHECK:         rope.rotate %arg0 by %arg1, %arg2 along [0]
func.func @roll_by_remainder(%x: tensor<5x8xf32>, %cos: tensor<5x4xf32>, %sin: tensor<5x4xf32>) -> tensor<5x8xf32> {
  %empty = tensor.empty() : tensor<5x8xf32>
  %c0 = arith.constant 0 : i32
  %c4 = arith.constant 4 : i32
  %c8 = arith.constant 8 : i32
  %half = arith.constant 3.5 : f32
  %y = linalg.generic {indexing_maps = [#lanes, #lanes], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<5x8xf32>) outs(%empty : tensor<5x8xf32>) {
  ^bb0(%own: f32, %out: f32):
    %s = linalg.index 0 : index
    %index = linalg.index 1 : index
    %lane = arith.index_cast %index : index to i32
    // (lane - 4) mod 8 where the remainder has the sign of the dividend.
    %before = arith.subi %lane, %c4 : i32
    %rest = arith.remsi %before, %c8 : i32
    %negative = arith.cmpi slt, %rest, %c0 : i32
    %wrapped = arith.addi %rest, %c8 : i32
    %partner32 = arith.select %negative, %wrapped, %rest : i32
    %partner = arith.index_cast %partner32 : i32 to index
    %pair32 = arith.remsi %lane, %c4 : i32
    %pair = arith.index_cast %pair32 : i32 to index
    // The mask compares reals.
    %real = arith.sitofp %lane : i32 to f32
    %first = arith.cmpf olt, %real, %half : f32
    %other = tensor.extract %x[%s, %partner] : tensor<5x8xf32>
    %c = tensor.extract %cos[%s, %pair] : tensor<5x4xf32>
    %n = tensor.extract %sin[%s, %pair] : tensor<5x4xf32>
    %minus = arith.negf %other : f32
    %turned = arith.select %first, %minus, %other : f32
    %a = arith.mulf %own, %c : f32
    %b = arith.mulf %turned, %n : f32
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  } -> tensor<5x8xf32>
  return %y : tensor<5x8xf32>
}

// Columns of the tables by conversion to an integer: floor(lane / 2).
// CHECK-LABEL: func @pair_by_conversion
// CHECK:         rope.rotate %arg0 by %arg1, %arg2 along [0] pairing<interleaved>
func.func @pair_by_conversion(%x: tensor<5x8xf32>, %cos: tensor<5x4xf32>, %sin: tensor<5x4xf32>) -> tensor<5x8xf32> {
  %empty = tensor.empty() : tensor<5x8xf32>
  %two = arith.constant 2.0 : f32
  %one = arith.constant 1.0 : f32
  %sign = arith.constant dense<[-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0]> : tensor<8xf32>
  %y = linalg.generic {indexing_maps = [#lanes, affine_map<(d0, d1) -> (d1)>, #lanes], iterator_types = ["parallel", "parallel"]}
      ins(%x, %sign : tensor<5x8xf32>, tensor<8xf32>) outs(%empty : tensor<5x8xf32>) {
  ^bb0(%own: f32, %signed: f32, %out: f32):
    %s = linalg.index 0 : index
    %index = linalg.index 1 : index
    %lane = arith.index_cast %index : index to i64
    %real = arith.sitofp %lane : i64 to f32
    %quotient = arith.divf %real, %two : f32
    %floor = math.floor %quotient : f32
    %pair64 = arith.fptosi %floor : f32 to i64
    %pair = arith.index_cast %pair64 : i64 to index
    // The neighbour is lane - sign.
    %neighbour = arith.subf %real, %signed : f32
    %neighbour64 = arith.fptosi %neighbour : f32 to i64
    %partner = arith.index_cast %neighbour64 : i64 to index
    %other = tensor.extract %x[%s, %partner] : tensor<5x8xf32>
    %c = tensor.extract %cos[%s, %pair] : tensor<5x4xf32>
    %n = tensor.extract %sin[%s, %pair] : tensor<5x4xf32>
    %turned = arith.mulf %other, %signed : f32
    %a = arith.mulf %own, %c : f32
    %b = arith.mulf %turned, %n : f32
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  } -> tensor<5x8xf32>
  return %y : tensor<5x8xf32>
}
