// RUN: rope-opt %s --inline --symbol-dce --rope-raise | FileCheck %s

// Frequencies that a formula gives to the last bit are named by it.

#rows = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#lane = affine_map<(d0, d1) -> (d1)>

// CHECK-LABEL: func @linear(
// CHECK:         rope.sincos %arg1 frequencies<dim = 8, base = 1.000000e+04, scaling = #rope.linear<factor = 4.000000e+00>> accuracy<f32_angle>
func.func @linear(%x: tensor<3x8xf32>, %positions: tensor<3xi64>) -> tensor<3x8xf32> {
  %w = arith.constant dense<[2.500000e-01, 2.500000e-02, 2.500000e-03, 2.500000e-04]> : tensor<4xf32>
  %y = call @rotate8(%x, %positions, %w) : (tensor<3x8xf32>, tensor<3xi64>, tensor<4xf32>) -> tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}

// CHECK-LABEL: func @ntk(
// CHECK:         rope.sincos %arg1 frequencies<dim = 8, base = 1.000000e+04, scaling = #rope.ntk<factor = 3.000000e+00>> accuracy<f32_angle>
func.func @ntk(%x: tensor<3x8xf32>, %positions: tensor<3xi64>) -> tensor<3x8xf32> {
  %w = arith.constant dense<[1.000000e+00, 0.0693361238, 0.00480749877, 3.3333333E-4]> : tensor<4xf32>
  %y = call @rotate8(%x, %positions, %w) : (tensor<3x8xf32>, tensor<3xi64>, tensor<4xf32>) -> tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}

// CHECK-LABEL: func @llama3(
// CHECK:         rope.sincos %arg1 frequencies<dim = 16, base = 5.000000e+05, scaling = #rope.llama3<factor = 8.000000e+00, low_freq_factor = 1.000000e+00, high_freq_factor = 4.000000e+00, original_max_position_embeddings = 8192>> accuracy<f32_angle>
func.func @llama3(%x: tensor<3x16xf32>, %positions: tensor<3xi64>) -> tensor<3x16xf32> {
  %w = arith.constant dense<[1.000000e+00, 0.193922743, 0.0376060307, 0.00729266461, 5.24846138E-4, 3.42810235E-5, 6.64786967E-6, 1.28917316E-6]> : tensor<8xf32>
  %y = call @rotate16(%x, %positions, %w) : (tensor<3x16xf32>, tensor<3xi64>, tensor<8xf32>) -> tensor<3x16xf32>
  return %y : tensor<3x16xf32>
}

// One frequency is the next number of f32.
// CHECK-LABEL: func @negative_last_bit(
// CHECK-NOT:     llama3
// CHECK:         rope.sincos %arg1 frequencies<dim = 16, scaling = #rope.table<
func.func @negative_last_bit(%x: tensor<3x16xf32>, %positions: tensor<3xi64>) -> tensor<3x16xf32> {
  %w = arith.constant dense<[1.000000e+00, 0.193922743, 0.0376060307, 0.00729266461, 0.000524846197, 3.42810235E-5, 6.64786967E-6, 1.28917316E-6]> : tensor<8xf32>
  %y = call @rotate16(%x, %positions, %w) : (tensor<3x16xf32>, tensor<3xi64>, tensor<8xf32>) -> tensor<3x16xf32>
  return %y : tensor<3x16xf32>
}

// CHECK-LABEL: func @yarn(
// CHECK:         rope.sincos %arg1 frequencies<dim = 16, base = 1.000000e+04, scaling = #rope.yarn<factor = 4.000000e+00, original_max_position_embeddings = 2048, attention_factor = 1.000000e+00>> accuracy<f32_angle>
func.func @yarn(%x: tensor<3x16xf32>, %positions: tensor<3xi64>) -> tensor<3x16xf32> {
  %w = arith.constant dense<[1.000000e+00, 0.316227764, 1.000000e-01, 0.025693506, 6.250000e-03, 0.00138349645, 2.500000e-04, 7.90569392E-5]> : tensor<8xf32>
  %y = call @rotate16(%x, %positions, %w) : (tensor<3x16xf32>, tensor<3xi64>, tensor<8xf32>) -> tensor<3x16xf32>
  return %y : tensor<3x16xf32>
}

