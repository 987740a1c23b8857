//===- AttentionParts.cpp - Parts of the keys become one ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionBlock.h"

#include "ExpKernel.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::rope;

RowSlots::RowSlots(const AttentionTile &tile, OpFoldResult slots,
                   Temporaries &temporaries) {
  const AttentionTiling &tiling = tile.tiling;
  OpFoldResult rows = tile.constant(tiling.blockRows);
  sums = temporaries.allocate({slots, rows, tile.constant(tiling.getColumns())},
                              tiling.type);
  maxima = temporaries.allocate({slots, rows}, tiling.type);
  totals = temporaries.allocate({slots, rows}, tiling.type);
}

AttentionBounds::Range AttentionBlock::getKeys() {
  if (tile.op.getReturningScores())
    return {{tile.constant(0)}, {tile.keys}};
  int64_t block = tile.tiling.blockKeys;
  AffineExpr a = tile.builder().getAffineDimExpr(0);
  AttentionBounds::Range keys = bounds.getUnion(
      firstQuery, tile.emitter.apply(a + (tile.tiling.blockQueries - 1),
                                     OpFoldResult(firstQuery)));
  for (OpFoldResult &bound : keys.lower)
    bound = tile.emitter.apply(a.floorDiv(block) * block, bound);
  return keys;
}

/// Every part has as many blocks, but not too few to be worth a merge.
AttentionBounds::Range AttentionBlock::getKeysOf(Value part) {
  AttentionBounds::Range keys = getKeys();
  int64_t block = tile.tiling.blockKeys, parts = tile.tiling.keyParts;
  if (parts == 1)
    return keys;
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  AffineExpr a, b;
  bindDims(builder.getContext(), a, b);
  Value first = emitter.getLargest(keys.lower);
  Value end = emitter.getSmallest(keys.upper);
  Value share =
      emitter.apply((b - a).ceilDiv(parts * block) * block, {first, end});
  OpFoldResult least =
      tile.constant(llvm::alignTo(tile.tiling.leastKeysOfPart, block));
  Value length =
      arith::MaxSIOp::create(builder, share, emitter.getValue(least));
  Value from = arith::AddIOp::create(
      builder, first, arith::MulIOp::create(builder, length, part));
  return {{from},
          {arith::AddIOp::create(builder, from, length).getResult(), end}};
}

Value rope::viewSlot(const AttentionTile &tile, Value buffer, Value index) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<OpFoldResult> offsets(type.getRank(), tile.constant(0));
  SmallVector<OpFoldResult> strides(type.getRank(), tile.constant(1));
  SmallVector<OpFoldResult> sizes{tile.constant(1)};
  for (int64_t size : type.getShape().drop_front())
    sizes.push_back(tile.constant(size));
  offsets.front() = index;
  auto view = memref::SubViewOp::inferRankReducedResultType(
      type.getShape().drop_front(), type, offsets, sizes, strides);
  return memref::SubViewOp::create(tile.builder(), cast<MemRefType>(view),
                                   buffer, offsets, sizes, strides);
}

void AttentionBlock::enterSlot(const RowSlots &slots, Value slot) {
  sums = viewSlot(tile, slots.sums, slot);
  maxima = viewSlot(tile, slots.maxima, slot);
  totals = viewSlot(tile, slots.totals, slot);
}

void AttentionBlock::forEachOtherPart(Value firstSlot, int64_t step,
                                      function_ref<void(Value, Value)> body) {
  if (tile.tiling.keyParts == 1)
    return;
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  tile.emitter.emitRange(
      OpFoldResult(tile.constant(1)),
      OpFoldResult(tile.constant(tile.tiling.keyParts)), 1, [&](Value part) {
        Value slot = tile.emitter.apply(a + b * step, {firstSlot, part});
        tile.emitter.emitFor(tile.constant(tile.tiling.blockRows),
                             [&](Value row) { body(slot, row); });
      });
}

