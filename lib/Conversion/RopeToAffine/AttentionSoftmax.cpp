//===- AttentionSoftmax.cpp - Weights of a group of rows ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A score may be the largest number of its type: of scores only differences are
// taken, and multiplied in the exponential. All rows of a group go through a
// loop together, so that none waits for its own maximum.
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

void AttentionBlock::storePartials(ArrayRef<Value> vectors) {
  for (auto [row, vector] : llvm::enumerate(vectors))
    tile.emitter.store(vector, partials, {LaneIndex() + row, LaneIndex()});
}

void AttentionBlock::updateMaxima(const Group &group, ArrayRef<Value> largest) {
  LoopEmitter &emitter = tile.emitter;
  storePartials(largest);
  emitter.emitFor(tile.constant(largest.size()), [&](Value row) {
    Value scores = emitter.load(partials, {LaneIndex(row), LaneIndex()},
                                tile.tiling.lanes);
    // No NaN is left: it was never the larger one.
    LaneValue ofBlock = tile.wrap(vector::ReductionOp::create(
        tile.builder(), vector::CombiningKind::MAXNUMF, scores,
        arith::FastMathFlags::nnan));
    LaneValue before = tile.wrap(emitter.load(maxima, {getRow(group, row)}, 1));
    emitter.store(emitMaximum(ofBlock, before).get(), newMaxima,
                  {LaneIndex(row)});
  });
}

void AttentionBlock::updateTotals(const Group &group, ArrayRef<Value> added,
                                  bool rescalesSums) {
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  int64_t lanes = tile.tiling.lanes;
  storePartials(added);
  emitter.emitFor(tile.constant(added.size()), [&](Value row) {
    LaneIndex place = getRow(group, row);
    LaneValue before = tile.wrap(emitter.load(maxima, {place}, 1));
    LaneValue maximum = tile.wrap(emitter.load(newMaxima, {LaneIndex(row)}, 1));
    auto rescale = [&] {
      LaneValue factor = emitExponential(before, maximum);
      emitter.store(maximum.get(), maxima, {place});
      LaneValue total = tile.wrap(emitter.load(totals, {place}, 1));
      emitter.store((total * factor).get(), totals, {place});
      if (!rescalesSums)
        return;
      LaneValue factors = tile.broadcast(factor.get());
      emitter.emitRange(
          tile.constant(0), tile.constant(tile.tiling.getColumns()), lanes,
          [&](Value column) {
            SmallVector<LaneIndex> sum{place, LaneIndex(column)};
            LaneValue x = tile.wrap(emitter.load(sums, sum, lanes));
            emitter.store(scale(x, factors).get(), sums, sum);
          });
    };
    LaneValue changes = maximum.emit<arith::CmpFOp>(
        arith::CmpFPredicate::UNE, maximum.get(), before.get());
    {
      OpBuilder::InsertionGuard guard(builder);
      auto branch = scf::IfOp::create(builder, changes.get(),
                                      /*withElseRegion=*/false);
      builder.setInsertionPoint(branch.thenBlock()->getTerminator());
      rescale();
    }
    Value weights =
        emitter.load(partials, {LaneIndex(row), LaneIndex()}, lanes);
    LaneValue sum = tile.wrap(
        vector::ReductionOp::create(builder, vector::CombiningKind::ADD,
                                    weights, arith::FastMathFlags::reassoc));
    LaneValue total = tile.wrap(emitter.load(totals, {place}, 1));
    emitter.store((total + sum).get(), totals, {place});
  });
}

void AttentionBlock::emitOnlineSoftmax(const Group &group, bool rescalesSums) {
  LoopEmitter &emitter = tile.emitter;
  int64_t rows = tile.tiling.groupRows, lanes = tile.tiling.lanes;
  auto placeOf = [&](int64_t row, Value column) -> SmallVector<LaneIndex> {
    return {getScoreRow(group, row), LaneIndex(column)};
  };

  SmallVector<Value> lowest(
      rows, tile.splat(-std::numeric_limits<double>::infinity()).get());
  SmallVector<Value> largest = emitter.emitReduction(
      group.columns.lower, group.columns.upper, lanes, lowest,
      [&](Value column, ValueRange carried) {
        SmallVector<Value> next;
        for (int64_t row = 0; row < rows; ++row) {
          LaneValue x =
              tile.wrap(emitter.load(scores, placeOf(row, column), lanes));
          next.push_back(emitMaximum(x, tile.wrap(carried[row])).get());
        }
        return next;
      });
  updateMaxima(group, largest);

  SmallVector<Value> zeros(rows, tile.splat(0.0).get());
  SmallVector<Value> broadcasts;
  for (int64_t row = 0; row < rows; ++row)
    broadcasts.push_back(
        tile.broadcast(emitter.load(newMaxima, {LaneIndex() + row}, 1)).get());
  SmallVector<Value> partial = emitter.emitReduction(
      group.columns.lower, group.columns.upper, lanes, zeros,
      [&](Value column, ValueRange carried) {
        SmallVector<Value> next;
        for (int64_t row = 0; row < rows; ++row) {
          LaneValue x =
              tile.wrap(emitter.load(scores, placeOf(row, column), lanes));
          LaneValue weight = emitExponential(x, tile.wrap(broadcasts[row]));
          if (rescalesSums)
            storeWeights(weight, group, row, column);
          next.push_back((tile.wrap(carried[row]) + weight).get());
        }
        return next;
      });
  updateTotals(group, partial, rescalesSums);
}

