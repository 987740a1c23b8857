// RUN: rope-opt %s --inline --symbol-dce --rope-raise | FileCheck %s

// Pairs that turn by positions on several axes.

#rows = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#lane = affine_map<(d0, d1) -> (d1)>
#axes = affine_map<(d0, d1, d2) -> (d0, d1)>
#lanes = affine_map<(d0, d1, d2) -> (d2)>
#all = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// Qwen2-VL: cosines of every axis are split, and section i is that of axis i mod 3.
// CHECK-LABEL: func @split(
// CHECK:         rope.sincos %arg1 frequencies<dim = 16, base = 1.000000e+08, sections = [3, 3, 2]> accuracy<f32_angle> : tensor<3x5xi64> -> tensor<5x8xf32>
// CHECK:         rope.rotate %arg0 by %cos, %sin along [0] : tensor<5x16xf32>, tensor<5x8xf32>
func.func @split(%x: tensor<5x16xf32>, %positions: tensor<3x5xi64>) -> tensor<5x16xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001, 1.0e-4, 1.0e-5, 1.0e-6, 1.0e-7]> : tensor<8xf32>
  %init = tensor.empty() : tensor<3x5x8xf32>
  %angles = linalg.generic {indexing_maps = [#axes, #lanes, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%positions, %w : tensor<3x5xi64>, tensor<8xf32>) outs(%init : tensor<3x5x8xf32>) {
  ^bb0(%position: i64, %frequency: f32, %out: f32):
    %p = arith.sitofp %position : i64 to f32
    %angle = arith.mulf %p, %frequency : f32
    linalg.yield %angle : f32
  } -> tensor<3x5x8xf32>
  %emb = tensor.concat dim(2) %angles, %angles : (tensor<3x5x8xf32>, tensor<3x5x8xf32>) -> tensor<3x5x16xf32>
  %cos = math.cos %emb : tensor<3x5x16xf32>
  %sin = math.sin %emb : tensor<3x5x16xf32>
  %cos0 = tensor.extract_slice %cos[0, 0, 0] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %cos1 = tensor.extract_slice %cos[1, 0, 3] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %cos2 = tensor.extract_slice %cos[2, 0, 6] [1, 5, 2] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x2xf32>
  %cos3 = tensor.extract_slice %cos[0, 0, 8] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %cos4 = tensor.extract_slice %cos[1, 0, 11] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %cos5 = tensor.extract_slice %cos[2, 0, 14] [1, 5, 2] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x2xf32>
  %cosall = tensor.concat dim(1) %cos0, %cos1, %cos2, %cos3, %cos4, %cos5 : (tensor<5x3xf32>, tensor<5x3xf32>, tensor<5x2xf32>, tensor<5x3xf32>, tensor<5x3xf32>, tensor<5x2xf32>) -> tensor<5x16xf32>
  %sin0 = tensor.extract_slice %sin[0, 0, 0] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %sin1 = tensor.extract_slice %sin[1, 0, 3] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %sin2 = tensor.extract_slice %sin[2, 0, 6] [1, 5, 2] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x2xf32>
  %sin3 = tensor.extract_slice %sin[0, 0, 8] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %sin4 = tensor.extract_slice %sin[1, 0, 11] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %sin5 = tensor.extract_slice %sin[2, 0, 14] [1, 5, 2] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x2xf32>
  %sinall = tensor.concat dim(1) %sin0, %sin1, %sin2, %sin3, %sin4, %sin5 : (tensor<5x3xf32>, tensor<5x3xf32>, tensor<5x2xf32>, tensor<5x3xf32>, tensor<5x3xf32>, tensor<5x2xf32>) -> tensor<5x16xf32>
  %y = call @halves(%x, %cosall, %sinall) : (tensor<5x16xf32>, tensor<5x16xf32>, tensor<5x16xf32>) -> tensor<5x16xf32>
  return %y : tensor<5x16xf32>
}

