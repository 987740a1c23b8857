//===- AttentionScores.cpp - Scores and outputs of an attention -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two contractions, over lanes and over keys, and the soft cap. A query
// head reads the keys and values of its group by the index map; nothing is
// repeated in memory.
//
//===----------------------------------------------------------------------===//

#include "AttentionStages.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::rope;

/// The lanes [first, first + size) of a tensor of rank 4.
static Value takeLanes(OpBuilder &builder, Location loc, Value tensor,
                       int64_t first, int64_t size) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, tensor);
  SmallVector<OpFoldResult> offsets(4, builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(4, builder.getIndexAttr(1));
  offsets[3] = builder.getIndexAttr(first);
  sizes[3] = builder.getIndexAttr(size);
  return tensor::ExtractSliceOp::create(builder, loc, tensor, offsets, sizes,
                                        strides);
}

/// accumulator + a * b in the type of the accumulator.
static Value buildMultiplyAdd(OpBuilder &builder, Location loc, Value lhs,
                              Value rhs, Value accumulator) {
  Type type = accumulator.getType();
  Value product =
      arith::MulFOp::create(builder, loc, convertFloat(builder, loc, lhs, type),
                            convertFloat(builder, loc, rhs, type));
  return arith::AddFOp::create(builder, loc, accumulator, product);
}

Value AttentionStages::buildRawScores(Value query, Value key, Value keyTail) {
  auto accumulate = [&](Value scores, Value queryLanes, Value keyLanes,
                        AffineExpr keyHead) {
    return computeOne(
        {Batch, Head, Query, Key, Lane},
        {{queryLanes, inLayout(loop(Head), loop(Query))},
         {keyLanes, inLayout(keyHead, loop(Key))}},
        overScores(scores), [&](OpBuilder &nested, ValueRange args) {
          return buildMultiplyAdd(nested, loc, args[0], args[1], args[2]);
        });
  };
  Value products =
      makeFilled(getScoresShape(), builder.getFloatAttr(computeType, 0.0));
  AffineExpr group = loop(Head).floorDiv(op.getGroupSize());
  if (keyTail) {
    int64_t own = op.getOwnKeyDim(), all = op.getHeadDim();
    products = accumulate(products, takeLanes(builder, loc, query, 0, own), key,
                          group);
    products =
        accumulate(products, takeLanes(builder, loc, query, own, all - own),
                   keyTail, builder.getAffineConstantExpr(0));
  } else {
    products = accumulate(products, query, key, group);
  }
  Value scale = arith::ConstantOp::create(
      builder, loc, builder.getFloatAttr(computeType, op.getEffectiveScale()));
  return computeOne({Batch, Head, Query, Key}, overScores(products),
                    overScores(makeEmpty(getScoresShape(), computeType)),
                    [&](OpBuilder &nested, ValueRange args) -> Value {
                      return arith::MulFOp::create(nested, loc, args[0], scale);
                    });
}

Value AttentionStages::buildCappedScores(Value scores) {
  if (!op.getSoftcap())
    return scores;
  Value cap = arith::ConstantOp::create(
      builder, loc,
      builder.getFloatAttr(computeType, op.getSoftcap()->convertToDouble()));
  return computeOne({Batch, Head, Query, Key}, overScores(scores),
                    overScores(makeEmpty(getScoresShape(), computeType)),
                    [&](OpBuilder &nested, ValueRange args) -> Value {
                      Value ratio =
                          arith::DivFOp::create(nested, loc, args[0], cap);
                      Value bounded = math::TanhOp::create(nested, loc, ratio);
                      return arith::MulFOp::create(nested, loc, bounded, cap);
                    });
}

Value AttentionStages::buildOutput(Value weights, Value value) {
  SmallVector<OpFoldResult> shape =
      tensor::getMixedSizes(builder, loc, op.getQuery());
  shape[3] = builder.getIndexAttr(op.getValueType().getDimSize(3));
  AffineExpr group = loop(Head).floorDiv(op.getGroupSize());
  Value sums = computeOne(
      {Batch, Head, Query, Key, Lane},
      {overScores(weights), {value, inLayout(group, loop(Key))}},
      {makeFilled(shape, builder.getFloatAttr(computeType, 0.0)),
       inLayout(loop(Head), loop(Query))},
      [&](OpBuilder &nested, ValueRange args) -> Value {
        // A key of weight 0 may hold anything: 0 * NaN is not added.
        Value zero = arith::ConstantOp::create(
            nested, loc, nested.getFloatAttr(computeType, 0.0));
        Value isExcluded = arith::CmpFOp::create(
            nested, loc, arith::CmpFPredicate::OEQ, args[0], zero);
        Value sum = buildMultiplyAdd(nested, loc, args[0], args[1], args[2]);
        return arith::SelectOp::create(nested, loc, isExcluded, args[2], sum);
      });
  return convert(sums, op.getQueryType().getElementType());
}