// CHECK-LABEL: func @proportional(
// CHECK:         rope.sincos %arg1 frequencies<dim = 16, base = 1.000000e+06, scaling = #rope.proportional<partial_rotary_factor = 2.500000e-01>> accuracy<f32_angle>
func.func @proportional(%x: tensor<3x16xf32>, %positions: tensor<3xi64>) -> tensor<3x16xf32> {
  %w = arith.constant dense<[1.000000e+00, 0.177827939, 0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00]> : tensor<8xf32>
  %y = call @rotate16(%x, %positions, %w) : (tensor<3x16xf32>, tensor<3xi64>, tensor<8xf32>) -> tensor<3x16xf32>
  return %y : tensor<3x16xf32>
}

func.func private @rotate8(%x: tensor<3x8xf32>, %positions: tensor<3xi64>, %w: tensor<4xf32>) -> tensor<3x8xf32> {
  %init = tensor.empty() : tensor<3x4xf32>
  %angles = linalg.generic {indexing_maps = [#row, #lane, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%positions, %w : tensor<3xi64>, tensor<4xf32>) outs(%init : tensor<3x4xf32>) {
  ^bb0(%position: i64, %frequency: f32, %out: f32):
    %p = arith.sitofp %position : i64 to f32
    %angle = arith.mulf %p, %frequency : f32
    linalg.yield %angle : f32
  } -> tensor<3x4xf32>
  %c = math.cos %angles : tensor<3x4xf32>
  %s = math.sin %angles : tensor<3x4xf32>
  %a = tensor.extract_slice %x[0, 0] [3, 4] [1, 1] : tensor<3x8xf32> to tensor<3x4xf32>
  %b = tensor.extract_slice %x[0, 4] [3, 4] [1, 1] : tensor<3x8xf32> to tensor<3x4xf32>
  %ac = arith.mulf %a, %c : tensor<3x4xf32>
  %bs = arith.mulf %b, %s : tensor<3x4xf32>
  %bc = arith.mulf %b, %c : tensor<3x4xf32>
  %as = arith.mulf %a, %s : tensor<3x4xf32>
  %y0 = arith.subf %ac, %bs : tensor<3x4xf32>
  %y1 = arith.addf %bc, %as : tensor<3x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}

func.func private @rotate16(%x: tensor<3x16xf32>, %positions: tensor<3xi64>, %w: tensor<8xf32>) -> tensor<3x16xf32> {
  %init = tensor.empty() : tensor<3x8xf32>
  %angles = linalg.generic {indexing_maps = [#row, #lane, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%positions, %w : tensor<3xi64>, tensor<8xf32>) outs(%init : tensor<3x8xf32>) {
  ^bb0(%position: i64, %frequency: f32, %out: f32):
    %p = arith.sitofp %position : i64 to f32
    %angle = arith.mulf %p, %frequency : f32
    linalg.yield %angle : f32
  } -> tensor<3x8xf32>
  %c = math.cos %angles : tensor<3x8xf32>
  %s = math.sin %angles : tensor<3x8xf32>
  %a = tensor.extract_slice %x[0, 0] [3, 8] [1, 1] : tensor<3x16xf32> to tensor<3x8xf32>
  %b = tensor.extract_slice %x[0, 8] [3, 8] [1, 1] : tensor<3x16xf32> to tensor<3x8xf32>
  %ac = arith.mulf %a, %c : tensor<3x8xf32>
  %bs = arith.mulf %b, %s : tensor<3x8xf32>
  %bc = arith.mulf %b, %c : tensor<3x8xf32>
  %as = arith.mulf %a, %s : tensor<3x8xf32>
  %y0 = arith.subf %ac, %bs : tensor<3x8xf32>
  %y1 = arith.addf %bc, %as : tensor<3x8xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<3x8xf32>, tensor<3x8xf32>) -> tensor<3x16xf32>
  return %y : tensor<3x16xf32>
}