void AttentionBlock::emitWeights(const Group &group) {
  SmallVector<LaneValue> maximum, inverse;
  for (int64_t row = 0; row < tile.tiling.groupRows; ++row) {
    SmallVector<LaneIndex> place{LaneIndex(group.firstRow, 1, row)};
    maximum.push_back(tile.broadcast(tile.emitter.load(maxima, place, 1)));
    inverse.push_back(tile.broadcast(tile.emitter.load(totals, place, 1)));
  }
  auto getWeight = [&](LaneValue x, int64_t row) {
    LaneValue exponential = emitExponential(x, maximum[row]);
    // Else the sums of values are divided at the end.
    if (!tile.tiling.needsTwoPasses)
      return exponential;
    LaneValue ratio =
        x.emit<arith::DivFOp>(exponential.get(), inverse[row].get());
    LaneValue isEmpty = inverse[row].compare(arith::CmpFPredicate::OEQ, 0.0);
    return roundToPrecision(isEmpty.select(x.like(0.0), ratio));
  };
  changeScores(group, group.columns.lower, group.columns.upper,
               [&](LaneValue x, int64_t row, Value column) {
                 LaneValue weight = getWeight(x, row);
                 if (weights)
                   storeWeights(weight, group, row, column);
                 return weight;
               });
}

void AttentionBlock::storeWeights(LaneValue weight, const Group &group,
                                  int64_t row, Value column) {
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

void AttentionBlock::emitPairOutput(const Group &group) {
  ImplicitLocOpBuilder &builder = tile.builder();
  AffineExpr a = builder.getAffineDimExpr(0);
  Value block = tile.emitter.apply(a.floorDiv(tile.tiling.blockKeys),
                                   OpFoldResult(group.firstKey));
  LaneValue magnitude = tile.wrap(tile.emitter.load(
      packed->magnitudes, {tile.at(tile.slot), LaneIndex(block)}, 1));
  // 0 times an infinity or a NaN is NaN.
  LaneValue isSpecial =
      magnitude.compare(arith::CmpIPredicate::uge, uint64_t(0x7F80));
  auto emitPanels = [&](void (PairProduct::*emit)(PairProduct::Bounds,
                                                  PairProduct::Bounds) const) {
    int64_t vector = 0;
    for (int64_t vectors : tile.tiling.valuePanels) {
      PairProduct product{tile,
                          weights,
                          LaneIndex(),
                          packed->values.front(),
                          LaneIndex() + vector,
                          vectors,
                          OpFoldResult(group.firstKey),
                          sums,
                          LaneIndex(group.firstRow),
                          LaneIndex() + vector * tile.tiling.lanes};
      (product.*emit)(group.columns.lower, group.columns.upper);
      vector += vectors;
    }
  };
  OpBuilder::InsertionGuard guard(builder);
  auto branch =
      scf::IfOp::create(builder, isSpecial.get(), /*withElseRegion=*/true);
  builder.setInsertionPoint(branch.thenBlock()->getTerminator());
  emitPanels(&PairProduct::emitUpdateWithoutZeros);
  builder.setInsertionPoint(branch.elseBlock()->getTerminator());
  emitPanels(&PairProduct::emitUpdate);
}

void AttentionBlock::emitOutput(const Group &group) {
  if (weights)
    return emitPairOutput(group);
  LoopEmitter &emitter = tile.emitter;
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  int64_t column = 0;
  for (auto [panel, count] :
       llvm::zip_equal(packed->values, tile.tiling.valuePanels)) {
    Value values = panel;
    int64_t vectors = count;
    auto loadWeight = [&](LaneIndex row, Value key) {
      Value place = emitter.apply(a - b, {key, group.firstKey});
      return emitter.load(scores, {row, LaneIndex(place)}, 1);
    };
    auto loadLeft = [&](int64_t row, Value key) {
      return loadWeight(LaneIndex() + row, key);
    };
    auto loadRight = [&](Value key, int64_t vector) {
      return emitter.load(values,
                          {tile.at(tile.slot), LaneIndex(key),
                           LaneIndex() + vector * tile.tiling.lanes},
                          tile.tiling.lanes);
    };
    Value first = emitter.getValue(tile.constant(column));
    // Seldom: row by row, with a test of each weight.
    auto emitRows = [&] {
      emitter.emitFor(tile.constant(tile.tiling.groupRows), [&](Value row) {
        auto loadOne = [&](int64_t, Value key) { return loadWeight(row, key); };
        Value place = emitter.getIndex(getRow(group, row));
        MicroKernel(tile, /*rows=*/1, vectors, loadOne, loadRight, sums, place,
                    first)
            .emitSum(group.keys.lower, group.keys.upper, /*skipsZeros=*/true);
      });
    };
    MicroKernel(tile, tile.tiling.groupRows, vectors, loadLeft, loadRight, sums,
                group.firstRow, first)
        .emitUpdate(group.keys.lower, group.keys.upper, emitRows);
    column += vectors * tile.tiling.lanes;
  }
}
