// RUN: rope-opt %s --rope-raise | FileCheck %s
// RUN: rope-opt %s --rope-raise --remark-format=emitRemark --remarks-filter=rope 2>&1 | FileCheck %s --check-prefix=REMARK

#q = affine_map<(h, i, r, d) -> (h, i, d)>
#k = affine_map<(h, i, r, d) -> (h, r, d)>
#one = affine_map<(h, i, r, d) -> (r, d)>
#far = affine_map<(h, i, r, d) -> (i, r, d)>
#x = affine_map<(h, i, r, d) -> (h, i, r)>

// REMARK-DAG: two-products.mlir:{{.*}}the keys of two products are not those of one
// REMARK-DAG: two-products.mlir:{{.*}}the scores are a sum of more than two products
// REMARK-DAG: two-products.mlir:{{.*}}an attention, but its products are scaled differently
// REMARK-DAG: two-products.mlir:{{.*}}the scores are multiplied by a value that is not a constant

// DeepSeek: lanes of each head, and lanes that all heads share.
// CHECK-LABEL: func @shared_by_all_heads
// CHECK:         %[[Q:.*]] = tensor.concat dim(3)
// CHECK:         rope.attention %[[Q]], %{{.*}}, %{{.*}} scale 1.000000e+00 key_tail(%{{.*}} : tensor<1x1x7x6xf32>)
// CHECK-SAME:      : tensor<1x2x5x14xf32>, tensor<1x2x7x8xf32>, tensor<1x2x7x4xf32>
// CHECK-NOT:     linalg.softmax
func.func @shared_by_all_heads(%q: tensor<2x5x8xf32>, %k: tensor<2x7x8xf32>, %p: tensor<2x5x6xf32>, %l: tensor<7x6xf32>, %v: tensor<2x7x4xf32>) -> tensor<2x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %a = linalg.contract indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<2x5x8xf32>, tensor<2x7x8xf32>) outs(%z : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %b = linalg.contract indexing_maps = [#q, #one, #x] ins(%p, %l : tensor<2x5x6xf32>, tensor<7x6xf32>) outs(%z : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %s = linalg.add ins(%b, %a : tensor<2x5x7xf32>, tensor<2x5x7xf32>) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<2x5x7xf32>) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %o = tensor.empty() : tensor<2x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<2x5x7xf32>, tensor<2x7x4xf32>) outs(%oz : tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  return %out : tensor<2x5x4xf32>
}

// Both belong to one dimension, which may as well be the batch: the second key is the
// tail of its one head.
// CHECK-LABEL: func @of_each_batch
// CHECK:         rope.attention {{.*}} key_tail(%{{.*}} : tensor<2x1x7x6xf32>) : tensor<2x1x5x14xf32>, tensor<2x1x7x8xf32>, tensor<2x1x7x4xf32>
// CHECK-NOT:     linalg.softmax
func.func @of_each_batch(%q: tensor<2x5x8xf32>, %k: tensor<2x7x8xf32>, %p: tensor<2x5x6xf32>, %l: tensor<2x7x6xf32>, %v: tensor<2x7x4xf32>) -> tensor<2x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %a = linalg.contract indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<2x5x8xf32>, tensor<2x7x8xf32>) outs(%z : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %b = linalg.contract indexing_maps = [#q, #k, #x] ins(%p, %l : tensor<2x5x6xf32>, tensor<2x7x6xf32>) outs(%z : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %s = linalg.add ins(%a, %b : tensor<2x5x7xf32>, tensor<2x5x7xf32>) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<2x5x7xf32>) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %o = tensor.empty() : tensor<2x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<2x5x7xf32>, tensor<2x7x4xf32>) outs(%oz : tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  return %out : tensor<2x5x4xf32>
}

// A key for each pair of positions (Transformer-XL) is no key.
// CHECK-LABEL: func @negative_relative_positions
// CHECK-NOT:     rope.attention
// CHECK:         linalg.softmax
// CHECK-NOT:     rope.attention
func.func @negative_relative_positions(%q: tensor<2x5x8xf32>, %k: tensor<2x7x8xf32>, %p: tensor<2x5x6xf32>, %l: tensor<5x7x6xf32>, %v: tensor<2x7x4xf32>) -> tensor<2x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %a = linalg.contract indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<2x5x8xf32>, tensor<2x7x8xf32>) outs(%z : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %b = linalg.contract indexing_maps = [#q, #far, #x] ins(%p, %l : tensor<2x5x6xf32>, tensor<5x7x6xf32>) outs(%z : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %s = linalg.add ins(%a, %b : tensor<2x5x7xf32>, tensor<2x5x7xf32>) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<2x5x7xf32>) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %o = tensor.empty() : tensor<2x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<2x5x7xf32>, tensor<2x7x4xf32>) outs(%oz : tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  return %out : tensor<2x5x4xf32>
}

// CHECK-LABEL: func @negative_three_products
// CHECK-NOT:     rope.attention
// CHECK:         linalg.softmax
// CHECK-NOT:     rope.attention
func.func @negative_three_products(%q: tensor<2x5x8xf32>, %k: tensor<2x7x8xf32>, %p: tensor<2x5x6xf32>, %l: tensor<7x6xf32>, %v: tensor<2x7x4xf32>) -> tensor<2x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %a = linalg.contract indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<2x5x8xf32>, tensor<2x7x8xf32>) outs(%z : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %b = linalg.contract indexing_maps = [#q, #one, #x] ins(%p, %l : tensor<2x5x6xf32>, tensor<7x6xf32>) outs(%a : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %s = linalg.contract indexing_maps = [#q, #one, #x] ins(%p, %l : tensor<2x5x6xf32>, tensor<7x6xf32>) outs(%b : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<2x5x7xf32>) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %o = tensor.empty() : tensor<2x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<2x5x7xf32>, tensor<2x7x4xf32>) outs(%oz : tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  return %out : tensor<2x5x4xf32>
}

// CHECK-LABEL: func @negative_scaled_differently
// CHECK-NOT:     rope.attention
// CHECK:         linalg.softmax
// CHECK-NOT:     rope.attention
func.func @negative_scaled_differently(%q: tensor<2x5x8xf32>, %k: tensor<2x7x8xf32>, %p: tensor<2x5x6xf32>, %l: tensor<7x6xf32>, %v: tensor<2x7x4xf32>) -> tensor<2x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %a = linalg.contract indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<2x5x8xf32>, tensor<2x7x8xf32>) outs(%z : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %b = linalg.contract indexing_maps = [#q, #one, #x] ins(%p, %l : tensor<2x5x6xf32>, tensor<7x6xf32>) outs(%z : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %c = arith.constant 0.5 : f32
  %h = linalg.fill ins(%c : f32) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %m = linalg.mul ins(%b, %h : tensor<2x5x7xf32>, tensor<2x5x7xf32>) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %s = linalg.add ins(%a, %m : tensor<2x5x7xf32>, tensor<2x5x7xf32>) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<2x5x7xf32>) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %o = tensor.empty() : tensor<2x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<2x5x7xf32>, tensor<2x7x4xf32>) outs(%oz : tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  return %out : tensor<2x5x4xf32>
}

// CHECK-LABEL: func @negative_product_of_products
// CHECK-NOT:     rope.attention
// CHECK:         linalg.softmax
// CHECK-NOT:     rope.attention
func.func @negative_product_of_products(%q: tensor<2x5x8xf32>, %k: tensor<2x7x8xf32>, %p: tensor<2x5x6xf32>, %l: tensor<7x6xf32>, %v: tensor<2x7x4xf32>) -> tensor<2x5x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %a = linalg.contract indexing_maps = [#q, #k, #x] ins(%q, %k : tensor<2x5x8xf32>, tensor<2x7x8xf32>) outs(%z : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %b = linalg.contract indexing_maps = [#q, #one, #x] ins(%p, %l : tensor<2x5x6xf32>, tensor<7x6xf32>) outs(%z : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %s = linalg.mul ins(%a, %b : tensor<2x5x7xf32>, tensor<2x5x7xf32>) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %w = linalg.softmax dimension(2) ins(%s : tensor<2x5x7xf32>) outs(%e : tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %o = tensor.empty() : tensor<2x5x4xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  %out = linalg.batch_matmul ins(%w, %v : tensor<2x5x7xf32>, tensor<2x7x4xf32>) outs(%oz : tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  return %out : tensor<2x5x4xf32>
}
