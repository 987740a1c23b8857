// RUN: rope-opt %s --rope-raise | FileCheck %s

// Constant weights and biases belong to the source, also where lanes pass through.

// CHECK-LABEL: func @weights(
// CHECK:         %[[Q:.*]] = linalg.generic
// CHECK:         rope.rotate %[[Q]] by %arg2, %arg3 along [0] rotary_dim 4
#rows = affine_map<(d0, d1) -> (d0, d1)>
#lane = affine_map<(d0, d1) -> (d1)>
func.func @weights(%x: tensor<5x6xf32>, %b: tensor<6xf32>, %c: tensor<5x2xf32>, %s: tensor<5x2xf32>) -> tensor<5x6xf32> {
  %w = arith.constant dense<[0.5, 1.0, 1.5, 2.0, 3.0, 1.0]> : tensor<6xf32>
  %init = tensor.empty() : tensor<5x6xf32>
  %q = linalg.generic {indexing_maps = [#rows, #lane, #lane, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%x, %b, %w : tensor<5x6xf32>, tensor<6xf32>, tensor<6xf32>) outs(%init : tensor<5x6xf32>) {
  ^bb0(%element: f32, %bias: f32, %weight: f32, %out: f32):
    %sum = arith.addf %element, %bias : f32
    %y = arith.mulf %sum, %weight : f32
    linalg.yield %y : f32
  } -> tensor<5x6xf32>
  %a = tensor.extract_slice %q[0, 0] [5, 2] [1, 1] : tensor<5x6xf32> to tensor<5x2xf32>
  %d = tensor.extract_slice %q[0, 2] [5, 2] [1, 1] : tensor<5x6xf32> to tensor<5x2xf32>
  %rest = tensor.extract_slice %q[0, 4] [5, 2] [1, 1] : tensor<5x6xf32> to tensor<5x2xf32>
  %ac = arith.mulf %a, %c : tensor<5x2xf32>
  %ds = arith.mulf %d, %s : tensor<5x2xf32>
  %dc = arith.mulf %d, %c : tensor<5x2xf32>
  %as = arith.mulf %a, %s : tensor<5x2xf32>
  %y0 = arith.subf %ac, %ds : tensor<5x2xf32>
  %y1 = arith.addf %dc, %as : tensor<5x2xf32>
  %y = tensor.concat dim(1) %y0, %y1, %rest : (tensor<5x2xf32>, tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x6xf32>
  return %y : tensor<5x6xf32>
}

// The lane that passes through has another weight.
// CHECK-LABEL: func @negative_other_weight(
// CHECK-NOT:     rope.rotate
func.func @negative_other_weight(%x: tensor<5x6xf32>, %c: tensor<5x2xf32>, %s: tensor<5x2xf32>) -> tensor<5x6xf32> {
  %two = arith.constant dense<2.0> : tensor<5x2xf32>
  %a = tensor.extract_slice %x[0, 0] [5, 2] [1, 1] : tensor<5x6xf32> to tensor<5x2xf32>
  %d = tensor.extract_slice %x[0, 2] [5, 2] [1, 1] : tensor<5x6xf32> to tensor<5x2xf32>
  %r = tensor.extract_slice %x[0, 4] [5, 2] [1, 1] : tensor<5x6xf32> to tensor<5x2xf32>
  %rest = arith.mulf %r, %two : tensor<5x2xf32>
  %ac = arith.mulf %a, %c : tensor<5x2xf32>
  %ds = arith.mulf %d, %s : tensor<5x2xf32>
  %dc = arith.mulf %d, %c : tensor<5x2xf32>
  %as = arith.mulf %a, %s : tensor<5x2xf32>
  %y0 = arith.subf %ac, %ds : tensor<5x2xf32>
  %y1 = arith.addf %dc, %as : tensor<5x2xf32>
  %y = tensor.concat dim(1) %y0, %y1, %rest : (tensor<5x2xf32>, tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x6xf32>
  return %y : tensor<5x6xf32>
}
