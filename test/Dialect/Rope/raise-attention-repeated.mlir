// RUN: rope-opt %s --rope-raise | FileCheck %s
// RUN: rope-opt %s --rope-raise --rope-optimize | FileCheck %s --check-prefix=FOLDED
// Heads of keys that are repeated are one head of an attention, whether they are repeated
// before they are rotated or after it.

#q = affine_map<(b, h, i, r, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, r, d) -> (b, h, r, d)>
#x = affine_map<(b, h, i, r, d) -> (b, h, i, r)>
#w = affine_map<(b, h, i, e, r) -> (b, h, i, r)>
#v = affine_map<(b, h, i, e, r) -> (b, h, r, e)>
#o = affine_map<(b, h, i, e, r) -> (b, h, i, e)>

// CHECK-LABEL: func @repeated_first
// CHECK:         %[[K:.*]] = rope.rotate %arg1 by %arg3, %arg4 along [2] : tensor<2x2x5x8xf32>
// CHECK:         rope.attention %{{.*}}, %[[K]], %arg2 {{.*}} : tensor<2x4x5x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>
// FOLDED-LABEL: func @repeated_first
// FOLDED-NEXT:    rope.attention %arg0, %arg1, %arg2 scale 1.000000e+00 rotate_query(%arg3, %arg4 : tensor<5x4xf32>) rotate_key(%arg3, %arg4 : tensor<5x4xf32>) :
func.func @repeated_first(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> tensor<2x4x5x8xf32> {
  %rk_r_e = tensor.empty() : tensor<2x2x2x5x8xf32>
  %rk_r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3, d4)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%k : tensor<2x2x5x8xf32>) outs(%rk_r_e : tensor<2x2x2x5x8xf32>) {
  ^bb0(%in: f32, %other: f32):
    linalg.yield %in : f32
  } -> tensor<2x2x2x5x8xf32>
  %rk = tensor.collapse_shape %rk_r [[0], [1, 2], [3], [4]] : tensor<2x2x2x5x8xf32> into tensor<2x4x5x8xf32>
  %rv_r_e = tensor.empty() : tensor<2x2x2x5x8xf32>
  %rv_r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3, d4)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%v : tensor<2x2x5x8xf32>) outs(%rv_r_e : tensor<2x2x2x5x8xf32>) {
  ^bb0(%in: f32, %other: f32):
    linalg.yield %in : f32
  } -> tensor<2x2x2x5x8xf32>
  %rv = tensor.collapse_shape %rv_r [[0], [1, 2], [3], [4]] : tensor<2x2x2x5x8xf32> into tensor<2x4x5x8xf32>
  %yq = rope.rotate %q by %c, %s along [2] : tensor<2x4x5x8xf32>, tensor<5x4xf32>
  %yk = rope.rotate %rk by %c, %s along [2] : tensor<2x4x5x8xf32>, tensor<5x4xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %x = linalg.contract indexing_maps = [#q, #k, #x] ins(%yq, %yk : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>) outs(%z : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %w = linalg.softmax dimension(3) ins(%x : tensor<2x4x5x5xf32>) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %o = tensor.empty() : tensor<2x4x5x8xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %out = linalg.contract indexing_maps = [#w, #v, #o] ins(%w, %rv : tensor<2x4x5x5xf32>, tensor<2x4x5x8xf32>) outs(%oz : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return %out : tensor<2x4x5x8xf32>
}

