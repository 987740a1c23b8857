// A structured op that writes part of its init leaves the rest: its element is that of
// the init, whatever the body yields.

// RUN: rope-opt %s --rope-raise | FileCheck %s

// CHECK-LABEL: func.func @negative_other_column(
// CHECK: %[[W:.*]] = linalg.generic
// CHECK: %[[V:.*]] = tensor.extract_slice %[[W]][0, 0, 1]
// CHECK: rope.rotate %[[V]] by
func.func @negative_other_column(%x: tensor<6x8xf32>, %w0: tensor<6x8x2xf32>, %c: tensor<6x8xf32>, %s: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %w = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1, 0)>], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<6x8xf32>) outs(%w0 : tensor<6x8x2xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<6x8x2xf32>
  %v = tensor.extract_slice %w[0, 0, 1] [6, 8, 1] [1, 1, 1] : tensor<6x8x2xf32> to tensor<6x8xf32>
  %lower = tensor.extract_slice %v[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %v[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %n = arith.negf %upper : tensor<6x4xf32>
  %h = tensor.concat dim(1) %n, %lower : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %p = arith.mulf %v, %c : tensor<6x8xf32>
  %q = arith.mulf %h, %s : tensor<6x8xf32>
  %y = arith.addf %p, %q : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
