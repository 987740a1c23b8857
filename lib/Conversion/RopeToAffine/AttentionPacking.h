//===- AttentionPacking.h - Operands in the order of their use --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Copies of keys, values and queries in the type of the kernel: rotated,
// widened, keys transposed in panels, queries times the scale. A rotation is a
// `rope.rotate` of the rows at hand into a small buffer of the element type.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_ATTENTIONPACKING_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_ATTENTIONPACKING_H

#include "AttentionTile.h"

namespace mlir::rope {

/// What the kernel reads. Of pairs (PairProduct.h): keys are [slot, vector of
/// keys, pair of lanes, 2 * keys], values [slot, vector of columns, pair of
/// keys, 2 * columns].
struct PackedKeysAndValues {
  /// [slot, panel, lane, key in the panel]
  Value keys;
  /// [slot, panel, key, column] for each run of panels
  SmallVector<Value> values;
  /// [slot, block of keys]: whether a value is an infinity or NaN, which 0
  /// times it is not 0.
  Value areSpecial;
};

/// Rows of an operand: of heads from `head` on and a sequence from `first` on.
struct RowSource {
  Value buffer;
  OpFoldResult batch, head, first;
};

/// Makes rows of one operand ready to be read by vectors.
class RowStage {
public:
  /// `lanes` are counted from `firstLane` on by the rotation.
  RowStage(const AttentionTile &tile, Value operand,
           AttentionOp::Rotation rotation, int64_t firstLane, int64_t heads,
           int64_t rows, Temporaries &temporaries);

  /// `count` rows from `first` on of the heads from `head` on.
  RowSource stage(OpFoldResult head, Value first, Value count);

private:
  const AttentionTile *tile;
  Value operand;
  AttentionOp::Rotation rotation;
  int64_t firstLane, heads;
  /// Null where rows are read where they are.
  Value buffer;
};

/// The key's own lanes, then those of its tail, which all heads share.
SmallVector<RowStage, 2> makeKeyStages(const AttentionTile &tile, int64_t heads,
                                       int64_t rows, Temporaries &temporaries);

class AttentionPacking {
public:
  AttentionPacking(const AttentionTile &tile, Temporaries &temporaries);

  /// The keys and values of a block from `firstKey` on, of keys before `end`.
  void packBlock(const PackedKeysAndValues &packed, Value firstKey,
                 OpFoldResult end);

private:
  /// Lanes of a panel from `firstRow` of `count` rows on.
  void packKeys(const RowSource &source, Value packed, int64_t firstLane,
                int64_t lanes, Value panel, Value count, Value firstRow);
  void packValues(const PackedKeysAndValues &packed, const RowSource &source,
                  Value firstKey, Value count);
  void storeIsSpecial(const PackedKeysAndValues &packed, Value firstKey,
                      Value isSpecial);
  /// store(lane i of every row, i) for the first `count` lanes of as many rows
  /// as a vector has lanes.
  void transpose(function_ref<Value(Value row)> load, int64_t count,
                 function_ref<void(Value column, LaneIndex lane)> store);

  // PairPacking.cpp
  void packKeyPairs(const RowSource &source, Value packed, int64_t firstLane,
                    int64_t lanes, Value panel, Value count, Value firstRow);
  void packValuePairs(const PackedKeysAndValues &packed,
                      const RowSource &source, Value firstKey, Value count);

  const AttentionTile &tile;
  SmallVector<RowStage, 2> keyStages;
  RowStage valueStage;
  /// [row, lane]: half of a transposition.
  Value square;
};

/// Shuffles of two vectors: the lanes of both whose number lacks a bit, and
/// those that have it; the second vector's stand where the other kind was.
struct LaneExchange {
  LaneExchange(int64_t size, int64_t bit);
  SmallVector<int64_t> low, high;
};

/// Lanes of a row as they are; those at `end` or behind are 0.
LaneValue loadRow(const AttentionTile &tile, const RowSource &source,
                  Value head, Value row, Value lane, int64_t end,
                  int64_t lanes);

/// A vector of them in the type of the kernel.
LaneValue loadLanes(const AttentionTile &tile, const RowSource &source,
                    Value head, Value row, Value lane, int64_t end);

/// A view of rows of an operand or of the output.
Value viewRows(const AttentionTile &tile, Value buffer, OpFoldResult batch,
               OpFoldResult head, int64_t heads, OpFoldResult first,
               OpFoldResult count);

/// into = rope.rotate(rows) of a sequence from `first` on.
void emitRotation(const AttentionTile &tile, Value rows, Value into,
                  AttentionOp::Rotation rotation, int64_t firstLane,
                  OpFoldResult first, OpFoldResult count);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_ATTENTIONPACKING_H