// The sines of the second section are those of another axis.
// CHECK-LABEL: func @negative_sines_of_another_axis(
// CHECK-NOT:     rope.
// CHECK:         return
func.func @negative_sines_of_another_axis(%x: tensor<5x16xf32>, %positions: tensor<3x5xi64>) -> tensor<5x16xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001, 1.0e-4, 1.0e-5, 1.0e-6, 1.0e-7]> : tensor<8xf32>
  %init = tensor.empty() : tensor<3x5x8xf32>
  %angles = linalg.generic {indexing_maps = [#axes, #lanes, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%positions, %w : tensor<3x5xi64>, tensor<8xf32>) outs(%init : tensor<3x5x8xf32>) {
  ^bb0(%position: i64, %frequency: f32, %out: f32):
    %p = arith.sitofp %position : i64 to f32
    %angle = arith.mulf %p, %frequency : f32
    linalg.yield %angle : f32
  } -> tensor<3x5x8xf32>
  %emb = tensor.concat dim(2) %angles, %angles : (tensor<3x5x8xf32>, tensor<3x5x8xf32>) -> tensor<3x5x16xf32>
  %cos = math.cos %emb : tensor<3x5x16xf32>
  %sin = math.sin %emb : tensor<3x5x16xf32>
  %cos0 = tensor.extract_slice %cos[0, 0, 0] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %cos1 = tensor.extract_slice %cos[1, 0, 3] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %cos2 = tensor.extract_slice %cos[2, 0, 6] [1, 5, 2] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x2xf32>
  %cos3 = tensor.extract_slice %cos[0, 0, 8] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %cos4 = tensor.extract_slice %cos[1, 0, 11] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %cos5 = tensor.extract_slice %cos[2, 0, 14] [1, 5, 2] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x2xf32>
  %cosall = tensor.concat dim(1) %cos0, %cos1, %cos2, %cos3, %cos4, %cos5 : (tensor<5x3xf32>, tensor<5x3xf32>, tensor<5x2xf32>, tensor<5x3xf32>, tensor<5x3xf32>, tensor<5x2xf32>) -> tensor<5x16xf32>
  %sin0 = tensor.extract_slice %sin[0, 0, 0] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %sin1 = tensor.extract_slice %sin[2, 0, 3] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %sin2 = tensor.extract_slice %sin[2, 0, 6] [1, 5, 2] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x2xf32>
  %sin3 = tensor.extract_slice %sin[0, 0, 8] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %sin4 = tensor.extract_slice %sin[2, 0, 11] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %sin5 = tensor.extract_slice %sin[2, 0, 14] [1, 5, 2] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x2xf32>
  %sinall = tensor.concat dim(1) %sin0, %sin1, %sin2, %sin3, %sin4, %sin5 : (tensor<5x3xf32>, tensor<5x3xf32>, tensor<5x2xf32>, tensor<5x3xf32>, tensor<5x3xf32>, tensor<5x2xf32>) -> tensor<5x16xf32>
  %y = call @halves(%x, %cosall, %sinall) : (tensor<5x16xf32>, tensor<5x16xf32>, tensor<5x16xf32>) -> tensor<5x16xf32>
  return %y : tensor<5x16xf32>
}

// The second lanes of some pairs take the sine of another axis than the first.
// CHECK-LABEL: func @negative_halves_of_two_axes(
// CHECK-NOT:     rope.
// CHECK:         return
func.func @negative_halves_of_two_axes(%x: tensor<5x16xf32>, %positions: tensor<3x5xi64>) -> tensor<5x16xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001, 1.0e-4, 1.0e-5, 1.0e-6, 1.0e-7]> : tensor<8xf32>
  %init = tensor.empty() : tensor<3x5x8xf32>
  %angles = linalg.generic {indexing_maps = [#axes, #lanes, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%positions, %w : tensor<3x5xi64>, tensor<8xf32>) outs(%init : tensor<3x5x8xf32>) {
  ^bb0(%position: i64, %frequency: f32, %out: f32):
    %p = arith.sitofp %position : i64 to f32
    %angle = arith.mulf %p, %frequency : f32
    linalg.yield %angle : f32
  } -> tensor<3x5x8xf32>
  %emb = tensor.concat dim(2) %angles, %angles : (tensor<3x5x8xf32>, tensor<3x5x8xf32>) -> tensor<3x5x16xf32>
  %cos = math.cos %emb : tensor<3x5x16xf32>
  %sin = math.sin %emb : tensor<3x5x16xf32>
  %cos0 = tensor.extract_slice %cos[0, 0, 0] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %cos1 = tensor.extract_slice %cos[1, 0, 3] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %cos2 = tensor.extract_slice %cos[2, 0, 6] [1, 5, 2] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x2xf32>
  %cos3 = tensor.extract_slice %cos[0, 0, 8] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %cos4 = tensor.extract_slice %cos[1, 0, 11] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %cos5 = tensor.extract_slice %cos[2, 0, 14] [1, 5, 2] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x2xf32>
  %cosall = tensor.concat dim(1) %cos0, %cos1, %cos2, %cos3, %cos4, %cos5 : (tensor<5x3xf32>, tensor<5x3xf32>, tensor<5x2xf32>, tensor<5x3xf32>, tensor<5x3xf32>, tensor<5x2xf32>) -> tensor<5x16xf32>
  %sin0 = tensor.extract_slice %sin[0, 0, 0] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %sin1 = tensor.extract_slice %sin[1, 0, 3] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %sin2 = tensor.extract_slice %sin[2, 0, 6] [1, 5, 2] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x2xf32>
  %sin3 = tensor.extract_slice %sin[0, 0, 8] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %sin4 = tensor.extract_slice %sin[2, 0, 11] [1, 5, 3] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x3xf32>
  %sin5 = tensor.extract_slice %sin[2, 0, 14] [1, 5, 2] [1, 1, 1] : tensor<3x5x16xf32> to tensor<5x2xf32>
  %sinall = tensor.concat dim(1) %sin0, %sin1, %sin2, %sin3, %sin4, %sin5 : (tensor<5x3xf32>, tensor<5x3xf32>, tensor<5x2xf32>, tensor<5x3xf32>, tensor<5x3xf32>, tensor<5x2xf32>) -> tensor<5x16xf32>
  %y = call @halves(%x, %cosall, %sinall) : (tensor<5x16xf32>, tensor<5x16xf32>, tensor<5x16xf32>) -> tensor<5x16xf32>
  return %y : tensor<5x16xf32>
}

