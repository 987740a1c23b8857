//===- AttentionLayout.h - Batch, heads and queries by symbols --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which symbols of an attention are batch, heads, groups of heads, queries,
// keys and lanes follows from which operands depend on them.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONLAYOUT_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONLAYOUT_H

#include "Rope/Analysis/AttentionMatcher.h"
#include "SymbolViews.h"

namespace mlir::rope {

struct AttentionLayout {
  /// The symbols of each dimension, the slowest first.
  SymbolGroup batch, kvHeads, groups, query, key, valueLanes;
  /// The lanes of each product.
  SmallVector<SymbolGroup, 2> lanes;

  SymbolGroup getHeads() const {
    SymbolGroup heads(kvHeads);
    llvm::append_range(heads, groups);
    return heads;
  }
};

/// Symbols as one dimension, the slowest first.
SymbolGroup getSymbolGroup(IndexContext &indices, ArrayRef<IndexId> symbols);

/// Finds the layout of a match whose candidate has the given symbols. On
/// failure `reason` says why.
std::optional<AttentionLayout> getAttentionLayout(LaneEvaluator &evaluator,
                                                  const AttentionMatch &match,
                                                  ArrayRef<LeadingDim> symbols,
                                                  const NamedTensor &query,
                                                  std::string &reason);

/// The symbol that must become two for an index to be free of quotients, and by
/// what its position is divided.
struct SymbolSplit {
  LeadingDim symbol;
  int64_t divisor;
};
std::optional<SymbolSplit> findSplit(IndexContext &indices,
                                     ArrayRef<IndexId> at,
                                     ArrayRef<LeadingDim> symbols);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONLAYOUT_H
