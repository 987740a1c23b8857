// Tables with one entry a lane, of which nothing proves that they agree.

// RUN: rope-opt %s --rope-raise --canonicalize --verify-each | FileCheck %s
// RUN: rope-opt %s --rope-raise -o %t.once
// RUN: rope-opt %s --rope-raise --rope-raise | diff - %t.once

// CHECK-LABEL: func.func @entry_a_lane(
// CHECK-NEXT: rope.rotate %arg0 by %arg1, %arg2 along [0] : tensor<6x8xf32>, tensor<6x8xf32>
func.func @entry_a_lane(%x: tensor<6x8xf32>, %c: tensor<6x8xf32>, %s: tensor<6x8xf32>) -> tensor<6x8xf32> {
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %n = arith.negf %upper : tensor<6x4xf32>
  %h = tensor.concat dim(1) %n, %lower : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %p = arith.mulf %x, %c : tensor<6x8xf32>
  %q = arith.mulf %h, %s : tensor<6x8xf32>
  %y = arith.addf %p, %q : tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// One tensor may hold both.
// CHECK-LABEL: func.func @stacked(
// CHECK: rope.rotate %arg0 by %{{.*}}, %{{.*}} along [0] : tensor<6x8xf32>, tensor<6x4xf32>
func.func @stacked(%x: tensor<6x8xf32>, %t: tensor<2x6x4xf32>) -> tensor<6x8xf32> {
  %c = tensor.extract_slice %t[0, 0, 0] [1, 6, 4] [1, 1, 1] : tensor<2x6x4xf32> to tensor<6x4xf32>
  %s = tensor.extract_slice %t[1, 0, 0] [1, 6, 4] [1, 1, 1] : tensor<2x6x4xf32> to tensor<6x4xf32>
  %lower = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %upper = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %lower, %c : tensor<6x4xf32>
  %p1 = arith.mulf %upper, %s : tensor<6x4xf32>
  %p2 = arith.mulf %lower, %s : tensor<6x4xf32>
  %p3 = arith.mulf %upper, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %y = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
