// Part of a head is rotated and put back beside the rest (GPT-NeoX): the op takes the head.

// RUN: rope-opt %s --rope-raise --canonicalize --verify-each | FileCheck %s
// RUN: rope-opt %s --rope-raise -o %t.once
// RUN: rope-opt %s --rope-raise --rope-raise | diff - %t.once

// CHECK-LABEL: func.func @prefix(
// CHECK-NEXT: rope.rotate %arg0 by %arg1, %arg2 along [0] rotary_dim 8 : tensor<6x12xf32>, tensor<6x4xf32>
// CHECK-NEXT: return
func.func @prefix(%x: tensor<6x12xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x12xf32> {
  %l = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x12xf32> to tensor<6x4xf32>
  %u = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x12xf32> to tensor<6x4xf32>
  %rest = tensor.extract_slice %x[0, 8] [6, 4] [1, 1] : tensor<6x12xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %l, %c : tensor<6x4xf32>
  %p1 = arith.mulf %u, %s : tensor<6x4xf32>
  %p2 = arith.mulf %l, %s : tensor<6x4xf32>
  %p3 = arith.mulf %u, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %r = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %y = tensor.concat dim(1) %r, %rest : (tensor<6x8xf32>, tensor<6x4xf32>) -> tensor<6x12xf32>
  return %y : tensor<6x12xf32>
}

// CHECK-LABEL: func.func @suffix(
// CHECK-NEXT: rope.rotate %arg0 by %arg1, %arg2 along [0] offset 4 rotary_dim 8 : tensor<6x12xf32>, tensor<6x4xf32>
// CHECK-NEXT: return
func.func @suffix(%x: tensor<6x12xf32>, %c: tensor<6x4xf32>, %s: tensor<6x4xf32>) -> tensor<6x12xf32> {
  %l = tensor.extract_slice %x[0, 4] [6, 4] [1, 1] : tensor<6x12xf32> to tensor<6x4xf32>
  %u = tensor.extract_slice %x[0, 8] [6, 4] [1, 1] : tensor<6x12xf32> to tensor<6x4xf32>
  %rest = tensor.extract_slice %x[0, 0] [6, 4] [1, 1] : tensor<6x12xf32> to tensor<6x4xf32>
  %p0 = arith.mulf %l, %c : tensor<6x4xf32>
  %p1 = arith.mulf %u, %s : tensor<6x4xf32>
  %p2 = arith.mulf %l, %s : tensor<6x4xf32>
  %p3 = arith.mulf %u, %c : tensor<6x4xf32>
  %y0 = arith.subf %p0, %p1 : tensor<6x4xf32>
  %y1 = arith.addf %p2, %p3 : tensor<6x4xf32>
  %r = tensor.concat dim(1) %y0, %y1 : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x8xf32>
  %y = tensor.concat dim(1) %rest, %r : (tensor<6x4xf32>, tensor<6x8xf32>) -> tensor<6x12xf32>
  return %y : tensor<6x12xf32>
}
