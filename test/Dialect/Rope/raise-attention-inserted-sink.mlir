// A column beside the scores, put there by two insertions.

// RUN: rope-opt %s --rope-raise | FileCheck %s

#q = affine_map<(h, i, r, d) -> (h, i, d)>
#k = affine_map<(h, i, r, d) -> (h, r, d)>
#x = affine_map<(h, i, r, d) -> (h, i, r)>

// CHECK-LABEL: func.func @column_last(
// CHECK:         rope.attention {{.*}} sink
func.func @column_last(%sink: tensor<3xf32>, %q: tensor<3x5x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<3x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x7x8xf32>) outs(%z : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %row = tensor.empty() : tensor<3x5xf32>
  %ce = tensor.empty() : tensor<3x5x1xf32>
  %c = linalg.broadcast ins(%sink : tensor<3xf32>) outs(%ce : tensor<3x5x1xf32>) dimensions = [1, 2]
  %we = tensor.empty() : tensor<3x5x8xf32>
  %wz = linalg.fill ins(%zero : f32) outs(%we : tensor<3x5x8xf32>) -> tensor<3x5x8xf32>
  %i0 = tensor.insert_slice %x into %wz[0, 0, 0] [3, 5, 7] [1, 1, 1] : tensor<3x5x7xf32> into tensor<3x5x8xf32>
  %i1 = tensor.insert_slice %c into %i0[0, 0, 7] [3, 5, 1] [1, 1, 1] : tensor<3x5x1xf32> into tensor<3x5x8xf32>
  %p = linalg.softmax dimension(2) ins(%i1 : tensor<3x5x8xf32>) outs(%we : tensor<3x5x8xf32>) -> tensor<3x5x8xf32>
  %w = tensor.extract_slice %p[0, 0, 0] [3, 5, 7] [1, 1, 1] : tensor<3x5x8xf32> to tensor<3x5x7xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x7xf32>, tensor<3x7x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// CHECK-LABEL: func.func @column_first_written(
// CHECK:         rope.attention {{.*}} sink
func.func @column_first_written(%sink: tensor<3xf32>, %q: tensor<3x5x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<3x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x7x8xf32>) outs(%z : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %row = tensor.empty() : tensor<3x5xf32>
  %ce = tensor.empty() : tensor<3x5x1xf32>
  %c = linalg.broadcast ins(%sink : tensor<3xf32>) outs(%ce : tensor<3x5x1xf32>) dimensions = [1, 2]
  %we = tensor.empty() : tensor<3x5x8xf32>
  %wz = linalg.fill ins(%zero : f32) outs(%we : tensor<3x5x8xf32>) -> tensor<3x5x8xf32>
  %i0 = tensor.insert_slice %c into %wz[0, 0, 7] [3, 5, 1] [1, 1, 1] : tensor<3x5x1xf32> into tensor<3x5x8xf32>
  %i1 = tensor.insert_slice %x into %i0[0, 0, 0] [3, 5, 7] [1, 1, 1] : tensor<3x5x7xf32> into tensor<3x5x8xf32>
  %p = linalg.softmax dimension(2) ins(%i1 : tensor<3x5x8xf32>) outs(%we : tensor<3x5x8xf32>) -> tensor<3x5x8xf32>
  %w = tensor.extract_slice %p[0, 0, 0] [3, 5, 7] [1, 1, 1] : tensor<3x5x8xf32> to tensor<3x5x7xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x7xf32>, tensor<3x7x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// The column takes the place of the last score, and zero is left behind it.
// CHECK-LABEL: func.func @negative_overwritten_score(
// CHECK-NOT:     rope.
// CHECK:         return
func.func @negative_overwritten_score(%sink: tensor<3xf32>, %q: tensor<3x5x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<3x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x7x8xf32>) outs(%z : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %row = tensor.empty() : tensor<3x5xf32>
  %ce = tensor.empty() : tensor<3x5x1xf32>
  %c = linalg.broadcast ins(%sink : tensor<3xf32>) outs(%ce : tensor<3x5x1xf32>) dimensions = [1, 2]
  %we = tensor.empty() : tensor<3x5x8xf32>
  %wz = linalg.fill ins(%zero : f32) outs(%we : tensor<3x5x8xf32>) -> tensor<3x5x8xf32>
  %i0 = tensor.insert_slice %x into %wz[0, 0, 0] [3, 5, 7] [1, 1, 1] : tensor<3x5x7xf32> into tensor<3x5x8xf32>
  %i1 = tensor.insert_slice %c into %i0[0, 0, 6] [3, 5, 1] [1, 1, 1] : tensor<3x5x1xf32> into tensor<3x5x8xf32>
  %p = linalg.softmax dimension(2) ins(%i1 : tensor<3x5x8xf32>) outs(%we : tensor<3x5x8xf32>) -> tensor<3x5x8xf32>
  %w = tensor.extract_slice %p[0, 0, 0] [3, 5, 7] [1, 1, 1] : tensor<3x5x8xf32> to tensor<3x5x7xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x7xf32>, tensor<3x7x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}
