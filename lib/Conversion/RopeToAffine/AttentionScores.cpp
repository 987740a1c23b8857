//===- AttentionScores.cpp - Scores of a group of rows --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "AttentionBlock.h"
#include "ExpKernel.h"
#include "MicroKernel.h"
#include "NarrowFloat.h"
#include "PairProduct.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;
using namespace mlir::rope;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

void AttentionBlock::emitScores(const Group &group) {
  LoopEmitter &emitter = tile.emitter;
  const AttentionTiling &tiling = tile.tiling;
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  emitter.emitBlocks(
      group.keys.lower, group.keys.upper, tiling.panelKeys, [&](Value panel) {
        Value column =
            emitter.apply(a * tiling.panelKeys - b, {panel, group.firstKey});
        if (tiling.arePairs()) {
          PairProduct product{tile,
                              queries,
                              LaneIndex(group.firstRow),
                              packed->keys,
                              LaneIndex(panel, tiling.panelVectors),
                              tiling.panelVectors,
                              tile.constant(0),
                              scores,
                              LaneIndex(),
                              LaneIndex(column)};
          int64_t end = llvm::alignTo(tile.op.getHeadDim(), tiling.depth);
          return product.emitProduct(tile.constant(0), tile.constant(end),
                                     tiling.scoreFactor);
        }
        auto loadLeft = [&](int64_t row, Value k) {
          return emitter.load(
              queries, {LaneIndex(group.firstRow, 1, row), LaneIndex(k)}, 1);
        };
        auto loadRight = [&](Value k, int64_t vector) {
          return emitter.load(packed->keys,
                              {tile.at(tile.slot), LaneIndex(panel),
                               LaneIndex(k),
                               LaneIndex() + vector * tiling.lanes},
                              tiling.lanes);
        };
        MicroKernel(tile, tiling.groupRows, tiling.panelVectors, loadLeft,
                    loadRight, scores, emitter.getValue(tile.constant(0)),
                    column)
            .emitProduct(tile.constant(0), tile.constant(tile.op.getHeadDim()));
      });
}

void AttentionBlock::changeScores(const Group &group,
                                  ArrayRef<OpFoldResult> lower,
                                  ArrayRef<OpFoldResult> upper,
                                  function_ref<Change(Value row)> getChange) {
  LoopEmitter &emitter = tile.emitter;
  int64_t lanes = tile.tiling.lanes;
  emitter.emitFor(tile.constant(tile.tiling.groupRows), [&](Value row) {
    LaneIndex scoreRow = getScoreRow(group, row);
    Change change = getChange(row);
    emitter.emitRange(lower, upper, lanes, [&](Value column) {
      SmallVector<LaneIndex> place{scoreRow, LaneIndex(column)};
      LaneValue x = tile.wrap(emitter.load(scores, place, lanes));
      emitter.store(change(x, column).get(), scores, place);
    });
  });
}

void AttentionBlock::emitSoftcap(const Group &group) {
  if (!tile.op.getSoftcap())
    return;
  double cap = tile.op.getSoftcap()->convertToDouble();
  auto change = [&](LaneValue x, Value) {
    LaneValue ratio = x.emit<arith::DivFOp>(x.get(), x.like(cap).get());
    return emitTanh(ratio) * cap;
  };
  changeScores(group, group.columns.lower, group.columns.upper,
               [&](Value) { return change; });
}

