// Rotations whose angles are not exactly an f32 product of position and frequency
// keep the tables that the program computes.

// RUN: rope-opt %s --rope-raise | FileCheck %s

#row = affine_map<(d0, d1) -> (d0)>
#lane = affine_map<(d0, d1) -> (d1)>
#all = affine_map<(d0, d1) -> (d0, d1)>

// (p * 0.3) * w rounds twice.
// CHECK-LABEL: func.func @negative_scaled_twice(
// CHECK-NOT: rope.sincos
// CHECK: rope.rotate
func.func @negative_scaled_twice(%x: tensor<6x8xf32>, %ids: tensor<6xi64>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %e = tensor.empty() : tensor<6x4xf32>
  %a = linalg.generic {indexing_maps = [#row, #lane, #all], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi64>, tensor<4xf32>) outs(%e : tensor<6x4xf32>) {
  ^bb0(%i: i64, %f: f32, %o: f32):
    %i0 = arith.sitofp %i : i64 to f32
    %k = arith.constant 0.3 : f32
    %p = arith.mulf %i0, %k : f32
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

// Positions above 2048 are not f16 numbers.
// CHECK-LABEL: func.func @negative_half_position(
// CHECK-NOT: rope.sincos
// CHECK: rope.rotate
func.func @negative_half_position(%x: tensor<6x8xf32>, %ids: tensor<6xi64>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %e = tensor.empty() : tensor<6x4xf32>
  %a = linalg.generic {indexing_maps = [#row, #lane, #all], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi64>, tensor<4xf32>) outs(%e : tensor<6x4xf32>) {
  ^bb0(%i: i64, %f: f32, %o: f32):
    %i0 = arith.sitofp %i : i64 to f16
    %p = arith.extf %i0 : f16 to f32
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

// A position of 2^31 and more is not negative.
// CHECK-LABEL: func.func @negative_unsigned(
// CHECK-NOT: rope.sincos
// CHECK: rope.rotate
func.func @negative_unsigned(%x: tensor<6x8xf32>, %ids: tensor<6xi32>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %e = tensor.empty() : tensor<6x4xf32>
  %a = linalg.generic {indexing_maps = [#row, #lane, #all], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi32>, tensor<4xf32>) outs(%e : tensor<6x4xf32>) {
  ^bb0(%i: i32, %f: f32, %o: f32):
    %p = arith.uitofp %i : i32 to f32
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

// The low bits of a position are another position.
// CHECK-LABEL: func.func @negative_truncated(
// CHECK-NOT: rope.sincos
// CHECK: rope.rotate
func.func @negative_truncated(%x: tensor<6x8xf32>, %ids: tensor<6xi64>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %e = tensor.empty() : tensor<6x4xf32>
  %a = linalg.generic {indexing_maps = [#row, #lane, #all], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi64>, tensor<4xf32>) outs(%e : tensor<6x4xf32>) {
  ^bb0(%i: i64, %f: f32, %o: f32):
    %k = arith.trunci %i : i64 to i32
    %p = arith.sitofp %k : i32 to f32
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
