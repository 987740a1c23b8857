//===- PairPacking.cpp - Keys and values as pairs of bf16 -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The right sides of PairProduct.h: columns are keys and pairs are of lanes, or
// columns are lanes and pairs are of keys. Lanes that fill up the last step of
// a product are 0, keys that do are copies of the last one.
//
//===----------------------------------------------------------------------===//

#include "AttentionPacking.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::rope;

/// Vectors of pairs, each a word of the type of the kernel, are transposed.
void AttentionPacking::packKeyPairs(const RowSource &source, Value packed,
                                    int64_t firstLane, int64_t lanes,
                                    Value panel, Value count, Value firstRow) {
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  const AttentionTiling &tiling = tile.tiling;
  int64_t width = tiling.lanes;
  auto wordsType = VectorType::get(width, tiling.type);
  auto pairsType = VectorType::get(2 * width, builder.getBF16Type());
  Value zero = emitter.getValue(tile.constant(0));
  AffineExpr a, b;
  bindDims(builder.getContext(), a, b);
  Value last = emitter.apply(a - 1, OpFoldResult(count));
  emitter.emitFor(tile.constant(tiling.panelVectors), [&](Value vector) {
    Value place = emitter.apply(a * tiling.panelVectors + b, {panel, vector});
    Value first = emitter.apply(a + b * width, {firstRow, vector});
    auto store = [&](Value pairs, LaneIndex pair) {
      emitter.store(pairs, packed,
                    {tile.at(tile.slot), LaneIndex(place), pair, LaneIndex()});
    };
    auto packSquare = [&](Value pair, int64_t valid, int64_t end) {
      Value lane = emitter.apply(a * 2, OpFoldResult(pair));
      auto load = [&](Value number) -> Value {
        Value row = emitter.apply(a + b, {first, number});
        row = arith::MinSIOp::create(builder, row, last);
        Value entries =
            loadRow(tile, source, zero, row, lane, end, 2 * width).get();
        return vector::BitCastOp::create(builder, wordsType, entries);
      };
      transpose(load, valid, [&](Value words, LaneIndex number) {
        Value place = emitter.apply(a + b + firstLane / 2,
                                    {pair, emitter.getIndex(number)});
        store(vector::BitCastOp::create(builder, pairsType, words), place);
      });
    };
    int64_t full = lanes / (2 * width) * width;
    emitter.emitRange(OpFoldResult(tile.constant(0)),
                      OpFoldResult(tile.constant(full)), width,
                      [&](Value pair) { packSquare(pair, width, 2 * full); });
    if (2 * full != lanes)
      packSquare(emitter.getValue(tile.constant(full)),
                 llvm::divideCeil(lanes, 2) - full, lanes);
    if (firstLane + lanes != tile.op.getHeadDim())
      return;
    Value zeros =
        arith::ConstantOp::create(builder, builder.getZeroAttr(pairsType));
    emitter.emitRange(tile.constant(llvm::divideCeil(tile.op.getHeadDim(), 2)),
                      tile.constant(tiling.getQueryColumns(tile.op) / 2), 1,
                      [&](Value pair) { store(zeros, LaneIndex(pair)); });
  });
}

void AttentionPacking::packValuePairs(const PackedKeysAndValues &packed,
                                      const RowSource &source, Value firstKey,
                                      Value count) {
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  int64_t width = tile.tiling.lanes, unit = tile.tiling.getColumnUnit();
  int64_t columns = tile.op.getValueType().getDimSize(3);
  auto bitsType = VectorType::get(2 * width, builder.getI16Type());
  Value zero = emitter.getValue(tile.constant(0));
  AffineExpr a, b;
  bindDims(builder.getContext(), a, b);
  Value last = emitter.apply(a - 1, OpFoldResult(count));
  OpFoldResult numPairs =
      emitter.apply(a.ceilDiv(unit) * (unit / 2), OpFoldResult(count));
  Value none =
      arith::ConstantOp::create(builder, builder.getZeroAttr(bitsType));
  Value largest =
      emitter
          .emitReduction(
              tile.constant(0), numPairs, 1, none,
              [&](Value pair, ValueRange carried) {
                Value place =
                    emitter.apply(a.floorDiv(2) + b, {firstKey, pair});
                SmallVector<Value> rows;
                for (int64_t i : {0, 1})
                  rows.push_back(arith::MinSIOp::create(
                      builder, emitter.apply(a * 2 + i, OpFoldResult(pair)),
                      last));
                LaneValue magnitude = tile.wrap(carried.front());
                int64_t whole = columns / width * width;
                for (int64_t column = 0; column < columns; column += width) {
                  auto load = [&](Value row) {
                    return loadRow(tile, source, zero, row,
                                   emitter.getValue(tile.constant(column)),
                                   column < whole ? whole : columns, width)
                        .get();
                  };
                  Value pairs = vector::InterleaveOp::create(
                      builder, load(rows[0]), load(rows[1]));
                  emitter.store(pairs, packed.values.front(),
                                {tile.at(tile.slot),
                                 LaneIndex() + column / width, LaneIndex(place),
                                 LaneIndex()});
                  LaneValue bits =
                      tile.wrap(pairs).bitcast(builder.getI16Type());
                  magnitude = magnitude.emit<arith::MaxUIOp>(
                      magnitude.get(), (bits & 0x7FFF).get());
                }
                return SmallVector<Value>{magnitude.get()};
              })
          .front();
  LaneValue magnitude = tile.wrap(vector::ReductionOp::create(
      builder, vector::CombiningKind::MAXUI, largest));
  storeIsSpecial(
      packed, firstKey,
      magnitude.compare(arith::CmpIPredicate::uge, uint64_t(0x7F80)).get());
}
