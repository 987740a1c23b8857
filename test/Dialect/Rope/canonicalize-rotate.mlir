// RUN: rope-opt %s --canonicalize --verify-each | FileCheck %s

// CHECK-LABEL: func @one_zero
// CHECK-SAME:    (%[[X:.*]]: tensor<4x8xf32>)
// CHECK-NEXT:    return %[[X]]
func.func @one_zero(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %c = arith.constant dense<1.0> : tensor<4x4xf32>
  %s = arith.constant dense<0.0> : tensor<4x4xf32>
  %y = rope.rotate %x by %c, %s along [0] : tensor<4x8xf32>, tensor<4x4xf32>
  return %y : tensor<4x8xf32>
}

// A scale is no identity.
// CHECK-LABEL: func @two_zero
// CHECK:         arith.mulf
func.func @two_zero(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %c = arith.constant dense<2.0> : tensor<4x4xf32>
  %s = arith.constant dense<0.0> : tensor<4x4xf32>
  %y = rope.rotate %x by %c, %s along [0] : tensor<4x8xf32>, tensor<4x4xf32>
  return %y : tensor<4x8xf32>
}

// The lanes still move.
// CHECK-LABEL: func @one_zero_result_pairing
// CHECK:         rope.rotate
func.func @one_zero_result_pairing(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %c = arith.constant dense<1.0> : tensor<4x4xf32>
  %s = arith.constant dense<0.0> : tensor<4x4xf32>
  %y = rope.rotate %x by %c, %s along [0] result_pairing<interleaved> : tensor<4x8xf32>, tensor<4x4xf32>
  return %y : tensor<4x8xf32>
}

// CHECK-LABEL: func @empty
// CHECK-SAME:    (%[[X:[^:]*]]:
// CHECK-NEXT:    return %[[X]]
func.func @empty(%x: tensor<0x8xf32>, %c: tensor<4xf32>, %s: tensor<4xf32>) -> tensor<0x8xf32> {
  %y = rope.rotate %x by %c, %s along [] : tensor<0x8xf32>, tensor<4xf32>
  return %y : tensor<0x8xf32>
}

// CHECK-LABEL: func @casts
// CHECK-SAME:    (%[[X:.*]]: tensor<4x8xf32>, %[[C:.*]]: tensor<4x4xf32>, %[[S:.*]]: tensor<?x4xf32>)
// CHECK-NEXT:    %[[Y:.*]] = rope.rotate %[[X]] by %[[C]], %[[S]] along [0] pairing<interleaved> inverse {note} : tensor<4x8xf32>, tensor<4x4xf32>, tensor<?x4xf32>
// CHECK-NEXT:    %[[R:.*]] = tensor.cast %[[Y]] : tensor<4x8xf32> to tensor<?x8xf32>
// CHECK-NEXT:    return %[[R]]
func.func @casts(%x: tensor<4x8xf32>, %c: tensor<4x4xf32>, %s: tensor<?x4xf32>) -> tensor<?x8xf32> {
  %0 = tensor.cast %x : tensor<4x8xf32> to tensor<?x8xf32>
  %1 = tensor.cast %c : tensor<4x4xf32> to tensor<?x4xf32>
  %y = rope.rotate %0 by %1, %s along [0] pairing<interleaved> inverse {note} : tensor<?x8xf32>, tensor<?x4xf32>
  return %y : tensor<?x8xf32>
}

// A cast that asserts a size is not looked through.
// CHECK-LABEL: func @cast_to_static
// CHECK:         %[[X:.*]] = tensor.cast
// CHECK:         rope.rotate %[[X]]
func.func @cast_to_static(%x: tensor<?x8xf32>, %c: tensor<4x4xf32>, %s: tensor<4x4xf32>) -> tensor<4x8xf32> {
  %0 = tensor.cast %x : tensor<?x8xf32> to tensor<4x8xf32>
  %y = rope.rotate %0 by %c, %s along [0] : tensor<4x8xf32>, tensor<4x4xf32>
  return %y : tensor<4x8xf32>
}

// CHECK-LABEL: func @memref_casts
// CHECK-SAME:    (%[[X:.*]]: memref<4x8xf32>,
// CHECK-NEXT:    rope.rotate %[[X]] into %[[X]]
func.func @memref_casts(%x: memref<4x8xf32>, %c: memref<?x4xf32>, %s: memref<?x4xf32>) {
  %0 = memref.cast %x : memref<4x8xf32> to memref<?x8xf32, strided<[?, ?], offset: ?>>
  rope.rotate %0 into %0 by %c, %s along [0] : memref<?x8xf32, strided<[?, ?], offset: ?>> into memref<?x8xf32, strided<[?, ?], offset: ?>>, memref<?x4xf32>
  return
}
