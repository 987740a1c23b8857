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

void AttentionBlock::emitOnlineSoftmax(const Group &group, bool rescalesSums) {
  ImplicitLocOpBuilder &builder = tile.builder();
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

  SmallVector<LaneValue> before, maximum;
  for (int64_t row = 0; row < rows; ++row) {
    before.push_back(tile.wrap(
        emitter.load(maxima, {LaneIndex(group.firstRow, 1, row)}, 1)));
    // No NaN is left: it was never the larger one.
    LaneValue ofBlock = tile.wrap(
        vector::ReductionOp::create(builder, vector::CombiningKind::MAXNUMF,
                                    largest[row], arith::FastMathFlags::nnan));
    maximum.push_back(emitMaximum(ofBlock, before[row]));
  }

  SmallVector<Value> zeros(rows, tile.splat(0.0).get());
  SmallVector<Value> broadcasts;
  for (LaneValue value : maximum)
    broadcasts.push_back(tile.broadcast(value.get()).get());
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

  for (int64_t row = 0; row < rows; ++row) {
    SmallVector<LaneIndex> place{LaneIndex(group.firstRow, 1, row)};
    Value added = vector::ReductionOp::create(
        builder, vector::CombiningKind::ADD, partial[row],
        arith::FastMathFlags::reassoc);
    LaneValue changes = maximum[row].emit<arith::CmpFOp>(
        arith::CmpFPredicate::UNE, maximum[row].get(), before[row].get());
    auto rescale = [&] {
      LaneValue factor = emitExponential(before[row], maximum[row]);
      emitter.store(maximum[row].get(), maxima, place);
      LaneValue total = tile.wrap(emitter.load(totals, place, 1));
      emitter.store((total * factor).get(), totals, place);
      if (!rescalesSums)
        return;
      LaneValue factors = tile.broadcast(factor.get());
      for (int64_t column = 0; column < tile.tiling.getColumns();
           column += lanes) {
        SmallVector<LaneIndex> sum{place[0], LaneIndex() + column};
        LaneValue x = tile.wrap(emitter.load(sums, sum, lanes));
        emitter.store(scale(x, factors).get(), sums, sum);
      }
    };
    {
      OpBuilder::InsertionGuard guard(builder);
      auto branch = scf::IfOp::create(builder, changes.get(),
                                      /*withElseRegion=*/false);
      builder.setInsertionPoint(branch.thenBlock()->getTerminator());
      rescale();
    }
    LaneValue total = tile.wrap(emitter.load(totals, place, 1));
    emitter.store((total + tile.wrap(added)).get(), totals, place);
  }
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
  for (auto [panel, vectors] :
       llvm::zip_equal(packed->values, tile.tiling.valuePanels)) {
    Value values = panel;
    auto loadLeft = [&](int64_t row, Value key) {
      Value place = emitter.apply(a - b, {key, group.firstKey});
      return emitter.load(scores, {LaneIndex() + row, LaneIndex(place)}, 1);
    };
    auto loadRight = [&](Value key, int64_t vector) {
      return emitter.load(values,
                          {tile.at(tile.slot), LaneIndex(key),
                           LaneIndex() + vector * tile.tiling.lanes},
                          tile.tiling.lanes);
    };
    MicroKernel(tile, vectors, loadLeft, loadRight, sums, group.firstRow,
                emitter.getValue(tile.constant(column)))
        .emitUpdate(group.keys.lower, group.keys.upper);
    column += vectors * tile.tiling.lanes;
  }
}
