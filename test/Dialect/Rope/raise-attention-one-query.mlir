// RUN: rope-opt %s --rope-raise --rope-optimize | FileCheck %s
// A step of a decoder: the tables of a rotated query say that it is one row of each head. Without
// them the heads that share a key may as well be its rows.

#heads = affine_map<(b, h, g, r, d) -> (b, h, g, d)>
#key = affine_map<(b, h, g, r, d) -> (b, h, r, d)>
#scores = affine_map<(b, h, g, r, d) -> (b, h, g, r)>
#weights = affine_map<(b, h, g, e, r) -> (b, h, g, r)>
#value = affine_map<(b, h, g, e, r) -> (b, h, r, e)>
#out = affine_map<(b, h, g, e, r) -> (b, h, g, e)>

// CHECK-LABEL: func @rotated
// CHECK:         rope.attention %arg0, %arg1, %arg2 scale 1.000000e+00 rotate_query(%{{.*}}, %{{.*}} : tensor<2x1x4xf32>) : tensor<2x4x1x8xf32>, tensor<2x2x7x8xf32>, tensor<2x2x7x8xf32>
// CHECK-NOT:     rope.rotate
func.func @rotated(%q: tensor<2x4x1x8xf32>, %k: tensor<2x2x7x8xf32>, %v: tensor<2x2x7x8xf32>, %c: tensor<2x1x4xf32>, %s: tensor<2x1x4xf32>) -> tensor<2x2x2x8xf32> {
  %r = rope.rotate %q by %c, %s along [0, 2] : tensor<2x4x1x8xf32>, tensor<2x1x4xf32>
  %collapsed = tensor.collapse_shape %r [[0], [1], [2, 3]] : tensor<2x4x1x8xf32> into tensor<2x4x8xf32>
  %grouped = tensor.expand_shape %collapsed [[0], [1, 2], [3]] output_shape [2, 2, 2, 8] : tensor<2x4x8xf32> into tensor<2x2x2x8xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x2x2x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2x2x7xf32>) -> tensor<2x2x2x7xf32>
  %x = linalg.contract indexing_maps = [#heads, #key, #scores] ins(%grouped, %k : tensor<2x2x2x8xf32>, tensor<2x2x7x8xf32>) outs(%z : tensor<2x2x2x7xf32>) -> tensor<2x2x2x7xf32>
  %w = linalg.softmax dimension(3) ins(%x : tensor<2x2x2x7xf32>) outs(%e : tensor<2x2x2x7xf32>) -> tensor<2x2x2x7xf32>
  %o = tensor.empty() : tensor<2x2x2x8xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x2x2x8xf32>) -> tensor<2x2x2x8xf32>
  %out = linalg.contract indexing_maps = [#weights, #value, #out] ins(%w, %v : tensor<2x2x2x7xf32>, tensor<2x2x7x8xf32>) outs(%oz : tensor<2x2x2x8xf32>) -> tensor<2x2x2x8xf32>
  return %out : tensor<2x2x2x8xf32>
}

// CHECK-LABEL: func @negative_not_rotated
// CHECK:         rope.attention {{.*}} : tensor<2x2x2x8xf32>, tensor<2x2x7x8xf32>, tensor<2x2x7x8xf32>
func.func @negative_not_rotated(%q: tensor<2x4x1x8xf32>, %k: tensor<2x2x7x8xf32>, %v: tensor<2x2x7x8xf32>) -> tensor<2x2x2x8xf32> {
  %collapsed = tensor.collapse_shape %q [[0], [1], [2, 3]] : tensor<2x4x1x8xf32> into tensor<2x4x8xf32>
  %grouped = tensor.expand_shape %collapsed [[0], [1, 2], [3]] output_shape [2, 2, 2, 8] : tensor<2x4x8xf32> into tensor<2x2x2x8xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x2x2x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2x2x7xf32>) -> tensor<2x2x2x7xf32>
  %x = linalg.contract indexing_maps = [#heads, #key, #scores] ins(%grouped, %k : tensor<2x2x2x8xf32>, tensor<2x2x7x8xf32>) outs(%z : tensor<2x2x2x7xf32>) -> tensor<2x2x2x7xf32>
  %w = linalg.softmax dimension(3) ins(%x : tensor<2x2x2x7xf32>) outs(%e : tensor<2x2x2x7xf32>) -> tensor<2x2x2x7xf32>
  %o = tensor.empty() : tensor<2x2x2x8xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x2x2x8xf32>) -> tensor<2x2x2x8xf32>
  %out = linalg.contract indexing_maps = [#weights, #value, #out] ins(%w, %v : tensor<2x2x2x7xf32>, tensor<2x2x7x8xf32>) outs(%oz : tensor<2x2x2x8xf32>) -> tensor<2x2x2x8xf32>
  return %out : tensor<2x2x2x8xf32>
}
