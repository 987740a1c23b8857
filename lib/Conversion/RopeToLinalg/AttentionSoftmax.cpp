//===- AttentionSoftmax.cpp - The softmax of an attention -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// w_j = exp(x_j - m) / (exp(sink - m) + sum_j exp(x_j - m)), where m is the
// maximum of the row and of the sink. Where everything is -inf, weights are 0.
//
//===----------------------------------------------------------------------===//

#include "AttentionStages.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

/// exp(x - maximum), 0 where x is -inf (and the maximum may be).
static Value buildExponential(OpBuilder &builder, Location loc, Value score,
                              Value maximum) {
  auto type = cast<FloatType>(score.getType());
  Value infinity =
      arith::ConstantOp::create(builder, loc, getNegativeInfinity(type));
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  Value exponential = math::ExpOp::create(
      builder, loc, arith::SubFOp::create(builder, loc, score, maximum));
  Value isExcluded = arith::CmpFOp::create(
      builder, loc, arith::CmpFPredicate::OEQ, score, infinity);
  return arith::SelectOp::create(builder, loc, isExcluded, zero, exponential);
}

AttentionStages::Softmax AttentionStages::buildSoftmax(Value scores) {
  // Scores are rounded to the precision asked for; exponentials and sums are in
  // f32 at least.
  FloatType rounded = computeType, type = computeType;
  if (std::optional<Type> precision = op.getSoftmaxPrecision()) {
    rounded = cast<FloatType>(*precision);
    type = rounded.getWidth() < 32 ? FloatType(builder.getF32Type()) : rounded;
  }
  scores = convert(convert(scores, rounded), type);

  // Each row begins with its sink.
  Value maxima = makeFilled(getRowsShape(), getNegativeInfinity(type));
  Value sums = makeFilled(getRowsShape(), builder.getFloatAttr(type, 0.0));
  IndexedTensor sinks{op.getSinks(), {loop(Head)}};
  auto convertSink = [&](OpBuilder &nested, Value sink) {
    return convertFloat(nested, loc, sink, type);
  };
  if (op.getSinks())
    maxima = computeOne({Batch, Head, Query}, sinks, overRows(maxima),
                        [&](OpBuilder &nested, ValueRange args) {
                          return convertSink(nested, args[0]);
                        });
  maxima = computeOne(
      {Batch, Head, Query, Key}, overScores(scores), overRows(maxima),
      [&](OpBuilder &nested, ValueRange args) -> Value {
        return arith::MaximumFOp::create(nested, loc, args[0], args[1]);
      });
  if (op.getSinks())
    sums = computeOne({Batch, Head, Query}, {sinks, overRows(maxima)},
                      overRows(sums), [&](OpBuilder &nested, ValueRange args) {
                        return buildExponential(
                            nested, loc, convertSink(nested, args[0]), args[1]);
                      });
  Value exponentials = computeOne(
      {Batch, Head, Query, Key}, {overScores(scores), overRows(maxima)},
      overScores(makeEmpty(getScoresShape(), type)),
      [&](OpBuilder &nested, ValueRange args) {
        return buildExponential(nested, loc, args[0], args[1]);
      });
  sums = computeOne(
      {Batch, Head, Query, Key}, overScores(exponentials), overRows(sums),
      [&](OpBuilder &nested, ValueRange args) -> Value {
        return arith::AddFOp::create(nested, loc, args[1], args[0]);
      });
  Value weights = computeOne(
      {Batch, Head, Query, Key}, {overScores(exponentials), overRows(sums)},
      overScores(makeEmpty(getScoresShape(), type)),
      [&](OpBuilder &nested, ValueRange args) -> Value {
        Value zero =
            arith::ConstantOp::create(nested, loc, nested.getZeroAttr(type));
        Value isEmpty = arith::CmpFOp::create(
            nested, loc, arith::CmpFPredicate::OEQ, args[1], zero);
        Value ratio = arith::DivFOp::create(nested, loc, args[0], args[1]);
        return arith::SelectOp::create(nested, loc, isEmpty, zero, ratio);
      });
  return {convert(convert(weights, rounded), computeType), maxima, sums};
}

Value AttentionStages::buildLogSumExp(const Softmax &softmax) {
  SmallVector<AffineExpr> indices = inLayout(loop(Head), loop(Query));
  indices.pop_back();
  SmallVector<OpFoldResult> shape =
      tensor::getMixedSizes(builder, loc, op.getQuery());
  shape.pop_back();
  return computeOne(
      {Batch, Head, Query}, {overRows(softmax.maxima), overRows(softmax.sums)},
      {makeEmpty(shape, computeType), indices},
      [&](OpBuilder &nested, ValueRange args) {
        Value logarithm = math::LogOp::create(nested, loc, args[1]);
        Value sum = arith::AddFOp::create(nested, loc, args[0], logarithm);
        return convertFloat(nested, loc, sum, computeType);
      });
}
