// RUN: rope-opt %s --inline --symbol-dce --rope-raise | FileCheck %s
// RUN: rope-opt %s --inline --symbol-dce --rope-raise=upgrade-angles | FileCheck %s --check-prefix=EXACT

// Positions that are divided by a timescale.

#rows = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#lane = affine_map<(d0, d1) -> (d1)>

// Timescales that are those of a base, to the last bit.
// CHECK-LABEL: func @named(
// CHECK:         rope.sincos %arg1 frequencies<dim = 4, base = 1.000000e+02> accuracy<f32_quotient> : tensor<3xi64> -> tensor<3x2xf32>
// EXACT-LABEL: func @named(
// EXACT:         rope.sincos %arg1 frequencies<dim = 4, base = 1.000000e+02> : tensor<3xi64> -> tensor<3x2xf32>
func.func @named(%x: tensor<3x4xf32>, %positions: tensor<3xi64>) -> tensor<3x4xf32> {
  %timescale = arith.constant dense<[1.0, 10.0]> : tensor<2xf32>
  %init = tensor.empty() : tensor<3x2xf32>
  %c, %s = linalg.generic {indexing_maps = [#row, #lane, #rows, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%positions, %timescale : tensor<3xi64>, tensor<2xf32>) outs(%init, %init : tensor<3x2xf32>, tensor<3x2xf32>) {
  ^bb0(%position: i64, %t: f32, %out0: f32, %out1: f32):
    %p = arith.sitofp %position : i64 to f32
    %angle = arith.divf %p, %t : f32
    %cos = math.cos %angle : f32
    %sin = math.sin %angle : f32
    linalg.yield %cos, %sin : f32, f32
  } -> (tensor<3x2xf32>, tensor<3x2xf32>)
  %y = call @halves(%x, %c, %s) : (tensor<3x4xf32>, tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// Others are given in f64, as the numbers whose inverse is rounded to them.
// CHECK-LABEL: func @table(
// CHECK:         rope.sincos %arg1 frequencies<dim = 4, scaling = #rope.table<dense<[0.33333333333333331, -0.14285714285714285]> : tensor<2xf64>>> accuracy<f32_quotient>
func.func @table(%x: tensor<3x4xf32>, %positions: tensor<3xi64>) -> tensor<3x4xf32> {
  %timescale = arith.constant dense<[6.0, -14.0]> : tensor<2xf32>
  %two = arith.constant 2.0 : f32
  %init = tensor.empty() : tensor<3x2xf32>
  %c, %s = linalg.generic {indexing_maps = [#row, #lane, #rows, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%positions, %timescale : tensor<3xi64>, tensor<2xf32>) outs(%init, %init : tensor<3x2xf32>, tensor<3x2xf32>) {
  ^bb0(%position: i64, %t: f32, %out0: f32, %out1: f32):
    %p = arith.sitofp %position : i64 to f32
    %twice = arith.mulf %p, %two : f32
    %angle = arith.divf %twice, %t : f32
    %cos = math.cos %angle : f32
    %sin = math.sin %angle : f32
    linalg.yield %cos, %sin : f32, f32
  } -> (tensor<3x2xf32>, tensor<3x2xf32>)
  %y = call @halves(%x, %c, %s) : (tensor<3x4xf32>, tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// The first pair is divided and the second multiplied: no form has both.
// CHECK-LABEL: func @negative_quotient_and_product(
// CHECK-NOT:     rope.sincos
// CHECK:         rope.rotate
// CHECK-NOT:     rope.sincos
func.func @negative_quotient_and_product(%x: tensor<3x4xf32>, %positions: tensor<3xi64>) -> tensor<3x4xf32> {
  %three = arith.constant 3.0 : f32
  %seventh = arith.constant 0.142857149 : f32
  %one = arith.constant 1 : index
  %init = tensor.empty() : tensor<3x2xf32>
  %c, %s = linalg.generic {indexing_maps = [#row, #rows, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%positions : tensor<3xi64>) outs(%init, %init : tensor<3x2xf32>, tensor<3x2xf32>) {
  ^bb0(%position: i64, %out0: f32, %out1: f32):
    %i = linalg.index 1 : index
    %isSecond = arith.cmpi eq, %i, %one : index
    %p = arith.sitofp %position : i64 to f32
    %quotient = arith.divf %p, %three : f32
    %product = arith.mulf %p, %seventh : f32
    %angle = arith.select %isSecond, %product, %quotient : f32
    %cos = math.cos %angle : f32
    %sin = math.sin %angle : f32
    linalg.yield %cos, %sin : f32, f32
  } -> (tensor<3x2xf32>, tensor<3x2xf32>)
  %y = call @halves(%x, %c, %s) : (tensor<3x4xf32>, tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// Two roundings: a quotient of a product.
// CHECK-LABEL: func @negative_two_roundings(
// CHECK-NOT:     rope.sincos
// CHECK:         rope.rotate
// CHECK-NOT:     rope.sincos
func.func @negative_two_roundings(%x: tensor<3x4xf32>, %positions: tensor<3xi64>) -> tensor<3x4xf32> {
  %timescale = arith.constant dense<[1.0, 10.0]> : tensor<2xf32>
  %third = arith.constant 0.333333343 : f32
  %init = tensor.empty() : tensor<3x2xf32>
  %c, %s = linalg.generic {indexing_maps = [#row, #lane, #rows, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%positions, %timescale : tensor<3xi64>, tensor<2xf32>) outs(%init, %init : tensor<3x2xf32>, tensor<3x2xf32>) {
  ^bb0(%position: i64, %t: f32, %out0: f32, %out1: f32):
    %p = arith.sitofp %position : i64 to f32
    %part = arith.mulf %p, %third : f32
    %angle = arith.divf %part, %t : f32
    %cos = math.cos %angle : f32
    %sin = math.sin %angle : f32
    linalg.yield %cos, %sin : f32, f32
  } -> (tensor<3x2xf32>, tensor<3x2xf32>)
  %y = call @halves(%x, %c, %s) : (tensor<3x4xf32>, tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

func.func private @halves(%x: tensor<3x4xf32>, %c: tensor<3x2xf32>, %s: tensor<3x2xf32>) -> tensor<3x4xf32> {
  %a = tensor.extract_slice %x[0, 0] [3, 2] [1, 1] : tensor<3x4xf32> to tensor<3x2xf32>
  %b = tensor.extract_slice %x[0, 2] [3, 2] [1, 1] : tensor<3x4xf32> to tensor<3x2xf32>
  %ac = arith.mulf %a, %c : tensor<3x2xf32>
  %bs = arith.mulf %b, %s : tensor<3x2xf32>
  %bc = arith.mulf %b, %c : tensor<3x2xf32>
  %as = arith.mulf %a, %s : tensor<3x2xf32>
  %y0 = arith.subf %ac, %bs : tensor<3x2xf32>
  %y1 = arith.addf %bc, %as : tensor<3x2xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}
