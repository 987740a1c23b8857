//===- TiledAttention.h - Attention by products of matrices -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block takes a tile of queries of a head, a warp 16 of them, and walks over
// tiles of keys. With S = Q K^T, c = scale log2(e) and rows of a warp's
// fragments in registers,
//
//   m' = max(m, c max_j S_j) or m, P_j = 2^(c S_j - m'),
//   O = O 2^(m - m') + P V,  l = l 2^(m - m') + P 1.
//
// where m stays as it is unless it would grow by more than 8: few tiles correct
// O and l.
//
// The block rotates a tile of keys once, on its way into shared memory. While
// the warps multiply, the next keys and their table entries are on their way to
// registers, and the values of this tile to shared memory:
//
//   | keys j are there      start V[j]; load K[j + 1]; S; softmax
//   | V[j] is there         rotate and store K[j + 1]; O += P V
//
// with a barrier at each |. Where four warps multiply together, the product
// with the values goes on while the keys are rotated. P is rounded to the
// element type for the product. Its sum l is a product, too, so that the
// rounded weights sum up to 1.
//
// A weight of zero times a value that is no finite number is NaN, which a key
// that has no weight must not make. Where the output has a number that is not
// finite, the block does all over again, `isCareful`: it takes such values out
// of the product and adds them where their weight is not zero.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_TILEDATTENTION_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_TILEDATTENTION_H

#include "AttentionIndices.h"
#include "AttentionMask.h"
#include "AttentionTiles.h"
#include "KeyRanges.h"
#include "RowTile.h"
#include "WarpgroupProduct.h"

namespace mlir::rope {

class TiledAttention {
public:
  TiledAttention(KernelBuilder &kernel, AttentionOp op);
  void emit();

private:
  using Range = KeyRanges::Range;
  /// The queries of this block.
  struct Place {
    Value firstQuery, head, batch;
    /// Keys that some of its queries take, and those that all do.
    Range some, all;
  };
  /// Of the rows of this thread: the largest score so far, and fragments of the
  /// output and, behind them, one of columns that each are the sum of the
  /// rounded weights. For the log-sum-exp also the sum of the weights before
  /// they are rounded, which the threads of a row have a part of.
  struct State {
    SmallVector<LaneValue, 2> largest, total;
    SmallVector<Value> sums;
  };
  /// As loops and branches carry it, and back.
  SmallVector<Value> pack(const State &state);
  State unpack(ValueRange values);
  /// Fragments of the output.
  int64_t getNumFragments() const { return valueDim / layout.columns; }
  int64_t getNumSums() const {
    return layout.getSize() * (getNumFragments() + 1);
  }
  using Words = SmallVector<Value>;

  void emitTile(Place place);
  SmallVector<Words> loadQueries(const Place &place);
  /// The number of the last of `rows` rows from `first` on that there is.
  Value getLastRow(Value first, OpFoldResult size, int64_t rows);
  /// A tile of keys from `firstRow` rows behind `tile` on, which there is.
  RowTile::Loaded loadKeys(const Place &place, Value tile, int64_t firstRow);
  /// Rotates keys into shared memory.
  void storeKeys(const RowTile::Loaded &loaded);
  void copyValues(const Place &place, Value tile);
  /// That of values of the keys of a word, number `row` of these in the tile:
  /// of the lanes `lane` behind the unit of eight of number `eight`.
  SharedTile::Place getValuePlace(Value row, Value eight, int64_t lane);
  /// Without a key.
  State emitStart(const Place &place);
  /// One pass over the keys.
  State emitPass(const Place &place, ArrayRef<Words> queries, ValueRange start,
                 Value isCareful);
  State emitKeyTile(const Place &place, ArrayRef<Words> queries, Value tile,
                    State state, Value isCareful);
  SmallVector<Value> emitScores(ArrayRef<Words> queries);
  /// The scores of keys with a mask.
  SmallVector<Value> emitMask(const Place &place, Value tile,
                              SmallVector<Value> scores);
  SmallVector<Value> emitExclusion(const Place &place, Value tile,
                                   SmallVector<Value> scores);
  /// Makes weights of scores.
  void emitSoftmax(State &state, SmallVectorImpl<Value> &scores);
  /// Scales sums by 2^(before - m) where `grows` is true in one of the rows.
  void emitCorrection(State &state, ArrayRef<LaneValue> before,
                      LaneValue grows);
  void emitWeightedSums(State &state, ArrayRef<Value> weights);
  SmallVector<Value> emitSpecialValues(const Place &place, State state,
                                       ArrayRef<Value> weights);
  Value emitHasSpecial(ArrayRef<Value> sums);
  void finish(const Place &place, State state);
  void storeOutput(const Place &place, ArrayRef<Value> sums);

  /// Powers of two that a unit of the largest scores and of what they are
  /// compared with is: scores come times scale log2(e) and are fused with the
  /// difference, unless there is a mask, whose lowest numbers times log2(e) are
  /// none of f32.
  double getLog2Unit() const { return mask ? llvm::numbers::log2e : 1.0; }
  /// The sink of a head in these units.
  LaneValue loadSink(Value head);
  /// Combines what the threads of a row have.
  LaneValue emitRowFold(LaneValue value,
                        function_ref<LaneValue(LaneValue, LaneValue)> combine);
  LaneValue wrap(Value value) { return {builder, value}; }
  LaneValue emitF32(double value) {
    return wrap(
        arith::ConstantOp::create(builder, builder.getF32FloatAttr(value)));
  }
  Value constant(int64_t value) { return kernel.getConstant(value); }
  Value getLeast(Value index, Value limit) {
    return arith::MinUIOp::create(builder, index, limit);
  }
  /// The place of entry j of fragment n in row i, and the constant part of its
  /// column.
  int64_t getPlace(int64_t n, int64_t i, int64_t j) const {
    return layout.getPlace(n, i, j);
  }
  int64_t getColumn(int64_t n, int64_t j) const {
    return layout.columns * n + j;
  }
  /// Calls `body` for entries of fragments, two adjacent ones at a time.
  void forEachPair(int64_t fragments,
                   function_ref<void(int64_t n, int64_t i, int64_t j)> body) {
    for (int64_t i = 0; i < layout.getRows(); ++i)
      for (int64_t n = 0; n < fragments; ++n)
        for (int64_t j = 0; j < layout.entries; j += 2)
          body(n, i, j);
  }
  /// Values of a key in the columns of this thread from `column` + `first` on.
  SmallVector<LaneValue> loadValues(Value key, int64_t first);
  /// The query of row `i` of this thread.
  Value getRow(int64_t i) { return kernel.add(row, constant(8 * i)); }

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;
  AttentionOp op;
  AttentionTiles tiles;
  FragmentLayout layout;
  FloatType element;
  /// Lanes, and words from row to row of the output.
  int64_t headDim, valueDim, outStride;
  SharedTile queryTile, keyTile, valueTile;
  /// Of this thread in its warp, and the block's.
  Value lane, warp, thread;
  /// The first of the rows in the tile that this thread has a part of, and the
  /// first of its columns in each fragment.
  Value row, column;
  RowTile queryRows, keyRows;
  DeviceBuffer value, out;
  std::optional<DeviceBuffer> lse, sinks;
  std::optional<AttentionMask> mask;
  KeyRanges ranges;
  OpFoldResult numBatches;
  SharedWords shared, flag;
  std::unique_ptr<WarpProduct> product;
  /// Those that four warps do together, if they do.
  std::unique_ptr<WarpgroupProduct> group;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_TILEDATTENTION_H
