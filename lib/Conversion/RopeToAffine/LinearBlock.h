//===- LinearBlock.h - A head of a linear attention -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tokens come in chunks: their features, rotated, gates and values become rows
// in the type of the computation, padded to whole vectors. The state [F, Dv] is
// vectors along Dv; a token passes it once, or with `beta` twice,
//
//     row_f = exp(g_f) row_f,  r = sum_f k_f row_f,  u = beta (v - r),
//     row_f = row_f + k_f u,   o_h = sum_f q_hf row_f,
//
// where sums over f are in registers for the vectors of a panel. Without
// `causal` all tokens are absorbed first, several rows of the state at a time,
// and queries are answered several at a time.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_LINEARBLOCK_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_LINEARBLOCK_H

#include "LaneValue.h"
#include "LoopEmitter.h"
#include "Rope/Conversion/RopeToAffine/RopeToAffine.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

class LinearBlock {
public:
  /// Tokens of a chunk.
  static constexpr int64_t kChunkTokens = 16;

  /// Allocates what a head needs.
  LinearBlock(LinearAttentionOp op, LoopEmitter &emitter,
              const RopeToAffineOptions &options, Value projection);
  void deallocate();

  /// All tokens of a head of keys and of the query heads that share it.
  void emit(Value batch, Value head);

  /// The transposed projection [D, F] of an op, in whole vectors; null without.
  static Value packProjection(LinearAttentionOp op, LoopEmitter &emitter,
                              int64_t lanes);

private:
  using Lanes = function_ref<void(Value lane, int64_t count)>;
  /// The changes of the state by a token, of a row of the chunk.
  struct Update {
    Value row;
    SmallVector<Value> values;
  };

  Value allocate(ArrayRef<int64_t> shape);
  int64_t toVectors(int64_t count) const { return llvm::alignTo(count, lanes); }
  OpFoldResult constant(int64_t value) const {
    return emitter.getBuilder().getIndexAttr(value);
  }
  LaneValue wrap(Value value) const { return {emitter.getBuilder(), value}; }
  /// A constant of `count` lanes; one is a scalar.
  LaneValue splat(double value, int64_t count) const;
  LaneValue broadcast(Value scalar) const;
  /// Calls `body` for vectors of lanes and then for single ones.
  void forLanes(int64_t width, bool hasVectors, Lanes body);
  Value emitDot(Value lhs, ArrayRef<LaneIndex> lhsRow, Value rhs,
                ArrayRef<LaneIndex> rhsRow, int64_t width);
  SmallVector<LaneIndex> inLayout(LaneIndex head, LaneIndex token);
  void forChunks(OpFoldResult tokens,
                 function_ref<void(Value first, Value count)> body);

  // LinearFeatures.cpp
  /// Rows of an operand from a place on, converted; `row` is one of `into`.
  void load(Value operand, ArrayRef<LaneIndex> place, Value into, Value row,
            int64_t width);
  void stageKeys(Value first, Value count);
  void stageQueries(Value first, Value count);
  void stageGates(Value first, Value count);
  /// The features of the input rows that were loaded.
  void emitFeatures(Value features, Value row);
  void emitKernelFeatures(Value features, Value row);
  LaneValue emitFeature(LaneValue lane);
  void emitRotation(Value from, Value into, int64_t firstRow, Value cos,
                    Value sin, RotationAttr lanes, Value first, Value count);
  void copyState(bool isStart);

  // LinearBlock.cpp
  void emitCausal();
  void emitWhole();
  void absorbChunk(Value count);
  void updateNormalizer(Value row);
  /// Sums over features of `rows` of queries by a panel of the state, which
  /// `update` changes on the way.
  void emitPass(ArrayRef<Value> rows, int64_t column, int64_t vectors,
                const Update *update);
  SmallVector<Value> emitUpdateValues(Value row, int64_t column,
                                      int64_t vectors);
  /// An entry of a row of the chunk, in all lanes.
  LaneValue loadEntry(Value buffer, Value row, Value feature);
  SmallVector<LaneIndex> inState(Value feature, int64_t column) const {
    return {LaneIndex(feature), LaneIndex() + column};
  }
  /// A vector of the state, times exp(log_decay) of a row of the chunk.
  LaneValue loadForgetting(ArrayRef<LaneIndex> place, Value row);
  void finishRow(Value row, Value localHead, Value token);
  void forPanels(int64_t most,
                 function_ref<void(int64_t column, int64_t vectors)> body);

  LinearAttentionOp op;
  LoopEmitter &emitter;
  FloatType type;
  int64_t lanes, registers;
  int64_t numFeatures, valueDim, group;
  SmallVector<Value> buffers;
  Value projection;
  /// [row of the chunk, lane]; of queries, the heads of the group one after the
  /// other. Rotated features are the same where there is no rotation.
  Value inputs, keys, rotatedKeys, queries, rotatedQueries, values, results;
  /// exp(log_decay) [row, 1 or feature], beta [row], or null.
  Value decays, betas;
  /// [feature, column], [feature]
  Value state, normalizer;
  Value batch, kvHead;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_LINEARBLOCK_H
