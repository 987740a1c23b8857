//===- AttentionCeiling.h - What is possible by hand ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernels that rope.attention is measured against, with AVX-512 intrinsics,
// and the plain loops in f64 that both are checked against.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_BENCHMARK_ATTENTIONCEILING_H
#define ROPE_BENCHMARK_ATTENTIONCEILING_H

#include <cstddef>
#include <cstdint>

namespace rope_benchmark {

/// softmax(R q (R k)^T / sqrt(headDim)) v of one sequence, in halves. A causal
/// query sees the keys up to its own position. The keys of a decoder's step
/// (one query) are rotated before.
struct AttentionShape {
  int64_t queries, keys, heads, kvHeads, headDim;
  bool isCausal;

  bool isStep() const { return queries == 1; }
};

/// [position, head, lane], and tables of [position, headDim / 2].
struct AttentionArrays {
  const float *query, *key, *value, *cos, *sin;
  float *out;
};

/// Why there is no kernel by hand for the shape on the machine that this was
/// compiled for; null where there is one.
const char *getReasonAgainstByHand(const AttentionShape &shape);

/// Elements of the memory that the kernel by hand works in.
size_t getWorkspaceSize(const AttentionShape &shape);

/// Writes `out` by hand. `workspace` is aligned to 64 bytes.
void attendByHand(const AttentionShape &shape, const AttentionArrays &arrays,
                  float *workspace);

/// The greatest difference of `out` to the equation in f64, on some 60 of the
/// queries of each head; not a number where one of them is not.
double getErrorOfAttention(const AttentionShape &shape,
                           const AttentionArrays &arrays);

} // namespace rope_benchmark

#endif // ROPE_BENCHMARK_ATTENTIONCEILING_H
