// With generate-runtime-verification, values that an attention cannot take end in
// a message, not in garbage.

// RUN: %npy make %t/q.npy "np.ones((2, 1, 3, 4), 'f4')" %t/k.npy "np.ones((2, 1, 5, 4), 'f4')" \
// RUN:   %t/table.npy "np.ones((3, 2), 'f4')" %t/short.npy "np.ones((2, 2), 'f4')" \
// RUN:   %t/mask.npy "np.ones((3, 5), '?')" %t/long.npy "np.ones((3, 6), '?')" \
// RUN:   %t/lengths.npy "np.array([0, 5])" %t/negative.npy "np.array([-1, 5])" %t/large.npy "np.array([2, 6])" \
// RUN:   %t/packed.npy "np.array([0, 3, 3, 6])" %t/back.npy "np.array([0, 4, 3, 6])" %t/far.npy "np.array([0, 3, 7])" \
// RUN:   %t/x.npy "np.ones((1, 1, 6, 4), 'f4')" %t/past.npy "np.int64(5)" %t/before.npy "np.int64(-1)"

// RUN: rope-run -O0 %s --input=%t/q.npy --input=%t/k.npy --input=%t/table.npy --input=%t/mask.npy --input=%t/lengths.npy --output=%t/o.npy --pipeline='builtin.module(generate-runtime-verification,rope-reference-pipeline)'
// RUN: %exits 2 rope-run -O0 %s --input=%t/q.npy --input=%t/k.npy --input=%t/short.npy --input=%t/mask.npy --input=%t/lengths.npy --output=%t/o.npy --pipeline='builtin.module(generate-runtime-verification,rope-reference-pipeline)' 2>&1 | FileCheck %s --check-prefix=TABLE
// RUN: %exits 2 rope-run -O0 %s --input=%t/q.npy --input=%t/k.npy --input=%t/table.npy --input=%t/long.npy --input=%t/lengths.npy --output=%t/o.npy --pipeline='builtin.module(generate-runtime-verification,rope-reference-pipeline)' 2>&1 | FileCheck %s --check-prefix=MASK
// RUN: %exits 2 rope-run -O0 %s --input=%t/q.npy --input=%t/k.npy --input=%t/table.npy --input=%t/mask.npy --input=%t/negative.npy --output=%t/o.npy --pipeline='builtin.module(generate-runtime-verification,rope-reference-pipeline)' 2>&1 | FileCheck %s --check-prefix=LENGTHS
// RUN: %exits 2 rope-run -O0 %s --input=%t/q.npy --input=%t/k.npy --input=%t/table.npy --input=%t/mask.npy --input=%t/large.npy --output=%t/o.npy --pipeline='builtin.module(generate-runtime-verification,rope-reference-pipeline)' 2>&1 | FileCheck %s --check-prefix=LENGTHS
// TABLE: tables of rotate_query must have one row for each position
// TABLE: runtime-verification.mlir
// MASK: the mask must not have more keys than there are
// LENGTHS: kv_lengths must be within [0, number of keys]

// RUN: rope-run -O0 %s --entry-point=packed --input=%t/x.npy --input=%t/packed.npy --output=%t/o.npy --pipeline='builtin.module(generate-runtime-verification,rope-reference-pipeline)'
// RUN: %exits 2 rope-run -O0 %s --entry-point=packed --input=%t/x.npy --input=%t/back.npy --output=%t/o.npy --pipeline='builtin.module(generate-runtime-verification,rope-reference-pipeline)' 2>&1 | FileCheck %s --check-prefix=BACK
// RUN: %exits 2 rope-run -O0 %s --entry-point=packed --input=%t/x.npy --input=%t/far.npy --output=%t/o.npy --pipeline='builtin.module(generate-runtime-verification,rope-reference-pipeline)' 2>&1 | FileCheck %s --check-prefix=FAR
// BACK: starts must not decrease
// FAR: starts must not be past the last of the queries

// RUN: rope-run -O0 %s --entry-point=cache --input=%t/q.npy --input=%t/k.npy --input=%t/past.npy --output=%t/o.npy --pipeline='builtin.module(generate-runtime-verification,rope-reference-pipeline)'
// RUN: %exits 2 rope-run -O0 %s --entry-point=cache --input=%t/q.npy --input=%t/k.npy --input=%t/before.npy --output=%t/o.npy --pipeline='builtin.module(generate-runtime-verification,rope-reference-pipeline)' 2>&1 | FileCheck %s --check-prefix=PAST
// PAST: past must be within [0, number of keys]

