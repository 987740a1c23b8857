// RUN: rope-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" --cse --canonicalize --verify-each | FileCheck %s

// Decoding updates the sums in place; the output is new.
// CHECK-LABEL: func @decode
// CHECK-SAME:    (%[[Q:.*]]: memref<?x4x1x8xf16>, %[[S:.*]]: memref<?x4x8x8xf32>, %[[N:.*]]: memref<?x4x8xf32>)
// CHECK:         %[[O:.*]] = memref.alloc(%{{.*}}) {{.*}} : memref<?x4x1x8xf16>
// CHECK-NOT:     memref.{{alloc|copy}}
// CHECK:         rope.linear_attention %[[Q]], %[[Q]], %[[Q]] into %[[O]], %[[S]], %[[N]] features<relu> causal normalize past(%[[S]], %[[N]] : {{.*}}) returning_state
// CHECK:         return %[[O]], %[[S]], %[[N]]
func.func @decode(%q: tensor<?x4x1x8xf16>, %s: tensor<?x4x8x8xf32> {bufferization.writable = true}, %n: tensor<?x4x8xf32> {bufferization.writable = true}) -> (tensor<?x4x1x8xf16>, tensor<?x4x8x8xf32>, tensor<?x4x8xf32>) {
  %r:3 = rope.linear_attention %q, %q, %q features<relu> causal normalize past(%s, %n : tensor<?x4x8x8xf32>, tensor<?x4x8xf32>) returning_state
    : tensor<?x4x1x8xf16>, tensor<?x4x1x8xf16>, tensor<?x4x1x8xf16>
  return %r#0, %r#1, %r#2 : tensor<?x4x1x8xf16>, tensor<?x4x8x8xf32>, tensor<?x4x8xf32>
}

// A past that is needed later is copied.
// CHECK-LABEL: func @negative_past_used_later
// CHECK-SAME:    (%[[Q:.*]]: memref<2x4x1x8xf32>, %[[S:.*]]: memref<2x4x8x8xf32>)
// CHECK:         %[[COPY:.*]] = memref.alloc() {{.*}} : memref<2x4x8x8xf32>
// CHECK:         memref.copy %[[S]], %[[COPY]]
// CHECK:         rope.linear_attention {{.*}} into %{{.*}}, %[[COPY]] past(%[[COPY]] :
func.func @negative_past_used_later(%q: tensor<2x4x1x8xf32>, %s: tensor<2x4x8x8xf32> {bufferization.writable = true}) -> (tensor<2x4x8x8xf32>, tensor<2x4x8x8xf32>) {
  %o, %s1 = rope.linear_attention %q, %q, %q past(%s : tensor<2x4x8x8xf32>) returning_state
    : tensor<2x4x1x8xf32>, tensor<2x4x1x8xf32>, tensor<2x4x1x8xf32>
  return %s, %s1 : tensor<2x4x8x8xf32>, tensor<2x4x8x8xf32>
}

// Sums that are not returned are only read.
// CHECK-LABEL: func @read_only_past
// CHECK-SAME:    (%[[Q:.*]]: memref<2x4x1x8xf32>, %[[S:.*]]: memref<2x4x8x8xf32>)
// CHECK:         %[[O:.*]] = memref.alloc() {{.*}} : memref<2x4x1x8xf32>
// CHECK-NOT:     memref.copy
// CHECK:         rope.linear_attention %[[Q]], %[[Q]], %[[Q]] into %[[O]] past(%[[S]] :
func.func @read_only_past(%q: tensor<2x4x1x8xf32>, %s: tensor<2x4x8x8xf32> {bufferization.writable = false}) -> tensor<2x4x1x8xf32> {
  %o = rope.linear_attention %q, %q, %q past(%s : tensor<2x4x8x8xf32>) : tensor<2x4x1x8xf32>, tensor<2x4x1x8xf32>, tensor<2x4x1x8xf32>
  return %o : tensor<2x4x1x8xf32>
}

// Without a past the sums are new.
// CHECK-LABEL: func @no_past
// CHECK-COUNT-3: memref.alloc
// CHECK-NOT:     memref.copy
// CHECK:         rope.linear_attention {{.*}} into %{{.*}}, %{{.*}}, %{{.*}} normalize returning_state
func.func @no_past(%q: tensor<2x4x3x8xf32>) -> (tensor<2x4x8x8xf32>, tensor<2x4x8xf32>) {
  %r:3 = rope.linear_attention %q, %q, %q normalize returning_state : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  return %r#1, %r#2 : tensor<2x4x8x8xf32>, tensor<2x4x8xf32>
}
