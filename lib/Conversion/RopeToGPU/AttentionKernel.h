//===- AttentionKernel.h - The kernel of an attention -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block takes a query of some heads that share keys and values. Its threads
// load and rotate the queries into shared memory; then groups of them load and
// rotate each of a tile of keys once for all of these heads (KeyGroups.h), and
// a thread gets the scores of one. After the softmax of the tile each unit of
// lanes of a value has a thread, which loads it once as well
// (AttentionValues.cpp). The softmax is corrected from tile to tile: with m the
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
#include "KeyGroups.h"
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
  /// Combines `starts` with what threads have in shared memory, by heads:
  /// `count` numbers from `first` on and from each `stride` further on, of
  /// which `unroll` are straight-line code.
  SmallVector<LaneValue>
  emitFold(ArrayRef<LaneValue> starts, SharedWords &shared, Value first,
           int64_t stride, int64_t count, int64_t unroll,
           function_ref<LaneValue(LaneValue, LaneValue)> combine);
  /// With what all threads have.
  SmallVector<LaneValue>
  emitFoldOfAll(ArrayRef<LaneValue> starts, SharedWords &shared,
                function_ref<LaneValue(LaneValue, LaneValue)> combine) {
    int64_t count = getCommonPowerOfTwo({threads}, 4);
    return emitFold(starts, shared, kernel.getConstant(0), count, count, 1,
                    combine);
  }
  /// Hands numbers of this thread, one a head, to all threads.
  void share(ArrayRef<LaneValue> numbers, SharedWords &shared);
  SmallVector<LaneValue> loadShared(SharedWords &shared, Value index,
                                    int64_t offset, int64_t count);

  // Values.
  /// Lanes of values that a thread accesses at a time.
  int64_t getValueUnit();
  /// Threads of a slot, which has values of its own.
  int64_t getValueThreads();
  /// The slot of this thread, and its number in there.
  Value getSlot() {
    return builder.createOrFold<arith::DivUIOp>(
        thread, kernel.getConstant(valueThreads));
  }
  Value getThreadOfValue() {
    return builder.createOrFold<arith::RemUIOp>(
        thread, kernel.getConstant(valueThreads));
  }
  /// With the weighted values of a tile that are this slot's, and the weights
  /// if `addsWeights`.
  SmallVector<Softmax> emitSums(const Place &place, Value tile,
                                ArrayRef<Softmax> softmaxes, bool addsWeights);
  /// Adds what all slots have.
  void addSlots(MutableArrayRef<Softmax> softmaxes, bool addsWeights);
  /// A unit of a value, and its lanes.
  SmallVector<Value> loadValues(const Place &place, Value key, Value unit);
  SmallVector<LaneValue> widenValues(ArrayRef<Value> loaded);
  void forEachUnit(const Softmax &softmax,
                   function_ref<void(Value unit, ArrayRef<LaneValue>)> body);
  void storeUnit(DeviceBuffer &buffer, Value row, Value unit,
                 ArrayRef<LaneValue> lanes);

  // Results.
  void finish(const Place &place, Value head, const Softmax &softmax);
  /// Writes what this part has.
  void finishPart(const Place &place, Value head, const Softmax &softmax);

  // Scores.
  void loadQuery(const Place &place, int64_t head);
  /// The scores of this thread's key in a tile, -inf past the end; written out
  /// if `isWritten` and they are results.
  SmallVector<LaneValue> emitTileScores(const Place &place, Value tile,
                                        bool isWritten);
  LaneValue emitScore(const Place &place, Value head, Value key,
                      LaneValue product, bool isWritten);
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
  int64_t valueUnit, valueThreads;
  /// Of a value, that a thread has.
  int64_t unitsOfThread;
  DeviceBuffer query;
  KeyGroups keys;
  DeviceBuffer value, out;
  std::optional<DeviceBuffer> sums, statistics, lse, scores, sinks;
  std::optional<AttentionMask> mask;
  std::optional<RowRotation> queryRotation, valueRotation, outputRotation;
  std::optional<KeyRanges> ranges;
  OpFoldResult numKeys, numQueries, numBatches;
  SharedWords sharedScores, sharedWeights;
  Value sharedOut;
  Value thread;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_ATTENTIONKERNEL_H
