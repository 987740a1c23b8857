// RUN: rope-opt %s --rope-optimize --canonicalize --verify-each | FileCheck %s

// x M^T: each row is rotated.
// CHECK-LABEL: func @transpose_b
// CHECK-NEXT:    %[[Y:.*]] = rope.rotate %arg0 by %arg1, %arg2 along [] pairing<interleaved> : tensor<?x8xf32>, tensor<4xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @transpose_b(%x: tensor<?x8xf32>, %c: tensor<4xf32>, %s: tensor<4xf32>, %out: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %m = rope.rotation_matrix %c, %s pairing<interleaved> : tensor<4xf32>
  %zero = arith.constant 0.0 : f32
  %init = linalg.fill ins(%zero : f32) outs(%out : tensor<?x8xf32>) -> tensor<?x8xf32>
  %y = linalg.contract indexing_maps = [affine_map<(i, n, k) -> (i, k)>, affine_map<(i, n, k) -> (n, k)>, affine_map<(i, n, k) -> (i, n)>]
    ins(%x, %m : tensor<?x8xf32>, tensor<8x8xf32>) outs(%init : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// x M: the transpose turns back. A matrix for each batch.
// CHECK-LABEL: func @batch_matmul
// CHECK-NEXT:    %[[Y:.*]] = rope.rotate %arg0 by %arg1, %arg2 along [0] inverse : tensor<3x6x8xf32>, tensor<3x4xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @batch_matmul(%x: tensor<3x6x8xf32>, %c: tensor<3x4xf32>, %s: tensor<3x4xf32>) -> tensor<3x6x8xf32> {
  %m = rope.rotation_matrix %c, %s : tensor<3x4xf32>
  %zero = arith.constant dense<0.0> : tensor<3x6x8xf32>
  %y = linalg.batch_matmul ins(%x, %m : tensor<3x6x8xf32>, tensor<3x8x8xf32>) outs(%zero : tensor<3x6x8xf32>) -> tensor<3x6x8xf32>
  return %y : tensor<3x6x8xf32>
}

// M X: columns are rotated; what it adds to stays.
// CHECK-LABEL: func @left_accumulating
// CHECK:         %[[T:.*]] = linalg.transpose ins(%arg0
// CHECK:         %[[R:.*]] = rope.rotate %[[T]] by %arg1, %arg2 along [] : tensor<6x8xf32>, tensor<4xf32>
// CHECK:         %[[B:.*]] = linalg.transpose ins(%[[R]]
// CHECK:         arith.addf %arg3, %[[B]]
func.func @left_accumulating(%x: tensor<8x6xf32>, %c: tensor<4xf32>, %s: tensor<4xf32>, %out: tensor<8x6xf32>) -> tensor<8x6xf32> {
  %m = rope.rotation_matrix %c, %s : tensor<4xf32>
  %y = linalg.matmul ins(%m, %x : tensor<8x8xf32>, tensor<8x6xf32>) outs(%out : tensor<8x6xf32>) -> tensor<8x6xf32>
  return %y : tensor<8x6xf32>
}

// CHECK-LABEL: func @product
// CHECK-DAG:     %[[CC:.*]] = arith.mulf %arg0, %arg2
// CHECK-DAG:     %[[SS:.*]] = arith.mulf %arg1, %arg3
// CHECK-DAG:     %[[COS:.*]] = arith.subf %[[CC]], %[[SS]]
// CHECK:         %[[SIN:.*]] = arith.addf
// CHECK:         rope.rotation_matrix %[[COS]], %[[SIN]]
func.func @product(%c: tensor<4xf32>, %s: tensor<4xf32>, %d: tensor<4xf32>, %t: tensor<4xf32>) -> tensor<8x8xf32> {
  %m = rope.rotation_matrix %c, %s : tensor<4xf32>
  %n = rope.rotation_matrix %d, %t : tensor<4xf32>
  %zero = arith.constant dense<0.0> : tensor<8x8xf32>
  %y = linalg.matmul ins(%m, %n : tensor<8x8xf32>, tensor<8x8xf32>) outs(%zero : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}

// Other pairs: the product is no rotation, but rotates the rows of one.
// CHECK-LABEL: func @negative_product_of_pairings
// CHECK:         rope.rotation_matrix
// CHECK-NOT:     arith.mulf
func.func @negative_product_of_pairings(%c: tensor<4xf32>, %s: tensor<4xf32>) -> tensor<8x8xf32> {
  %m = rope.rotation_matrix %c, %s : tensor<4xf32>
  %n = rope.rotation_matrix %c, %s pairing<interleaved> : tensor<4xf32>
  %zero = arith.constant dense<0.0> : tensor<8x8xf32>
  %y = linalg.matmul ins(%m, %n : tensor<8x8xf32>, tensor<8x8xf32>) outs(%zero : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %y : tensor<8x8xf32>
}

// CHECK-LABEL: func @transpose
// CHECK:         %[[S:.*]] = arith.negf %arg1
// CHECK:         rope.rotation_matrix %arg0, %[[S]]
func.func @transpose(%c: tensor<4xf32>, %s: tensor<4xf32>) -> tensor<8x8xf32> {
  %m = rope.rotation_matrix %c, %s : tensor<4xf32>
  %empty = tensor.empty() : tensor<8x8xf32>
  %t = linalg.transpose ins(%m : tensor<8x8xf32>) outs(%empty : tensor<8x8xf32>) permutation = [1, 0]
  return %t : tensor<8x8xf32>
}

// The result is f32: a rotation of bf16 would round it.
// CHECK-LABEL: func @negative_mixed_types
// CHECK:         linalg.matmul
func.func @negative_mixed_types(%x: tensor<6x8xbf16>, %c: tensor<4xbf16>, %s: tensor<4xbf16>) -> tensor<6x8xf32> {
  %m = rope.rotation_matrix %c, %s : tensor<4xbf16>
  %zero = arith.constant dense<0.0> : tensor<6x8xf32>
  %y = linalg.matmul ins(%x, %m : tensor<6x8xbf16>, tensor<8x8xbf16>) outs(%zero : tensor<6x8xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}