void AttentionBlock::loadBias(const Group &group) {
  LoopEmitter &emitter = tile.emitter;
  Value mask = tile.op.getMask();
  auto type = cast<MemRefType>(mask.getType());
  int64_t rank = type.getRank(), heads = tile.op.getGroupSize();
  AffineExpr a, b, c;
  bindDims(tile.builder().getContext(), a, b, c);
  OpFoldResult length =
      memref::getMixedSize(tile.builder(), tile.op.getLoc(), mask, rank - 1);
  emitter.emitRange(
      tile.constant(0), getRowEnd(group.firstRow), 1, [&](Value local) {
        Value row = emitter.apply(a + b, {group.firstRow, local});
        Value head = emitter.apply(a * heads + b % heads, {tile.kvHead, row});
        SmallVector<LaneIndex> indices{LaneIndex(tile.batch), LaneIndex(head),
                                       LaneIndex(getQueryOf(row))};
        indices.erase(indices.begin(), indices.end() - (rank - 1));
        for (auto [dim, index] : llvm::enumerate(indices))
          if (type.getDimSize(dim) == 1)
            index = LaneIndex();
        auto store = [&](Value bias, Value key) {
          Value column = emitter.apply(a - b, {key, group.firstKey});
          emitter.store(bias, biases, {LaneIndex(local), LaneIndex(column)});
        };
        SmallVector<OpFoldResult> given(group.keys.upper);
        given.push_back(length);
        emitter.emitRange(group.keys.lower, given, 1, [&](Value key) {
          SmallVector<LaneIndex> place(indices);
          place.push_back(LaneIndex(key));
          LaneValue entry = tile.wrap(emitter.load(mask, place, 1));
          if (entry.getType().isInteger(1))
            entry = entry.select(tile.scalar(0.0), tile.scalar(-kInfinity));
          store(tile.toKernelType(entry).get(), key);
        });
        // What is past the end of the mask is excluded.
        SmallVector<OpFoldResult> rest(group.keys.lower);
        rest.push_back(length);
        emitter.emitRange(rest, group.keys.upper, 1, [&](Value key) {
          store(tile.scalar(-kInfinity).get(), key);
        });
      });
}

void AttentionBlock::emitMask(const Group &group) {
  if (!tile.op.getMask())
    return;
  loadBias(group);
  // Not a sum where the bias is -inf: the score may be NaN or +inf.
  changeScores(group, group.columns.lower, group.columns.upper, [&](Value row) {
    return [this, row](LaneValue x, Value column) {
      LaneValue bias = tile.wrap(tile.emitter.load(
          biases, {LaneIndex(row), LaneIndex(column)}, tile.tiling.lanes));
      return bias.compare(arith::CmpFPredicate::OEQ, -kInfinity)
          .select(bias, x + bias);
    };
  });
}

