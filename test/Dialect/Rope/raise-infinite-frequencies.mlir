// Frequencies that the dialect does not have keep the tables of the program.

// RUN: rope-opt %s --rope-raise | rope-opt | FileCheck %s

#row = affine_map<(d0, d1) -> (d0)>
#lane = affine_map<(d0, d1) -> (d1)>
#table = affine_map<(d0, d1) -> (d0, d1)>

// CHECK-LABEL: func.func @negative_infinite(
// CHECK-NOT: rope.sincos
// CHECK: rope.rotate %arg0
func.func @negative_infinite(%x: tensor<6x8xf32>, %ids: tensor<6xi64>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0x7F800000, 0.01, 0.001]> : tensor<4xf32>
  %ae = tensor.empty() : tensor<6x4xf32>
  %angle = linalg.generic {indexing_maps = [#row, #lane, #table], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi64>, tensor<4xf32>) outs(%ae : tensor<6x4xf32>) {
  ^bb0(%i: i64, %f: f32, %o: f32):
    %p = arith.sitofp %i : i64 to f32
    %m = arith.mulf %p, %f : f32
    linalg.yield %m : f32
  } -> tensor<6x4xf32>
  %wide = tensor.concat dim(1) %angle, %angle : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %cos = math.cos %wide : tensor<6x8xf32>
  %sin = math.sin %wide : tensor<6x8xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %n = arith.negf %upper : tensor<6x4xf32>
  %h = tensor.concat dim(1) %n, %lower : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %p = arith.mulf %x, %cos : tensor<6x8xf32>
  %q = arith.mulf %h, %sin : tensor<6x8xf32>
  %y = arith.addf %p, %q : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
