// Rotation matrices on a Vulkan device are those of the reference, to the bit.
// REQUIRES: vulkan
// RUN: rope-run %s --pipeline=reference --output=%t.0.npy --output=%t.1.npy --output=%t.2.npy --output=%t.3.npy
// RUN: rope-run %s --device=vulkan --atol=0 --rtol=0 --expected=%t.0.npy --expected=%t.1.npy --expected=%t.2.npy --expected=%t.3.npy | FileCheck %s
// CHECK-COUNT-4: ok

func.func @main() -> (tensor<6x6xf32>, tensor<2x6x6xf16>, tensor<2x2xf64>, tensor<150x150xf32>) {
  %c = arith.constant dense<[0.5, -1.25, 3.0]> : tensor<3xf32>
  %s = arith.constant dense<[2.5, 0.125, -7.0]> : tensor<3xf32>
  %0 = rope.rotation_matrix %c, %s : tensor<3xf32>

  %c2 = arith.constant dense<[[0.5, -1.25, 3.0], [1.0, 2.0, 4.0]]> : tensor<2x3xf16>
  %s2 = arith.constant dense<[[2.5, 0.125, -7.0], [-0.5, 8.0, 0.25]]> : tensor<2x3xf16>
  %1 = rope.rotation_matrix %c2, %s2 pairing<interleaved> : tensor<2x3xf16>

  %c3 = arith.constant dense<[0.1]> : tensor<1xf64>
  %s3 = arith.constant dense<[-0.7]> : tensor<1xf64>
  %2 = rope.rotation_matrix %c3, %s3 : tensor<1xf64>

  // More lanes than a block has threads.
  %same = arith.constant dense<0.75> : tensor<75xf32>
  %3 = rope.rotation_matrix %same, %same : tensor<75xf32>
  return %0, %1, %2, %3 : tensor<6x6xf32>, tensor<2x6x6xf16>, tensor<2x2xf64>, tensor<150x150xf32>
}
