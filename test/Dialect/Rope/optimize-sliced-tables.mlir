// RUN: rope-opt %s --rope-optimize --verify-each | FileCheck %s

// Rows of a table of all positions: only they are made.
// CHECK-LABEL: func @sliced_tables
// CHECK-SAME:    (%[[X:.*]]: tensor<2x3x8xf32>, %[[P:.*]]: tensor<64xi64>)
// CHECK:         %[[PS:.*]] = tensor.extract_slice %[[P]][5] [3] [1] : tensor<64xi64> to tensor<3xi64>
// CHECK-NEXT:    %[[COS:.*]], %[[SIN:.*]] = rope.sincos %[[PS]]
// CHECK-NEXT:    %[[Y:.*]] = rope.rotate %[[X]] by %[[COS]], %[[SIN]] along [1]
// CHECK-NEXT:    return %[[Y]]
func.func @sliced_tables(%x: tensor<2x3x8xf32>, %p: tensor<64xi64>) -> tensor<2x3x8xf32> {
  %cos, %sin = rope.sincos %p frequencies<dim = 8, base = 10000.0> : tensor<64xi64> -> tensor<64x4xf32>
  %c = tensor.extract_slice %cos[5, 0] [3, 4] [1, 1] : tensor<64x4xf32> to tensor<3x4xf32>
  %s = tensor.extract_slice %sin[5, 0] [3, 4] [1, 1] : tensor<64x4xf32> to tensor<3x4xf32>
  %y = rope.rotate %x by %c, %s along [1] : tensor<2x3x8xf32>, tensor<3x4xf32>
  return %y : tensor<2x3x8xf32>
}

// CHECK-LABEL: func @negative_other_rows
// CHECK:         rope.sincos %arg1 {{.*}} : tensor<64xi64>
func.func @negative_other_rows(%x: tensor<2x3x8xf32>, %p: tensor<64xi64>) -> tensor<2x3x8xf32> {
  %cos, %sin = rope.sincos %p frequencies<dim = 8, base = 10000.0> : tensor<64xi64> -> tensor<64x4xf32>
  %c = tensor.extract_slice %cos[5, 0] [3, 4] [1, 1] : tensor<64x4xf32> to tensor<3x4xf32>
  %s = tensor.extract_slice %sin[6, 0] [3, 4] [1, 1] : tensor<64x4xf32> to tensor<3x4xf32>
  %y = rope.rotate %x by %c, %s along [1] : tensor<2x3x8xf32>, tensor<3x4xf32>
  return %y : tensor<2x3x8xf32>
}

// The whole table is made for the keys anyway.
// CHECK-LABEL: func @negative_whole_table_used
// CHECK:         rope.sincos
// CHECK-NOT:     rope.sincos
// CHECK:         return
func.func @negative_whole_table_used(%x: tensor<2x3x8xf32>, %k: tensor<64x8xf32>, %p: tensor<64xi64>) -> (tensor<2x3x8xf32>, tensor<64x8xf32>) {
  %cos, %sin = rope.sincos %p frequencies<dim = 8, base = 10000.0> : tensor<64xi64> -> tensor<64x4xf32>
  %c = tensor.extract_slice %cos[5, 0] [3, 4] [1, 1] : tensor<64x4xf32> to tensor<3x4xf32>
  %s = tensor.extract_slice %sin[5, 0] [3, 4] [1, 1] : tensor<64x4xf32> to tensor<3x4xf32>
  %y = rope.rotate %x by %c, %s along [1] : tensor<2x3x8xf32>, tensor<3x4xf32>
  %z = rope.rotate %k by %cos, %sin along [0] : tensor<64x8xf32>, tensor<64x4xf32>
  return %y, %z : tensor<2x3x8xf32>, tensor<64x8xf32>
}
