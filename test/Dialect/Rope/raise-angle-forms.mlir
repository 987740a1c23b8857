// RUN: rope-opt %s --inline --symbol-dce --rope-raise | FileCheck %s

// What angles are computed from, and what is done to their cosines and sines.

#rows = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#lane = affine_map<(d0, d1) -> (d1)>

// An arange of constants, a quarter of it, and a frequency: no rounding but one.
// CHECK-LABEL: func @arange(
// CHECK:         rope.sincos %{{.*}} frequencies<dim = 4, scaling = #rope.table<dense<[7.500000e-01, 2.500000e-02]> : tensor<2xf32>>> accuracy<f32_angle>
func.func @arange(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %positions = arith.constant dense<[5.0, 6.0, 7.0]> : tensor<3xf32>
  %w = arith.constant dense<[3.0, 0.1]> : tensor<2xf32>
  %quarter = arith.constant 0.25 : f32
  %init = tensor.empty() : tensor<3x2xf32>
  %c, %s = linalg.generic {indexing_maps = [#row, #lane, #rows, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%positions, %w : tensor<3xf32>, tensor<2xf32>) outs(%init, %init : tensor<3x2xf32>, tensor<3x2xf32>) {
  ^bb0(%p: f32, %frequency: f32, %out0: f32, %out1: f32):
    %scaled = arith.mulf %p, %quarter : f32
    %angle = arith.mulf %scaled, %frequency : f32
    %cos = math.cos %angle : f32
    %sin = math.sin %angle : f32
    linalg.yield %cos, %sin : f32, f32
  } -> (tensor<3x2xf32>, tensor<3x2xf32>)
  %y = call @halves(%x, %c, %s) : (tensor<3x4xf32>, tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// Angles of f64 whose cosines are rounded to f32 are real angles.
// CHECK-LABEL: func @wide(
// CHECK:         rope.sincos %arg1 frequencies<dim = 4, base = 1.000000e+02> : tensor<3xi64> -> tensor<3x2xf32>
func.func @wide(%x: tensor<3x4xf32>, %positions: tensor<3xi64>) -> tensor<3x4xf32> {
  %w = arith.constant dense<[1.0, 0.1]> : tensor<2xf64>
  %init = tensor.empty() : tensor<3x2xf32>
  %c, %s = linalg.generic {indexing_maps = [#row, #lane, #rows, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%positions, %w : tensor<3xi64>, tensor<2xf64>) outs(%init, %init : tensor<3x2xf32>, tensor<3x2xf32>) {
  ^bb0(%position: i64, %frequency: f64, %out0: f32, %out1: f32):
    %p = arith.sitofp %position : i64 to f64
    %angle = arith.mulf %p, %frequency : f64
    %cos = math.cos %angle : f64
    %sin = math.sin %angle : f64
    %c32 = arith.truncf %cos : f64 to f32
    %s32 = arith.truncf %sin : f64 to f32
    linalg.yield %c32, %s32 : f32, f32
  } -> (tensor<3x2xf32>, tensor<3x2xf32>)
  %y = call @halves(%x, %c, %s) : (tensor<3x4xf32>, tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// Scales that differ from entry to entry (xPos) stay beside the tables.
// CHECK-LABEL: func @scaled(
// CHECK:         %[[COS:.*]], %[[SIN:.*]] = rope.sincos %arg1
// CHECK:         %[[C:.*]] = linalg.generic {{.*}} ins(%[[COS]], %arg2 :
// CHECK:           arith.mulf
// CHECK:         %[[S:.*]] = linalg.generic {{.*}} ins(%[[SIN]], %arg2 :
// CHECK:         rope.rotate %arg0 by %[[C]], %[[S]] along [0]
func.func @scaled(%x: tensor<3x4xf32>, %positions: tensor<3xi64>, %scales: tensor<3x2xf32>) -> tensor<3x4xf32> {
  %w = arith.constant dense<[1.0, 0.1]> : tensor<2xf32>
  %init = tensor.empty() : tensor<3x2xf32>
  %c, %s = linalg.generic {indexing_maps = [#row, #lane, #rows, #rows, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%positions, %w, %scales : tensor<3xi64>, tensor<2xf32>, tensor<3x2xf32>) outs(%init, %init : tensor<3x2xf32>, tensor<3x2xf32>) {
  ^bb0(%position: i64, %frequency: f32, %scale: f32, %out0: f32, %out1: f32):
    %p = arith.sitofp %position : i64 to f32
    %angle = arith.mulf %p, %frequency : f32
    %cos = math.cos %angle : f32
    %sin = math.sin %angle : f32
    %sc = arith.mulf %cos, %scale : f32
    %ss = arith.mulf %sin, %scale : f32
    linalg.yield %sc, %ss : f32, f32
  } -> (tensor<3x2xf32>, tensor<3x2xf32>)
  %y = call @halves(%x, %c, %s) : (tensor<3x4xf32>, tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// An attention factor in f32 around tables of bf16.
// CHECK-LABEL: func @factor(
// CHECK:         %[[COS:.*]], %[[SIN:.*]] = rope.sincos %arg1 {{.*}} -> tensor<3x2xf32>
// CHECK:         %[[C:.*]] = linalg.generic {{.*}} ins(%[[COS]] : tensor<3x2xf32>) outs(%{{.*}} : tensor<3x2xbf16>)
// CHECK:           arith.mulf %{{.*}} : f32
// CHECK:           arith.truncf
// CHECK:         rope.rotate %arg0 by %[[C]], %{{.*}} along [0] : tensor<3x4xbf16>, tensor<3x2xbf16>
func.func @factor(%x: tensor<3x4xbf16>, %positions: tensor<3xi64>) -> tensor<3x4xbf16> {
  %w = arith.constant dense<[1.0, 0.1]> : tensor<2xf32>
  %factor = arith.constant 1.2 : f32
  %init = tensor.empty() : tensor<3x2xbf16>
  %c, %s = linalg.generic {indexing_maps = [#row, #lane, #rows, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%positions, %w : tensor<3xi64>, tensor<2xf32>) outs(%init, %init : tensor<3x2xbf16>, tensor<3x2xbf16>) {
  ^bb0(%position: i64, %frequency: f32, %out0: bf16, %out1: bf16):
    %p = arith.sitofp %position : i64 to f32
    %angle = arith.mulf %p, %frequency : f32
    %cos = math.cos %angle : f32
    %sin = math.sin %angle : f32
    %fc = arith.mulf %cos, %factor : f32
    %fs = arith.mulf %sin, %factor : f32
    %c16 = arith.truncf %fc : f32 to bf16
    %s16 = arith.truncf %fs : f32 to bf16
    linalg.yield %c16, %s16 : bf16, bf16
  } -> (tensor<3x2xbf16>, tensor<3x2xbf16>)
  %a = tensor.extract_slice %x[0, 0] [3, 2] [1, 1] : tensor<3x4xbf16> to tensor<3x2xbf16>
  %b = tensor.extract_slice %x[0, 2] [3, 2] [1, 1] : tensor<3x4xbf16> to tensor<3x2xbf16>
  %ac = arith.mulf %a, %c : tensor<3x2xbf16>
  %bs = arith.mulf %b, %s : tensor<3x2xbf16>
  %bc = arith.mulf %b, %c : tensor<3x2xbf16>
  %as = arith.mulf %a, %s : tensor<3x2xbf16>
  %y0 = arith.subf %ac, %bs : tensor<3x2xbf16>
  %y1 = arith.addf %bc, %as : tensor<3x2xbf16>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<3x2xbf16>, tensor<3x2xbf16>) -> tensor<3x4xbf16>
  return %y : tensor<3x4xbf16>
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
