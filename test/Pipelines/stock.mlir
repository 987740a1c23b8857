// RUN: rope-opt %s --rope-reference-pipeline --verify-each | FileCheck %s
// RUN: rope-opt %s --rope-cpu-pipeline --verify-each | FileCheck %s

// What exports of models hold beside rotations lowers to the LLVM dialect alone
// and needs no library but C's.
// CHECK-NOT: {{memrefCopy|__truncdfbf2|__truncsfbf2|__powi|builtin.unrealized}}
// CHECK-LABEL: llvm.func @main
// CHECK-NOT: {{memrefCopy|__truncdfbf2|__truncsfbf2|__powi|builtin.unrealized}}

#id = affine_map<(d0) -> (d0)>
func.func @main(%x: tensor<2x?xf32>, %y: tensor<2x3xf32>, %n: i64, %b: tensor<4xbf16>, %z: tensor<4xcomplex<f32>>) -> (tensor<2x?xf32>, tensor<4xbf16>, tensor<4xcomplex<f32>>, tensor<2x5xf32>) {
  %zero = arith.constant 0.0 : f32
  %0 = tensor.concat dim(1) %x, %y : (tensor<2x?xf32>, tensor<2x3xf32>) -> tensor<2x?xf32>
  %negated = arith.negf %0 : tensor<2x?xf32>
  %one = arith.constant 1 : i64
  %positive = arith.cmpi sge, %n, %one : i64
  cf.assert %positive, "n must be positive"
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%b : tensor<4xbf16>) outs(%b : tensor<4xbf16>) {
  ^bb0(%in: bf16, %out: bf16):
    %sum = arith.addf %in, %in : bf16
    %exp = math.exp %sum : bf16
    %pow = math.fpowi %exp, %n : bf16, i64
    %erf = math.erf %pow : bf16
    %root = math.rsqrt %erf : bf16
    %sin, %cos = math.sincos %root : bf16
    %wide = arith.extf %cos : bf16 to f64
    %narrow = arith.truncf %wide : f64 to bf16
    %r = arith.addf %sin, %narrow : bf16
    linalg.yield %r : bf16
  } -> tensor<4xbf16>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%z : tensor<4xcomplex<f32>>) outs(%z : tensor<4xcomplex<f32>>) {
  ^bb0(%in: complex<f32>, %out: complex<f32>):
    %square = complex.mul %in, %in : complex<f32>
    %exp = complex.exp %square : complex<f32>
    linalg.yield %exp : complex<f32>
  } -> tensor<4xcomplex<f32>>
  %3 = tensor.pad %y low[0, 1] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<2x3xf32> to tensor<2x5xf32>
  return %negated, %1, %2, %3 : tensor<2x?xf32>, tensor<4xbf16>, tensor<4xcomplex<f32>>, tensor<2x5xf32>
}
