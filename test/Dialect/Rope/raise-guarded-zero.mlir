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

// sin(a) / a is no number where a is zero, so that the guard is not without effect.
// CHECK-LABEL: func.func @negative_quotient(
// CHECK-NOT:     rope.
// CHECK:         return
func.func @negative_quotient(%x: tensor<6x8xf32>, %p: tensor<6xi32>) -> tensor<6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %f = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %e = tensor.empty() : tensor<6x4xf32>
  %l = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %u = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %y:2 = linalg.generic {indexing_maps = [#row, #column, #all, #all, #all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%p, %f, %l, %u : tensor<6xi32>, tensor<4xf32>, tensor<6x4xf32>, tensor<6x4xf32>) outs(%e, %e : tensor<6x4xf32>, tensor<6x4xf32>) {
  ^bb0(%position: i32, %frequency: f32, %first: f32, %second: f32, %o0: f32, %o1: f32):
    %number = arith.sitofp %position : i32 to f32
    %a = arith.mulf %number, %frequency : f32
    %cosine = math.cos %a : f32
    %sine = math.sin %a : f32
    %inverse = arith.divf %one, %a : f32
    %c = arith.mulf %cosine, %inverse : f32
    %quotient = arith.mulf %sine, %inverse : f32
    %is = arith.cmpf oeq, %a, %zero : f32
    %s = arith.select %is, %zero, %quotient : f32
    %fc = arith.mulf %first, %c : f32
    %ss = arith.mulf %second, %s : f32
    %fs = arith.mulf %first, %s : f32
    %sc = arith.mulf %second, %c : f32
    %y0 = arith.subf %fc, %ss : f32
    %y1 = arith.addf %fs, %sc : f32
    linalg.yield %y0, %y1 : f32, f32
  } -> (tensor<6x4xf32>, tensor<6x4xf32>)
  %out = tensor.concat dim(1) %y#0, %y#1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %out : tensor<6x8xf32>
}
