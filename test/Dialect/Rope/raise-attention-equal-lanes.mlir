// Lanes that are all the same before a rotation differ after it.

// RUN: rope-opt %s --rope-raise | FileCheck %s

#q = affine_map<(h, i, r, d) -> (h, i, d)>
#k = affine_map<(h, i, r, d) -> (h, r, d)>
#x = affine_map<(h, i, r, d) -> (h, i, r)>

// CHECK-LABEL: func.func @query(
// CHECK:         %[[Q:.*]] = rope.rotate
// CHECK:         rope.attention %[[Q]], %{{.*}}, %{{.*}}
func.func @query(%q0: tensor<3x5xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %qe = tensor.empty() : tensor<3x5x8xf32>
  %qb = linalg.broadcast ins(%q0 : tensor<3x5xf32>) outs(%qe : tensor<3x5x8xf32>) dimensions = [2]
  %q = rope.rotate %qb by %c, %s along [1] : tensor<3x5x8xf32>, tensor<5x4xf32>
  %e = tensor.empty() : tensor<3x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x7x8xf32>) outs(%z : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %w = linalg.softmax dimension(2) ins(%x : tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x7xf32>, tensor<3x7x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}

// CHECK-LABEL: func.func @value(
// CHECK:         %[[V:.*]] = rope.rotate
// CHECK:         rope.attention %{{.*}}, %{{.*}}, %[[V]]
func.func @value(%q: tensor<3x5x8xf32>, %c: tensor<7x4xf32>, %s: tensor<7x4xf32>, %k: tensor<3x7x8xf32>, %v0: tensor<3x7xf32>) -> tensor<3x5x8xf32> {
  %zero = arith.constant 0.0 : f32
  %ve = tensor.empty() : tensor<3x7x8xf32>
  %vb = linalg.broadcast ins(%v0 : tensor<3x7xf32>) outs(%ve : tensor<3x7x8xf32>) dimensions = [2]
  %v = rope.rotate %vb by %c, %s along [1] : tensor<3x7x8xf32>, tensor<7x4xf32>
  %e = tensor.empty() : tensor<3x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x7x8xf32>) outs(%z : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %w = linalg.softmax dimension(2) ins(%x : tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %o = tensor.empty() : tensor<3x5x8xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x8xf32>) -> tensor<3x5x8xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x7xf32>, tensor<3x7x8xf32>) outs(%oz : tensor<3x5x8xf32>) -> tensor<3x5x8xf32>
  return %out : tensor<3x5x8xf32>
}

// CHECK-LABEL: func.func @both(
// CHECK:         %[[Q:.*]] = rope.rotate
// CHECK:         %[[K:.*]] = rope.rotate
// CHECK:         rope.attention %[[Q]], %[[K]], %{{.*}}
func.func @both(%q0: tensor<3x5xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>, %c7: tensor<7x4xf32>, %s7: tensor<7x4xf32>, %k0: tensor<3x7xf32>, %v: tensor<3x7x4xf32>) -> tensor<3x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %qe = tensor.empty() : tensor<3x5x8xf32>
  %qb = linalg.broadcast ins(%q0 : tensor<3x5xf32>) outs(%qe : tensor<3x5x8xf32>) dimensions = [2]
  %q = rope.rotate %qb by %c, %s along [1] : tensor<3x5x8xf32>, tensor<5x4xf32>
  %ke = tensor.empty() : tensor<3x7x8xf32>
  %kb = linalg.broadcast ins(%k0 : tensor<3x7xf32>) outs(%ke : tensor<3x7x8xf32>) dimensions = [2]
  %k = rope.rotate %kb by %c7, %s7 along [1] : tensor<3x7x8xf32>, tensor<7x4xf32>
  %e = tensor.empty() : tensor<3x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %x = linalg.batch_matmul indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<3x5x8xf32>, tensor<3x7x8xf32>) outs(%z : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %w = linalg.softmax dimension(2) ins(%x : tensor<3x5x7xf32>) outs(%e : tensor<3x5x7xf32>) -> tensor<3x5x7xf32>
  %o = tensor.empty() : tensor<3x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<3x5x7xf32>, tensor<3x7x4xf32>) outs(%oz : tensor<3x5x4xf32>) -> tensor<3x5x4xf32>
  return %out : tensor<3x5x4xf32>
}