// Qwen3-VL: angles of height and width stand in every third place of those of time.
// CHECK-LABEL: func @interleaved(
// CHECK:         rope.sincos %arg1 frequencies<dim = 16, base = 1.000000e+08, sections = interleaved [4, 2, 2]> accuracy<f32_angle> : tensor<3x5xi64> -> tensor<5x8xf32>
func.func @interleaved(%x: tensor<5x16xf32>, %positions: tensor<3x5xi64>) -> tensor<5x16xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001, 1.0e-4, 1.0e-5, 1.0e-6, 1.0e-7]> : tensor<8xf32>
  %init = tensor.empty() : tensor<3x5x8xf32>
  %angles = linalg.generic {indexing_maps = [#axes, #lanes, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%positions, %w : tensor<3x5xi64>, tensor<8xf32>) outs(%init : tensor<3x5x8xf32>) {
  ^bb0(%position: i64, %frequency: f32, %out: f32):
    %p = arith.sitofp %position : i64 to f32
    %angle = arith.mulf %p, %frequency : f32
    linalg.yield %angle : f32
  } -> tensor<3x5x8xf32>
  %t = tensor.extract_slice %angles[0, 0, 0] [1, 5, 8] [1, 1, 1] : tensor<3x5x8xf32> to tensor<5x8xf32>
  %h = tensor.extract_slice %angles[1, 0, 1] [1, 5, 2] [1, 1, 3] : tensor<3x5x8xf32> to tensor<5x2xf32>
  %v = tensor.extract_slice %angles[2, 0, 2] [1, 5, 2] [1, 1, 3] : tensor<3x5x8xf32> to tensor<5x2xf32>
  %th = tensor.insert_slice %h into %t[0, 1] [5, 2] [1, 3] : tensor<5x2xf32> into tensor<5x8xf32>
  %thv = tensor.insert_slice %v into %th[0, 2] [5, 2] [1, 3] : tensor<5x2xf32> into tensor<5x8xf32>
  %emb = tensor.concat dim(1) %thv, %thv : (tensor<5x8xf32>, tensor<5x8xf32>) -> tensor<5x16xf32>
  %cos = math.cos %emb : tensor<5x16xf32>
  %sin = math.sin %emb : tensor<5x16xf32>
  %y = call @halves(%x, %cos, %sin) : (tensor<5x16xf32>, tensor<5x16xf32>, tensor<5x16xf32>) -> tensor<5x16xf32>
  return %y : tensor<5x16xf32>
}