/// One after the other, so that the result depends on their number only.
void AttentionBlock::mergeParts(const RowSlots &slots, Value firstSlot,
                                int64_t step) {
  LoopEmitter &emitter = tile.emitter;
  forEachOtherPart(firstSlot, step, [&](Value from, Value row) {
    auto load = [&](Value buffer, Value slot) {
      return tile.wrap(
          emitter.load(buffer, {LaneIndex(slot), LaneIndex(row)}, 1));
    };
    LaneValue before = load(slots.maxima, firstSlot);
    LaneValue other = load(slots.maxima, from);
    LaneValue maximum = emitMaximum(other, before);
    LaneValue factor = emitExponential(before, maximum);
    LaneValue otherFactor = emitExponential(other, maximum);
    LaneValue total = load(slots.totals, firstSlot) * factor +
                      load(slots.totals, from) * otherFactor;
    SmallVector<LaneIndex> place{LaneIndex(firstSlot), LaneIndex(row)};
    emitter.store(maximum.get(), slots.maxima, place);
    emitter.store(total.get(), slots.totals, place);
    emitter.emitRange(
        tile.constant(0), tile.constant(tile.tiling.getColumns()),
        tile.tiling.lanes, [&](Value column) {
          auto weigh = [&](Value slot, LaneValue factor) {
            LaneValue x = tile.wrap(emitter.load(
                slots.sums,
                {LaneIndex(slot), LaneIndex(row), LaneIndex(column)},
                tile.tiling.lanes));
            return scale(x, tile.broadcast(factor.get()));
          };
          LaneValue sum = weigh(firstSlot, factor) + weigh(from, otherFactor);
          emitter.store(
              sum.get(), slots.sums,
              {LaneIndex(firstSlot), LaneIndex(row), LaneIndex(column)});
        });
  });
}

SmallVector<Value> AttentionBlock::checkSums(const RowSlots &slots, Value slot,
                                             ValueRange checks) {
  LoopEmitter &emitter = tile.emitter;
  OpFoldResult zero = tile.constant(0);
  return emitter.emitReduction(
      zero, tile.constant(tile.tiling.blockRows), 1, checks,
      [&](Value row, ValueRange checks) {
        return emitter.emitReduction(
            zero, tile.constant(tile.tiling.getColumns()), tile.tiling.lanes,
            checks, [&](Value column, ValueRange checks) -> SmallVector<Value> {
              LaneValue sum = tile.wrap(emitter.load(
                  slots.sums,
                  {LaneIndex(slot), LaneIndex(row), LaneIndex(column)},
                  tile.tiling.lanes));
              return {sum.fma(0.0, tile.wrap(checks[0])).get()};
            });
      });
}

Value AttentionBlock::isSpecial(Value checks) {
  Value total =
      vector::ReductionOp::create(tile.builder(), vector::CombiningKind::ADD,
                                  checks, arith::FastMathFlags::reassoc);
  return arith::CmpFOp::create(tile.builder(), arith::CmpFPredicate::UNO, total,
                               total);
}

void AttentionBlock::shareMaxima(const RowSlots &slots, Value firstSlot,
                                 int64_t step) {
  forEachOtherPart(firstSlot, step, [&](Value slot, Value row) {
    Value maximum = tile.emitter.load(
        slots.maxima, {LaneIndex(firstSlot), LaneIndex(row)}, 1);
    tile.emitter.store(maximum, slots.maxima,
                       {LaneIndex(slot), LaneIndex(row)});
  });
}

void AttentionBlock::emitPart(Value query, Value part, const RowSlots &slots,
                              Value slot, Value again) {
  firstQuery = query;
  enterSlot(slots, slot);
  packQueries();
  initialize(part, again);
  emitPass(getKeysOf(part), Pass::Online);
}

void AttentionBlock::finishParts(Value query, const RowSlots &slots,
                                 Value firstSlot, UnfinishedRows &rows,
                                 ValueRange item, Value again) {
  firstQuery = query;
  mergeParts(slots, firstSlot, /*step=*/1);
  enterSlot(slots, firstSlot);
  Value checks = checkSums(slots, firstSlot, tile.splat(0.0).get())[0];
  rows.emitEnd(
      item, isSpecial(checks), again, [&] { finish(); },
      [&] { shareMaxima(slots, firstSlot, /*step=*/1); });
}
