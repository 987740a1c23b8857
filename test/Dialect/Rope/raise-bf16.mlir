// Products that are rounded to bf16: tables are rounded once, the rotation once.

// RUN: rope-opt %s --rope-raise --canonicalize --verify-each | FileCheck %s
// RUN: rope-opt %s --rope-raise -o %t.once
// RUN: rope-opt %s --rope-raise --rope-raise | diff - %t.once

#all = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#rows = affine_map<(d0, d1, d2, d3) -> (d2, d3)>
#row = affine_map<(d0, d1) -> (d0)>
#lane = affine_map<(d0, d1) -> (d1)>
#table = affine_map<(d0, d1) -> (d0, d1)>

// CHECK-LABEL: func.func @llama_bf16(
// CHECK: %[[COS:.*]], %[[SIN:.*]] = rope.sincos %arg1 frequencies<dim = 8, base = 1.000000e+04> accuracy<f32_angle> : tensor<6xi64> -> tensor<6x4xbf16>
// CHECK-NEXT: rope.rotate %arg0 by %[[COS]], %[[SIN]] along [2] : tensor<2x3x6x8xbf16>, tensor<6x4xbf16>
func.func @llama_bf16(%x: tensor<2x3x6x8xbf16>, %ids: tensor<6xi64>) -> tensor<2x3x6x8xbf16> {
  %w = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %ae = tensor.empty() : tensor<6x4xf32>
  %angle = linalg.generic {indexing_maps = [#row, #lane, #table], iterator_types = ["parallel", "parallel"]}
      ins(%ids, %w : tensor<6xi64>, tensor<4xf32>) outs(%ae : tensor<6x4xf32>) {
  ^bb0(%i: i64, %f: f32, %o: f32):
    %p = arith.sitofp %i : i64 to f32
    %m = arith.mulf %p, %f : f32
    linalg.yield %m : f32
  } -> tensor<6x4xf32>
  %wide = tensor.concat dim(1) %angle, %angle : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %cos32 = math.cos %wide : tensor<6x8xf32>
  %sin32 = math.sin %wide : tensor<6x8xf32>
  %cos = arith.truncf %cos32 : tensor<6x8xf32> to tensor<6x8xbf16>
  %sin = arith.truncf %sin32 : tensor<6x8xf32> to tensor<6x8xbf16>
  %e = tensor.empty() : tensor<2x3x6x8xbf16>
  %p0 = linalg.generic {indexing_maps = [#all, #rows, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %cos : tensor<2x3x6x8xbf16>, tensor<6x8xbf16>) outs(%e : tensor<2x3x6x8xbf16>) {
  ^bb0(%a: bf16, %b: bf16, %o: bf16):
    %m = arith.mulf %a, %b : bf16
    linalg.yield %m : bf16
  } -> tensor<2x3x6x8xbf16>
  %l = tensor.extract_slice %x[0, 0, 0, 0] [2, 3, 6, 4] [1, 1, 1, 1] : tensor<2x3x6x8xbf16> to tensor<2x3x6x4xbf16>
  %u = tensor.extract_slice %x[0, 0, 0, 4] [2, 3, 6, 4] [1, 1, 1, 1] : tensor<2x3x6x8xbf16> to tensor<2x3x6x4xbf16>
  %n = arith.negf %u : tensor<2x3x6x4xbf16>
  %h = tensor.concat dim(3) %n, %l : (tensor<2x3x6x4xbf16>, tensor<2x3x6x4xbf16>) -> tensor<2x3x6x8xbf16>
  %p1 = linalg.generic {indexing_maps = [#all, #rows, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%h, %sin : tensor<2x3x6x8xbf16>, tensor<6x8xbf16>) outs(%e : tensor<2x3x6x8xbf16>) {
  ^bb0(%a: bf16, %b: bf16, %o: bf16):
    %m = arith.mulf %a, %b : bf16
    linalg.yield %m : bf16
  } -> tensor<2x3x6x8xbf16>
  %y = arith.addf %p0, %p1 : tensor<2x3x6x8xbf16>
  return %y : tensor<2x3x6x8xbf16>
}