// Angles chosen by the lane's index: the odd ones are those of the second axis. The
// program has no tensor of both.
// CHECK-LABEL: func @selected(
// CHECK:         %[[P:.*]] = linalg.generic {{.*}} ins(%arg1, %arg2 : tensor<5xi64>, tensor<5xi32>) outs(%{{.*}} : tensor<2x5xi64>)
// CHECK:         rope.sincos %[[P]] frequencies<dim = 16, base = 1.000000e+08, sections = interleaved [4, 4]> accuracy<f32_angle> : tensor<2x5xi64> -> tensor<5x8xf32>
func.func @selected(%x: tensor<5x16xf32>, %first: tensor<5xi64>, %second: tensor<5xi32>) -> tensor<5x16xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001, 1.0e-4, 1.0e-5, 1.0e-6, 1.0e-7]> : tensor<8xf32>
  %zero = arith.constant 0 : index
  %two = arith.constant 2 : index
  %init = tensor.empty() : tensor<5x8xf32>
  %angles = linalg.generic {indexing_maps = [#row, #row, #lane, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%first, %second, %w : tensor<5xi64>, tensor<5xi32>, tensor<8xf32>) outs(%init : tensor<5x8xf32>) {
  ^bb0(%a: i64, %b: i32, %frequency: f32, %out: f32):
    %i = linalg.index 1 : index
    %rest = arith.remui %i, %two : index
    %isEven = arith.cmpi eq, %rest, %zero : index
    %pa = arith.sitofp %a : i64 to f32
    %pb = arith.sitofp %b : i32 to f32
    %p = arith.select %isEven, %pa, %pb : f32
    %angle = arith.mulf %p, %frequency : f32
    linalg.yield %angle : f32
  } -> tensor<5x8xf32>
  %emb = tensor.concat dim(1) %angles, %angles : (tensor<5x8xf32>, tensor<5x8xf32>) -> tensor<5x16xf32>
  %cos = math.cos %emb : tensor<5x16xf32>
  %sin = math.sin %emb : tensor<5x16xf32>
  %y = call @halves(%x, %cos, %sin) : (tensor<5x16xf32>, tensor<5x16xf32>, tensor<5x16xf32>) -> tensor<5x16xf32>
  return %y : tensor<5x16xf32>
}

// Vision towers: angles of every row are gathered by ids of height and width, each half
// of the pairs an embedding of its own.
// CHECK-LABEL: func @gathered(
// CHECK:         rope.sincos %{{.*}} frequencies<dim = 16, base = 1.000000e+04, sections = axial [4, 4]> accuracy<f32_angle> : tensor<2x5xi64> -> tensor<5x8xf32>
func.func @gathered(%x: tensor<5x16xf32>, %ids: tensor<5x2xi64>) -> tensor<5x16xf32> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %init = tensor.empty() : tensor<9x4xf32>
  %table = linalg.generic {indexing_maps = [#lane, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%w : tensor<4xf32>) outs(%init : tensor<9x4xf32>) {
  ^bb0(%frequency: f32, %out: f32):
    %i = linalg.index 0 : index
    %integer = arith.index_cast %i : index to i64
    %p = arith.sitofp %integer : i64 to f32
    %angle = arith.mulf %p, %frequency : f32
    linalg.yield %angle : f32
  } -> tensor<9x4xf32>
  %empty = tensor.empty() : tensor<5x2x4xf32>
  %both = linalg.generic {indexing_maps = [#axes, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%ids : tensor<5x2xi64>) outs(%empty : tensor<5x2x4xf32>) {
  ^bb0(%id: i64, %out: f32):
    %i = linalg.index 2 : index
    %at = arith.index_cast %id : i64 to index
    %angle = tensor.extract %table[%at, %i] : tensor<9x4xf32>
    linalg.yield %angle : f32
  } -> tensor<5x2x4xf32>
  %angles = tensor.collapse_shape %both [[0], [1, 2]] : tensor<5x2x4xf32> into tensor<5x8xf32>
  %emb = tensor.concat dim(1) %angles, %angles : (tensor<5x8xf32>, tensor<5x8xf32>) -> tensor<5x16xf32>
  %cos = math.cos %emb : tensor<5x16xf32>
  %sin = math.sin %emb : tensor<5x16xf32>
  %y = call @halves(%x, %cos, %sin) : (tensor<5x16xf32>, tensor<5x16xf32>, tensor<5x16xf32>) -> tensor<5x16xf32>
  return %y : tensor<5x16xf32>
}

func.func private @halves(%x: tensor<5x16xf32>, %c: tensor<5x16xf32>, %s: tensor<5x16xf32>) -> tensor<5x16xf32> {
  %a = tensor.extract_slice %x[0, 0] [5, 8] [1, 1] : tensor<5x16xf32> to tensor<5x8xf32>
  %b = tensor.extract_slice %x[0, 8] [5, 8] [1, 1] : tensor<5x16xf32> to tensor<5x8xf32>
  %n = arith.negf %b : tensor<5x8xf32>
  %half = tensor.concat dim(1) %n, %a : (tensor<5x8xf32>, tensor<5x8xf32>) -> tensor<5x16xf32>
  %xc = arith.mulf %x, %c : tensor<5x16xf32>
  %hs = arith.mulf %half, %s : tensor<5x16xf32>
  %y = arith.addf %xc, %hs : tensor<5x16xf32>
  return %y : tensor<5x16xf32>
}
