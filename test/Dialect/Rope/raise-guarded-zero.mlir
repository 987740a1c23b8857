// Compilers guard the imaginary part of exp(i a) where a is zero: the sine is zero there
// without it.

// RUN: rope-opt %s --rope-raise | FileCheck %s

#all = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#column = affine_map<(d0, d1) -> (d1)>

// CHECK-LABEL: func.func @sine(
// CHECK:         rope.sincos
func.func @sine(%x: tensor<6x8xf32>, %p: tensor<6xi32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %value = arith.constant 0.0 : f32
  %f = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %e = tensor.empty() : tensor<6x4xf32>
  %cs:2 = linalg.generic {indexing_maps = [#row, #column, #all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%p, %f : tensor<6xi32>, tensor<4xf32>) outs(%e, %e : tensor<6x4xf32>, tensor<6x4xf32>) {
  ^bb0(%position: i32, %frequency: f32, %o0: f32, %o1: f32):
    %number = arith.sitofp %position : i32 to f32
    %a = arith.mulf %number, %frequency : f32
    %c = math.cos %a : f32
    %s = math.sin %a : f32
    %is = arith.cmpf oeq, %a, %zero : f32
    %g = arith.select %is, %value, %s : f32
    linalg.yield %c, %g : f32, f32
  } -> (tensor<6x4xf32>, tensor<6x4xf32>)
  %l = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %u = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %lc = arith.mulf %l, %cs#0 : tensor<6x4xf32>
  %us = arith.mulf %u, %cs#1 : tensor<6x4xf32>
  %ls = arith.mulf %l, %cs#1 : tensor<6x4xf32>
  %uc = arith.mulf %u, %cs#0 : tensor<6x4xf32>
  %first = arith.subf %lc, %us : tensor<6x4xf32>
  %second = arith.addf %ls, %uc : tensor<6x4xf32>
  %y = tensor.concat dim(1) %first, %second : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// CHECK-LABEL: func.func @negative_other_value(
// CHECK-NOT:     rope.sincos
// CHECK:         return
func.func @negative_other_value(%x: tensor<6x8xf32>, %p: tensor<6xi32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %value = arith.constant 1.0 : f32
  %f = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %e = tensor.empty() : tensor<6x4xf32>
  %cs:2 = linalg.generic {indexing_maps = [#row, #column, #all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%p, %f : tensor<6xi32>, tensor<4xf32>) outs(%e, %e : tensor<6x4xf32>, tensor<6x4xf32>) {
  ^bb0(%position: i32, %frequency: f32, %o0: f32, %o1: f32):
    %number = arith.sitofp %position : i32 to f32
    %a = arith.mulf %number, %frequency : f32
    %c = math.cos %a : f32
    %s = math.sin %a : f32
    %is = arith.cmpf oeq, %a, %zero : f32
    %g = arith.select %is, %value, %s : f32
    linalg.yield %c, %g : f32, f32
  } -> (tensor<6x4xf32>, tensor<6x4xf32>)
  %l = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %u = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %lc = arith.mulf %l, %cs#0 : tensor<6x4xf32>
  %us = arith.mulf %u, %cs#1 : tensor<6x4xf32>
  %ls = arith.mulf %l, %cs#1 : tensor<6x4xf32>
  %uc = arith.mulf %u, %cs#0 : tensor<6x4xf32>
  %first = arith.subf %lc, %us : tensor<6x4xf32>
  %second = arith.addf %ls, %uc : tensor<6x4xf32>
  %y = tensor.concat dim(1) %first, %second : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// CHECK-LABEL: func.func @negative_cosine(
// CHECK-NOT:     rope.sincos
// CHECK:         return
func.func @negative_cosine(%x: tensor<6x8xf32>, %p: tensor<6xi32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %value = arith.constant 0.0 : f32
  %f = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %e = tensor.empty() : tensor<6x4xf32>
  %cs:2 = linalg.generic {indexing_maps = [#row, #column, #all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%p, %f : tensor<6xi32>, tensor<4xf32>) outs(%e, %e : tensor<6x4xf32>, tensor<6x4xf32>) {
  ^bb0(%position: i32, %frequency: f32, %o0: f32, %o1: f32):
    %number = arith.sitofp %position : i32 to f32
    %a = arith.mulf %number, %frequency : f32
    %c = math.cos %a : f32
    %s = math.sin %a : f32
    %is = arith.cmpf oeq, %a, %zero : f32
    %g = arith.select %is, %value, %c : f32
    linalg.yield %g, %s : f32, f32
  } -> (tensor<6x4xf32>, tensor<6x4xf32>)
  %l = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %u = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %lc = arith.mulf %l, %cs#0 : tensor<6x4xf32>
  %us = arith.mulf %u, %cs#1 : tensor<6x4xf32>
  %ls = arith.mulf %l, %cs#1 : tensor<6x4xf32>
  %uc = arith.mulf %u, %cs#0 : tensor<6x4xf32>
  %first = arith.subf %lc, %us : tensor<6x4xf32>
  %second = arith.addf %ls, %uc : tensor<6x4xf32>
  %y = tensor.concat dim(1) %first, %second : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
