//===- AttentionExclusion.cpp - Which keys an attention takes -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lengths, packed sequences, causality and window all leave an interval of keys
// to a query, so one pair of bounds a query stands for them. The mask does what
// is left.
//
//===----------------------------------------------------------------------===//

#include "AttentionStages.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

/// An integer or index as an index.
static Value asIndex(OpBuilder &builder, Location loc, Value value) {
  if (value.getType().isIndex())
    return value;
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                    value);
}

SmallVector<Value> AttentionStages::buildPackedRanges() {
  // The loop over batches is free here: it runs over the sequences.
  AttentionLoop sequence = Batch;
  OpFoldResult numStarts =
      tensor::getMixedSize(builder, loc, op.getQueryStarts(), 0);
  OpFoldResult numSequences = affine::makeComposedFoldedAffineApply(
      builder, loc, builder.getAffineDimExpr(0) - 1, numStarts);
  auto takeStarts = [&](Value starts, int64_t first) -> IndexedTensor {
    return {tensor::ExtractSliceOp::create(
                builder, loc, starts,
                ArrayRef<OpFoldResult>{builder.getIndexAttr(first)},
                numSequences, ArrayRef<OpFoldResult>{builder.getIndexAttr(1)}),
            {loop(sequence)}};
  };
  IndexedTensor zeros{makeFilled(sizes[Query], builder.getIndexAttr(0)),
                      {loop(Query)}};
  return compute(
      {Query, sequence},
      {takeStarts(op.getQueryStarts(), 0), takeStarts(op.getQueryStarts(), 1),
       takeStarts(op.getKeyStarts(), 0), takeStarts(op.getKeyStarts(), 1)},
      {zeros, zeros, zeros}, [&](OpBuilder &nested, ValueRange args) {
        Value query = linalg::IndexOp::create(nested, loc, 0);
        if (Value origin = op.getQueryOrigin())
          query = arith::AddIOp::create(nested, loc, query, origin);
        SmallVector<Value> starts =
            llvm::map_to_vector(args.take_front(4), [&](Value start) {
              return asIndex(nested, loc, start);
            });
        Value isBehind = arith::CmpIOp::create(
            nested, loc, arith::CmpIPredicate::sge, query, starts[0]);
        Value isBefore = arith::CmpIOp::create(
            nested, loc, arith::CmpIPredicate::slt, query, starts[1]);
        Value isInside = arith::AndIOp::create(nested, loc, isBehind, isBefore);
        Value offset = arith::SubIOp::create(nested, loc, starts[3], starts[1]);
        Value position = arith::AddIOp::create(nested, loc, query, offset);
        // One sequence at most has the query; the others leave what is there.
        auto keep = [&](Value ifInside, Value otherwise) -> Value {
          return arith::SelectOp::create(nested, loc, isInside, ifInside,
                                         otherwise);
        };
        return SmallVector<Value>{keep(position, args[4]),
                                  keep(starts[2], args[5]),
                                  keep(starts[3], args[6])};
      });
}

std::pair<Value, Value> AttentionStages::buildKeyRanges() {
  SmallVector<IndexedTensor> inputs;
  bool isPacked = static_cast<bool>(op.getQueryStarts());
  if (isPacked)
    for (Value range : buildPackedRanges())
      inputs.push_back({range, {loop(Query)}});
  else if (op.getKvLengths())
    inputs.push_back({op.getKvLengths(), {loop(Batch)}});

  Value numQueries =
      getValueOrCreateConstantIndexOp(builder, loc, sizes[Query]);
  Value numKeys = getValueOrCreateConstantIndexOp(builder, loc, sizes[Key]);
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  // Positions and bounds are counted from the first key of the larger
  // attention, then from the first key of this one.
  Value queryOrigin = op.getQueryOrigin(), keyOrigin = op.getKeyOrigin();
  IndexedTensor range{
      makeEmpty({sizes[Batch], sizes[Query]}, builder.getIndexType()),
      {loop(Batch), loop(Query)}};
  SmallVector<Value> ranges = compute(
      {Batch, Query}, inputs, {range, range},
      [&](OpBuilder &nested, ValueRange args) {
        auto plus = [&](Value value, Value summand) -> Value {
          return arith::AddIOp::create(nested, loc, value, summand);
        };
        auto plusConstant = [&](Value value, int64_t summand) {
          return plus(value,
                      arith::ConstantIndexOp::create(nested, loc, summand));
        };
        Value position = linalg::IndexOp::create(nested, loc, 1);
        Value first = zero, end = numKeys;
        if (queryOrigin && !isPacked)
          position = plus(position, queryOrigin);
        if (keyOrigin)
          end = plus(end, keyOrigin);
        if (isPacked) {
          position = args[0], first = args[1], end = args[2];
        } else if (op.getKvLengths()) {
          end = asIndex(nested, loc, args[0]);
          position = plus(position,
                          arith::SubIOp::create(nested, loc, end, numQueries));
        } else if (op.getPast()) {
          position = plus(position, op.getPast());
        }
        auto limitEnd = [&](int64_t right) {
          end = arith::MinSIOp::create(nested, loc, end,
                                       plusConstant(position, right + 1));
        };
        if (op.getCausal())
          limitEnd(0);
        if (op.getRightWindow() >= 0)
          limitEnd(op.getRightWindow());
        if (op.getLeftWindow() >= 0)
          first = arith::MaxSIOp::create(
              nested, loc, first, plusConstant(position, -op.getLeftWindow()));
        if (keyOrigin)
          for (Value *bound : {&first, &end})
            *bound = arith::SubIOp::create(nested, loc, *bound, keyOrigin);
        return SmallVector<Value>{first, end};
      });
  return {ranges[0], ranges[1]};
}

