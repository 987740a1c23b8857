//===- AttentionBlock.h - A block of rows of an attention -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Row (i - firstQuery) * G + h of a block is query i of head h of the G that
// share keys. Groups of rows meet one block of keys after the other: scores,
// exclusion, softmax, sums of values. A running maximum m and a running sum l
// of a row make of the scores x of a block
//
//     m' = max(m, x),  w = exp(x - m'),  l' = exp(m - m') l + sum w,
//     out' = exp(m - m') out + w v,
//
// where the factor exp(m - m') is applied only if the maximum has changed.
// Weights that are returned or rounded need m and l of the whole row: then the
// keys are passed twice.
//
// Keys can be cut into parts, whose maxima m, sums of weights l and sums of
// values o are merged as by rope.merge:
//
//     m = max(m_a, m_b),  l = exp(m_a - m) l_a + exp(m_b - m) l_b,  o as l.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_ATTENTIONBLOCK_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_ATTENTIONBLOCK_H

#include "AttentionBounds.h"
#include "AttentionPacking.h"
#include "UnfinishedRows.h"

namespace mlir::rope {

/// What rows remember of their keys: [slot, row, column] and [slot, row]. Where
/// keys are cut into parts, each part has a slot of its own.
struct RowSlots {
  RowSlots(const AttentionTile &tile, OpFoldResult slots,
           Temporaries &temporaries);

  Value sums, maxima, totals;
};

/// buffer[index], without its first dimension.
Value viewSlot(const AttentionTile &tile, Value buffer, Value index);

class AttentionBlock {
public:
  /// `packed` is null where rows are read where they are.
  AttentionBlock(const AttentionTile &tile, AttentionBounds &bounds,
                 const PackedKeysAndValues *packed, Temporaries &temporaries);

  /// All of the block of rows from `firstQuery` on.
  void emit(Value firstQuery);
  /// They meet a part of the keys and are left in a slot.
  void emitPart(Value firstQuery, Value part, const RowSlots &slots, Value slot,
                Value again);
  /// The parts from this slot on become the result, or are made again.
  void finishParts(Value firstQuery, const RowSlots &slots, Value firstSlot,
                   UnfinishedRows &rows, ValueRange item, Value again);

protected:
  /// What a pass over the keys computes.
  enum class Pass { Online, Statistics, Weights };

  /// A group of rows and a block of keys.
  struct Group {
    Value firstRow, firstKey;
    /// Keys that a row of the group takes.
    AttentionBounds::Range keys;
    /// Columns of the scores that hold them, in whole vectors.
    AttentionBounds::Range columns;
    Value firstQuery, lastQuery;
    /// Of its scores; null for 0.
    Value firstScore;
  };

  /// Rows that there are, as a bound.
  SmallVector<OpFoldResult> getRowEnd(Value firstRow);
  Value getQueryOf(Value row);

  void packQueries();
  /// Rows without keys; sinks belong to the first part of them only. Those that
  /// are made again keep their maxima.
  void initialize(Value part = Value(), Value again = Value());
  void emitPasses(const AttentionBounds::Range &keys);
  void emitPass(const AttentionBounds::Range &keys, Pass pass);
  void emitGroup(Value firstRow, Value firstKey, Pass pass);
  Group makeGroup(Value firstRow, Value firstKey);
  /// The groups of a softmax in one of a product.
  void forEachPart(const Group &group,
                   function_ref<void(const Group &part)> body);
  LaneIndex getScoreRow(const Group &group, Value row) const;
  /// In the block.
  LaneIndex getRow(const Group &group, Value row) const;
  /// From scores to weights.
  void emitSoftmax(const Group &group, Pass pass);
  void finish();

  // AttentionParts.cpp
  /// The keys that any row takes, from the start of a block on, and those of
  /// them that belong to a part.
  AttentionBounds::Range getKeys();
  AttentionBounds::Range getKeysOf(Value part);
  void enterSlot(const RowSlots &slots, Value slot);
  /// The rows of the slots of all parts but the first, `step` apart.
  void forEachOtherPart(Value firstSlot, int64_t step,
                        function_ref<void(Value slot, Value row)> body);
  /// Slots that are `step` apart become the first one.
  void mergeParts(const RowSlots &slots, Value firstSlot, int64_t step);
  /// Adds 0 times each sum of a slot to a vector: NaN if one is not finite.
  SmallVector<Value> checkSums(const RowSlots &slots, Value slot,
                               ValueRange checks);
  Value isSpecial(Value checks);
  /// Gives the maxima of the first slot to all slots of its parts.
  void shareMaxima(const RowSlots &slots, Value firstSlot, int64_t step);

  // AttentionScores.cpp
  void emitScores(const Group &group);
  void emitSoftcap(const Group &group);
  void emitMask(const Group &group);
  void loadBias(const Group &group);
  void emitExclusion(const Group &group);
  void emitRounding(const Group &group);
  /// Hands out scores of this kind if they are asked for.
  void returnScores(const Group &group, ScoreKind kind, Pass pass);
  /// What becomes of a vector of scores at a column.
  using Change = std::function<LaneValue(LaneValue score, Value column)>;
  /// Changes every vector of the group, row by row.
  void changeScores(const Group &group, ArrayRef<OpFoldResult> lower,
                    ArrayRef<OpFoldResult> upper,
                    function_ref<Change(Value row)> getChange);

  // AttentionSoftmax.cpp
  void emitOnlineSoftmax(const Group &group, bool rescalesSums);
  /// The largest of a score of the row and of its maximum so far.
  LaneValue emitRowMaximum(const Group &group, Value row);
  /// The total of a row, and its sums of values, by a new maximum.
  void rescale(LaneIndex row, LaneValue maximum, bool rescalesSums);
  void emitWeights(const Group &group);
  LaneValue emitExponential(LaneValue score, LaneValue maximum);
  /// sum * factor, and 0 where the factor is: what has no weight any more adds
  /// nothing, not even NaN.
  LaneValue scale(LaneValue sum, LaneValue factor);
  /// Weights times values; where a value is not finite, without those whose
  /// weight is 0.
  void emitOutput(const Group &group);
  /// Of a panel of values.
  void emitSums(const Group &group, Value panel, const PanelRun &run,
                Value values, bool skipsZeros);
  void emitPairSums(const Group &group, Value panel, const PanelRun &run,
                    bool skipsZeros);
  /// A vector of weights where the values meet them.
  void storeWeights(LaneValue weight, const Group &group, Value row,
                    Value column);

  LaneValue roundToPrecision(LaneValue value);

  const AttentionTile &tile;
  AttentionBounds &bounds;
  const PackedKeysAndValues *packed;
  RowStage queryStage;
  /// [row, lane], [row in the group, key in the block], [row, column].
  Value queries, scores, sums;
  /// [row]
  Value maxima, totals;
  /// Of pairs: what the scores become, in bf16.
  Value weights;
  /// Of the mask, as scores of a group.
  Value biases;
  /// Where the output's rows are not side by side: in the layout.
  Value outputStage;

  Value firstQuery;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_ATTENTIONBLOCK_H
