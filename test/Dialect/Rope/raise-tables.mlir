// What becomes of computed tables.

// RUN: rope-opt %s --rope-raise --canonicalize --verify-each | FileCheck %s
// RUN: rope-opt %s --rope-raise -o %t.once
// RUN: rope-opt %s --rope-raise --rope-raise | diff - %t.once

#row = affine_map<(d0, d1) -> (d0)>
#lane = affine_map<(d0, d1) -> (d1)>
#table = affine_map<(d0, d1) -> (d0, d1)>

// The tables are shared, and named by the base of their frequencies.
// CHECK-LABEL: func.func @shared(
// CHECK: rope.sincos %arg2 frequencies<dim = 8, base = 1.000000e+04>
// CHECK-NOT: rope.sincos
// CHECK: rope.rotate %arg0
// CHECK-NOT: rope.sincos
// CHECK: rope.rotate %arg1
func.func @shared(%x: tensor<6x8xf32>, %k: tensor<6x8xf32>, %ids: tensor<6xi64>) -> (tensor<6x8xf32>, tensor<6x8xf32>) {
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
  %cos = math.cos %wide : tensor<6x8xf32>
  %sin = math.sin %wide : tensor<6x8xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %n = arith.negf %upper : tensor<6x4xf32>
  %h = tensor.concat dim(1) %n, %lower : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %p = arith.mulf %x, %cos : tensor<6x8xf32>
  %q = arith.mulf %h, %sin : tensor<6x8xf32>
  %y = arith.addf %p, %q : tensor<6x8xf32>
  %kl = tensor.extract_slice %k[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %ku = tensor.extract_slice %k[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %kn = arith.negf %ku : tensor<6x4xf32>
  %kh = tensor.concat dim(1) %kn, %kl : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %kp = arith.mulf %k, %cos : tensor<6x8xf32>
  %kq = arith.mulf %kh, %sin : tensor<6x8xf32>
  %z = arith.addf %kp, %kq : tensor<6x8xf32>
  return %y, %z : tensor<6x8xf32>, tensor<6x8xf32>
}

// Frequencies without a formula are a table.
// CHECK-LABEL: func.func @table(
// CHECK: rope.sincos %arg1 frequencies<dim = 8, scaling = #rope.table<dense<[1.000000e+00, 3.000000e-01, 2.000000e-02, 1.000000e-03]> : tensor<4xf32>>> accuracy<f32_angle>
func.func @table(%x: tensor<6x8xf32>, %ids: tensor<6xi64>) -> tensor<6x8xf32> {
  %w = arith.constant dense<[1.0, 0.3, 0.02, 0.001]> : tensor<4xf32>
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

// An attention factor (YaRN) scales the tables.
// CHECK-LABEL: func.func @attention_factor(
// CHECK: rope.sincos
// CHECK-COUNT-2: arith.mulf %{{.*}}, %cst : f32
// CHECK: rope.rotate %arg0
func.func @attention_factor(%x: tensor<6x8xf32>, %ids: tensor<6xi64>) -> tensor<6x8xf32> {
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
  %cos = math.cos %wide : tensor<6x8xf32>
  %sin = math.sin %wide : tensor<6x8xf32>
  %k = arith.constant dense<1.25> : tensor<6x8xf32>
  %cc = arith.mulf %cos, %k : tensor<6x8xf32>
  %ss = arith.mulf %sin, %k : tensor<6x8xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %n = arith.negf %upper : tensor<6x4xf32>
  %h = tensor.concat dim(1) %n, %lower : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %p = arith.mulf %x, %cc : tensor<6x8xf32>
  %q = arith.mulf %h, %ss : tensor<6x8xf32>
  %y = arith.addf %p, %q : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
