//===- AttentionData.h - The arrays of an attention -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What rope-bench-attention runs: a case is a compiled function, its sizes and
// the form of its operands; its arrays hold random numbers.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_BENCHMARK_ATTENTIONDATA_H
#define ROPE_BENCHMARK_ATTENTIONDATA_H

#include "AttentionCeiling.h"
#include "HugePages.h"
#include "Kernels.h"

#include <string>
#include <vector>

namespace rope_benchmark {

enum class Element { F32, F16, BF16 };

/// The greatest error that rounding of inputs of around 1 explains.
double getTolerance(Element element);

/// q, k, v or out of a kernel: [1, row, head, lane], or with heads first
/// [1, head, row, lane].
class Operand {
public:
  Operand(Element element, bool headsFirst, int64_t rows, int64_t heads,
          int64_t lanes);

  /// From and to [row, head, lane].
  void encode(const float *x);
  void decode(float *x) const;
  int64_t getCount() const { return rows * heads * lanes; }
  MemRef<4> getMemRef() const;

private:
  /// Where a number of [row, head, lane] is.
  template <typename Work> void forEach(Work work) const;

  Element element;
  bool headsFirst;
  int64_t rows, heads, lanes;
  Array<char> storage;
};

struct AttentionCase {
  /// group, or group/name.
  std::string name;
  std::string kernel;
  AttentionShape shape;
  Element element = Element::F32;
  bool headsFirst = false;
  /// Of a kernel with parallel loops; 0 for one without.
  int threads = 0;

  /// Fused products of both contractions.
  double getProducts() const;
};

class AttentionData {
public:
  explicit AttentionData(const AttentionCase &model);

  void runCompiled();
  void runByHand();

  /// The errors of what a run leaves in arrays without a result, after
  /// `spoil` was added to a number.
  double getErrorOfCompiled(float spoil);
  double getErrorByHand(float spoil);

  const AttentionCase model;
  std::vector<float> cos, sin;
  Array<float> query, key, value, out, workspace;
  Operand queryOperand, keyOperand, valueOperand, outOperand;

private:
  AttentionArrays getArrays() const;

  void (*kernel)(MemRef<4> *, MemRef<4> *, MemRef<4> *, MemRef<2> *,
                 MemRef<2> *, MemRef<4> *);
};

} // namespace rope_benchmark

#endif // ROPE_BENCHMARK_ATTENTIONDATA_H