// CHECK-LABEL: func @gathered_first
// CHECK:         %[[K:.*]] = rope.rotate %arg1
// CHECK:         rope.attention %{{.*}}, %[[K]], %arg2
// FOLDED-LABEL: func @gathered_first
// FOLDED-NEXT:    rope.attention %arg0, %arg1, %arg2 scale 1.000000e+00 rotate_query(%arg3, %arg4 : tensor<5x4xf32>) rotate_key(%arg3, %arg4 : tensor<5x4xf32>) :
func.func @gathered_first(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> tensor<2x4x5x8xf32> {
  %rk_e = tensor.empty() : tensor<2x4x5x8xf32>
  %rk = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%rk_e : tensor<2x4x5x8xf32>) {
  ^bb0(%other: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %r = linalg.index 2 : index
    %d = linalg.index 3 : index
    %two = arith.constant 2 : index
    %g = arith.divui %h, %two : index
    %y = tensor.extract %k[%b, %g, %r, %d] : tensor<2x2x5x8xf32>
    linalg.yield %y : f32
  } -> tensor<2x4x5x8xf32>
  %rv_r_e = tensor.empty() : tensor<2x2x2x5x8xf32>
  %rv_r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3, d4)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%v : tensor<2x2x5x8xf32>) outs(%rv_r_e : tensor<2x2x2x5x8xf32>) {
  ^bb0(%in: f32, %other: f32):
    linalg.yield %in : f32
  } -> tensor<2x2x2x5x8xf32>
  %rv = tensor.collapse_shape %rv_r [[0], [1, 2], [3], [4]] : tensor<2x2x2x5x8xf32> into tensor<2x4x5x8xf32>
  %yq = rope.rotate %q by %c, %s along [2] : tensor<2x4x5x8xf32>, tensor<5x4xf32>
  %yk = rope.rotate %rk by %c, %s along [2] : tensor<2x4x5x8xf32>, tensor<5x4xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %x = linalg.contract indexing_maps = [#q, #k, #x] ins(%yq, %yk : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>) outs(%z : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %w = linalg.softmax dimension(3) ins(%x : tensor<2x4x5x5xf32>) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %o = tensor.empty() : tensor<2x4x5x8xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %out = linalg.contract indexing_maps = [#w, #v, #o] ins(%w, %rv : tensor<2x4x5x5xf32>, tensor<2x4x5x8xf32>) outs(%oz : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return %out : tensor<2x4x5x8xf32>
}

// CHECK-LABEL: func @gathered_later
// CHECK:         %[[K:.*]] = rope.rotate %arg1
// CHECK:         rope.attention %{{.*}}, %[[K]], %arg2
// FOLDED-LABEL: func @gathered_later
// FOLDED-NEXT:    rope.attention %arg0, %arg1, %arg2 scale 1.000000e+00 rotate_query(%arg3, %arg4 : tensor<5x4xf32>) rotate_key(%arg3, %arg4 : tensor<5x4xf32>) :
func.func @gathered_later(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> tensor<2x4x5x8xf32> {
  %yq = rope.rotate %q by %c, %s along [2] : tensor<2x4x5x8xf32>, tensor<5x4xf32>
  %yk = rope.rotate %k by %c, %s along [2] : tensor<2x2x5x8xf32>, tensor<5x4xf32>
  %rk_e = tensor.empty() : tensor<2x4x5x8xf32>
  %rk = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%rk_e : tensor<2x4x5x8xf32>) {
  ^bb0(%other: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %r = linalg.index 2 : index
    %d = linalg.index 3 : index
    %two = arith.constant 2 : index
    %g = arith.divui %h, %two : index
    %y = tensor.extract %yk[%b, %g, %r, %d] : tensor<2x2x5x8xf32>
    linalg.yield %y : f32
  } -> tensor<2x4x5x8xf32>
  %rv_e = tensor.empty() : tensor<2x4x5x8xf32>
  %rv = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%rv_e : tensor<2x4x5x8xf32>) {
  ^bb0(%other: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %r = linalg.index 2 : index
    %d = linalg.index 3 : index
    %two = arith.constant 2 : index
    %g = arith.divui %h, %two : index
    %y = tensor.extract %v[%b, %g, %r, %d] : tensor<2x2x5x8xf32>
    linalg.yield %y : f32
  } -> tensor<2x4x5x8xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %x = linalg.contract indexing_maps = [#q, #k, #x] ins(%yq, %rk : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>) outs(%z : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %w = linalg.softmax dimension(3) ins(%x : tensor<2x4x5x5xf32>) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %o = tensor.empty() : tensor<2x4x5x8xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %out = linalg.contract indexing_maps = [#w, #v, #o] ins(%w, %rv : tensor<2x4x5x5xf32>, tensor<2x4x5x8xf32>) outs(%oz : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return %out : tensor<2x4x5x8xf32>
}

// What else reads the rotated heads needs all of them: they are not rotated a second time.
// CHECK-LABEL: func @negative_repeated_for_others
// CHECK:         %[[K:.*]] = rope.rotate %{{.*}} : tensor<2x4x5x8xf32>
// CHECK-COUNT-1: rope.rotate
// CHECK:         rope.attention
// CHECK-NOT:     rope.rotate
func.func @negative_repeated_for_others(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> (tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>) {
  %rk_r_e = tensor.empty() : tensor<2x2x2x5x8xf32>
  %rk_r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3, d4)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%k : tensor<2x2x5x8xf32>) outs(%rk_r_e : tensor<2x2x2x5x8xf32>) {
  ^bb0(%in: f32, %other: f32):
    linalg.yield %in : f32
  } -> tensor<2x2x2x5x8xf32>
  %rk = tensor.collapse_shape %rk_r [[0], [1, 2], [3], [4]] : tensor<2x2x2x5x8xf32> into tensor<2x4x5x8xf32>
  %rv_r_e = tensor.empty() : tensor<2x2x2x5x8xf32>
  %rv_r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3, d4)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%v : tensor<2x2x5x8xf32>) outs(%rv_r_e : tensor<2x2x2x5x8xf32>) {
  ^bb0(%in: f32, %other: f32):
    linalg.yield %in : f32
  } -> tensor<2x2x2x5x8xf32>
  %rv = tensor.collapse_shape %rv_r [[0], [1, 2], [3], [4]] : tensor<2x2x2x5x8xf32> into tensor<2x4x5x8xf32>
  %yk = rope.rotate %rk by %c, %s along [2] : tensor<2x4x5x8xf32>, tensor<5x4xf32>
  %yq = rope.rotate %q by %c, %s along [2] : tensor<2x4x5x8xf32>, tensor<5x4xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %x = linalg.contract indexing_maps = [#q, #k, #x] ins(%yq, %yk : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>) outs(%z : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %w = linalg.softmax dimension(3) ins(%x : tensor<2x4x5x5xf32>) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %o = tensor.empty() : tensor<2x4x5x8xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %out = linalg.contract indexing_maps = [#w, #v, #o] ins(%w, %rv : tensor<2x4x5x5xf32>, tensor<2x4x5x8xf32>) outs(%oz : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return %out, %yk : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
}

