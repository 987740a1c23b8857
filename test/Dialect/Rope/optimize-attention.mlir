// RUN: rope-opt %s --rope-optimize --verify-each | FileCheck %s

// CHECK-LABEL: func @query_and_key
// CHECK-NEXT:    rope.attention %arg0, %arg1, %arg2 causal rotate_query(%arg3, %arg4 : tensor<?x4xf32>) rotate_key(%arg3, %arg4 inverse : tensor<?x4xf32>) :
func.func @query_and_key(%q: tensor<1x4x?x8xf32>, %k: tensor<1x2x?x8xf32>, %v: tensor<1x2x?x8xf32>, %c: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<1x4x?x8xf32> {
  %0 = rope.rotate %q by %c, %s along [2] : tensor<1x4x?x8xf32>, tensor<?x4xf32>
  %1 = rope.rotate %k by %c, %s along [2] inverse : tensor<1x2x?x8xf32>, tensor<?x4xf32>
  %out = rope.attention %0, %1, %v causal : tensor<1x4x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>
  return %out : tensor<1x4x?x8xf32>
}

// Positions of each batch, sequence before heads, part of the lanes.
// CHECK-LABEL: func @value_and_output
// CHECK-NEXT:    %[[OUT:.*]] = rope.attention %arg0, %arg1, %arg2 layout<bshd>
// CHECK-SAME:      rotate_value(%arg3, %arg4 pairing<interleaved> offset 4 : tensor<2x3x2xf32>)
// CHECK-SAME:      rotate_output(%arg3, %arg4 pairing<interleaved> offset 4 inverse : tensor<2x3x2xf32>)
// CHECK-NEXT:    return %[[OUT]]
func.func @value_and_output(%q: tensor<2x3x4x8xf32>, %k: tensor<2x3x4x8xf32>, %v: tensor<2x3x4x8xf32>, %c: tensor<2x3x2xf32>, %s: tensor<2x3x2xf32>) -> tensor<2x3x4x8xf32> {
  %0 = rope.rotate %v by %c, %s along [0, 1] pairing<interleaved> offset 4 : tensor<2x3x4x8xf32>, tensor<2x3x2xf32>
  %out = rope.attention %q, %k, %0 layout<bshd> : tensor<2x3x4x8xf32>, tensor<2x3x4x8xf32>, tensor<2x3x4x8xf32>
  %1 = rope.rotate %out by %c, %s along [0, 1] pairing<interleaved> offset 4 inverse : tensor<2x3x4x8xf32>, tensor<2x3x2xf32>
  return %1 : tensor<2x3x4x8xf32>
}

// The rotated keys go to the cache, too.
// CHECK-LABEL: func @negative_cached_key
// CHECK:         %[[K:.*]] = rope.rotate
// CHECK:         rope.attention %{{.*}}, %[[K]], %{{.*}} : tensor
func.func @negative_cached_key(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x3x8xf32>, %v: tensor<1x2x3x8xf32>, %c: tensor<3x4xf32>, %s: tensor<3x4xf32>) -> (tensor<1x4x3x8xf32>, tensor<1x2x3x8xf32>) {
  %1 = rope.rotate %k by %c, %s along [2] : tensor<1x2x3x8xf32>, tensor<3x4xf32>
  %out = rope.attention %q, %1, %v : tensor<1x4x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>
  return %out, %1 : tensor<1x4x3x8xf32>, tensor<1x2x3x8xf32>
}

// Angles of heads, and lanes that move.
// CHECK-LABEL: func @negative_tables_and_lanes
// CHECK-COUNT-2: rope.rotate
// CHECK-NOT:     rotate_
func.func @negative_tables_and_lanes(%q: tensor<1x2x3x8xf32>, %k: tensor<1x2x3x8xf32>, %v: tensor<1x2x3x8xf32>, %h: tensor<2x4xf32>, %c: tensor<3x4xf32>) -> tensor<1x2x3x8xf32> {
  %0 = rope.rotate %q by %h, %h along [1] : tensor<1x2x3x8xf32>, tensor<2x4xf32>
  %1 = rope.rotate %k by %c, %c along [2] result_pairing<interleaved> : tensor<1x2x3x8xf32>, tensor<3x4xf32>
  %out = rope.attention %0, %1, %v : tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>
  return %out : tensor<1x2x3x8xf32>
}

// Rotated once already.
// CHECK-LABEL: func @negative_rotated_twice
// CHECK:         rope.rotate
// CHECK:         rotate_query(%arg4, %arg3
func.func @negative_rotated_twice(%q: tensor<1x2x3x8xf32>, %k: tensor<1x2x3x8xf32>, %v: tensor<1x2x3x8xf32>, %c: tensor<3x4xf32>, %s: tensor<3x4xf32>) -> tensor<1x2x3x8xf32> {
  %0 = rope.rotate %q by %c, %s along [2] : tensor<1x2x3x8xf32>, tensor<3x4xf32>
  %out = rope.attention %0, %k, %v rotate_query(%s, %c : tensor<3x4xf32>) : tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>
  return %out : tensor<1x2x3x8xf32>
}

// Lanes of the attribute are those of key and tail.
// CHECK-LABEL: func @key_before_a_tail
// CHECK-NEXT:    rope.attention %arg0, %arg1, %arg2 key_tail(%arg3 : tensor<1x1x3x4xf32>) rotate_key(%arg4, %arg5 rotary_dim 8 : tensor<3x4xf32>) :
func.func @key_before_a_tail(%q: tensor<1x2x3x12xf32>, %k: tensor<1x2x3x8xf32>, %v: tensor<1x2x3x8xf32>, %t: tensor<1x1x3x4xf32>, %c: tensor<3x4xf32>, %s: tensor<3x4xf32>) -> tensor<1x2x3x8xf32> {
  %0 = rope.rotate %k by %c, %s along [2] : tensor<1x2x3x8xf32>, tensor<3x4xf32>
  %out = rope.attention %q, %0, %v key_tail(%t : tensor<1x1x3x4xf32>) : tensor<1x2x3x12xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>
  return %out : tensor<1x2x3x8xf32>
}

// CHECK-LABEL: func @tail
// CHECK-NEXT:    rope.attention %arg0, %arg1, %arg2 key_tail(%arg3 : tensor<1x1x3x6xf32>) rotate_key(%arg4, %arg5 pairing<interleaved> offset 10 rotary_dim 4 : tensor<3x2xf32>) :
func.func @tail(%q: tensor<1x2x3x14xf32>, %k: tensor<1x2x3x8xf32>, %v: tensor<1x2x3x8xf32>, %t: tensor<1x1x3x6xf32>, %c: tensor<3x2xf32>, %s: tensor<3x2xf32>) -> tensor<1x2x3x8xf32> {
  %0 = rope.rotate %t by %c, %s along [2] pairing<interleaved> offset 2 : tensor<1x1x3x6xf32>, tensor<3x2xf32>
  %out = rope.attention %q, %k, %v key_tail(%0 : tensor<1x1x3x6xf32>) : tensor<1x2x3x14xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>
  return %out : tensor<1x2x3x8xf32>
}

// A key has one rotation.
// CHECK-LABEL: func @negative_key_and_tail
// CHECK-COUNT-1: rope.rotate
// CHECK:         rope.attention {{.*}} rotate_key(
func.func @negative_key_and_tail(%q: tensor<1x2x3x12xf32>, %k: tensor<1x2x3x8xf32>, %v: tensor<1x2x3x8xf32>, %t: tensor<1x1x3x4xf32>, %c: tensor<3x4xf32>, %s: tensor<3x4xf32>, %d: tensor<3x2xf32>) -> tensor<1x2x3x8xf32> {
  %0 = rope.rotate %k by %c, %s along [2] : tensor<1x2x3x8xf32>, tensor<3x4xf32>
  %1 = rope.rotate %t by %d, %d along [2] : tensor<1x1x3x4xf32>, tensor<3x2xf32>
  %out = rope.attention %q, %0, %v key_tail(%1 : tensor<1x1x3x4xf32>) : tensor<1x2x3x12xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>
  return %out : tensor<1x2x3x8xf32>
}

// CHECK-LABEL: func @negative_cached_tail
// CHECK:         %[[T:.*]] = rope.rotate
// CHECK:         rope.attention {{.*}} key_tail(%[[T]] : tensor<1x1x3x4xf32>) :
func.func @negative_cached_tail(%q: tensor<1x2x3x12xf32>, %k: tensor<1x2x3x8xf32>, %v: tensor<1x2x3x8xf32>, %t: tensor<1x1x3x4xf32>, %d: tensor<3x2xf32>) -> (tensor<1x2x3x8xf32>, tensor<1x1x3x4xf32>) {
  %1 = rope.rotate %t by %d, %d along [2] : tensor<1x1x3x4xf32>, tensor<3x2xf32>
  %out = rope.attention %q, %k, %v key_tail(%1 : tensor<1x1x3x4xf32>) : tensor<1x2x3x12xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>
  return %out, %1 : tensor<1x2x3x8xf32>, tensor<1x1x3x4xf32>
}
