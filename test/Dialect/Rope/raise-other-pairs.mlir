// RUN: rope-opt %s --rope-raise | FileCheck %s

#rows = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#lane = affine_map<(d0, d1) -> (d1)>

// Pairs (0, 3), (1, 2): gathered before the rotation and scattered after it.
// CHECK-LABEL: func @mirrored(
// CHECK:         %[[X:.*]] = linalg.generic
// CHECK:           arith.constant dense<[0, 1, 3, 2]> : tensor<4xindex>
// CHECK:           tensor.extract %arg0
// CHECK:         %[[Y:.*]] = rope.rotate %[[X]] by %arg1, %arg2 along [0]
// CHECK:         arith.constant dense<[0, 1, 3, 2]> : tensor<4xindex>
// CHECK:           tensor.extract %[[Y]]
func.func @mirrored(%x: tensor<5x4xf32>, %c: tensor<5x2xf32>, %s: tensor<5x2xf32>) -> tensor<5x4xf32> {
  %init = tensor.empty() : tensor<5x4xf32>
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c2 = arith.constant 2 : index
  %y = linalg.generic {indexing_maps = [#rows, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<5x4xf32>) outs(%init : tensor<5x4xf32>) {
  ^bb0(%own: f32, %out: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %p = arith.subi %c3, %j : index
    %first = arith.cmpi ult, %j, %c2 : index
    %pair = arith.select %first, %j, %p : index
    %other = tensor.extract %x[%i, %p] : tensor<5x4xf32>
    %cos = tensor.extract %c[%i, %pair] : tensor<5x2xf32>
    %sin = tensor.extract %s[%i, %pair] : tensor<5x2xf32>
    %n = arith.negf %other : f32
    %turned = arith.select %first, %n, %other : f32
    %a = arith.mulf %own, %cos : f32
    %b = arith.mulf %turned, %sin : f32
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  } -> tensor<5x4xf32>
  return %y : tensor<5x4xf32>
}

// Frequencies of zero (proportional scaling): the last pair of halves is passed
// through, and is part of the rotation all the same.
// CHECK-LABEL: func @zero_frequency(
// CHECK:         %[[COS:.*]], %[[SIN:.*]] = rope.sincos %arg1 frequencies<dim = 4, scaling = #rope.table<dense<[1.000000e+00, 0.000000e+00]> : tensor<2xf32>>>
// CHECK:         rope.rotate %arg0 by %[[COS]], %[[SIN]] along [0] : tensor<5x4xf32>, tensor<5x2xf32>
func.func @zero_frequency(%x: tensor<5x4xf32>, %positions: tensor<5xi32>) -> tensor<5x4xf32> {
  %w = arith.constant dense<[1.0, 0.0, 1.0, 0.0]> : tensor<4xf32>
  %init = tensor.empty() : tensor<5x4xf32>
  %c, %s = linalg.generic {indexing_maps = [#row, #lane, #rows, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%positions, %w : tensor<5xi32>, tensor<4xf32>) outs(%init, %init : tensor<5x4xf32>, tensor<5x4xf32>) {
  ^bb0(%position: i32, %frequency: f32, %out0: f32, %out1: f32):
    %p = arith.sitofp %position : i32 to f32
    %angle = arith.mulf %p, %frequency : f32
    %cos = math.cos %angle : f32
    %sin = math.sin %angle : f32
    linalg.yield %cos, %sin : f32, f32
  } -> (tensor<5x4xf32>, tensor<5x4xf32>)
  %low = tensor.extract_slice %x[0, 0] [5, 2] [1, 1] : tensor<5x4xf32> to tensor<5x2xf32>
  %high = tensor.extract_slice %x[0, 2] [5, 2] [1, 1] : tensor<5x4xf32> to tensor<5x2xf32>
  %minus = arith.negf %high : tensor<5x2xf32>
  %turned = tensor.concat dim(1) %minus, %low : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x4xf32>
  %a = arith.mulf %x, %c : tensor<5x4xf32>
  %b = arith.mulf %turned, %s : tensor<5x4xf32>
  %y = arith.addf %a, %b : tensor<5x4xf32>
  return %y : tensor<5x4xf32>
}