// The tables of each head.
// CHECK-LABEL: func @negative_angles_of_heads
// CHECK:         rope.rotate %{{.*}} along [1, 2] : tensor<2x4x5x8xf32>
// CHECK:         rope.attention
func.func @negative_angles_of_heads(%q: tensor<2x4x5x8xf32>, %k: tensor<2x2x5x8xf32>, %v: tensor<2x2x5x8xf32>, %c: tensor<4x5x4xf32>) -> tensor<2x4x5x8xf32> {
  %rk_r_e = tensor.empty() : tensor<2x2x2x5x8xf32>
  %rk_r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3, d4)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%k : tensor<2x2x5x8xf32>) outs(%rk_r_e : tensor<2x2x2x5x8xf32>) {
  ^bb0(%in: f32, %other: f32):
    linalg.yield %in : f32
  } -> tensor<2x2x2x5x8xf32>
  %rk = tensor.collapse_shape %rk_r [[0], [1, 2], [3], [4]] : tensor<2x2x2x5x8xf32> into tensor<2x4x5x8xf32>
  %rv_r_e = tensor.empty() : tensor<2x2x2x5x8xf32>
  %rv_r = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3, d4)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%v : tensor<2x2x5x8xf32>) outs(%rv_r_e : tensor<2x2x2x5x8xf32>) {
  ^bb0(%in: f32, %other: f32):
    linalg.yield %in : f32
  } -> tensor<2x2x2x5x8xf32>
  %rv = tensor.collapse_shape %rv_r [[0], [1, 2], [3], [4]] : tensor<2x2x2x5x8xf32> into tensor<2x4x5x8xf32>
  %yk = rope.rotate %rk by %c, %c along [1, 2] : tensor<2x4x5x8xf32>, tensor<4x5x4xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %x = linalg.contract indexing_maps = [#q, #k, #x] ins(%q, %yk : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>) outs(%z : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %w = linalg.softmax dimension(3) ins(%x : tensor<2x4x5x5xf32>) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %o = tensor.empty() : tensor<2x4x5x8xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %out = linalg.contract indexing_maps = [#w, #v, #o] ins(%w, %rv : tensor<2x4x5x5xf32>, tensor<2x4x5x8xf32>) outs(%oz : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return %out : tensor<2x4x5x8xf32>
}
