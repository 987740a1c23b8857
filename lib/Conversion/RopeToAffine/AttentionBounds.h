//===- AttentionBounds.h - The keys that queries take -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lengths, packed sequences, causality and window leave an interval of keys to
// each query. Its ends are lists of which the largest or the smallest counts,
// so that they become bounds of affine loops. For packed sequences they are
// computed once, for every query, into two buffers.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_ATTENTIONBOUNDS_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_ATTENTIONBOUNDS_H

#include "AttentionTile.h"

namespace mlir::rope {

class AttentionBounds {
public:
  /// [max(lower), min(upper))
  struct Range {
    SmallVector<OpFoldResult> lower, upper;
  };

  explicit AttentionBounds(const AttentionTile &tile)
      : tile(tile), temporaries(tile) {}

  /// Emits what all batches share.
  void prepare();
  /// Emits what depends on the batch of the tile.
  void enterBatch();
  void release() { temporaries.deallocate(); }

  /// The keys that there are for the batch.
  OpFoldResult getEnd() const { return end; }
  /// The keys of one query.
  Range getRange(Value query);
  /// All that any of the queries [first, last] takes. `last` may be past the
  /// queries.
  Range getUnion(Value first, Value last);
  /// What each of these queries takes; nothing where that is not known.
  std::optional<Range> getIntersection(Value first, Value last);
  bool hasLowerLimit() const {
    return tile.op.getLeftWindow() >= 0 || tile.op.getQueryStarts();
  }

private:
  /// Limits by window and causality, of a query at a position.
  void addLower(Range &range, Value position);
  void addUpper(Range &range, Value position);
  Value getPosition(Value query);
  Value asIndex(Value integer);

  const AttentionTile &tile;
  Temporaries temporaries;
  /// Where the tile starts in a larger attention.
  OpFoldResult queryOrigin, keyOrigin;
  /// What is added to the number of a query: its position is counted in keys
  /// of the tile.
  OpFoldResult shift;
  OpFoldResult end;
  /// Of packed sequences.
  Value firstOfQuery, endOfQuery;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_ATTENTIONBOUNDS_H
