//===- AttentionKernel.h - The kernel of an attention -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block takes a query of some heads that share keys and values. Its threads
// load and rotate the queries into shared memory; then each of a tile of keys
// has a thread, which loads and rotates the key once for all of these heads,
// and after the softmax of the tile each lane of the values has one, which is
// loaded once as well. The softmax is corrected from tile to tile: with m the
// largest score so far,
//
//   l = l e^(m - m') + sum_j e^(x_j - m'),
//   o = o e^(m - m') + sum_j e^(x_j - m') v_j.
//
// Where weights are results or are rounded, m and l come from a pass of their
// own over the keys.
//
// Where there are few queries, a block takes a part of the keys (KeyParts.h).
//
// It is the kernel of a decoder's step: keys are read once a query, by vector
// products, not by those of matrices.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_ATTENTIONKERNEL_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_ATTENTIONKERNEL_H

#include "AttentionIndices.h"
#include "AttentionMask.h"
#include "DeviceBuffer.h"
#include "KeyParts.h"
#include "KeyRanges.h"
#include "RowRotation.h"
#include "ScoreMath.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

namespace mlir::rope {

class AttentionKernel {
public:
  AttentionKernel(KernelBuilder &kernel, KeyParts parts);
  void emit();

  /// Bytes of shared memory a head: a query, the scores and weights of a tile,
  /// and an output that is rotated.
  static int64_t getSharedBytes(AttentionOp op, const GpuModel &model);
  /// Heads of a block: a divisor of the size of their group, by what registers
  /// and shared memory hold.
  static int64_t getHeadsOfBlock(AttentionOp op, const GpuModel &model);

private:
  using Range = KeyRanges::Range;
  /// The query of this block.
  struct Place {
    Value query, batch;
    SmallVector<Value> heads;
    Value part;
    /// Of the keys that it may take, and of those whose scores are computed.
    Range allowed, walked;
  };
  /// Of a head: m, the lanes of o of this thread times l, and l.
  struct Softmax {
    LaneValue largest;
    SmallVector<LaneValue> lanes;
    LaneValue total;
  };
  /// Keys with the lanes [first, end) of a query.
  struct KeyLanes {
    DeviceBuffer *buffer;
    Value row;
    int64_t first, end;
  };

  // The passes over the keys.
  void emitQuery(Place place);
  /// The keys of the part of this block.
  Range emitPartRange(const Place &place);
  /// m and l before the first key.
  std::pair<LaneValue, LaneValue> emitStart(Value head);
  /// Those of all heads, with `lanes` zeros.
  SmallVector<Softmax> emitStarts(const Place &place, int64_t lanes);
  SmallVector<Softmax> emitOnline(const Place &place);
  /// m and l only.
  SmallVector<Softmax> emitStatistics(const Place &place);
  /// The lanes of o, with weights of these m and l.
  void emitWeighted(const Place &place, MutableArrayRef<Softmax> softmaxes);
  /// for the first keys of tiles, with values carried along.
  SmallVector<Value>
  emitTiles(const Place &place, ValueRange inits,
            function_ref<SmallVector<Value>(Value tile, ValueRange)> body);
  /// What loops carry along.
  SmallVector<Value> flatten(ArrayRef<Softmax> softmaxes);
  SmallVector<Softmax> unflatten(ValueRange values);
  /// The weights of this thread's key in a tile, and what was summed before
  /// relative to the largest score until now.
  SmallVector<LaneValue> emitNextWeights(const Place &place, Value tile,
                                         bool isWritten,
                                         MutableArrayRef<Softmax> softmaxes);
  /// The largest of those so far and the scores of a tile, of which each thread
  /// has one a head.
  SmallVector<LaneValue> emitLargest(ArrayRef<LaneValue> scores,
                                     ArrayRef<Softmax> softmaxes);
  /// Combines `starts` with what each thread has in shared memory, by heads.
  SmallVector<LaneValue>
  emitFold(ArrayRef<LaneValue> starts, Value shared,
           function_ref<LaneValue(LaneValue, LaneValue)> combine);
  /// Hands numbers of this thread, one a head, to all threads.
  void share(ArrayRef<LaneValue> numbers, Value shared);
  /// With the weighted values of a tile, and the weights if `addsWeights`.
  SmallVector<Softmax> emitSums(const Place &place, Value tile,
                                ArrayRef<Softmax> softmaxes, bool addsWeights);
  /// The lanes of a unit of a value.
  SmallVector<LaneValue> loadValues(const Place &place, Value key, Value unit);
  void forEachUnit(const Softmax &softmax,
                   function_ref<void(Value unit, ArrayRef<LaneValue>)> body);
  void storeUnit(DeviceBuffer &buffer, Value row, Value unit,
                 ArrayRef<LaneValue> lanes);
  void finish(const Place &place, Value head, const Softmax &softmax);
  /// Writes what this part has.
  void finishPart(const Place &place, Value head, const Softmax &softmax);

