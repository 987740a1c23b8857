// RUN: rope-opt %s | rope-opt | FileCheck %s
// RUN: rope-opt %s --mlir-print-op-generic | rope-opt | FileCheck %s
// RUN: rope-opt %s --emit-bytecode | rope-opt | FileCheck %s

// Defaults are not printed, and result types follow from the operands.
// CHECK-LABEL: func @plain
func.func @plain(%q: tensor<2x32x?x128xbf16>, %k: tensor<2x8x?x128xbf16>, %v: tensor<2x8x?x64xf32>) -> tensor<2x32x?x64xbf16> {
  // CHECK: %{{.*}} = rope.attention %{{.*}}, %{{.*}}, %{{.*}} causal : tensor<2x32x?x128xbf16>, tensor<2x8x?x128xbf16>, tensor<2x8x?x64xf32>
  %out = rope.attention %q, %k, %v layout<bhsd> causal : tensor<2x32x?x128xbf16>, tensor<2x8x?x128xbf16>, tensor<2x8x?x64xf32>
  return %out : tensor<2x32x?x64xbf16>
}

// CHECK-LABEL: func @rotations
func.func @rotations(%q: tensor<2x?x4x8xf32>, %k: tensor<2x5x2x8xf32>, %v: tensor<2x5x2x6xf32>, %qt: tensor<2x?x4xf32>, %kt: tensor<5x2xf64>, %vt: tensor<5x6xf16>, %ot: tensor<?x1xf32>) -> tensor<2x?x4x6xf32> {
  // CHECK: rope.attention %{{.*}}, %{{.*}}, %{{.*}} layout<bshd>
  // CHECK-SAME: rotate_query(%{{.*}}, %{{.*}} : tensor<2x?x4xf32>)
  // CHECK-SAME: rotate_key(%{{.*}}, %{{.*}} pairing<interleaved> offset 2 rotary_dim 4 : tensor<5x2xf64>)
  // CHECK-SAME: rotate_value(%{{.*}}, %{{.*}} : tensor<5x6xf16>)
  // CHECK-SAME: rotate_output(%{{.*}}, %{{.*}} offset 4 inverse : tensor<?x1xf32>) :
  %out = rope.attention %q, %k, %v layout<bshd>
    rotate_query(%qt, %qt : tensor<2x?x4xf32>) rotate_key(%kt, %kt pairing<interleaved> offset 2 rotary_dim 4 : tensor<5x2xf64>)
    rotate_value(%vt, %vt pairing<half> offset 0 : tensor<5x6xf16>) rotate_output(%ot, %ot offset 4 inverse : tensor<?x1xf32>)
    : tensor<2x?x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>
  return %out : tensor<2x?x4x6xf32>
}

// CHECK-LABEL: func @everything
func.func @everything(%q: tensor<?x4x3x8xf64>, %k: tensor<?x2x5x6xf16>, %t: tensor<?x1x5x2xf16>, %v: tensor<?x2x5x8xbf16>, %m: tensor<4x1x?xi1>, %n: tensor<?xi32>, %s: tensor<4xf32>) -> (tensor<?x4x3x8xf64>, tensor<?x4x3xf64>, tensor<?x4x3x5xf64>) {
  // CHECK: %[[OUT:.*]], %[[LSE:.*]], %[[SCORES:.*]] = rope.attention
  // CHECK-SAME: causal window [2, -1] scale 2.500000e-01 softcap 3.000000e+01 softmax_precision f32
  // CHECK-SAME: key_tail(%{{.*}} : tensor<?x1x5x2xf16>) mask(%{{.*}} : tensor<4x1x?xi1>) kv_lengths(%{{.*}} : tensor<?xi32>) sinks(%{{.*}} : tensor<4xf32>) returning_lse returning_scores<weights> : tensor<?x4x3x8xf64>
  %out, %lse, %scores = rope.attention %q, %k, %v causal window [2, -1] scale 0.25 softcap 30.0 softmax_precision f32
    key_tail(%t : tensor<?x1x5x2xf16>) mask(%m : tensor<4x1x?xi1>) kv_lengths(%n : tensor<?xi32>) sinks(%s : tensor<4xf32>)
    returning_lse returning_scores<weights> : tensor<?x4x3x8xf64>, tensor<?x2x5x6xf16>, tensor<?x2x5x8xbf16>
  // CHECK: return %[[OUT]], %[[LSE]], %[[SCORES]]
  return %out, %lse, %scores : tensor<?x4x3x8xf64>, tensor<?x4x3xf64>, tensor<?x4x3x5xf64>
}

// CHECK-LABEL: func @positions
func.func @positions(%q: tensor<1x?x4x8xf32>, %k: tensor<1x?x2x8xf32>, %p: index, %s: tensor<?xi32>, %t: tensor<?xi64>) -> (tensor<1x?x4x8xf32>, tensor<1x?x4xf32>) {
  // CHECK: rope.attention %{{.*}} layout<bshd> causal past(%{{.*}}) : tensor<1x?x4x8xf32>
  %0 = rope.attention %q, %k, %k layout<bshd> causal past(%p) : tensor<1x?x4x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
  // CHECK: rope.attention %{{.*}} starts(%{{.*}}, %{{.*}} : tensor<?xi32>, tensor<?xi64>) returning_lse : tensor<1x?x4x8xf32>
  %1:2 = rope.attention %q, %k, %k layout<bshd> starts(%s, %t : tensor<?xi32>, tensor<?xi64>) returning_lse : tensor<1x?x4x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
  return %0, %1#1 : tensor<1x?x4x8xf32>, tensor<1x?x4xf32>
}

// CHECK-LABEL: func @memrefs
func.func @memrefs(%q: memref<2x4x?x8xf32>, %k: memref<2x2x?x8xf32, strided<[?, ?, 8, 1]>>, %out: memref<2x4x?x8xf32>, %lse: memref<2x4x?xf32>, %p: index) {
  // CHECK: rope.attention %{{.*}}, %{{.*}}, %{{.*}} into %{{.*}}, %{{.*}} past(%{{.*}}) returning_lse : memref<2x4x?x8xf32>, memref<2x2x?x8xf32, strided<[?, ?, 8, 1]>>, memref<2x2x?x8xf32, strided<[?, ?, 8, 1]>> into memref<2x4x?x8xf32>, memref<2x4x?xf32>
  rope.attention %q, %k, %k into %out, %lse past(%p) returning_lse : memref<2x4x?x8xf32>, memref<2x2x?x8xf32, strided<[?, ?, 8, 1]>>, memref<2x2x?x8xf32, strided<[?, ?, 8, 1]>> into memref<2x4x?x8xf32>, memref<2x4x?xf32>
  return
}

// CHECK-LABEL: func @tile
func.func @tile(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %n: tensor<1xi32>, %i: index, %j: index) -> tensor<1x4x3x8xf32> {
  // CHECK: rope.attention %{{.*}}, %{{.*}}, %{{.*}} causal kv_lengths(%{{.*}} : tensor<1xi32>) origin(%{{.*}}, %{{.*}}) : tensor<1x4x3x8xf32>
  %out = rope.attention %q, %k, %k causal kv_lengths(%n : tensor<1xi32>) origin(%i, %j) : tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>
  return %out : tensor<1x4x3x8xf32>
}
