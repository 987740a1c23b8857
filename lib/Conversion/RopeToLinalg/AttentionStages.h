//===- AttentionStages.h - The stages of an attention in linalg -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each stage of `rope.attention` is one or two `linalg.generic` over whole
// tensors, in the order of the op's description: scores, exclusion, softmax.
// Scores have the dimensions (batch, head, query, key) in either layout, what
// belongs to a row of them (batch, head, query).
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOLINALG_ATTENTIONSTAGES_H
#define ROPE_LIB_CONVERSION_ROPETOLINALG_ATTENTIONSTAGES_H

#include "ShapedEmitter.h"

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/IR/Builders.h"

namespace mlir::rope {

/// The loops of all stages; `lane` runs over the lanes of a dot product or of a
/// row of the output.
enum AttentionLoop : unsigned { Batch, Head, Query, Key, Lane };

/// A tensor and the loops that index it.
struct IndexedTensor {
  Value tensor;
  SmallVector<AffineExpr> indices;
};

/// The attention that is lowered, where, and its sizes.
class AttentionStages {
public:
  AttentionStages(OpBuilder &builder, AttentionOp op);

  /// scale * q . k of rotated queries and keys, in the compute type.
  Value buildRawScores(Value query, Value key, Value keyTail);
  /// softcap * tanh(x / softcap).
  Value buildCappedScores(Value scores);
  /// The scores with the mask added and -inf where a key is excluded.
  Value buildBiasedScores(Value scores);

  struct Softmax {
    /// Of the shape of the scores.
    Value weights;
    /// The maximum and the sum of exponentials of each row.
    Value maxima, sums;
  };
  Softmax buildSoftmax(Value scores);
  /// maximum + log(sum), in the compute type and the layout of the output.
  Value buildLogSumExp(const Softmax &softmax);
  /// sum_j w_j v_j, rounded to the query's element type.
  Value buildOutput(Value weights, Value value);

  /// The tensor with its elements rounded or widened to a type.
  Value convert(Value tensor, Type element);

private:
  using Body = function_ref<SmallVector<Value>(OpBuilder &, ValueRange)>;

  /// outputs[...] = body(inputs[...], outputs[...]) over `loops`, of which
  /// those that index no output are reductions.
  SmallVector<Value> compute(ArrayRef<AttentionLoop> loops,
                             ArrayRef<IndexedTensor> inputs,
                             ArrayRef<IndexedTensor> outputs, Body body);
  Value computeOne(ArrayRef<AttentionLoop> loops,
                   ArrayRef<IndexedTensor> inputs, IndexedTensor output,
                   function_ref<Value(OpBuilder &, ValueRange)> body);

  /// [first, end) of the keys that a query may take by its position, over
  /// (batch, query).
  std::pair<Value, Value> buildKeyRanges();
  /// Position, first key and end of the keys of a packed query, over (query).
  SmallVector<Value> buildPackedRanges();
  /// The mask made as long as the keys; what is added excludes.
  Value buildPaddedMask();

  AffineExpr loop(AttentionLoop dim) { return builder.getAffineDimExpr(dim); }
  /// (batch, head, sequence, lane) in the order of the op's layout.
  SmallVector<AffineExpr> inLayout(AffineExpr head, AffineExpr sequence);
  IndexedTensor overScores(Value tensor);
  IndexedTensor overRows(Value tensor);
  Value makeEmpty(ArrayRef<OpFoldResult> shape, Type element);
  Value makeFilled(ArrayRef<OpFoldResult> shape, TypedAttr value);
  SmallVector<OpFoldResult> getScoresShape() {
    return {sizes[Batch], sizes[Head], sizes[Query], sizes[Key]};
  }
  SmallVector<OpFoldResult> getRowsShape() {
    return {sizes[Batch], sizes[Head], sizes[Query]};
  }

  OpBuilder &builder;
  AttentionOp op;
  Location loc;
  /// Of batch, heads, queries and keys.
  SmallVector<OpFoldResult> sizes;
  FloatType computeType;
};

/// -inf in a float type.
TypedAttr getNegativeInfinity(FloatType type);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOLINALG_ATTENTIONSTAGES_H
