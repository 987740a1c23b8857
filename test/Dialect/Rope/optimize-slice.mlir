// RUN: rope-opt %s --rope-optimize --verify-each | FileCheck %s

// The last query of a prompt: one row of tables and of x.
// CHECK-LABEL: func @slice_of_rotation
// CHECK-SAME:    (%[[X:.*]]: tensor<2x4x16x8xf32>, %[[C:.*]]: tensor<16x4xf32>, %[[S:.*]]: tensor<16x4xf32>)
// CHECK-DAG:     %[[XS:.*]] = tensor.extract_slice %[[X]][0, 0, 15, 0] [2, 4, 1, 8] [1, 1, 1, 1] : tensor<2x4x16x8xf32> to tensor<2x4x8xf32>
// CHECK-DAG:     %[[CS:.*]] = tensor.extract_slice %[[C]][15, 0] [1, 4] [1, 1] : tensor<16x4xf32> to tensor<4xf32>
// CHECK-DAG:     %[[SS:.*]] = tensor.extract_slice %[[S]][15, 0] [1, 4] [1, 1] : tensor<16x4xf32> to tensor<4xf32>
// CHECK:         %[[Y:.*]] = rope.rotate %[[XS]] by %[[CS]], %[[SS]] along [] inverse : tensor<2x4x8xf32>, tensor<4xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @slice_of_rotation(%x: tensor<2x4x16x8xf32>, %c: tensor<16x4xf32>, %s: tensor<16x4xf32>) -> tensor<2x4x8xf32> {
  %y = rope.rotate %x by %c, %s along [2] inverse : tensor<2x4x16x8xf32>, tensor<16x4xf32>
  %last = tensor.extract_slice %y[0, 0, 15, 0] [2, 4, 1, 8] [1, 1, 1, 1] : tensor<2x4x16x8xf32> to tensor<2x4x8xf32>
  return %last : tensor<2x4x8xf32>
}

// Half of the heads: the tables are shared and stay whole.
// CHECK-LABEL: func @slice_of_heads
// CHECK-NOT:     extract_slice %arg1
// CHECK:         rope.rotate %{{.*}} by %arg1, %arg2 along [2] : tensor<2x2x?x8xf32>, tensor<?x4xf32>
func.func @slice_of_heads(%x: tensor<2x4x?x8xf32>, %c: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<2x2x?x8xf32> {
  %two = arith.constant 2 : index
  %n = tensor.dim %x, %two : tensor<2x4x?x8xf32>
  %y = rope.rotate %x by %c, %s along [2] : tensor<2x4x?x8xf32>, tensor<?x4xf32>
  %half = tensor.extract_slice %y[0, 2, 0, 0] [2, 2, %n, 8] [1, 1, 1, 1] : tensor<2x4x?x8xf32> to tensor<2x2x?x8xf32>
  return %half : tensor<2x2x?x8xf32>
}

// All rows are needed elsewhere: more would be rotated than before.
// CHECK-LABEL: func @negative_other_user
// CHECK:         rope.rotate %{{.*}} : tensor<16x8xf32>, tensor<16x4xf32>
// CHECK-NOT:     rope.rotate
func.func @negative_other_user(%x: tensor<16x8xf32>, %c: tensor<16x4xf32>, %s: tensor<16x4xf32>) -> (tensor<1x8xf32>, tensor<16x8xf32>) {
  %y = rope.rotate %x by %c, %s along [0] : tensor<16x8xf32>, tensor<16x4xf32>
  %last = tensor.extract_slice %y[15, 0] [1, 8] [1, 1] : tensor<16x8xf32> to tensor<1x8xf32>
  return %last, %y : tensor<1x8xf32>, tensor<16x8xf32>
}

// The pairs of the slice are not those of the head.
// CHECK-LABEL: func @negative_slice_of_lanes
// CHECK:         rope.rotate %arg0
func.func @negative_slice_of_lanes(%x: tensor<16x8xf32>, %c: tensor<16x4xf32>, %s: tensor<16x4xf32>) -> tensor<16x4xf32> {
  %y = rope.rotate %x by %c, %s along [0] : tensor<16x8xf32>, tensor<16x4xf32>
  %half = tensor.extract_slice %y[0, 0] [16, 4] [1, 1] : tensor<16x8xf32> to tensor<16x4xf32>
  return %half : tensor<16x4xf32>
}
