// RUN: rope-opt %s | rope-opt | FileCheck %s
// RUN: rope-opt %s --mlir-print-op-generic | rope-opt | FileCheck %s
// RUN: rope-opt %s --emit-bytecode | rope-opt | FileCheck %s

// Defaults are not printed, and result types follow from the operands.
// CHECK-LABEL: func @plain
func.func @plain(%q: tensor<2x8x?x16xbf16>, %k: tensor<2x4x?x16xbf16>, %v: tensor<2x4x?x32xf32>) -> tensor<2x8x?x32xbf16> {
  // CHECK: %{{.*}} = rope.linear_attention %{{.*}}, %{{.*}}, %{{.*}} : tensor<2x8x?x16xbf16>, tensor<2x4x?x16xbf16>, tensor<2x4x?x32xf32>
  %out = rope.linear_attention %q, %k, %v layout<bhsd> features<identity> scale 1.0 : tensor<2x8x?x16xbf16>, tensor<2x4x?x16xbf16>, tensor<2x4x?x32xf32>
  return %out : tensor<2x8x?x32xbf16>
}

// Equation (19) with its own rotations for queries and keys, by kernel features.
// CHECK-LABEL: func @kernel
func.func @kernel(%q: tensor<2x?x4x8xf32>, %k: tensor<2x5x2x8xf32>, %v: tensor<2x5x2x6xf32>, %w: tensor<16x8xf32>, %qt: tensor<2x?x8xf32>, %kt: tensor<5x2xf64>) -> tensor<2x?x4x6xf32> {
  // CHECK: rope.linear_attention %{{.*}}, %{{.*}}, %{{.*}} layout<bshd> features<softmax_kernel> normalize projection(%{{.*}} : tensor<16x8xf32>)
  // CHECK-SAME: rotate_query(%{{.*}}, %{{.*}} : tensor<2x?x8xf32>)
  // CHECK-SAME: rotate_key(%{{.*}}, %{{.*}} pairing<interleaved> offset 2 rotary_dim 4 inverse : tensor<5x2xf64>) :
  %out = rope.linear_attention %q, %k, %v layout<bshd> features<softmax_kernel> normalize projection(%w : tensor<16x8xf32>)
    rotate_query(%qt, %qt : tensor<2x?x8xf32>) rotate_key(%kt, %kt pairing<interleaved> offset 2 rotary_dim 4 inverse : tensor<5x2xf64>)
    : tensor<2x?x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x6xf32>
  return %out : tensor<2x?x4x6xf32>
}

// The sums have the element type of their past.
// CHECK-LABEL: func @decode
func.func @decode(%q: tensor<?x4x1x8xf16>, %d: tensor<?x1x1x8xf32>, %s: tensor<?x4x8x8xf32>, %n: tensor<?x4x8xf32>) -> (tensor<?x4x1x8xf16>, tensor<?x4x8x8xf32>, tensor<?x4x8xf32>) {
  // CHECK: %{{.*}}, %{{.*}}, %{{.*}} = rope.linear_attention %{{.*}}, %{{.*}}, %{{.*}} features<elu_plus_one> causal normalize scale 5.000000e-01 log_decay(%{{.*}} : tensor<?x1x1x8xf32>)
  // CHECK-SAME: past(%{{.*}}, %{{.*}} : tensor<?x4x8x8xf32>, tensor<?x4x8xf32>) returning_state :
  %r:3 = rope.linear_attention %q, %q, %q features<elu_plus_one> causal normalize scale 0.5 log_decay(%d : tensor<?x1x1x8xf32>)
    past(%s, %n : tensor<?x4x8x8xf32>, tensor<?x4x8xf32>) returning_state : tensor<?x4x1x8xf16>, tensor<?x4x1x8xf16>, tensor<?x4x1x8xf16>
  return %r#0, %r#1, %r#2 : tensor<?x4x1x8xf16>, tensor<?x4x8x8xf32>, tensor<?x4x8xf32>
}

// The state in place.
// CHECK-LABEL: func @memref
func.func @memref(%q: memref<2x4x3x8xf32>, %b: memref<2x1x3xf32>, %o: memref<2x4x3x8xf32, strided<[192, 48, 16, 1]>>, %s: memref<2x4x8x8xf32>) {
  // CHECK: rope.linear_attention %{{.*}}, %{{.*}}, %{{.*}} into %{{.*}}, %[[S:.*]] causal beta(%{{.*}} : memref<2x1x3xf32>) past(%[[S]] : memref<2x4x8x8xf32>) returning_state : memref<2x4x3x8xf32>, memref<2x4x3x8xf32>, memref<2x4x3x8xf32> into memref<2x4x3x8xf32, strided<[192, 48, 16, 1]>>, memref<2x4x8x8xf32>
  rope.linear_attention %q, %q, %q into %o, %s causal beta(%b : memref<2x1x3xf32>) past(%s : memref<2x4x8x8xf32>) returning_state
    : memref<2x4x3x8xf32>, memref<2x4x3x8xf32>, memref<2x4x3x8xf32> into memref<2x4x3x8xf32, strided<[192, 48, 16, 1]>>, memref<2x4x8x8xf32>
  return
}