void AttentionBlock::emitExclusion(const Group &group) {
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  int64_t lanes = tile.tiling.lanes;
  AffineExpr a, b;
  bindDims(builder.getContext(), a, b);
  // The limits of a row, as columns.
  auto getLimits = [&](Value row) {
    Value query = getQueryOf(emitter.apply(a + b, {group.firstRow, row}));
    // Rows that only fill up the group are like the last one.
    Value last = emitter.apply(a - 1, tile.queries);
    if (tile.op.getQueryStarts())
      query = arith::MinSIOp::create(builder, query, last);
    AttentionBounds::Range keys = bounds.getRange(query);
    Value lower = emitter.getLargest(keys.lower);
    Value upper = emitter.getSmallest(keys.upper);
    return std::pair(emitter.apply(a - b, {lower, group.firstKey}),
                     emitter.apply(a - b, {upper, group.firstKey}));
  };
  // Narrow integers compare a vector of scores at once.
  auto laneType =
      VectorType::get(lanes, builder.getIntegerType(tile.tiling.getWidth()));
  SmallVector<Attribute> numbers;
  for (int64_t lane = 0; lane < lanes; ++lane)
    numbers.push_back(builder.getIntegerAttr(laneType.getElementType(), lane));
  Value lane = arith::ConstantOp::create(
      builder, DenseElementsAttr::get(laneType, numbers));
  auto exclude = [&](Value row) {
    auto limits = getLimits(row);
    return [&, limits](LaneValue x, Value column) {
      auto relative = [&](Value limit) -> Value {
        Value distance = emitter.apply(a - b, {limit, column});
        // Within a vector, or at one of its ends.
        distance = arith::MaxSIOp::create(builder, distance,
                                          emitter.getValue(tile.constant(0)));
        distance = arith::MinSIOp::create(
            builder, distance, emitter.getValue(tile.constant(lanes)));
        return vector::BroadcastOp::create(
            builder, laneType,
            arith::IndexCastOp::create(builder, laneType.getElementType(),
                                       distance));
      };
      LaneValue excluded = tile.splat(-kInfinity);
      if (bounds.hasLowerLimit())
        x = x.emit<arith::CmpIOp>(arith::CmpIPredicate::sge, lane,
                                  relative(limits.first))
                .select(x, excluded);
      return x
          .emit<arith::CmpIOp>(arith::CmpIPredicate::slt, lane,
                               relative(limits.second))
          .select(x, excluded);
    };
  };
  std::optional<AttentionBounds::Range> common =
      bounds.getIntersection(group.firstQuery, group.lastQuery);
  if (!common)
    return changeScores(group, group.columns.lower, group.columns.upper,
                        exclude);
  // All rows take all keys, in whole vectors.
  if (!bounds.hasLowerLimit() && common->upper.size() == 1)
    if (std::optional<int64_t> end = getConstantIntValue(common->upper.front());
        end && *end % tile.tiling.getColumnUnit() == 0)
      return;
  // Columns of vectors that all rows take whole need nothing.
  auto toColumns = [&](ArrayRef<OpFoldResult> bounds, AffineExpr vector) {
    return llvm::map_to_vector(bounds, [&](OpFoldResult bound) {
      return OpFoldResult(
          emitter.apply(vector * lanes - b, {bound, group.firstKey}));
    });
  };
  auto firstWhole = toColumns(common->lower, a.ceilDiv(lanes));
  auto endOfWhole = toColumns(common->upper, a.floorDiv(lanes));
  if (bounds.hasLowerLimit()) {
    Value first = emitter.getLargest(firstWhole);
    SmallVector<OpFoldResult> upper(group.columns.upper);
    upper.push_back(first);
    changeScores(group, group.columns.lower, upper, exclude);
  }
  Value last = emitter.getSmallest(endOfWhole);
  SmallVector<OpFoldResult> lower(group.columns.lower);
  lower.push_back(last);
  changeScores(group, lower, group.columns.upper, exclude);
}

LaneValue AttentionBlock::roundToPrecision(LaneValue value) {
  if (!tile.op.getSoftmaxPrecision())
    return value;
  auto precision = cast<FloatType>(*tile.op.getSoftmaxPrecision());
  if (precision.getWidth() >= tile.tiling.getWidth())
    return value;
  if (precision.isBF16())
    value = quietNaNs(value);
  return widen(narrow(value, precision), tile.tiling.type);
}

void AttentionBlock::emitRounding(const Group &group) {
  if (!tile.op.getSoftmaxPrecision())
    return;
  auto round = [&](LaneValue x, Value) { return roundToPrecision(x); };
  changeScores(group, group.columns.lower, group.columns.upper,
               [&](Value) { return round; });
}

void AttentionBlock::returnScores(const Group &group, ScoreKind kind,
                                  Pass pass) {
  if (tile.op.getReturningScores() != kind || pass == Pass::Statistics)
    return;
  LoopEmitter &emitter = tile.emitter;
  int64_t heads = tile.op.getGroupSize();
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  Value returned = tile.op.getScores();
  emitter.emitRange(
      tile.constant(0), getRowEnd(group.firstRow), 1, [&](Value local) {
        Value row = emitter.apply(a + b, {group.firstRow, local});
        Value head = emitter.apply(a * heads + b % heads, {tile.kvHead, row});
        emitter.emitRange(
            group.keys.lower, group.keys.upper, 1, [&](Value key) {
              Value column = emitter.apply(a - b, {key, group.firstKey});
              Value score = local;
              if (group.firstScore)
                score = emitter.apply(a + b, {group.firstScore, local});
              LaneValue x = tile.wrap(emitter.load(
                  scores, {LaneIndex(score), LaneIndex(column)}, 1));
              emitter.store(tile.toElementOf(x, returned), returned,
                            {LaneIndex(tile.batch), LaneIndex(head),
                             LaneIndex(getQueryOf(row)), LaneIndex(key)});
            });
      });
}
