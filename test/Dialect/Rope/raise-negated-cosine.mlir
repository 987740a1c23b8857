// A negated cosine has no spelling but a negated table, made so that it bufferizes.

// RUN: rope-opt %s --rope-raise | FileCheck %s
// RUN: rope-opt %s --rope-raise --rope-cpu-pipeline -o %t

#all = affine_map<(d0, d1) -> (d0, d1)>

// CHECK-LABEL: func.func @negated(
// CHECK: %[[N:.*]] = linalg.generic
// CHECK: arith.negf
// CHECK: rope.rotate %arg0 by %[[N]], %arg2 along [0]
func.func @negated(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %e = tensor.empty() : tensor<6x4xf32>
  %y0:2 = linalg.generic {indexing_maps = [#all, #all, #all, #all, #all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%lower, %upper, %c, %s : tensor<6x4xf32>, tensor<6x4xf32>, tensor<6x4xf32>, tensor<6x4xf32>) outs(%e, %e : tensor<6x4xf32>, tensor<6x4xf32>) {
  ^bb0(%a: f32, %b: f32, %k: f32, %t: f32, %o0: f32, %o1: f32):
    %m = arith.negf %k : f32
    %p0 = arith.mulf %a, %m : f32
    %p1 = arith.mulf %b, %t : f32
    %p2 = arith.mulf %a, %t : f32
    %p3 = arith.mulf %b, %m : f32
    %r0 = arith.subf %p0, %p1 : f32
    %r1 = arith.addf %p2, %p3 : f32
    linalg.yield %r0, %r1 : f32, f32
  } -> (tensor<6x4xf32>, tensor<6x4xf32>)
  %y = tensor.concat dim(1) %y0#0, %y0#1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
