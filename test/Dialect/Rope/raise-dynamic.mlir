// A sequence of unknown length.

// RUN: rope-opt %s --rope-raise --canonicalize --verify-each | FileCheck %s
// RUN: rope-opt %s --rope-raise -o %t.once
// RUN: rope-opt %s --rope-raise --rope-raise | diff - %t.once

#all = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#rows = affine_map<(d0, d1, d2) -> (d1, d2)>

// CHECK-LABEL: func.func @dynamic(
// CHECK-NOT: arith.addf
// CHECK: rope.rotate %arg0 by %arg1, %arg2 along [1] : tensor<2x?x8xf32>, tensor<?x4xf32>
func.func @dynamic(%x: tensor<2x?x8xf32>, %c: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<2x?x8xf32> {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c1 : tensor<2x?x8xf32>
  %l = tensor.extract_slice %x[0, 0, 0] [2, %n, 4] [1, 1, 1] : tensor<2x?x8xf32> to tensor<2x?x4xf32>
  %u = tensor.extract_slice %x[0, 0, 4] [2, %n, 4] [1, 1, 1] : tensor<2x?x8xf32> to tensor<2x?x4xf32>
  %e = tensor.empty(%n) : tensor<2x?x4xf32>
  %r:2 = linalg.generic {indexing_maps = [#all, #all, #rows, #rows, #all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%l, %u, %c, %s : tensor<2x?x4xf32>, tensor<2x?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) outs(%e, %e : tensor<2x?x4xf32>, tensor<2x?x4xf32>) {
  ^bb0(%a: f32, %b: f32, %k: f32, %t: f32, %o0: f32, %o1: f32):
    %m0 = arith.mulf %a, %k : f32
    %m1 = arith.mulf %b, %t : f32
    %y0 = arith.subf %m0, %m1 : f32
    %m2 = arith.mulf %a, %t : f32
    %m3 = arith.mulf %b, %k : f32
    %y1 = arith.addf %m2, %m3 : f32
    linalg.yield %y0, %y1 : f32, f32
  } -> (tensor<2x?x4xf32>, tensor<2x?x4xf32>)
  %y = tensor.concat dim(2) %r#0, %r#1 : (tensor<2x?x4xf32>, tensor<2x?x4xf32>) -> tensor<2x?x8xf32>
  return %y : tensor<2x?x8xf32>
}
