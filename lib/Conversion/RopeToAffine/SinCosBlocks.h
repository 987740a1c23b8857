//===- SinCosBlocks.h - Tables of consecutive positions ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rows of consecutive positions p, p + 1, ... need one reduction of an angle
// for all of them: cos((p + r) w) and sin((p + r) w) follow from those of p w
// and of r w by the addition theorem, in sums of two floats. Results that are
// close to zero lose too much by it; a vector with one of them is computed from
// its position. docs/Numerics.md has the bound.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_SINCOSBLOCKS_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_SINCOSBLOCKS_H

#include "LoopEmitter.h"
#include "SinCosRows.h"

namespace mlir::rope {

/// Writes all rows of both tables, `sizes` of them.
class SinCosBlocks {
public:
  SinCosBlocks(SinCosOp op, SinCosRows &rows, ArrayRef<OpFoldResult> sizes,
               bool parallel);

  void emit(LoopEmitter &loops);

private:
  /// Row by row, the frequencies from `start` on.
  void emitRows(LoopEmitter &loops, int64_t start);
  /// Block by block, the frequencies below `width`.
  void emitBlocks(LoopEmitter &loops);

  /// What all blocks share: the frequencies of all lanes, and steps.
  void emitConstants(LoopEmitter &loops);
  void emitSteps(LoopEmitter &loops);
  void emitEnd(LoopEmitter &loops);
  /// Of the lanes from `first` on.
  SinCosKernel::Frequency emitFrequency(LoopEmitter &loops, LaneIndex first);

  /// The position of a row as an i32.
  Value emitPosition(LoopEmitter &loops, ValueRange row);
  /// Whether a whole block of consecutive positions begins at this row.
  Value emitIsBlock(LoopEmitter &loops, ValueRange row, Value position);
  void emitBlock(LoopEmitter &loops, ValueRange row, Value position,
                 Value anchors);
  void emitVector(LoopEmitter &loops, ValueRange row, Value position,
                  Value anchors, Value r, Value k, LaneIndex first);

  /// The row r rows after another.
  SmallVector<Value> getRow(LoopEmitter &loops, ValueRange row, Value r);
  void emitPrefetch(LoopEmitter &loops, ValueRange row, LaneIndex first);

  /// for each vector of the frequencies below `width`
  void emitVectors(LoopEmitter &loops, function_ref<void(LaneIndex)> body);

  SinCosOp op;
  SinCosRows &rows;
  SmallVector<OpFoldResult> sizes;
  bool parallel;
  int64_t lanes;
  /// Of what blocks are worth.
  int64_t width = 0;
  PhasePlan plan;
  /// [word, frequency], [frequency] and [step, part, frequency].
  Value words, residual, steps;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_SINCOSBLOCKS_H