// RUN: %npy make %t/p2.npy "np.ones((2, 4), 'f4')" %t/p3.npy "np.ones((3, 4), 'f4')" %t/l2.npy "np.ones(2, 'f4')" %t/l3.npy "np.ones(3, 'f4')"
// RUN: rope-run -O0 %s --entry-point=merge --input=%t/p2.npy --input=%t/l2.npy --input=%t/p2.npy --input=%t/l2.npy --output=%t/o.npy --pipeline='builtin.module(generate-runtime-verification,rope-reference-pipeline)'
// RUN: %exits 2 rope-run -O0 %s --entry-point=merge --input=%t/p2.npy --input=%t/l2.npy --input=%t/p3.npy --input=%t/l3.npy --output=%t/o.npy --pipeline='builtin.module(generate-runtime-verification,rope-reference-pipeline)' 2>&1 | FileCheck %s --check-prefix=MERGE
// MERGE: both partials must have one shape

// RUN: %npy make %t/s2.npy "np.ones((2, 1, 4, 4), 'f4')" %t/s3.npy "np.ones((3, 1, 4, 4), 'f4')"
// RUN: rope-run -O0 %s --entry-point=linear --input=%t/q.npy --input=%t/s2.npy --output=%t/o.npy --pipeline='builtin.module(generate-runtime-verification,rope-reference-pipeline)'
// RUN: %exits 2 rope-run -O0 %s --entry-point=linear --input=%t/q.npy --input=%t/s3.npy --output=%t/o.npy --pipeline='builtin.module(generate-runtime-verification,rope-reference-pipeline)' 2>&1 | FileCheck %s --check-prefix=STATE
// STATE: state and normalizer must have the batches of query

func.func @main(%q: tensor<?x1x?x4xf32>, %k: tensor<?x1x?x4xf32>, %t: tensor<?x2xf32>, %m: tensor<?x?xi1>, %n: tensor<?xi64>) -> tensor<?x1x?x4xf32> {
  %out = rope.attention %q, %k, %k causal rotate_query(%t, %t : tensor<?x2xf32>) mask(%m : tensor<?x?xi1>) kv_lengths(%n : tensor<?xi64>) : tensor<?x1x?x4xf32>, tensor<?x1x?x4xf32>, tensor<?x1x?x4xf32>
  return %out : tensor<?x1x?x4xf32>
}

func.func @packed(%x: tensor<1x1x?x4xf32>, %s: tensor<?xi64>) -> tensor<1x1x?x4xf32> {
  %out = rope.attention %x, %x, %x starts(%s, %s : tensor<?xi64>) : tensor<1x1x?x4xf32>, tensor<1x1x?x4xf32>, tensor<1x1x?x4xf32>
  return %out : tensor<1x1x?x4xf32>
}

func.func @cache(%q: tensor<?x1x?x4xf32>, %k: tensor<?x1x?x4xf32>, %p: index) -> tensor<?x1x?x4xf32> {
  %out = rope.attention %q, %k, %k causal past(%p) : tensor<?x1x?x4xf32>, tensor<?x1x?x4xf32>, tensor<?x1x?x4xf32>
  return %out : tensor<?x1x?x4xf32>
}

func.func @merge(%a: tensor<?x4xf32>, %l: tensor<?xf32>, %b: tensor<?x4xf32>, %m: tensor<?xf32>) -> tensor<?x4xf32> {
  %out, %lse = rope.merge %a, %l and %b, %m : tensor<?x4xf32>, tensor<?xf32>
  return %out : tensor<?x4xf32>
}

func.func @linear(%q: tensor<?x1x?x4xf32>, %s: tensor<?x1x4x4xf32>) -> tensor<?x1x?x4xf32> {
  %o = rope.linear_attention %q, %q, %q causal past(%s : tensor<?x1x4x4xf32>) : tensor<?x1x?x4xf32>, tensor<?x1x?x4xf32>, tensor<?x1x?x4xf32>
  return %o : tensor<?x1x?x4xf32>
}
