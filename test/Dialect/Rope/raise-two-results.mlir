// Two rotations that one structured op computes.

// RUN: rope-opt %s --rope-raise --canonicalize --verify-each | FileCheck %s
// RUN: rope-opt %s --rope-raise -o %t.once
// RUN: rope-opt %s --rope-raise --rope-raise | diff - %t.once

#all = affine_map<(d0, d1) -> (d0, d1)>

// CHECK-LABEL: func.func @two_results(
// CHECK: rope.rotate %arg0
// CHECK-NEXT: rope.rotate %arg1
// CHECK-NEXT: return
func.func @two_results(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> (tensor<5x8xf32>, tensor<5x8xf32>) {
  %c4 = arith.constant 4 : index
  %e = tensor.empty() : tensor<5x8xf32>
  %r:2 = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]} outs(%e, %e : tensor<5x8xf32>, tensor<5x8xf32>) {
  ^bb0(%o: f32, %o2: f32):
    %p = linalg.index 0 : index
    %j = linalg.index 1 : index
    %lo = arith.cmpi slt, %j, %c4 : index
    %up = arith.addi %j, %c4 : index
    %dn = arith.subi %j, %c4 : index
    %other = arith.select %lo, %up, %dn : index
    %k = arith.select %lo, %j, %dn : index
    %cc = tensor.extract %c[%p, %k] : tensor<5x4xf32>
    %ss = tensor.extract %s[%p, %k] : tensor<5x4xf32>
    %ns = arith.negf %ss : f32
    %sg = arith.select %lo, %ns, %ss : f32
    %xa = tensor.extract %x[%p, %j] : tensor<5x8xf32>
    %xb = tensor.extract %x[%p, %other] : tensor<5x8xf32>
    %ya = tensor.extract %y[%p, %j] : tensor<5x8xf32>
    %yb = tensor.extract %y[%p, %other] : tensor<5x8xf32>
    %t0 = arith.mulf %xa, %cc : f32
    %t1 = arith.mulf %xb, %sg : f32
    %t2 = arith.addf %t0, %t1 : f32
    %u0 = arith.mulf %ya, %cc : f32
    %u1 = arith.mulf %yb, %sg : f32
    %u2 = arith.addf %u0, %u1 : f32
    linalg.yield %t2, %u2 : f32, f32
  } -> (tensor<5x8xf32>, tensor<5x8xf32>)
  return %r#0, %r#1 : tensor<5x8xf32>, tensor<5x8xf32>
}
