//===- PairProduct.cpp - Products of matrices in bf16 ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "PairProduct.h"

#include "NarrowFloat.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"

using namespace mlir;
using namespace mlir::rope;

Value PairProduct::getPair(Value k) const {
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  return tile.emitter.apply((a + b).floorDiv(2), {firstEntry, k});
}

int64_t PairProduct::getNumSums() const {
  int64_t rows = tile.tiling.productRows;
  return panels * (areTiles() ? rows / kTileRows : rows);
}

SmallVector<LaneIndex> PairProduct::placeOf(int64_t sum) const {
  int64_t local = sum / panels * (areTiles() ? kTileRows : 1);
  return {row + local, column + sum % panels * tile.tiling.lanes};
}

static SmallVector<Value> getIndices(const AttentionTile &tile,
                                     ArrayRef<LaneIndex> indices) {
  return llvm::map_to_vector(
      indices, [&](LaneIndex index) { return tile.emitter.getIndex(index); });
}

static Value loadTile(const AttentionTile &tile, Value buffer,
                      ArrayRef<LaneIndex> indices) {
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  int64_t columns = element.isBF16() ? kTileEntries : kTileWords;
  return amx::TileLoadOp::create(
      tile.builder(), amx::TileType::get({kTileRows, columns}, element), buffer,
      getIndices(tile, indices));
}

SmallVector<Value> PairProduct::load() const {
  SmallVector<Value> before;
  for (int64_t sum = 0; sum < getNumSums(); ++sum)
    before.push_back(
        areTiles() ? loadTile(tile, sums, placeOf(sum))
                   : tile.emitter.load(sums, placeOf(sum), tile.tiling.lanes));
  return before;
}

void PairProduct::store(ArrayRef<Value> totals) const {
  for (auto [sum, total] : llvm::enumerate(totals)) {
    if (areTiles())
      amx::TileStoreOp::create(tile.builder(), sums,
                               getIndices(tile, placeOf(sum)), total);
    else
      tile.emitter.store(total, sums, placeOf(sum));
  }
}

SmallVector<Value> PairProduct::emitTiles(Bounds lower, Bounds upper,
                                          ValueRange inits) const {
  int64_t numLeft = tile.tiling.productRows / kTileRows;
  return tile.emitter.emitReduction(
      lower, upper, kTileEntries, inits, [&](Value k, ValueRange carried) {
        SmallVector<Value> lefts, rights, next;
        for (int64_t i = 0; i < numLeft; ++i)
          lefts.push_back(
              loadTile(tile, left, {leftRow + i * kTileRows, LaneIndex(k)}));
        Value pair = getPair(k);
        for (int64_t j = 0; j < panels; ++j)
          rights.push_back(loadTile(tile, right,
                                    {tile.at(tile.slot), rightPanel + j,
                                     LaneIndex(pair), LaneIndex()}));
        for (Value a : lefts)
          for (Value b : rights)
            next.push_back(amx::TileMulFOp::create(
                tile.builder(), carried[next.size()].getType(), a, b,
                carried[next.size()]));
        return next;
      });
}

SmallVector<Value> PairProduct::emitDots(Bounds lower, Bounds upper,
                                         ValueRange inits) const {
  ImplicitLocOpBuilder &builder = tile.builder();
  int64_t lanes = tile.tiling.lanes;
  Type word = builder.getI32Type();
  auto pairsType = VectorType::get(2 * lanes, builder.getBF16Type());
  return tile.emitter.emitReduction(
      lower, upper, 2, inits, [&](Value k, ValueRange carried) {
        Value pair = getPair(k);
        SmallVector<Value> rights, next;
        for (int64_t j = 0; j < panels; ++j)
          rights.push_back(
              tile.emitter.load(right,
                                {tile.at(tile.slot), rightPanel + j,
                                 LaneIndex(pair), LaneIndex()},
                                2 * lanes));
        for (int64_t r = 0; r < tile.tiling.productRows; ++r) {
          Value entries =
              tile.emitter.load(left, {leftRow + r, LaneIndex(k)}, 2);
          Value words = vector::BroadcastOp::create(
              builder, VectorType::get(lanes, word),
              vector::BitCastOp::create(builder, VectorType::get(1, word),
                                        entries));
          Value a = vector::BitCastOp::create(builder, pairsType, words);
          for (Value b : rights)
            next.push_back(x86vector::DotBF16Op::create(
                builder, tile.getVectorType(), carried[next.size()], a, b));
        }
        return next;
      });
}

