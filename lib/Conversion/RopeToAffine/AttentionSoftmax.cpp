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

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
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
  auto placeOf = [](int64_t row, Value column) -> SmallVector<LaneIndex> {
    return {LaneIndex() + row, LaneIndex(column)};
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
            emitter.store(weight.get(), scores, placeOf(row, column));
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
  changeScores(group, group.columns.lower, group.columns.upper,
               [&](LaneValue x, int64_t row, Value) {
                 LaneValue exponential = emitExponential(x, maximum[row]);
                 // Else the sums of values are divided at the end.
                 if (!tile.tiling.needsTwoPasses)
                   return exponential;
                 LaneValue ratio = x.emit<arith::DivFOp>(exponential.get(),
                                                         inverse[row].get());
                 LaneValue isEmpty =
                     inverse[row].compare(arith::CmpFPredicate::OEQ, 0.0);
                 return roundToPrecision(isEmpty.select(x.like(0.0), ratio));
               });
}

void AttentionBlock::emitOutput(const Group &group) {
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
