// Rotations in loops, and in functions of several blocks.

// RUN: rope-opt %s --rope-raise --canonicalize --verify-each | FileCheck %s
// RUN: rope-opt %s --rope-raise -o %t.once
// RUN: rope-opt %s --rope-raise --rope-raise | diff - %t.once

// CHECK-LABEL: func.func @in_loop(
// CHECK: scf.for
// CHECK: rope.rotate %{{.*}} by %arg1, %arg2 along [0]
// CHECK: scf.yield
func.func @in_loop(%x: tensor<6x8xf32>, %c: tensor<6x8xf32>, %s: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %r = scf.for %i = %c0 to %c9 step %c1 iter_args(%v = %x) -> (tensor<6x8xf32>) {
  %lower = tensor.extract_slice %v[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %v[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %n = arith.negf %upper : tensor<6x4xf32>
  %h = tensor.concat dim(1) %n, %lower : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %p = arith.mulf %v, %c : tensor<6x8xf32>
  %q = arith.mulf %h, %s : tensor<6x8xf32>
  %y = arith.addf %p, %q : tensor<6x8xf32>
  scf.yield %y : tensor<6x8xf32>
  }
  return %r : tensor<6x8xf32>
}

// CHECK-LABEL: func.func @in_blocks(
// CHECK: cf.cond_br
// CHECK: rope.rotate %arg0 by %arg1, %arg2 along [0]
// CHECK-NEXT: return
// CHECK: rope.rotate %arg0 by %arg2, %arg1 along [0]
func.func @in_blocks(%x: tensor<6x8xf32>, %c: tensor<6x8xf32>, %s: tensor<6x8xf32>, %b: i1) -> tensor<6x8xf32> {
  cf.cond_br %b, ^one, ^two
^one:
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %n = arith.negf %upper : tensor<6x4xf32>
  %h = tensor.concat dim(1) %n, %lower : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %p = arith.mulf %x, %c : tensor<6x8xf32>
  %q = arith.mulf %h, %s : tensor<6x8xf32>
  %y = arith.addf %p, %q : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
^two:
  %kl = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %ku = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %kn = arith.negf %ku : tensor<6x4xf32>
  %kh = tensor.concat dim(1) %kn, %kl : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %kp = arith.mulf %x, %s : tensor<6x8xf32>
  %kq = arith.mulf %kh, %c : tensor<6x8xf32>
  %z = arith.addf %kp, %kq : tensor<6x8xf32>
  return %z : tensor<6x8xf32>
}
