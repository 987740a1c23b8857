//===- AttentionKernel.h - The kernel of an attention -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block takes a query of a head. Its threads load and rotate the query into
// shared memory; then each of a tile of keys has a thread, which rotates the
// key on the way into the product, and after the softmax of the tile each lane
// of the values has one. The softmax is corrected from tile to tile: with m the
// largest score so far,
//
//   l = l e^(m - m') + sum_j e^(x_j - m'),
//   o = o e^(m - m') + sum_j e^(x_j - m') v_j.
//
// Where weights are results or are rounded, m and l come from a pass of their
// own over the keys.
//
// It is the kernel of a decoder's step: keys are read once a query, by vector
// products, not by those of matrices.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_ATTENTIONKERNEL_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_ATTENTIONKERNEL_H

#include "AttentionIndices.h"
#include "DeviceBuffer.h"
#include "KeyRanges.h"
#include "RowRotation.h"
#include "ScoreMath.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

namespace mlir::rope {

class AttentionKernel {
public:
  AttentionKernel(KernelBuilder &kernel, AttentionOp op);
  void emit();

  /// Bytes of shared memory: a query, the scores and weights of a tile, and an
  /// output that is rotated.
  static int64_t getSharedBytes(AttentionOp op, const GpuModel &model);

private:
  using Range = KeyRanges::Range;
  /// The query of this block.
  struct Place {
    Value query, head, batch;
    /// Of the keys that it may take, and of those whose scores are computed.
    Range allowed, walked;
  };
  /// Keys with the lanes [first, end) of a query.
  struct KeyPart {
    DeviceBuffer *buffer;
    Value row;
    int64_t first, end;
  };

  // The passes over the keys.
  void emitQuery(Place place);
  /// m and l before the first key.
  std::pair<LaneValue, LaneValue> emitStart(const Place &place);
  /// m, the lanes of o of this thread times l, and l.
  SmallVector<Value> emitOnline(const Place &place);
  /// m and l.
  SmallVector<Value> emitStatistics(const Place &place);
  /// The lanes of o of this thread, with weights of these m and l.
  SmallVector<Value> emitWeighted(const Place &place, LaneValue largest,
                                  LaneValue total);
  /// for the first keys of tiles, with values carried along.
  SmallVector<Value>
  emitTiles(const Place &place, ValueRange inits,
            function_ref<SmallVector<Value>(Value tile, ValueRange)> body);
  /// The largest of `before` and the scores of a tile, of which each thread has
  /// one.
  LaneValue emitLargest(LaneValue score, LaneValue before);
  /// Combines `start` with what each thread has in shared memory.
  LaneValue emitFold(LaneValue start, Value shared,
                     function_ref<LaneValue(LaneValue, LaneValue)> combine);
  /// Hands the weights of a tile to all threads.
  void shareWeights(LaneValue weight);
  /// Adds the weighted values of a tile to the lanes of this thread, and the
  /// weights to a sum that may come behind them.
  SmallVector<Value> emitSums(const Place &place, Value tile, ValueRange sums);
  LaneValue loadValue(const Place &place, Value key, Value lane);
  void finish(const Place &place, LaneValue largest, LaneValue total,
              ValueRange lanes);

  // Scores.
  void loadQuery(const Place &place);
  /// The score of this thread's key in a tile, -inf past the end; written out
  /// if `isWritten` and it is a result.
  LaneValue emitTileScore(const Place &place, Value tile, bool isWritten);
  LaneValue emitScore(const Place &place, Value key, bool isWritten);
  LaneValue emitPart(const Place &place, Value key, const KeyPart &part,
                     LaneValue sum);
  LaneValue emitProduct(const KeyPart &part, int64_t first, int64_t end,
                        LaneValue sum);
  void writeScore(const Place &place, Value key, LaneValue score);

  // Exclusion.
  LaneValue emitBiased(const Place &place, Value key, LaneValue score);
  LaneValue emitMasked(const Place &place, Value key, LaneValue score);

  bool hasTwoPasses() const;
  LaneValue wrap(Value value) { return {builder, value}; }
  LaneValue emitF32(double value) {
    return wrap(
        arith::ConstantOp::create(builder, builder.getF32FloatAttr(value)));
  }
  /// An element in f32.
  LaneValue load(DeviceBuffer &buffer, Value row, LaneIndex lane);
  /// e^(x - m). The difference comes first: log2(e) times a large score is not
  /// a number of f32.
  LaneValue emitWeight(LaneValue score, LaneValue largest) {
    return emitNativeExp2((score - largest) * llvm::numbers::log2e);
  }
  /// m, or 0 where no key has a weight yet: what exponents are relative to.
  LaneValue emitBase(LaneValue largest) {
    return largest.compare(arith::CmpFPredicate::OEQ, -kInfinity)
        .select(emitF32(0), largest);
  }
  /// sum / total, 0 where no key has a weight.
  LaneValue emitQuotient(LaneValue sum, LaneValue total) {
    LaneValue quotient = sum.emit<arith::DivFOp>(sum.get(), total.get());
    return total.compare(arith::CmpFPredicate::OEQ, 0.0)
        .select(emitF32(0), quotient);
  }
  Value loadShared(Value buffer, Value index) {
    return memref::LoadOp::create(builder, buffer, index);
  }
  /// The lane of number `i` of this thread.
  Value getLane(int64_t i) {
    return kernel.add(thread, kernel.getConstant(i * threads));
  }
  Value getLane(LaneIndex lane) {
    return kernel.add(kernel.multiply(lane.loop, lane.scale),
                      kernel.getConstant(lane.offset));
  }

  static constexpr double kInfinity = std::numeric_limits<double>::infinity();

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;
  AttentionOp op;
  int64_t threads, headDim, valueDim, lanesOfThread;
  DeviceBuffer query, key, value, out;
  std::optional<DeviceBuffer> keyTail, lse, scores, sinks, bias;
  std::optional<IntegerBuffer> mask;
  std::optional<RowRotation> queryRotation, keyRotation, valueRotation,
      outputRotation;
  std::optional<KeyRanges> ranges;
  OpFoldResult numKeys, numQueries, numBatches, numMasked;
  Value sharedQuery, sharedScores, sharedWeights, sharedOut;
  Value thread;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_ATTENTIONKERNEL_H
