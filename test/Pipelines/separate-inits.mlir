// RUN: rope-opt %s --rope-separate-inits | FileCheck %s
// RUN: mkdir -p %t
// RUN: %python %rope_src/test/Integration/Inputs/write_npy.py %t/x.npy 3x5 1
// RUN: %python %rope_src/test/Integration/Inputs/write_npy.py %t/w.npy 5x4 2
// RUN: rope-run %s --input=%t/x.npy --input=%t/w.npy --pipeline=reference --output=%t/y.npy
// RUN: rope-run %s --input=%t/x.npy --input=%t/w.npy --pipeline=cpu --expected=%t/y.npy --atol=1e-6
// RUN: not rope-run %s --input=%t/x.npy --input=%t/w.npy --expected=%t/y.npy --atol=1e-6 \
// RUN:   --pipeline="builtin.module(linalg-fuse-elementwise-ops,rope-reference-pipeline)" | FileCheck %s --check-prefix=UPSTREAM

// The last line shows what the pass is for: without it, the sine is taken again in
// every step of the product's reduction.
// UPSTREAM: MISMATCH

#x = affine_map<(i, j, k) -> (i, k)>
#w = affine_map<(i, j, k) -> (k, j)>
#y = affine_map<(i, j, k) -> (i, j)>
#id = affine_map<(i, k) -> (i, k)>

// The reduction keeps its init, the elementwise op does not.
// CHECK-LABEL: func @main
// CHECK-SAME:    (%[[X:[^:]*]]: tensor<?x5xf32>, %[[W:[^:]*]]: tensor<5x4xf32>)
// CHECK:         %[[INIT:.*]] = tensor.empty(%{{.*}}) : tensor<?x5xf32>
// CHECK:         %[[SINE:.*]] = linalg.generic {{.*}} ins(%[[X]] : tensor<?x5xf32>) outs(%[[INIT]] :
// CHECK:           ^bb0(%[[IN:.*]]: f32, %{{.*}}: f32):
// CHECK:           math.sin %[[IN]]
// CHECK:         %[[ZERO:.*]] = linalg.fill
// CHECK:         linalg.generic {{.*}} ins(%[[SINE]], %[[W]] : {{.*}}) outs(%[[ZERO]] :
func.func @main(%x: tensor<?x5xf32>, %weights: tensor<5x4xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x5xf32>
  %sine = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]} outs(%x : tensor<?x5xf32>) {
  ^bb0(%out: f32):
    %s = math.sin %out : f32
    linalg.yield %s : f32
  } -> tensor<?x5xf32>
  %empty = tensor.empty(%n) : tensor<?x4xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%sine, %weights : tensor<?x5xf32>, tensor<5x4xf32>) outs(%init : tensor<?x4xf32>) {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %product = arith.mulf %a, %b : f32
    %next = arith.addf %sum, %product : f32
    linalg.yield %next : f32
  } -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