void PairProduct::scaleSums(double factor) const {
  tile.emitter.emitFor(tile.constant(tile.tiling.productRows), [&](Value r) {
    AffineExpr a, b;
    bindDims(tile.builder().getContext(), a, b);
    Value first = tile.emitter.getIndex(row);
    Value place = tile.emitter.apply(a + b, {first, r});
    for (int64_t j = 0; j < panels; ++j) {
      SmallVector<LaneIndex> indices{LaneIndex(place),
                                     column + j * tile.tiling.lanes};
      LaneValue sum =
          tile.wrap(tile.emitter.load(sums, indices, tile.tiling.lanes));
      tile.emitter.store((sum * factor).get(), sums, indices);
    }
  });
}

void PairProduct::emitProduct(Bounds lower, Bounds upper, double factor) const {
  SmallVector<Value> inits;
  auto tileType =
      amx::TileType::get({kTileRows, kTileWords}, FloatType(tile.tiling.type));
  for (int64_t sum = 0; sum < getNumSums(); ++sum)
    inits.push_back(
        areTiles()
            ? amx::TileZeroOp::create(tile.builder(), tileType).getResult()
            : tile.splat(0.0).get());
  if (areTiles()) {
    store(emitTiles(lower, upper, inits));
    if (factor != 1.0)
      scaleSums(factor);
    return;
  }
  SmallVector<Value> totals = emitDots(lower, upper, inits);
  if (factor != 1.0)
    for (Value &total : totals)
      total = (tile.wrap(total) * factor).get();
  store(totals);
}

void PairProduct::emitUpdate(Bounds lower, Bounds upper) const {
  SmallVector<Value> inits = load();
  store(areTiles() ? emitTiles(lower, upper, inits)
                   : emitDots(lower, upper, inits));
}

void PairProduct::emitUpdateWithoutZeros(Bounds lower, Bounds upper) const {
  LoopEmitter &emitter = tile.emitter;
  int64_t lanes = tile.tiling.lanes;
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  Value firstLeft = emitter.getIndex(leftRow), first = emitter.getIndex(row);
  emitter.emitFor(tile.constant(tile.tiling.productRows), [&](Value r) {
    LaneIndex leftPlace(emitter.apply(a + b, {firstLeft, r}));
    LaneIndex place(emitter.apply(a + b, {first, r}));
    SmallVector<Value> inits;
    for (int64_t j = 0; j < panels; ++j)
      inits.push_back(emitter.load(sums, {place, column + j * lanes}, lanes));
    SmallVector<Value> totals = emitter.emitReduction(
        lower, upper, 2, inits, [&](Value k, ValueRange carried) {
          Value pair = getPair(k);
          SmallVector<LaneValue> entries;
          for (int64_t i : {0, 1})
            entries.push_back(tile.toKernelType(tile.wrap(
                emitter.load(left, {leftPlace, LaneIndex(k, 1, i)}, 1))));
          SmallVector<Value> next;
          for (int64_t j = 0; j < panels; ++j) {
            LaneValue words =
                tile.wrap(emitter.load(right,
                                       {tile.at(tile.slot), rightPanel + j,
                                        LaneIndex(pair), LaneIndex()},
                                       2 * lanes));
            auto [even, odd] = splitBF16(words, tile.tiling.type);
            SmallVector<LaneValue> columns{even, odd};
            LaneValue sum = tile.wrap(carried[j]);
            for (auto [entry, column] : llvm::zip_equal(entries, columns)) {
              LaneValue added = column.fma(tile.broadcast(entry.get()), sum);
              sum = entry.compare(arith::CmpFPredicate::OEQ, 0.0)
                        .select(sum, added);
            }
            next.push_back(sum.get());
          }
          return next;
        });
    for (auto [j, total] : llvm::enumerate(totals))
      emitter.store(total, sums, {place, column + j * lanes});
  });
}
