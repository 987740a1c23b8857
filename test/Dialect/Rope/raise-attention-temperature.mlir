// RUN: rope-opt %s --rope-raise | FileCheck %s

#q = affine_map<(h, i, r, d) -> (h, i, d)>
#k = affine_map<(h, i, r, d) -> (h, r, d)>
#x = affine_map<(h, i, r, d) -> (h, i, r)>

// A temperature that is learned for each head is a factor of the query.
// CHECK-LABEL: func @learned_temperature
// CHECK:           %[[T:.*]] = tensor.extract %arg3[%{{.*}}] : tensor<3xf32>
// CHECK:           %[[X:.*]] = tensor.extract %arg0
// CHECK:           arith.mulf %[[T]], %[[X]]
// CHECK:         rope.attention {{.*}} scale 1.000000e+00
// CHECK-NOT:     linalg.softmax
func.func @learned_temperature(%q: tensor<3x5x8xf32>, %k: tensor<3x5x8xf32>, %v: tensor<3x5x4xf32>, %t: tensor<3xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x5x8xf32>) outs(%z : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %b = linalg.broadcast ins(%t : tensor<3xf32>) outs(%e : tensor<3x5x5xf32>) dimensions = [1, 2]
  %s = linalg.mul ins(%x, %b : tensor<3x5x5xf32>, tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<3x5x5xf32>) outs(%e : tensor<3x5x5xf32>) -> tensor<3x5x5xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x5xf32>, tensor<3x5x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}
