// RUN: rope-opt %s --rope-raise | FileCheck %s
// RUN: rope-opt %s --rope-raise --rope-optimize | FileCheck %s --check-prefix=FOLDED
// Multi-head latent attention: rotary lanes of the keys that all heads share are the tail of
// the keys, wherever they are repeated, rotated and put beside the others.

#q = affine_map<(b, h, i, r, d) -> (b, h, i, d)>
#k = affine_map<(b, h, i, r, d) -> (b, h, r, d)>
#x = affine_map<(b, h, i, r, d) -> (b, h, i, r)>
#w = affine_map<(b, h, i, e, r) -> (b, h, i, r)>
#v = affine_map<(b, h, i, e, r) -> (b, h, r, e)>
#o = affine_map<(b, h, i, e, r) -> (b, h, i, e)>

// CHECK-LABEL: func @rotated_and_shared
// CHECK:         %[[T:.*]] = rope.rotate %arg2 by %arg4, %arg5 along [2] : tensor<2x1x5x8xf32>
// CHECK:         rope.attention %{{.*}}, %arg1, %arg3 scale 1.000000e+00 key_tail(%[[T]] : tensor<2x1x5x8xf32>) : tensor<2x4x5x14xf32>, tensor<2x4x5x6xf32>
// FOLDED-LABEL: func @rotated_and_shared
// FOLDED-NEXT:    rope.attention %arg0, %arg1, %arg3 scale 1.000000e+00 key_tail(%arg2 : tensor<2x1x5x8xf32>) rotate_query(%arg4, %arg5 offset 6 : tensor<5x4xf32>) rotate_key(%arg4, %arg5 offset 6 rotary_dim 8 : tensor<5x4xf32>) :
func.func @rotated_and_shared(%q: tensor<2x4x5x14xf32>, %k: tensor<2x4x5x6xf32>, %t: tensor<2x1x5x8xf32>, %v: tensor<2x4x5x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> tensor<2x4x5x8xf32> {
  %yq = rope.rotate %q by %c, %s along [2] offset 6 : tensor<2x4x5x14xf32>, tensor<5x4xf32>
  %yt = rope.rotate %t by %c, %s along [2] : tensor<2x1x5x8xf32>, tensor<5x4xf32>
  %st_e = tensor.empty() : tensor<2x4x5x8xf32>
  %st = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, 0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%yt : tensor<2x1x5x8xf32>) outs(%st_e : tensor<2x4x5x8xf32>) {
  ^bb0(%in: f32, %other: f32):
    linalg.yield %in : f32
  } -> tensor<2x4x5x8xf32>
  %yk = tensor.concat dim(3) %k, %st : (tensor<2x4x5x6xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x14xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %x = linalg.contract indexing_maps = [#q, #k, #x] ins(%yq, %yk : tensor<2x4x5x14xf32>, tensor<2x4x5x14xf32>) outs(%z : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %w = linalg.softmax dimension(3) ins(%x : tensor<2x4x5x5xf32>) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %o = tensor.empty() : tensor<2x4x5x8xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %out = linalg.contract indexing_maps = [#w, #v, #o] ins(%w, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x8xf32>) outs(%oz : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return %out : tensor<2x4x5x8xf32>
}

// CHECK-LABEL: func @shared_and_rotated
// CHECK:         rope.attention %{{.*}}, %arg1, %arg3 {{.*}} key_tail(
// FOLDED-LABEL: func @shared_and_rotated
// FOLDED-NEXT:    rope.attention %arg0, %arg1, %arg3 scale 1.000000e+00 key_tail(%arg2 : tensor<2x1x5x8xf32>) rotate_query(%arg4, %arg5 offset 6 : tensor<5x4xf32>) rotate_key(%arg4, %arg5 offset 6 rotary_dim 8 : tensor<5x4xf32>) :
func.func @shared_and_rotated(%q: tensor<2x4x5x14xf32>, %k: tensor<2x4x5x6xf32>, %t: tensor<2x1x5x8xf32>, %v: tensor<2x4x5x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> tensor<2x4x5x8xf32> {
  %yq = rope.rotate %q by %c, %s along [2] offset 6 : tensor<2x4x5x14xf32>, tensor<5x4xf32>
  %st_e = tensor.empty() : tensor<2x4x5x8xf32>
  %st = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, 0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%t : tensor<2x1x5x8xf32>) outs(%st_e : tensor<2x4x5x8xf32>) {
  ^bb0(%in: f32, %other: f32):
    linalg.yield %in : f32
  } -> tensor<2x4x5x8xf32>
  %yt = rope.rotate %st by %c, %s along [2] : tensor<2x4x5x8xf32>, tensor<5x4xf32>
  %yk = tensor.concat dim(3) %k, %yt : (tensor<2x4x5x6xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x14xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %x = linalg.contract indexing_maps = [#q, #k, #x] ins(%yq, %yk : tensor<2x4x5x14xf32>, tensor<2x4x5x14xf32>) outs(%z : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %w = linalg.softmax dimension(3) ins(%x : tensor<2x4x5x5xf32>) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %o = tensor.empty() : tensor<2x4x5x8xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %out = linalg.contract indexing_maps = [#w, #v, #o] ins(%w, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x8xf32>) outs(%oz : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return %out : tensor<2x4x5x8xf32>
}

// The other way round lanes of the queries change places.
// CHECK-LABEL: func @shared_lanes_first
// CHECK-DAG:     %[[A:.*]] = tensor.extract_slice %arg0[0, 0, 0, 8] [2, 4, 5, 6]
// CHECK-DAG:     %[[B:.*]] = tensor.extract_slice %arg0[0, 0, 0, 0] [2, 4, 5, 8]
// CHECK:         %[[Q:.*]] = tensor.concat dim(3) %[[A]], %[[B]]
// CHECK:         %[[R:.*]] = rope.rotate %[[Q]] by %arg4, %arg5 along [2] offset 6 :
// CHECK:         rope.attention %[[R]], %arg1, %arg3 {{.*}} key_tail(
// FOLDED-LABEL: func @shared_lanes_first
// FOLDED:         rope.attention %{{.*}}, %arg1, %arg3 scale 1.000000e+00 key_tail(%arg2 : tensor<2x1x5x8xf32>) rotate_query(%arg4, %arg5 offset 6 : tensor<5x4xf32>) rotate_key(%arg4, %arg5 offset 6 rotary_dim 8 : tensor<5x4xf32>) :
func.func @shared_lanes_first(%q: tensor<2x4x5x14xf32>, %k: tensor<2x4x5x6xf32>, %t: tensor<2x1x5x8xf32>, %v: tensor<2x4x5x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> tensor<2x4x5x8xf32> {
  %yq = rope.rotate %q by %c, %s along [2] rotary_dim 8 : tensor<2x4x5x14xf32>, tensor<5x4xf32>
  %yt = rope.rotate %t by %c, %s along [2] : tensor<2x1x5x8xf32>, tensor<5x4xf32>
  %st_e = tensor.empty() : tensor<2x4x5x8xf32>
  %st = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, 0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%yt : tensor<2x1x5x8xf32>) outs(%st_e : tensor<2x4x5x8xf32>) {
  ^bb0(%in: f32, %other: f32):
    linalg.yield %in : f32
  } -> tensor<2x4x5x8xf32>
  %yk = tensor.concat dim(3) %st, %k : (tensor<2x4x5x8xf32>, tensor<2x4x5x6xf32>) -> tensor<2x4x5x14xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %x = linalg.contract indexing_maps = [#q, #k, #x] ins(%yq, %yk : tensor<2x4x5x14xf32>, tensor<2x4x5x14xf32>) outs(%z : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %w = linalg.softmax dimension(3) ins(%x : tensor<2x4x5x5xf32>) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %o = tensor.empty() : tensor<2x4x5x8xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %out = linalg.contract indexing_maps = [#w, #v, #o] ins(%w, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x8xf32>) outs(%oz : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return %out : tensor<2x4x5x8xf32>
}

// CHECK-LABEL: func @negative_lanes_of_each_head
// CHECK-NOT:     key_tail
// CHECK:         rope.attention {{.*}} : tensor<2x4x5x14xf32>, tensor<2x4x5x14xf32>
// CHECK-NOT:     key_tail
func.func @negative_lanes_of_each_head(%q: tensor<2x4x5x14xf32>, %k: tensor<2x4x5x6xf32>, %t: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32> {
  %yk = tensor.concat dim(3) %k, %t : (tensor<2x4x5x6xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x14xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %x = linalg.contract indexing_maps = [#q, #k, #x] ins(%q, %yk : tensor<2x4x5x14xf32>, tensor<2x4x5x14xf32>) outs(%z : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %w = linalg.softmax dimension(3) ins(%x : tensor<2x4x5x5xf32>) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %o = tensor.empty() : tensor<2x4x5x8xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %out = linalg.contract indexing_maps = [#w, #v, #o] ins(%w, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x8xf32>) outs(%oz : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return %out : tensor<2x4x5x8xf32>
}

// A cache of whole keys is there in any case: it is read as it is.
// CHECK-LABEL: func @negative_cached
// CHECK:         %[[K:.*]] = tensor.concat
// CHECK:         rope.attention %{{.*}}, %[[K]], %arg3 {{.*}} : tensor<2x4x5x14xf32>, tensor<2x4x5x14xf32>
// CHECK-NOT:     key_tail
func.func @negative_cached(%q: tensor<2x4x5x14xf32>, %k: tensor<2x4x5x6xf32>, %t: tensor<2x1x5x8xf32>, %v: tensor<2x4x5x8xf32>, %c: tensor<5x4xf32>, %s: tensor<5x4xf32>) -> (tensor<2x4x5x8xf32>, tensor<2x4x5x14xf32>) {
  %st_e = tensor.empty() : tensor<2x4x5x8xf32>
  %st = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, 0, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%t : tensor<2x1x5x8xf32>) outs(%st_e : tensor<2x4x5x8xf32>) {
  ^bb0(%in: f32, %other: f32):
    linalg.yield %in : f32
  } -> tensor<2x4x5x8xf32>
  %yk = tensor.concat dim(3) %k, %st : (tensor<2x4x5x6xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x14xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %x = linalg.contract indexing_maps = [#q, #k, #x] ins(%q, %yk : tensor<2x4x5x14xf32>, tensor<2x4x5x14xf32>) outs(%z : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %w = linalg.softmax dimension(3) ins(%x : tensor<2x4x5x5xf32>) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %o = tensor.empty() : tensor<2x4x5x8xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %out = linalg.contract indexing_maps = [#w, #v, #o] ins(%w, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x8xf32>) outs(%oz : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return %out, %yk : tensor<2x4x5x8xf32>, tensor<2x4x5x14xf32>
}

// Lanes that are zero in every key: heads share them, but no tensor holds them alone.
// CHECK-LABEL: func @negative_constant_lanes
// CHECK:         rope.attention
// CHECK-NOT:     key_tail
// CHECK:         return
func.func @negative_constant_lanes(%q: tensor<2x4x5x14xf32>, %k: tensor<2x4x5x6xf32>, %v: tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32> {
  %none = arith.constant dense<0.0> : tensor<2x4x5x8xf32>
  %yk = tensor.concat dim(3) %k, %none : (tensor<2x4x5x6xf32>, tensor<2x4x5x8xf32>) -> tensor<2x4x5x14xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4x5x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %x = linalg.contract indexing_maps = [#q, #k, #x] ins(%q, %yk : tensor<2x4x5x14xf32>, tensor<2x4x5x14xf32>) outs(%z : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %w = linalg.softmax dimension(3) ins(%x : tensor<2x4x5x5xf32>) outs(%e : tensor<2x4x5x5xf32>) -> tensor<2x4x5x5xf32>
  %o = tensor.empty() : tensor<2x4x5x8xf32>
  %oz = linalg.fill ins(%zero : f32) outs(%o : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %out = linalg.contract indexing_maps = [#w, #v, #o] ins(%w, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x8xf32>) outs(%oz : tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  return %out : tensor<2x4x5x8xf32>
}
