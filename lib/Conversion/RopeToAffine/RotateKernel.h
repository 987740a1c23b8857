//===- RotateKernel.h - The rotation of one row -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Straight-line code for a chunk of the pairs of a row. Three shapes:
//
// - split: vectors of first lanes and vectors of second lanes,
//     y_a = c x_a - s x_b,  y_b = s x_a + c x_b;
// - even and odd: the same for bf16 in halves, where a register of 2n bf16
//   lanes is n even lanes and n odd lanes in f32: two shifts and masks, and no
//   lane moves;
// - swap, where pairs are interleaved in the input and in the result: vectors
//   of whole pairs, tables with each entry twice and the sine of first lanes
//   negated, y = x * C + swap(x) * S.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_ROTATEKERNEL_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_ROTATEKERNEL_H

#include "LaneValue.h"
#include "LoopEmitter.h"
#include "Rope/Conversion/RopeToAffine/RopeToAffine.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

class RotateKernel {
public:
  RotateKernel(RotateOp op, LoopEmitter &emitter,
               const RopeToAffineOptions &options);

  /// Consecutive pairs, cut into vectors.
  struct Chunk {
    LaneIndex firstPair;
    /// Pairs a vector: powers of two.
    SmallVector<int64_t> widths;
  };

  /// The vectors of the tables that belong to one vector of the computation.
  struct TableVectors {
    /// Of first lanes and second lanes; in swap shape of all lanes, and no
    /// second.
    LaneValue cosFirst, sinFirst, cosSecond, sinSecond;
  };

  /// Calls `body` with the chunks that cover the row: as many vectors each as
  /// registers can hold tables for. The flag is set on the last.
  void forEachChunk(function_ref<void(const Chunk &, bool isLast)> body);

  SmallVector<TableVectors> loadTables(ValueRange tableRow, const Chunk &chunk);
  void rotate(ValueRange row, const Chunk &chunk,
              ArrayRef<TableVectors> tables);
  /// Out of place, the lanes outside the rotary range.
  void copyOtherLanes(ValueRange row);

private:
  enum class Shape { Split, EvenOdd, Swap };
  using Pair = std::pair<LaneValue, LaneValue>;
  using Store = std::pair<LaneIndex, LaneValue>;
  /// The stores of a few vectors of pairs. They are done in the order of
  /// addresses, first halves before second ones: memory takes a fifth longer
  /// for stores that change between two places of a row, most of all where
  /// these places share a line (112 lanes).
  struct Stores {
    SmallVector<Store, 0> first, second;
  };

  /// `lanes` lanes of a table.
  LaneValue loadTable(Value table, ValueRange row, LaneIndex lane,
                      int64_t lanes);
  void loadEvenOddTables(ValueRange row, LaneIndex pair, int64_t pairs,
                         SmallVectorImpl<TableVectors> &tables);
  /// One vector of pairs.
  SmallVector<Pair, 2> loadPairs(ValueRange row, LaneIndex pair, int64_t pairs);
  void addPairs(ArrayRef<Pair> lanes, LaneIndex pair, int64_t pairs,
                Stores &stores);
  Pair loadSplit(Value buffer, ValueRange row, PairingKind pairing,
                 int64_t offset, LaneIndex pair, int64_t pairs);
  void addSplit(Pair lanes, LaneIndex pair, Stores &stores);
  Pair rotateSplit(Pair lanes, const TableVectors &tables);
  LaneValue rotateSwap(LaneValue lanes, const TableVectors &tables);
  TableVectors loadSwapTables(ValueRange row, LaneIndex pair, int64_t pairs);
  /// c x + s y and c x - s y, with one rounding less if contracted.
  LaneValue sumOfProducts(LaneValue c, LaneValue x, LaneValue s, LaneValue y);
  LaneValue differenceOfProducts(LaneValue c, LaneValue x, LaneValue s,
                                 LaneValue y);
  LaneValue wrap(Value value);
  void copyLanes(ValueRange row, int64_t begin, int64_t end);

  RotateOp op;
  LoopEmitter &emitter;
  bool contract;
  FloatType element, computeType;
  /// Lanes that a vector register holds: of the computation, of the elements.
  int64_t computeLanes, elementLanes;
  int64_t maxTableVectors;
  Shape shape;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_ROTATEKERNEL_H