  // Scores.
  void loadQuery(const Place &place, int64_t head);
  /// The scores of this thread's key in a tile, -inf past the end; written out
  /// if `isWritten` and they are results.
  SmallVector<LaneValue> emitTileScores(const Place &place, Value tile,
                                        bool isWritten);
  SmallVector<LaneValue> emitScores(const Place &place, Value key,
                                    bool isWritten);
  LaneValue emitScore(const Place &place, Value head, Value key,
                      LaneValue product, bool isWritten);
  /// Adds to the products of the queries of all heads with a key, those of some
  /// of its lanes.
  SmallVector<LaneValue> emitRotatedProducts(const Place &place, Value key,
                                             const KeyLanes &part,
                                             ArrayRef<LaneValue> sums);
  SmallVector<LaneValue> emitProducts(const KeyLanes &part, int64_t first,
                                      int64_t end, ArrayRef<LaneValue> sums);
  SmallVector<LaneValue> emitLoopOfSums(
      int64_t first, int64_t end, ArrayRef<LaneValue> sums,
      function_ref<void(Value i, MutableArrayRef<LaneValue> sums)> body);
  /// Adds the products of `scalar` with lane `lane` of the queries.
  void addProducts(MutableArrayRef<LaneValue> sums, LaneValue scalar,
                   LaneIndex lane);
  void writeScore(const Place &place, Value head, Value key, LaneValue score);

  // Exclusion.
  LaneValue emitBiased(const Place &place, Value head, Value key,
                       LaneValue score);

  LaneValue wrap(Value value) { return {builder, value}; }
  LaneValue emitF32(double value) {
    return wrap(
        arith::ConstantOp::create(builder, builder.getF32FloatAttr(value)));
  }
  /// An element in f32.
  LaneValue load(DeviceBuffer &buffer, Value row, LaneIndex lane) {
    return loadF32(kernel, buffer, row, lane);
  }
  Value loadShared(Value buffer, Value index) {
    return memref::LoadOp::create(builder, buffer, index);
  }
  /// Index `index` of what head number `head` of the block has in shared
  /// memory, `size` numbers.
  Value getShared(int64_t head, int64_t size, Value index) {
    return kernel.add(kernel.getConstant(head * size), index);
  }
  /// The number of the unit `i` of lanes of values of this thread.
  Value getUnit(int64_t i) {
    return kernel.add(thread, kernel.getConstant(i * threads));
  }
  Value getLane(LaneIndex lane) {
    return kernel.add(kernel.multiply(lane.loop, lane.scale),
                      kernel.getConstant(lane.offset));
  }

  static constexpr double kInfinity = std::numeric_limits<double>::infinity();

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;
  KeyParts parts;
  AttentionOp op;
  int64_t threads, headsOfBlock, headDim, valueDim;
  /// Lanes of values that a thread accesses at a time, and how often.
  int64_t valueUnit, unitsOfThread;
  DeviceBuffer query, key, value, out;
  std::optional<DeviceBuffer> sums, statistics, keyTail, lse, scores, sinks,
      bias;
  std::optional<AttentionMask> mask;
  std::optional<RowRotation> queryRotation, keyRotation, valueRotation,
      outputRotation;
  std::optional<KeyRanges> ranges;
  OpFoldResult numKeys, numQueries, numBatches;
  Value sharedQuery, sharedScores, sharedWeights, sharedOut;
  Value thread;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_ATTENTIONKERNEL_H
