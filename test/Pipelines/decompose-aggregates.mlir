// RUN: rope-opt %s --rope-decompose-aggregates | FileCheck %s
// RUN: mkdir -p %t
// RUN: %python %rope_src/test/Integration/Inputs/write_npy.py %t/x.npy 3x5x2 1
// RUN: rope-run %s --input=%t/x.npy --pipeline=reference --output=%t/by-hand.npy --output=%t/op.npy
// RUN: rope-run %s --input=%t/x.npy --pipeline=reference --expected=%t/by-hand.npy --expected=%t/by-hand.npy --atol=1e-6
// RUN: rope-run %s --input=%t/x.npy --pipeline=cpu --expected=%t/by-hand.npy --expected=%t/by-hand.npy --atol=1e-6

#xyz = affine_map<(i, k, j) -> (i, j, k)>
#row = affine_map<(i, k, j) -> (i, k)>

// The quotients of exponentials by hand, and the op.
// CHECK-LABEL: func @main
// CHECK-SAME:    (%[[X:[^:]*]]: tensor<?x5x2xf32>)
// CHECK-NOT:     linalg.softmax
// CHECK:         linalg.generic {{.*}} ins(%[[X]] : tensor<?x5x2xf32>) {{.*}}
// CHECK:           arith.maxnumf
// CHECK:           math.exp
// CHECK:           arith.addf
// CHECK:           arith.divf
// CHECK-NOT:     linalg.softmax
// CHECK:         return
func.func @main(%x: tensor<?x5x2xf32>) -> (tensor<?x5x2xf32>, tensor<?x5x2xf32>) {
  %c0 = arith.constant 0 : index
  %rows = tensor.dim %x, %c0 : tensor<?x5x2xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%rows) : tensor<?x5x2xf32>
  %powers = math.exp %x : tensor<?x5x2xf32>
  %sums = tensor.empty(%rows) : tensor<?x2xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%sums : tensor<?x2xf32>) -> tensor<?x2xf32>
  %sum = linalg.generic {indexing_maps = [#xyz, #row], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%powers : tensor<?x5x2xf32>) outs(%zeros : tensor<?x2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %next = arith.addf %out, %in : f32
    linalg.yield %next : f32
  } -> tensor<?x2xf32>
  %weights = linalg.generic {indexing_maps = [#xyz, #row, #xyz], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%powers, %sum : tensor<?x5x2xf32>, tensor<?x2xf32>) outs(%empty : tensor<?x5x2xf32>) {
  ^bb0(%in: f32, %all: f32, %out: f32):
    %weight = arith.divf %in, %all : f32
    linalg.yield %weight : f32
  } -> tensor<?x5x2xf32>
  %softmax = linalg.softmax dimension(1) ins(%x : tensor<?x5x2xf32>) outs(%empty : tensor<?x5x2xf32>) -> tensor<?x5x2xf32>
  return %weights, %softmax : tensor<?x5x2xf32>, tensor<?x5x2xf32>
}
