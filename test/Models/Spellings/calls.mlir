// RUN: rope-opt %s --rope-raise --split-input-file | FileCheck %s
// RUN: rope-opt %s --pass-pipeline='builtin.module(func.func(rope-raise))' --split-input-file | FileCheck %s --check-prefix=NESTED

// Frontends leave helpers as private functions. The call is looked through; as a
// pass on functions alone rope-raise must not read other functions.

func.func private @rotate_half(%x: tensor<3x8xf32>) -> tensor<3x8xf32> {
  %a = tensor.extract_slice %x[0, 0] [3, 4] [1, 1] : tensor<3x8xf32> to tensor<3x4xf32>
  %b = tensor.extract_slice %x[0, 4] [3, 4] [1, 1] : tensor<3x8xf32> to tensor<3x4xf32>
  %n = arith.negf %b : tensor<3x4xf32>
  %r = tensor.concat dim(1) %n, %a : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
  return %r : tensor<3x8xf32>
}

// CHECK-LABEL: func @two_calls(
// CHECK-SAME:    %[[Q:.*]]: tensor<3x8xf32>, %[[K:.*]]: tensor<3x8xf32>
// CHECK:         rope.rotate %[[Q]] by
// CHECK:         rope.rotate %[[K]] by
// NESTED-NOT:    rope.rotate
func.func @two_calls(%q: tensor<3x8xf32>, %k: tensor<3x8xf32>, %c: tensor<3x4xf32>, %s: tensor<3x4xf32>) -> (tensor<3x8xf32>, tensor<3x8xf32>) {
  %cos = tensor.concat dim(1) %c, %c : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
  %sin = tensor.concat dim(1) %s, %s : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
  %qr = call @rotate_half(%q) : (tensor<3x8xf32>) -> tensor<3x8xf32>
  %kr = call @rotate_half(%k) : (tensor<3x8xf32>) -> tensor<3x8xf32>
  %0 = arith.mulf %q, %cos : tensor<3x8xf32>
  %1 = arith.mulf %qr, %sin : tensor<3x8xf32>
  %2 = arith.addf %0, %1 : tensor<3x8xf32>
  %3 = arith.mulf %k, %cos : tensor<3x8xf32>
  %4 = arith.mulf %kr, %sin : tensor<3x8xf32>
  %5 = arith.addf %3, %4 : tensor<3x8xf32>
  return %2, %5 : tensor<3x8xf32>, tensor<3x8xf32>
}

// q is rotated with the half of k that its helper was called with.
// CHECK-LABEL: func @negative_call_with_other_operand
// CHECK-NOT:     rope.rotate
func.func @negative_call_with_other_operand(%q: tensor<3x8xf32>, %k: tensor<3x8xf32>, %c: tensor<3x4xf32>, %s: tensor<3x4xf32>) -> tensor<3x8xf32> {
  %cos = tensor.concat dim(1) %c, %c : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
  %sin = tensor.concat dim(1) %s, %s : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x8xf32>
  %kr = call @rotate_half(%k) : (tensor<3x8xf32>) -> tensor<3x8xf32>
  %0 = arith.mulf %q, %cos : tensor<3x8xf32>
  %1 = arith.mulf %kr, %sin : tensor<3x8xf32>
  %2 = arith.addf %0, %1 : tensor<3x8xf32>
  return %2 : tensor<3x8xf32>
}

// -----

// A helper that calls itself has no value: evaluation ends all the same.
func.func private @endless(%x: tensor<3x8xf32>) -> tensor<3x8xf32> {
  %r = call @endless(%x) : (tensor<3x8xf32>) -> tensor<3x8xf32>
  return %r : tensor<3x8xf32>
}

// CHECK-LABEL: func @negative_recursion
// CHECK-NOT:     rope.rotate
func.func @negative_recursion(%q: tensor<3x8xf32>, %c: tensor<3x8xf32>, %s: tensor<3x8xf32>) -> tensor<3x8xf32> {
  %qr = call @endless(%q) : (tensor<3x8xf32>) -> tensor<3x8xf32>
  %0 = arith.mulf %q, %c : tensor<3x8xf32>
  %1 = arith.mulf %qr, %s : tensor<3x8xf32>
  %2 = arith.addf %0, %1 : tensor<3x8xf32>
  return %2 : tensor<3x8xf32>
}