Value AttentionStages::buildPaddedMask() {
  Value mask = op.getMask();
  auto type = cast<RankedTensorType>(mask.getType());
  int64_t last = type.getRank() - 1;
  OpFoldResult length = tensor::getMixedSize(builder, loc, mask, last);
  if (isEqualConstantIntOrValue(length, sizes[Key]))
    return mask;
  SmallVector<int64_t> shape(type.getShape());
  shape[last] = getConstantIntValue(sizes[Key]).value_or(ShapedType::kDynamic);
  // Of no keys there is nothing to pad, and views of none do not verify.
  if (shape[last] == 0)
    return tensor::CastOp::create(builder, loc, type.clone(shape), mask);
  SmallVector<OpFoldResult> low(type.getRank(), builder.getIndexAttr(0));
  SmallVector<OpFoldResult> high = low;
  AffineExpr keys, given;
  bindDims(builder.getContext(), keys, given);
  high[last] = affine::makeComposedFoldedAffineApply(builder, loc, keys - given,
                                                     {sizes[Key], length});
  auto element = dyn_cast<FloatType>(type.getElementType());
  Value excluding = arith::ConstantOp::create(
      builder, loc,
      element ? getNegativeInfinity(element) : builder.getBoolAttr(false));
  return tensor::PadOp::create(builder, loc, type.clone(shape), mask, low, high,
                               excluding);
}

Value AttentionStages::buildBiasedScores(Value scores) {
  SmallVector<IndexedTensor> inputs{overScores(scores)};
  if (op.hasKeyRanges()) {
    auto [first, end] = buildKeyRanges();
    for (Value bound : {first, end})
      inputs.push_back({bound, {loop(Batch), loop(Query)}});
  }
  if (op.getMask()) {
    IndexedTensor mask = overScores(buildPaddedMask());
    auto shape = cast<ShapedType>(op.getMask().getType()).getShape();
    mask.indices.erase(mask.indices.begin(), mask.indices.end() - shape.size());
    for (auto [dim, size] : llvm::enumerate(shape.drop_back()))
      if (size == 1)
        mask.indices[dim] = builder.getAffineConstantExpr(0);
    inputs.push_back(mask);
  }
  if (inputs.size() == 1)
    return scores;
  return computeOne(
      {Batch, Head, Query, Key}, inputs,
      overScores(makeEmpty(getScoresShape(), computeType)),
      [&](OpBuilder &nested, ValueRange args) {
        Value excluded = arith::ConstantOp::create(
            nested, loc, getNegativeInfinity(computeType));
        Value score = args[0];
        auto keepWhere = [&](Value condition) {
          score =
              arith::SelectOp::create(nested, loc, condition, score, excluded);
        };
        if (op.getMask()) {
          Value mask = args.drop_back().back();
          if (mask.getType().isInteger(1)) {
            keepWhere(mask);
          } else {
            // Not a sum where the bias is -inf: the score may be NaN or +inf.
            Value bias = convertFloat(nested, loc, mask, computeType);
            score = arith::AddFOp::create(nested, loc, score, bias);
            keepWhere(arith::CmpFOp::create(
                nested, loc, arith::CmpFPredicate::UNE, bias, excluded));
          }
        }
        if (op.hasKeyRanges()) {
          Value key = linalg::IndexOp::create(nested, loc, Key);
          keepWhere(arith::CmpIOp::create(
              nested, loc, arith::CmpIPredicate::sge, key, args[1]));
          keepWhere(arith::CmpIOp::create(
              nested, loc, arith::CmpIPredicate::slt, key, args[2]));
        }
        return score;
      });
}
