// RUN: rope-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" --cse | FileCheck %s

// Results become destinations in new buffers; nothing is copied, and the past
// stays a number.
// CHECK-LABEL: func @destinations
// CHECK-SAME:  (%[[Q:.*]]: memref<2x4x?x8xf16>, %[[K:.*]]: memref<2x2x?x8xf16>, %[[V:.*]]: memref<2x2x?x6xf16>, %[[C:.*]]: memref<?x4xf32>, %[[M:.*]]: memref<?x?xi1>, %[[P:.*]]: index)
// CHECK-NOT:   memref.copy
// CHECK:       %[[OUT:.*]] = memref.alloc(%{{.*}}) {{.*}} : memref<2x4x?x6xf16>
// CHECK:       %[[LSE:.*]] = memref.alloc(%{{.*}}) {{.*}} : memref<2x4x?xf32>
// CHECK:       %[[SCORES:.*]] = memref.alloc(%{{.*}}) {{.*}} : memref<2x4x?x?xf16>
// CHECK:       rope.attention %[[Q]], %[[K]], %[[V]] into %[[OUT]], %[[LSE]], %[[SCORES]] causal
// CHECK-SAME:    rotate_query(%[[C]], %[[C]] pairing<interleaved> : memref<?x4xf32>) mask(%[[M]] : memref<?x?xi1>) past(%[[P]]) returning_lse returning_scores<biased>
// CHECK-SAME:    memref<2x2x?x6xf16> into memref<2x4x?x6xf16>, memref<2x4x?xf32>, memref<2x4x?x?xf16>
// CHECK-NOT:   memref.copy
// CHECK:       return %[[OUT]], %[[LSE]], %[[SCORES]]
func.func @destinations(%q: tensor<2x4x?x8xf16>, %k: tensor<2x2x?x8xf16>, %v: tensor<2x2x?x6xf16>, %c: tensor<?x4xf32>, %m: tensor<?x?xi1>, %p: index) -> (tensor<2x4x?x6xf16>, tensor<2x4x?xf32>, tensor<2x4x?x?xf16>) {
  %0:3 = rope.attention %q, %k, %v causal rotate_query(%c, %c pairing<interleaved> : tensor<?x4xf32>) mask(%m : tensor<?x?xi1>) past(%p)
    returning_lse returning_scores<biased> : tensor<2x4x?x8xf16>, tensor<2x2x?x8xf16>, tensor<2x2x?x6xf16>
  return %0#0, %0#1, %0#2 : tensor<2x4x?x6xf16>, tensor<2x4x?xf32>, tensor<2x4x?x?xf16>
}

// A buffer that an attention reads is not overwritten before it.
// CHECK-LABEL: func @negative_query_overwritten
// CHECK-SAME:  (%[[X:[^:]*]]:
// CHECK:       rope.attention %[[X]], %[[X]], %[[X]] into
// CHECK:       rope.rotate %[[X]] into %[[X]]
func.func @negative_query_overwritten(%x: tensor<1x1x4x8xf32> {bufferization.writable = true}, %c: tensor<4x4xf32>) -> (tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>) {
  %out = rope.attention %x, %x, %x : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>
  %y = rope.rotate %x by %c, %c along [2] : tensor<1x1x4x8xf32>, tensor<4x4xf32>
  return %out, %y : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>
}
