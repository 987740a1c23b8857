//===- AttentionSoftmax.cpp - Weights of a group of rows ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A score may be the largest number of its type: of scores only differences are
// taken, and multiplied in the exponential. A row goes through its keys twice,
// for its maximum and for its weights; while one waits for its maximum, the
// weights of the row before are still under way.
//
//===----------------------------------------------------------------------===//

#include "AttentionBlock.h"
#include "ExpKernel.h"
#include "MicroKernel.h"
#include "NarrowFloat.h"
#include "PairProduct.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"
#include <limits>

using namespace mlir;
using namespace mlir::rope;

LaneValue AttentionBlock::emitExponential(LaneValue score, LaneValue maximum) {
  return emitExp(score - maximum);
}

LaneValue AttentionBlock::scale(LaneValue sum, LaneValue factor) {
  return factor.compare(arith::CmpFPredicate::OEQ, 0.0)
      .select(sum.like(0.0), sum * factor);
}

LaneValue AttentionBlock::emitRowMaximum(const Group &group, Value row) {
  LoopEmitter &emitter = tile.emitter;
  int64_t lanes = tile.tiling.lanes;
  LaneIndex scoreRow = getScoreRow(group, row);
  SmallVector<Value> largest = emitter.emitReduction(
      group.columns.lower, group.columns.upper, lanes,
      tile.splat(-std::numeric_limits<double>::infinity()).get(),
      [&](Value column, ValueRange largest) -> SmallVector<Value> {
        LaneValue x = tile.wrap(
            emitter.load(scores, {scoreRow, LaneIndex(column)}, lanes));
        return {emitMaximum(x, tile.wrap(largest[0])).get()};
      });
  // No NaN is left: it was never the larger one.
  LaneValue ofBlock = tile.wrap(vector::ReductionOp::create(
      tile.builder(), vector::CombiningKind::MAXNUMF, largest[0],
      arith::FastMathFlags::nnan));
  LaneValue before = tile.wrap(emitter.load(maxima, {getRow(group, row)}, 1));
  return emitMaximum(ofBlock, before);
}

void AttentionBlock::rescale(LaneIndex row, LaneValue maximum,
                             bool rescalesSums) {
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  int64_t lanes = tile.tiling.lanes;
  LaneValue before = tile.wrap(emitter.load(maxima, {row}, 1));
  LaneValue changes = maximum.emit<arith::CmpFOp>(arith::CmpFPredicate::UNE,
                                                  maximum.get(), before.get());
  OpBuilder::InsertionGuard guard(builder);
  auto branch =
      scf::IfOp::create(builder, changes.get(), /*withElseRegion=*/false);
  builder.setInsertionPoint(branch.thenBlock()->getTerminator());
  LaneValue factor = emitExponential(before, maximum);
  emitter.store(maximum.get(), maxima, {row});
  LaneValue total = tile.wrap(emitter.load(totals, {row}, 1));
  emitter.store((total * factor).get(), totals, {row});
  if (!rescalesSums)
    return;
  LaneValue factors = tile.broadcast(factor.get());
  emitter.emitRange(tile.constant(0), tile.constant(tile.tiling.getColumns()),
                    lanes, [&](Value column) {
                      SmallVector<LaneIndex> sum{row, LaneIndex(column)};
                      LaneValue x = tile.wrap(emitter.load(sums, sum, lanes));
                      emitter.store(scale(x, factors).get(), sums, sum);
                    });
}

void AttentionBlock::emitOnlineSoftmax(const Group &group, bool rescalesSums) {
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  int64_t lanes = tile.tiling.lanes;
  emitter.emitFor(tile.constant(tile.tiling.groupRows), [&](Value row) {
    LaneIndex place = getRow(group, row), scoreRow = getScoreRow(group, row);
    LaneValue maximum = emitRowMaximum(group, row);
    LaneValue maximumOfLanes = tile.broadcast(maximum.get());
    SmallVector<Value> added = emitter.emitReduction(
        group.columns.lower, group.columns.upper, lanes, tile.splat(0.0).get(),
        [&](Value column, ValueRange added) -> SmallVector<Value> {
          LaneValue x = tile.wrap(
              emitter.load(scores, {scoreRow, LaneIndex(column)}, lanes));
          LaneValue weight = emitExponential(x, maximumOfLanes);
          if (rescalesSums)
            storeWeights(weight, group, row, column);
          return {(tile.wrap(added[0]) + weight).get()};
        });
    rescale(place, maximum, rescalesSums);
    LaneValue sum = tile.wrap(
        vector::ReductionOp::create(builder, vector::CombiningKind::ADD,
                                    added[0], arith::FastMathFlags::reassoc));
    LaneValue total = tile.wrap(emitter.load(totals, {place}, 1));
    emitter.store((total + sum).get(), totals, {place});
  });
}

