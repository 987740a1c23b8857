//===- SinCosRows.h - Rows of cosines and sines -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A piece of a row of both tables is unrolled into vectors of frequencies: a
// position is then the same in all lanes, its magnitude and sign are computed
// once, frequencies are constants, and stores are contiguous. Vectors of
// positions would need a transpose.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_SINCOSROWS_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_SINCOSROWS_H

#include "LoopEmitter.h"
#include "Rope/Conversion/RopeToAffine/SinCosBound.h"
#include "Rope/Conversion/RopeToAffine/SinCosToAffine.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "SinCosKernel.h"
#include "StretchedWords.h"

namespace mlir::rope {

/// Writes the rows of both tables.
class SinCosRows {
public:
  /// Says in a remark what is proven of exact angles.
  SinCosRows(SinCosOp op, const SinCosToAffineOptions &options);

  /// Computes frequencies that are known at run time only, for all rows.
  void emitFrequencies(ImplicitLocOpBuilder &builder);
  /// Frees what was computed.
  void emitEnd(ImplicitLocOpBuilder &builder);

  int64_t getWidth() const { return width; }
  /// How many frequencies one vector and one loop take.
  int64_t getLanes() const { return lanes; }
  int64_t getPiece() const { return piece; }

  /// The frequencies and their plans where the angles are those of positions
  /// times them, to 0.92 ulp of f32 and without another factor; else none.
  ArrayRef<ExactReal> getPlainTurns() const;
  ArrayRef<PhasePlan> getPlans() const { return plans; }

  /// Computes one vector.
  SinCosKernel makeKernel(ImplicitLocOpBuilder &builder) const;

  /// Writes frequencies [start, start + piece) of the row of one position.
  void emitPiece(LoopEmitter &loops, ValueRange row, int64_t start);

  /// The position of a row on one axis.
  Value emitPosition(LoopEmitter &loops, ValueRange row, int64_t axis);

  /// Writes lanes of a row from `first` on.
  void emitStore(LoopEmitter &loops, const SinCosKernel::Tables &tables,
                 ValueRange row, LaneIndex first);

private:
  SinCosKernel::Position
  selectPosition(ImplicitLocOpBuilder &builder,
                 ArrayRef<SinCosKernel::Position> positions, int64_t first);
  SinCosKernel::Tables emitGrown(ImplicitLocOpBuilder &builder,
                                 const SinCosKernel::Tables &tables,
                                 const SinCosKernel::Position &position,
                                 int64_t first);
  SinCosKernel::Tables emitLanes(LoopEmitter &loops, SinCosKernel &kernel,
                                 const SinCosKernel::Position &position,
                                 int64_t first);
  void emitStore(LoopEmitter &loops, Value computed, Value table,
                 ValueRange row, LaneIndex first);

  SinCosOp op;
  bool isTight;
  FloatType tableElement;
  FrequenciesAttr frequencies;
  /// Of every frequency.
  SmallVector<int64_t> axes;
  int64_t width, lanes, piece;
  FloatType computation;
  bool isExact;
  SmallVector<ExactReal> turns;
  SmallVector<PhasePlan> plans;
  /// Frequencies or timescales of f32.
  SmallVector<APFloat> rounded;
  SmallVector<ExactReal> growth;
  /// Of frequencies that are computed at run time, and where they are.
  std::optional<PhasePlan> unknown;
  StretchedWords stretched;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_SINCOSROWS_H
