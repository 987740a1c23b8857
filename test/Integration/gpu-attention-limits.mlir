// Attention on a Vulkan device where a kernel in base 2, in 32 bits or with a
// hasty tanh would go wrong, against the reference.
// REQUIRES: vulkan
// RUN: rope-run %s --pipeline=reference --output=%t.0.npy --output=%t.1.npy --output=%t.2.npy --output=%t.3.npy --output=%t.4.npy --output=%t.5.npy
// RUN: rope-run %s --device=vulkan --expected=%t.0.npy --expected=%t.1.npy --expected=%t.2.npy --expected=%t.3.npy --expected=%t.4.npy --expected=%t.5.npy | FileCheck %s
// CHECK-COUNT-6: ok

!q = tensor<1x1x2x2xf32>
!k = tensor<1x1x3x2xf32>
!v = tensor<1x1x3x4xf32>
!o = tensor<1x1x2x4xf32>

func.func @main() -> (!o, !o, !o, !o, !o, !o) {
  %v = arith.constant dense<[[[[0.5, -0.25, 1.0, 0.125], [-1.0, 0.75, 0.5, 2.0], [0.25, 3.0, -2.0, 1.5]]]]> : !v

  // Scores of 2.8e38, which are no f32 times log2(e), and of -2.8e38 alone.
  %huge_q = arith.constant dense<[[[[1.0e19, 0.0], [0.0, -1.0e19]]]]> : !q
  %huge_k = arith.constant dense<[[[[2.8e19, 2.8e19], [-2.8e19, 2.8e19], [2.8e19, 2.8e19]]]]> : !k
  %0 = rope.attention %huge_q, %huge_k, %v scale 1.0 : !q, !k, !v

  // Limits that a sum of 32 bits cannot hold are none.
  %q = arith.constant dense<[[[[3.0, -1.0], [0.5, 2.0]]]]> : !q
  %k = arith.constant dense<[[[[1.0, 0.5], [-1.5, 2.0], [0.25, -3.0]]]]> : !k
  %1 = rope.attention %q, %k, %v window [2147483647, 2147483647] : !q, !k, !v
  %2 = rope.attention %q, %k, %v window [4611686018427387904, 4611686018427387904] : !q, !k, !v

  // A cap that scores are far from.
  %3 = rope.attention %q, %k, %v softcap 1.0e7 : !q, !k, !v

  // No keys.
  %n = arith.constant dense<0> : tensor<1xi32>
  %4 = rope.attention %q, %k, %v kv_lengths(%n : tensor<1xi32>) : !q, !k, !v

  // A tile: its first query stands at 8, its first key at 7.
  %i = arith.constant 8 : index
  %j = arith.constant 7 : index
  %5 = rope.attention %q, %k, %v causal window [1, -1] origin(%i, %j) : !q, !k, !v
  return %0, %1, %2, %3, %4, %5 : !o, !o, !o, !o, !o, !o
}
