// Pairs as complex numbers, tables as complex numbers (the Llama of Meta).

// RUN: rope-opt %s --rope-raise --canonicalize --verify-each | FileCheck %s
// RUN: rope-opt %s --rope-raise -o %t.once
// RUN: rope-opt %s --rope-raise --rope-raise | diff - %t.once

#all = affine_map<(d0, d1) -> (d0, d1)>
#all3 = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#pair = affine_map<(d0, d1, d2) -> (d0, d1)>

// CHECK-LABEL: func.func @complex(
// CHECK: complex.re
// CHECK: complex.im
// CHECK: rope.rotate %{{.*}} by %{{.*}}, %{{.*}} along [0] pairing<interleaved> : tensor<6x8xf32>, tensor<6x4xf32>
func.func @complex(%x: tensor<6x8xf32>, %f: tensor<6x4xcomplex<f32>>) -> tensor<6x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x2 = tensor.expand_shape %x [[0], [1, 2]] output_shape [6, 4, 2] : tensor<6x8xf32> into tensor<6x4x2xf32>
  %e = tensor.empty() : tensor<6x4xcomplex<f32>>
  %z = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%f : tensor<6x4xcomplex<f32>>) outs(%e : tensor<6x4xcomplex<f32>>) {
  ^bb0(%w: complex<f32>, %o: complex<f32>):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %re = tensor.extract %x2[%i, %j, %c0] : tensor<6x4x2xf32>
    %im = tensor.extract %x2[%i, %j, %c1] : tensor<6x4x2xf32>
    %v = complex.create %re, %im : complex<f32>
    %m = complex.mul %v, %w : complex<f32>
    linalg.yield %m : complex<f32>
  } -> tensor<6x4xcomplex<f32>>
  %e2 = tensor.empty() : tensor<6x4x2xf32>
  %r = linalg.generic {indexing_maps = [#pair, #all3], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%z : tensor<6x4xcomplex<f32>>) outs(%e2 : tensor<6x4x2xf32>) {
  ^bb0(%v: complex<f32>, %o: f32):
    %re = complex.re %v : complex<f32>
    %im = complex.im %v : complex<f32>
    %k = linalg.index 2 : index
    %first = arith.cmpi eq, %k, %c0 : index
    %m = arith.select %first, %re, %im : f32
    linalg.yield %m : f32
  } -> tensor<6x4x2xf32>
  %y = tensor.collapse_shape %r [[0], [1, 2]] : tensor<6x4x2xf32> into tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
