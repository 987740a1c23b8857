//===- DirectBlock.h - Few rows that meet keys in place ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where all rows of a head of keys are one group (a decoder's step), each key
// and each value is used once, and packing would cost more than the products:
// what counts is that memory is read in its order. Heads that lie side by side
// are therefore inside of the loops over keys, and the rows of all of them, in
// slots, are kept from block to block.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_DIRECTBLOCK_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_DIRECTBLOCK_H

#include "AttentionBlock.h"

namespace mlir::rope {

class DirectBlock : public AttentionBlock {
public:
  DirectBlock(AttentionTile &tile, AttentionBounds &bounds,
              const RowSlots &slots, Temporaries &temporaries);

  /// The heads from here on, of the tile's batch, whose parts have the slots
  /// from `firstSlot` on.
  void enter(Value firstHead, Value firstSlot);
  /// The rows meet a part of the keys; again where their maxima are known.
  void emitPart(Value part, Value again);
  /// All parts become the first one, and that the result, if they are not made
  /// again.
  void finishParts(UnfinishedRows &rows, ValueRange item, Value again);

private:
  Value getSlot(Value head, Value part);
  void enterSlot(Value head, Value part);
  void forEachHead(Value part, function_ref<void(Value head)> body);

  void emitKeys(const AttentionBounds::Range &keys, Value part, Pass pass,
                Value skipsZeros);
  void emitKeyScores(const Group &group, Value column, Value part);
  SmallVector<Value> emitProducts(const RowSource &source, Value head,
                                  ArrayRef<Value> keys, int64_t firstLane,
                                  int64_t lanes, ValueRange sums);
  void emitValueSums(const Group &group, Value column, Value part,
                     Value skipsZeros);

  /// The tile, whose head changes.
  AttentionTile &current;
  const RowSlots &slots;
  /// [head, row, lane], [head, row, key in the block]
  Value allQueries, allScores;
  SmallVector<RowStage, 2> keyStages;
  RowStage valueStage;
  Value firstHead, firstSlot;
};

/// All of an attention of few rows.
void emitDirectAttention(AttentionTile &tile, AttentionBounds &bounds,
                         bool isParallel);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_DIRECTBLOCK_H
