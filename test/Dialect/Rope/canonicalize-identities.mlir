// RUN: rope-opt %s --canonicalize --verify-each | FileCheck %s

// CHECK-LABEL: func @negated_sine
// CHECK-NEXT:    rope.rotate %arg0 by %arg1, %arg2 along [0] inverse
func.func @negated_sine(%x: tensor<4x8xf32>, %c: tensor<4x4xf32>, %s: tensor<4x4xf32>) -> tensor<4x8xf32> {
  %minus = arith.negf %s : tensor<4x4xf32>
  %y = rope.rotate %x by %c, %minus along [0] : tensor<4x8xf32>, tensor<4x4xf32>
  return %y : tensor<4x8xf32>
}

// A negated cosine turns by another angle.
// CHECK-LABEL: func @negative_negated_cosine
// CHECK:         %[[M:.*]] = arith.negf
// CHECK:         rope.rotate %arg0 by %[[M]], %arg2 along [0] : tensor
func.func @negative_negated_cosine(%x: tensor<4x8xf32>, %c: tensor<4x4xf32>, %s: tensor<4x4xf32>) -> tensor<4x8xf32> {
  %minus = arith.negf %c : tensor<4x4xf32>
  %y = rope.rotate %x by %minus, %s along [0] : tensor<4x8xf32>, tensor<4x4xf32>
  return %y : tensor<4x8xf32>
}

// CHECK-LABEL: func @scale
// CHECK:         %[[A:.*]] = arith.constant dense<2.500000e+00> : tensor<4x8xbf16>
// CHECK-NEXT:    arith.mulf %arg0, %[[A]]
func.func @scale(%x: tensor<4x8xbf16>) -> tensor<4x8xbf16> {
  %c = arith.constant dense<2.5> : tensor<4x4xbf16>
  %s = arith.constant dense<0.0> : tensor<4x4xbf16>
  %y = rope.rotate %x by %c, %s along [0] : tensor<4x8xbf16>, tensor<4x4xbf16>
  return %y : tensor<4x8xbf16>
}

// The factor is no bf16, the product of the rotation is rounded once.
// CHECK-LABEL: func @negative_scale_of_other_type
// CHECK:         rope.rotate
func.func @negative_scale_of_other_type(%x: tensor<4x8xbf16>) -> tensor<4x8xbf16> {
  %c = arith.constant dense<2.501> : tensor<4x4xf32>
  %s = arith.constant dense<0.0> : tensor<4x4xf32>
  %y = rope.rotate %x by %c, %s along [0] : tensor<4x8xbf16>, tensor<4x4xf32>
  return %y : tensor<4x8xbf16>
}

// Two of eight lanes stay as they are.
// CHECK-LABEL: func @negative_scale_of_some_lanes
// CHECK:         rope.rotate
func.func @negative_scale_of_some_lanes(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %c = arith.constant dense<2.5> : tensor<4x3xf32>
  %s = arith.constant dense<0.0> : tensor<4x3xf32>
  %y = rope.rotate %x by %c, %s along [0] rotary_dim 6 : tensor<4x8xf32>, tensor<4x3xf32>
  return %y : tensor<4x8xf32>
}

// The rows of a matrix, rotated back: another rotation matrix.
// CHECK-LABEL: func @constant
// CHECK-NEXT:    %[[Y:.*]] = arith.constant dense<{{\[}}[2.500000e-01, 1.375000e+00], [-1.375000e+00, 2.500000e-01]]> : tensor<2x2xf32>
// CHECK-NEXT:    return %[[Y]]
func.func @constant() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1.0, 0.5], [-0.5, 1.0]]> : tensor<2x2xf32>
  %c = arith.constant dense<0.75> : tensor<1xf32>
  %s = arith.constant dense<1.0> : tensor<1xf32>
  %y = rope.rotate %x by %c, %s along [] : tensor<2x2xf32>, tensor<1xf32>
  return %y : tensor<2x2xf32>
}

// CHECK-LABEL: func @negative_large_constant
// CHECK:         rope.rotate
func.func @negative_large_constant() -> tensor<8193x8xf32> {
  %x = arith.constant dense<1.0> : tensor<8193x8xf32>
  %c = arith.constant dense<0.75> : tensor<4xf32>
  %y = rope.rotate %x by %c, %c along [] : tensor<8193x8xf32>, tensor<4xf32>
  return %y : tensor<8193x8xf32>
}
