// rotate_half by insertion into an empty tensor (JAX through IREE).

// RUN: rope-opt %s --rope-raise --canonicalize --verify-each | FileCheck %s
// RUN: rope-opt %s --rope-raise -o %t.once
// RUN: rope-opt %s --rope-raise --rope-raise | diff - %t.once

// CHECK-LABEL: func.func @insert(
// CHECK: rope.rotate %arg0 by %{{.*}}, %{{.*}} along [0] : tensor<6x8xf32>, tensor<6x4xf32>
func.func @insert(%x: tensor<6x8xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x8xf32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %e = tensor.empty() : tensor<6x8xf32>
  %n = arith.negf %upper : tensor<6x4xf32>
  %h0 = tensor.insert_slice %n into %e[0, 0] [6, 4] [1, 1] : tensor<6x4xf32> into tensor<6x8xf32>
  %h = tensor.insert_slice %lower into %h0[0, 4] [6, 4] [1, 1] : tensor<6x4xf32> into tensor<6x8xf32>
  %cc0 = tensor.insert_slice %c into %e[0, 0] [6, 4] [1, 1] : tensor<6x4xf32> into tensor<6x8xf32>
  %cc = tensor.insert_slice %c into %cc0[0, 4] [6, 4] [1, 1] : tensor<6x4xf32> into tensor<6x8xf32>
  %ss0 = tensor.insert_slice %s into %e[0, 0] [6, 4] [1, 1] : tensor<6x4xf32> into tensor<6x8xf32>
  %ss = tensor.insert_slice %s into %ss0[0, 4] [6, 4] [1, 1] : tensor<6x4xf32> into tensor<6x8xf32>
  %p = arith.mulf %x, %cc : tensor<6x8xf32>
  %q = arith.mulf %h, %ss : tensor<6x8xf32>
  %y = arith.addf %p, %q : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
