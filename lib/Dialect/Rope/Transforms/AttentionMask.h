//===- AttentionMask.h - The mask of a recognised attention -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Splits what is added to the scores and what excludes keys into the attributes
// of rope.attention (causal, window), its `past` and one mask operand.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONMASK_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONMASK_H

#include "AttentionLayout.h"

namespace mlir::rope {

/// How an attention excludes keys and what it adds to its scores.
struct AttentionMask {
  bool causal = false;
  std::optional<int64_t> left, right;
  /// What is added to the position of queries; null for nothing.
  Value past;
  /// [batch, heads, queries, keys], boolean or float; null for none.
  Value mask;
};

class AttentionMaskBuilder {
public:
  AttentionMaskBuilder(LaneEvaluator &evaluator, LaneMaterializer &materializer,
                       SymbolViews &views, OpBuilder &builder, Location loc,
                       function_ref<std::optional<NamedTensor>(ExprId)> getName)
      : indices(evaluator.getIndices()), exprs(evaluator.getExprs()),
        materializer(materializer), views(views), builder(builder), loc(loc),
        getName(getName) {}

  /// Makes the mask of a match; `type` is that of a mask of numbers. On failure
  /// `reason` says why.
  std::optional<AttentionMask> build(const AttentionMatch &match,
                                     const AttentionLayout &layout, Type type,
                                     std::string &reason);

private:
  /// A number that is added: coefficient * expr, or `otherwise` where a
  /// condition does not hold.
  struct Term {
    std::optional<ExprId> expr;
    double coefficient = 1.0;
    KeyCondition condition = {};
    double otherwise = 0.0;
  };

  bool hasKeyByPosition(ArrayRef<KeyCondition> conditions,
                        const AttentionLayout &layout);
  bool setBounds(const MaskBounds &bounds, const AttentionLayout &layout,
                 AttentionMask &mask);
  Value makeMask(ArrayRef<KeyCondition> excluding, ArrayRef<Term> terms,
                 const AttentionLayout &layout, Type type);
  Value makeHolds(const KeyCondition &condition, ArrayRef<LeadingDim> dims,
                  ArrayRef<Value> loops);

  IndexContext &indices;
  LaneExprContext &exprs;
  LaneMaterializer &materializer;
  SymbolViews &views;
  OpBuilder &builder;
  Location loc;
  function_ref<std::optional<NamedTensor>(ExprId)> getName;
};

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONMASK_H
