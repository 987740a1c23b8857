// RUN: rope-opt %s --rope-raise | FileCheck %s

// One op for sine and cosine, sine first.
// CHECK-LABEL: func @sincos
// CHECK:         %[[COS:.*]], %[[SIN:.*]] = rope.sincos %arg1
// CHECK:         rope.rotate %arg0 by %[[COS]], %[[SIN]] along [0]
func.func @sincos(%x: tensor<5x8xf32>, %positions: tensor<5xi32>) -> tensor<5x8xf32> {
  %frequencies = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %empty = tensor.empty() : tensor<5x4xf32>
  %sin, %cos = linalg.generic {indexing_maps = [
      affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d1)>,
      affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%positions, %frequencies : tensor<5xi32>, tensor<4xf32>) outs(%empty, %empty : tensor<5x4xf32>, tensor<5x4xf32>) {
  ^bb0(%position: i32, %frequency: f32, %out0: f32, %out1: f32):
    %real = arith.sitofp %position : i32 to f32
    %angle = arith.mulf %real, %frequency : f32
    %s, %c = math.sincos %angle : f32
    linalg.yield %s, %c : f32, f32
  } -> (tensor<5x4xf32>, tensor<5x4xf32>)
  %low = tensor.extract_slice %x[0, 0] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %high = tensor.extract_slice %x[0, 4] [5, 4] [1, 1] : tensor<5x8xf32> to tensor<5x4xf32>
  %a = arith.mulf %low, %cos : tensor<5x4xf32>
  %b = arith.mulf %high, %sin : tensor<5x4xf32>
  %first = arith.subf %a, %b : tensor<5x4xf32>
  %c = arith.mulf %high, %cos : tensor<5x4xf32>
  %d = arith.mulf %low, %sin : tensor<5x4xf32>
  %second = arith.addf %c, %d : tensor<5x4xf32>
  %y = tensor.concat dim(1) %first, %second : (tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x8xf32>
  return %y : tensor<5x8xf32>
}
