// Integers that can wrap are no polynomials of positions: their tables stay.

// RUN: rope-opt %s --rope-raise | FileCheck %s

#row = affine_map<(d0, d1) -> (d0)>
#lane = affine_map<(d0, d1) -> (d1)>
#all = affine_map<(d0, d1) -> (d0, d1)>

// 16 i wraps in eight bits.
// CHECK-LABEL: func.func @negative_byte_product(
// CHECK-NOT: rope.sincos
// CHECK: rope.rotate
func.func @negative_byte_product(%x: tensor<6x8xf32>, %ids: tensor<6xi8>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %e = tensor.empty() : tensor<6x4xf32>
  %a = linalg.generic {indexing_maps = [#row, #lane, #all], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi8>, tensor<4xf32>) outs(%e : tensor<6x4xf32>) {
  ^bb0(%i: i8, %f: f32, %o: f32):
    %k = arith.constant 16 : i8
    %j = arith.muli %i, %k : i8
    %p = arith.sitofp %j : i8 to f32
    %m = arith.mulf %p, %f : f32
    linalg.yield %m : f32
  } -> tensor<6x4xf32>
  %c = math.cos %a : tensor<6x4xf32>
  %s = math.sin %a : tensor<6x4xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %q0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %q1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %q2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %q3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %q0, %q1 : tensor<6x4xf32>
  %y1 = arith.addf %q2, %q3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// index_cast keeps the low eight bits.
// CHECK-LABEL: func.func @negative_narrowing_cast(
// CHECK-NOT: rope.sincos
// CHECK: rope.rotate
func.func @negative_narrowing_cast(%x: tensor<6x8xf32>, %ids: tensor<6xi64>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %e = tensor.empty() : tensor<6x4xf32>
  %a = linalg.generic {indexing_maps = [#row, #lane, #all], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi64>, tensor<4xf32>) outs(%e : tensor<6x4xf32>) {
  ^bb0(%i: i64, %f: f32, %o: f32):
    %k = arith.index_cast %i : i64 to index
    %j = arith.index_cast %k : index to i8
    %p = arith.sitofp %j : i8 to f32
    %m = arith.mulf %p, %f : f32
    linalg.yield %m : f32
  } -> tensor<6x4xf32>
  %c = math.cos %a : tensor<6x4xf32>
  %s = math.sin %a : tensor<6x4xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %q0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %q1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %q2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %q3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %q0, %q1 : tensor<6x4xf32>
  %y1 = arith.addf %q2, %q3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// 5 * 10^9 wraps in 32 bits.
// CHECK-LABEL: func.func @negative_iota_product(
// CHECK-NOT: rope.sincos
// CHECK: rope.rotate
func.func @negative_iota_product(%x: tensor<6x8xf32>, %ids: tensor<6xi32>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %e = tensor.empty() : tensor<6x4xf32>
  %a = linalg.generic {indexing_maps = [#row, #lane, #all], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi32>, tensor<4xf32>) outs(%e : tensor<6x4xf32>) {
  ^bb0(%i: i32, %f: f32, %o: f32):
    %r = linalg.index 0 : index
    %r0 = arith.index_cast %r : index to i32
    %k = arith.constant 1000000000 : i32
    %j = arith.muli %r0, %k : i32
    %p = arith.sitofp %j : i32 to f32
    %m = arith.mulf %p, %f : f32
    linalg.yield %m : f32
  } -> tensor<6x4xf32>
  %c = math.cos %a : tensor<6x4xf32>
  %s = math.sin %a : tensor<6x4xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %q0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %q1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %q2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %q3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %q0, %q1 : tensor<6x4xf32>
  %y1 = arith.addf %q2, %q3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// A true boolean is -1 when extended by its sign.
// CHECK-LABEL: func.func @negative_signed_boolean(
// CHECK-NOT: rope.sincos
// CHECK: rope.rotate
func.func @negative_signed_boolean(%x: tensor<6x8xf32>, %ids: tensor<6xi1>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %e = tensor.empty() : tensor<6x4xf32>
  %a = linalg.generic {indexing_maps = [#row, #lane, #all], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi1>, tensor<4xf32>) outs(%e : tensor<6x4xf32>) {
  ^bb0(%i: i1, %f: f32, %o: f32):
    %j = arith.extsi %i : i1 to i32
    %p = arith.sitofp %j : i32 to f32
    %m = arith.mulf %p, %f : f32
    linalg.yield %m : f32
  } -> tensor<6x4xf32>
  %c = math.cos %a : tensor<6x4xf32>
  %s = math.sin %a : tensor<6x4xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %q0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %q1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %q2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %q3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %q0, %q1 : tensor<6x4xf32>
  %y1 = arith.addf %q2, %q3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// A boolean is no position.
// CHECK-LABEL: func.func @negative_unsigned_boolean(
// CHECK-NOT: rope.sincos
// CHECK: rope.rotate
func.func @negative_unsigned_boolean(%x: tensor<6x8xf32>, %ids: tensor<6xi1>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %e = tensor.empty() : tensor<6x4xf32>
  %a = linalg.generic {indexing_maps = [#row, #lane, #all], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi1>, tensor<4xf32>) outs(%e : tensor<6x4xf32>) {
  ^bb0(%i: i1, %f: f32, %o: f32):
    %j = arith.extui %i : i1 to i32
    %p = arith.sitofp %j : i32 to f32
    %m = arith.mulf %p, %f : f32
    linalg.yield %m : f32
  } -> tensor<6x4xf32>
  %c = math.cos %a : tensor<6x4xf32>
  %s = math.sin %a : tensor<6x4xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %q0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %q1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %q2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %q3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %q0, %q1 : tensor<6x4xf32>
  %y1 = arith.addf %q2, %q3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
