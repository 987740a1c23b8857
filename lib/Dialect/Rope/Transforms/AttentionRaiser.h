//===- AttentionRaiser.h - rope.attention from evaluated rows ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Looks for softmax attention in a function whose rotations have been raised:
// they are leaves here. One element of a candidate is evaluated with a symbol
// for each dimension; symbols that are split by reshapes (batch * heads) are
// evaluated again as two.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONRAISER_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONRAISER_H

#include "AttentionLayout.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::rope {

class AttentionRaiser {
public:
  AttentionRaiser(FunctionOpInterface function, bool ownsModule,
                  uint64_t maxSteps);

  /// Whether a function can hold a softmax at all.
  static bool isWorthwhile(FunctionOpInterface function);
  /// Ops whose result may be the output of an attention.
  static bool isCandidate(Operation *op);

  /// The attention that makes the value of a candidate, created before it. Null
  /// where it is none, or none that can be raised: then `getRefusal` says why
  /// if it has the weights of a softmax.
  Value raise(TypedValue<RankedTensorType> candidate);
  const std::optional<std::string> &getRefusal() const { return refusal; }

  /// Never again reads anything from `value`, which has been replaced.
  void forget(Value value) { names.forget(value); }

private:
  std::optional<NamedTensor> getName(ArrayRef<ExprId> factors,
                                     ArrayRef<LeadingDim> order,
                                     ArrayRef<LeadingDim> symbols);
  Value build(TypedValue<RankedTensorType> candidate,
              const AttentionMatch &match, ArrayRef<SymbolGroup> dims);
  Value refuse(const Twine &reason) {
    refusal = reason.str();
    return {};
  }

  LaneEvaluator evaluator;
  AttentionMatcher matcher;
  LaneNames names;
  DominanceInfo dominance;
  OpBuilder builder;
  uint64_t maxSteps;
  std::optional<std::string> refusal;
};

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONRAISER_H
