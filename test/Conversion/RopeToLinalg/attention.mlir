// RUN: rope-opt %s --convert-rope-to-linalg --canonicalize --cse --split-input-file | FileCheck %s

// Nothing is repeated or concatenated: heads of a group share by the index map,
// and the tail of the keys adds to the products of the others.
// CHECK-DAG:   #[[QUERY:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d4)>
// CHECK-DAG:   #[[KEY:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1 floordiv 2, d3, d4)>
// CHECK-DAG:   #[[TAIL:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, 0, d3, d4)>
// CHECK-LABEL: func @grouped
// CHECK-SAME:  (%[[Q:.*]]: tensor<?x4x?x8xf16>, %[[K:.*]]: tensor<?x2x?x6xf16>, %[[T:.*]]: tensor<?x1x?x2xf16>
// CHECK:       %[[FILL:.*]] = linalg.fill {{.*}} -> tensor<?x4x?x?xf32>
// CHECK:       %[[OWN:.*]] = tensor.extract_slice %[[Q]][0, 0, 0, 0] [%{{.*}}, 4, %{{.*}}, 6]
// CHECK:       %[[SUM:.*]] = linalg.generic {indexing_maps = [#[[QUERY]], #[[KEY]], #{{.*}}{{.*}} ins(%[[OWN]], %[[K]] : {{.*}} outs(%[[FILL]]
// CHECK:       %[[REST:.*]] = tensor.extract_slice %[[Q]][0, 0, 0, 6] [%{{.*}}, 4, %{{.*}}, 2]
// CHECK:       linalg.generic {indexing_maps = [#[[QUERY]], #[[TAIL]], #{{.*}}{{.*}} ins(%[[REST]], %[[T]] : {{.*}} outs(%[[SUM]]
// CHECK-NOT:   linalg.index
// CHECK:       math.exp
// CHECK:       arith.truncf {{.*}} : f32 to f16
// CHECK-NOT:   rope.
func.func @grouped(%q: tensor<?x4x?x8xf16>, %k: tensor<?x2x?x6xf16>, %t: tensor<?x1x?x2xf16>, %v: tensor<?x2x?x8xf16>) -> tensor<?x4x?x8xf16> {
  %out = rope.attention %q, %k, %v key_tail(%t : tensor<?x1x?x2xf16>) : tensor<?x4x?x8xf16>, tensor<?x2x?x6xf16>, tensor<?x2x?x8xf16>
  return %out : tensor<?x4x?x8xf16>
}

// -----

// A mask of fewer keys excludes the others; a mask of all keys is taken as it is.
// CHECK-LABEL: func @short_masks
// CHECK-SAME:  %[[SHORT:[^:]*]]: tensor<3x4xi1>, %[[LONG:[^:]*]]: tensor<2x1x3x5xf32>
// CHECK-DAG:   %[[FALSE:.*]] = arith.constant false
// CHECK:       tensor.pad %[[SHORT]] low[0, 0] high[0, 1]
// CHECK-NEXT:  ^bb0
// CHECK-NEXT:    tensor.yield %[[FALSE]]
// CHECK-NOT:   tensor.pad
// CHECK:       ins(%{{.*}}, %[[LONG]] :
func.func @short_masks(%q: tensor<2x1x3x8xf32>, %k: tensor<2x1x5x8xf32>, %short: tensor<3x4xi1>, %long: tensor<2x1x3x5xf32>) -> tensor<2x1x3x8xf32> {
  %0 = rope.attention %q, %k, %k mask(%short : tensor<3x4xi1>) : tensor<2x1x3x8xf32>, tensor<2x1x5x8xf32>, tensor<2x1x5x8xf32>
  %1 = rope.attention %0, %k, %k mask(%long : tensor<2x1x3x5xf32>) : tensor<2x1x3x8xf32>, tensor<2x1x5x8xf32>, tensor<2x1x5x8xf32>
  return %1 : tensor<2x1x3x8xf32>
}

// -----

// No queries, no loops.
// CHECK-LABEL: func @no_queries
// CHECK-NOT:   linalg
// CHECK:       tensor.empty() : tensor<2x4x0x6xf64>
// CHECK:       return
func.func @no_queries(%q: tensor<2x4x0x8xf64>, %k: tensor<2x2x5x8xf64>, %v: tensor<2x2x5x6xf64>) -> (tensor<2x4x0x6xf64>, tensor<2x4x0xf64>) {
  %0:2 = rope.attention %q, %k, %v causal returning_lse : tensor<2x4x0x8xf64>, tensor<2x2x5x8xf64>, tensor<2x2x5x6xf64>
  return %0#0, %0#1 : tensor<2x4x0x6xf64>, tensor<2x4x0xf64>
}

// -----

// A mask over no keys is not padded.
// CHECK-LABEL: func @no_keys
// CHECK-SAME:  %[[MASK:[^:]*]]: tensor<?xf32>
// CHECK-NOT:   tensor.pad
// CHECK:       tensor.cast %[[MASK]] : tensor<?xf32> to tensor<0xf32>
// CHECK-NOT:   tensor.pad
// CHECK:       return
func.func @no_keys(%q: tensor<2x1x3x8xf32>, %k: tensor<2x1x0x8xf32>, %mask: tensor<?xf32>) -> tensor<2x1x3x8xf32> {
  %0 = rope.attention %q, %k, %k mask(%mask : tensor<?xf32>) : tensor<2x1x3x8xf32>, tensor<2x1x0x8xf32>, tensor<2x1x0x8xf32>
  return %0 : tensor<2x1x3x8xf32>
}

// -----

// No index is 2^62 away from another: such a limit is none and does not wrap.
// CHECK-LABEL: func @far_window
// CHECK-NOT:   arith.cmpi
// CHECK:       return
func.func @far_window(%q: tensor<2x1x3x8xf32>, %k: tensor<2x1x5x8xf32>) -> tensor<2x1x3x8xf32> {
  %0 = rope.attention %q, %k, %k window [9223372036854775807, 4611686018427387904] : tensor<2x1x3x8xf32>, tensor<2x1x5x8xf32>, tensor<2x1x5x8xf32>
  return %0 : tensor<2x1x3x8xf32>
}