void AttentionBlock::emitWeights(const Group &group) {
  auto getWeight = [&](LaneValue x, LaneValue maximum, LaneValue total) {
    LaneValue exponential = emitExponential(x, maximum);
    // Else the sums of values are divided at the end.
    if (!tile.tiling.needsTwoPasses)
      return exponential;
    LaneValue ratio = x.emit<arith::DivFOp>(exponential.get(), total.get());
    LaneValue isEmpty = total.compare(arith::CmpFPredicate::OEQ, 0.0);
    return roundToPrecision(isEmpty.select(x.like(0.0), ratio));
  };
  changeScores(group, group.columns.lower, group.columns.upper, [&](Value row) {
    SmallVector<LaneIndex> place{getRow(group, row)};
    LaneValue maximum = tile.broadcast(tile.emitter.load(maxima, place, 1));
    LaneValue total = tile.broadcast(tile.emitter.load(totals, place, 1));
    return [&, row, maximum, total](LaneValue x, Value column) {
      LaneValue weight = getWeight(x, maximum, total);
      if (weights)
        storeWeights(weight, group, row, column);
      return weight;
    };
  });
}

void AttentionBlock::storeWeights(LaneValue weight, const Group &group,
                                  Value row, Value column) {
  Value buffer = weights ? weights : scores;
  // The instruction takes subnormal weights for 0, as those for pairs do, with
  // which it comes; for vectors of 8 lanes and more.
  Value stored = weights && tile.tiling.lanes >= 8
                     ? x86vector::CvtPackedF32ToBF16Op::create(
                           tile.builder(),
                           VectorType::get(tile.tiling.lanes,
                                           tile.builder().getBF16Type()),
                           weight.get())
                           .getResult()
                     : tile.toElementOf(weight, buffer);
  tile.emitter.store(stored, buffer,
                     {getScoreRow(group, row), LaneIndex(column)});
}

void AttentionBlock::emitPairSums(const Group &group, Value panel,
                                  const PanelRun &run, bool skipsZeros) {
  LaneIndex vector(panel, run.vectors, run.firstVector);
  PairProduct product{tile,
                      weights,
                      LaneIndex(),
                      packed->values.front(),
                      vector,
                      run.vectors,
                      OpFoldResult(group.firstKey),
                      sums,
                      LaneIndex(group.firstRow),
                      vector * tile.tiling.lanes};
  if (skipsZeros)
    product.emitUpdateWithoutZeros(group.columns.lower, group.columns.upper);
  else
    product.emitUpdate(group.columns.lower, group.columns.upper);
}

void AttentionBlock::emitSums(const Group &group, Value panel,
                              const PanelRun &run, Value values,
                              bool skipsZeros) {
  LoopEmitter &emitter = tile.emitter;
  int64_t rows = tile.tiling.groupRows, lanes = tile.tiling.lanes;
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  auto loadWeight = [&](LaneIndex row, Value key) {
    Value place = emitter.apply(a - b, {key, group.firstKey});
    return emitter.load(scores, {row, LaneIndex(place)}, 1);
  };
  auto loadValue = [&](Value key, LaneIndex vector) {
    return emitter.load(
        values,
        {tile.at(tile.slot), LaneIndex(panel), LaneIndex(key), vector * lanes},
        lanes);
  };
  LaneIndex column(panel, run.vectors * lanes, run.firstVector * lanes);
  if (!skipsZeros) {
    MicroKernel(
        tile, rows, run.vectors,
        [&](int64_t row, Value key) {
          return loadWeight(LaneIndex() + row, key);
        },
        [&](Value key, int64_t vector) {
          return loadValue(key, LaneIndex() + vector);
        },
        sums, group.firstRow, emitter.getIndex(column))
        .emitSum(group.keys.lower, group.keys.upper, /*skipsZeros=*/false);
    return;
  }
  // Seldom: vector by vector, with a test of each weight.
  emitter.emitFor(tile.constant(rows), [&](Value row) {
    emitter.emitFor(tile.constant(run.vectors), [&](Value vector) {
      Value ofVector =
          emitter.apply(a + b * lanes, {emitter.getIndex(column), vector});
      MicroKernel(
          tile, /*rows=*/1, /*vectors=*/1,
          [&](int64_t, Value key) { return loadWeight(row, key); },
          [&](Value key, int64_t) { return loadValue(key, vector); }, sums,
          emitter.getIndex(getRow(group, row)), ofVector)
          .emitSum(group.keys.lower, group.keys.upper, /*skipsZeros=*/true);
    });
  });
}

void AttentionBlock::emitOutput(const Group &group) {
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  AffineExpr a = builder.getAffineDimExpr(0);
  Value block = emitter.apply(a.floorDiv(tile.tiling.blockKeys),
                              OpFoldResult(group.firstKey));
  Value isSpecial = emitter.load(packed->areSpecial,
                                 {tile.at(tile.slot), LaneIndex(block)}, 1);
  auto emitPanels = [&](bool skipsZeros) {
    for (auto [number, run] : llvm::enumerate(tile.tiling.valuePanels))
      emitter.emitFor(tile.constant(run.panels),
                      [&, &run = run, number = number](Value panel) {
                        if (weights)
                          emitPairSums(group, panel, run, skipsZeros);
                        else
                          emitSums(group, panel, run, packed->values[number],
                                   skipsZeros);
                      });
  };
  OpBuilder::InsertionGuard guard(builder);
  auto branch = scf::IfOp::create(builder, isSpecial, /*withElseRegion=*/true);
  builder.setInsertionPoint(branch.thenBlock()->getTerminator());
  emitPanels(/*skipsZeros=*/true);
  builder.setInsertionPoint(branch.elseBlock()->getTerminator());
  emitPanels(/*skipsZeros=*/false);
}
