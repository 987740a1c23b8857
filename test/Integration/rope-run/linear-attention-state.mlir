// A prompt in two calls, the second with the state of the first, gives what one call
// gives: for running sums with a normalizer and for gated states, any split, through
// both pipelines. Sums are added in the same order, so the reference is bit-exact.

// REQUIRES: numpy
// RUN: %npy make %t/q.npy "np.random.default_rng(1).standard_normal((2, 4, 9, 8), 'f4')" %t/k.npy "np.random.default_rng(2).standard_normal((2, 2, 9, 8), 'f4')" \
// RUN:   %t/v.npy "np.random.default_rng(3).standard_normal((2, 2, 9, 6), 'f4')" %t/t.npy "np.random.default_rng(4).standard_normal((9, 4), 'f4')" \
// RUN:   %t/d.npy "-np.random.default_rng(5).random((2, 2, 9), 'f4')" \
// RUN:   %t/n0.npy "np.int64(0)" %t/n1.npy "np.int64(1)" %t/n4.npy "np.int64(4)" %t/n9.npy "np.int64(9)"
// RUN: rope-run -O0 %s --entry-point=whole --input=%t/q.npy --input=%t/k.npy --input=%t/v.npy --input=%t/t.npy --input=%t/d.npy \
// RUN:   --output=%t/a.npy --output=%t/b.npy --pipeline=reference
// RUN: rope-run -O0 %s --entry-point=split --input=%t/q.npy --input=%t/k.npy --input=%t/v.npy --input=%t/t.npy --input=%t/d.npy --input=%t/n0.npy --expected=%t/a.npy --expected=%t/b.npy --atol=0 --rtol=0 --pipeline=reference
// RUN: rope-run -O0 %s --entry-point=split --input=%t/q.npy --input=%t/k.npy --input=%t/v.npy --input=%t/t.npy --input=%t/d.npy --input=%t/n1.npy --expected=%t/a.npy --expected=%t/b.npy --atol=0 --rtol=0 --pipeline=reference
// RUN: rope-run -O0 %s --entry-point=split --input=%t/q.npy --input=%t/k.npy --input=%t/v.npy --input=%t/t.npy --input=%t/d.npy --input=%t/n4.npy --expected=%t/a.npy --expected=%t/b.npy --atol=0 --rtol=0 --pipeline=reference
// RUN: rope-run -O0 %s --entry-point=split --input=%t/q.npy --input=%t/k.npy --input=%t/v.npy --input=%t/t.npy --input=%t/d.npy --input=%t/n9.npy --expected=%t/a.npy --expected=%t/b.npy --atol=0 --rtol=0 --pipeline=reference
// RUN: rope-run -O0 %s --entry-point=split --input=%t/q.npy --input=%t/k.npy --input=%t/v.npy --input=%t/t.npy --input=%t/d.npy --input=%t/n4.npy --expected=%t/a.npy --expected=%t/b.npy --atol=1e-5 --rtol=1e-5 --pipeline=cpu

!q = tensor<2x4x?x8xf32>
!k = tensor<2x2x?x8xf32>
!v = tensor<2x2x?x6xf32>
!t = tensor<?x4xf32>
!d = tensor<2x2x?xf32>

func.func @whole(%q: !q, %k: !k, %v: !v, %t: !t, %d: !d) -> (tensor<2x4x?x6xf32>, tensor<2x4x?x6xf32>) {
  %a = rope.linear_attention %q, %k, %v features<elu_plus_one> causal normalize rotate_query(%t, %t : !t) rotate_key(%t, %t : !t) : !q, !k, !v
  %b = rope.linear_attention %q, %k, %v causal log_decay(%d : !d) : !q, !k, !v
  return %a, %b : tensor<2x4x?x6xf32>, tensor<2x4x?x6xf32>
}

func.func @split(%q: !q, %k: !k, %v: !v, %t: !t, %d: !d, %n: index) -> (tensor<2x4x?x6xf32>, tensor<2x4x?x6xf32>) {
  %c2 = arith.constant 2 : index
  %s = tensor.dim %q, %c2 : !q
  %m = arith.subi %s, %n : index
  %q1 = tensor.extract_slice %q[0, 0, 0, 0] [2, 4, %n, 8] [1, 1, 1, 1] : !q to !q
  %k1 = tensor.extract_slice %k[0, 0, 0, 0] [2, 2, %n, 8] [1, 1, 1, 1] : !k to !k
  %v1 = tensor.extract_slice %v[0, 0, 0, 0] [2, 2, %n, 6] [1, 1, 1, 1] : !v to !v
  %t1 = tensor.extract_slice %t[0, 0] [%n, 4] [1, 1] : !t to !t
  %d1 = tensor.extract_slice %d[0, 0, 0] [2, 2, %n] [1, 1, 1] : !d to !d
  %q2 = tensor.extract_slice %q[0, 0, %n, 0] [2, 4, %m, 8] [1, 1, 1, 1] : !q to !q
  %k2 = tensor.extract_slice %k[0, 0, %n, 0] [2, 2, %m, 8] [1, 1, 1, 1] : !k to !k
  %v2 = tensor.extract_slice %v[0, 0, %n, 0] [2, 2, %m, 6] [1, 1, 1, 1] : !v to !v
  %t2 = tensor.extract_slice %t[%n, 0] [%m, 4] [1, 1] : !t to !t
  %d2 = tensor.extract_slice %d[0, 0, %n] [2, 2, %m] [1, 1, 1] : !d to !d
  %a1, %state, %sum = rope.linear_attention %q1, %k1, %v1 features<elu_plus_one> causal normalize rotate_query(%t1, %t1 : !t) rotate_key(%t1, %t1 : !t) returning_state : !q, !k, !v
  %a2 = rope.linear_attention %q2, %k2, %v2 features<elu_plus_one> causal normalize rotate_query(%t2, %t2 : !t) rotate_key(%t2, %t2 : !t) past(%state, %sum : tensor<2x2x8x6xf32>, tensor<2x2x8xf32>) : !q, !k, !v
  %b1, %gated = rope.linear_attention %q1, %k1, %v1 causal log_decay(%d1 : !d) returning_state : !q, !k, !v
  %b2 = rope.linear_attention %q2, %k2, %v2 causal log_decay(%d2 : !d) past(%gated : tensor<2x2x8x6xf32>) : !q, !k, !v
  %a = tensor.concat dim(2) %a1, %a2 : (tensor<2x4x?x6xf32>, tensor<2x4x?x6xf32>) -> tensor<2x4x?x6xf32>
  %b = tensor.concat dim(2) %b1, %b2 : (tensor<2x4x?x6xf32>, tensor<2x4x?x6xf32>) -> tensor<2x4x?x6xf32>
  return %a, %b : tensor<2x4x?x6xf32>, tensor<2x4x?x6xf32>
}
