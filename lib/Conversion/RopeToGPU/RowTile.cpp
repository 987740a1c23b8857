//===- RowTile.cpp - Rows that a block rotates into shared memory ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RowTile.h"

#include "WordPair.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::rope;

RowItems::Item RowItems::get(int64_t i) const {
  ImplicitLocOpBuilder &builder = kernel.getBuilder();
  auto divide = [&](Value index) {
    return builder.createOrFold<arith::DivUIOp>(index,
                                                kernel.getConstant(perRow));
  };
  auto remainder = [&](Value index) {
    return builder.createOrFold<arith::RemUIOp>(index,
                                                kernel.getConstant(perRow));
  };
  Item item;
  // Where rows fill the block, a thread has one place in all of its rows.
  bool hasOnePlace = threads % perRow == 0;
  if (hasOnePlace) {
    item.row =
        kernel.add(divide(thread), kernel.getConstant(i * (threads / perRow)));
    item.place = remainder(thread);
  } else {
    Value number = kernel.add(thread, kernel.getConstant(i * threads));
    item.row = divide(number);
    item.place = remainder(number);
  }
  if ((i + 1) * threads <= rows * perRow)
    return item;
  item.exists = arith::CmpIOp::create(builder, arith::CmpIPredicate::ult,
                                      item.row, kernel.getConstant(rows));
  item.row =
      arith::MinUIOp::create(builder, item.row, kernel.getConstant(rows - 1));
  return item;
}

static RotationAttr getLanes(AttentionOp::Rotation rotation,
                             MLIRContext *context) {
  return rotation.lanes ? rotation.lanes : RotationAttr::getDefault(context);
}

/// Pairs that a thread rotates at a time.
static int64_t getPairsOfChunk(int64_t rotaryDim) {
  return getCommonPowerOfTwo({rotaryDim / 2}, 8);
}

int64_t RowTile::getUnitLanes(Value buffer, AttentionOp::Rotation rotation) {
  int64_t headDim = cast<MemRefType>(buffer.getType()).getShape().back();
  SmallVector<int64_t> steps{headDim};
  if (rotation) {
    RotationAttr lanes = getLanes(rotation, buffer.getContext());
    int64_t rotaryDim = lanes.getEffectiveRotaryDim(headDim);
    int64_t pairs = getPairsOfChunk(rotaryDim);
    bool isHalf = lanes.getPairing() == PairingKind::Half;
    steps.append({lanes.getOffset(), isHalf ? pairs : 2 * pairs, rotaryDim});
    if (isHalf)
      steps.push_back(rotaryDim / 2);
  }
  return DeviceBuffer::getUnitLanes(buffer, steps);
}

int64_t RowTile::getLoadedWords(Value buffer, AttentionOp::Rotation rotation,
                                int64_t rows, int64_t threads) {
  int64_t headDim = cast<MemRefType>(buffer.getType()).getShape().back();
  int64_t elements = rows * headDim / 2;
  if (rotation) {
    auto tables = cast<MemRefType>(rotation.cos.getType());
    elements += 2 * rows * tables.getShape().back() *
                tables.getElementTypeBitWidth() / 32;
  }
  return llvm::divideCeil(elements, threads);
}

RowTile::RowTile(KernelBuilder &kernel, Value given,
                 AttentionOp::Rotation rotation, int64_t rows, Value thread,
                 int64_t threads)
    : kernel(kernel), builder(kernel.getBuilder()),
      lanes(getLanes(rotation, builder.getContext())),
      headDim(cast<MemRefType>(given.getType()).getShape().back()), rows(rows),
      thread(thread), threads(threads),
      buffer(kernel, given, getUnitLanes(given, rotation)) {
  if (rotation)
    addRotation(rotation);
  auto add = [&](std::vector<RowItems::Item> &items, int64_t perRow) {
    RowItems all(kernel, rows, perRow, thread, threads);
    for (int64_t i = 0; perRow > 0 && i < all.getNumItems(); ++i)
      items.push_back(all.get(i));
  };
  add(pairItems, chunks);
  add(otherItems, (headDim - rotaryDim) / buffer.getUnitLanes());
  for (RowItems::Item &item : otherItems)
    item = getOther(item);
}

void RowTile::addRotation(AttentionOp::Rotation rotation) {
  auto tableType = cast<MemRefType>(rotation.cos.getType());
  rotaryDim = lanes.getEffectiveRotaryDim(headDim);
  pairs = getPairsOfChunk(rotaryDim);
  chunks = rotaryDim / 2 / pairs;
  hasBatch = tableType.getRank() == 3;
  isPerLane = tableType.getShape().back() == rotaryDim;
  SmallVector<int64_t> steps{pairs};
  if (isPerLane)
    steps = lanes.getPairing() == PairingKind::Half
                ? SmallVector<int64_t>{pairs, rotaryDim / 2}
                : SmallVector<int64_t>{2 * pairs};
  auto add = [&](std::optional<DeviceBuffer> &table, Value value) {
    table.emplace(kernel, value, DeviceBuffer::getUnitLanes(value, steps));
  };
  add(cos, rotation.cos);
  add(sin, rotation.sin);
}

/// Units before the rotary lanes, then those behind.
RowItems::Item RowTile::getOther(RowItems::Item item) {
  int64_t unit = buffer.getUnitLanes(), before = lanes.getOffset() / unit;
  if (chunks == 0 || before == (headDim - rotaryDim) / unit)
    return item;
  Value isBehind =
      arith::CmpIOp::create(builder, arith::CmpIPredicate::uge, item.place,
                            kernel.getConstant(before));
  Value moved = kernel.add(item.place, kernel.getConstant(rotaryDim / unit));
  item.place = arith::SelectOp::create(builder, isBehind, moved, item.place);
  return item;
}

void RowTile::loadTables(Chunk &chunk, ArrayRef<Value> indices, Value row) {
  bool isHalf = lanes.getPairing() == PairingKind::Half;
  Value place = chunk.item.place;
  auto load = [&](DeviceBuffer &table, SmallVector<Value> &first,
                  SmallVector<Value> &second) {
    Value start =
        kernel.add(table.getRow(indices),
                   kernel.multiply(row, table.getStride(indices.size() - 1)));
    if (isPerLane && !isHalf) {
      first = table.loadUnits(start, LaneIndex(place, 2 * pairs), 2 * pairs);
      return;
    }
    LaneIndex lane(place, pairs);
    first = table.loadUnits(start, lane, pairs);
    if (isPerLane)
      second = table.loadUnits(start, lane + rotaryDim / 2, pairs);
  };
  load(*cos, chunk.cosFirst, chunk.cosSecond);
  load(*sin, chunk.sinFirst, chunk.sinSecond);
}

RowTile::Loaded RowTile::load(ArrayRef<Value> indices, int64_t along,
                              int64_t firstRow, Value lastRow) {
  Loaded loaded;
  bool isHalf = lanes.getPairing() == PairingKind::Half;
  SmallVector<Value> tableIndices{indices[along]};
  if (hasBatch)
    tableIndices.insert(tableIndices.begin(), indices[0]);
  Value start = buffer.getRow(indices), stride = buffer.getStride(along);
  // Counted from the first row, which is the same in all threads.
  auto getRow = [&](const RowItems::Item &item) -> Value {
    Value row = kernel.add(item.row, kernel.getConstant(firstRow));
    return arith::IndexCastUIOp::create(
        builder, builder.getIndexType(),
        arith::MinUIOp::create(builder, RowItems::toI32(builder, row),
                               lastRow));
  };
  for (const RowItems::Item &item : pairItems) {
    Chunk &chunk = loaded.pairs.emplace_back();
    chunk.item = item;
    Value rowOf = getRow(item);
    Value row = kernel.add(start, kernel.multiply(rowOf, stride));
    LaneIndex lane(item.place, isHalf ? pairs : 2 * pairs, lanes.getOffset());
    chunk.first = buffer.loadUnits(row, lane, isHalf ? pairs : 2 * pairs);
    if (isHalf)
      chunk.second = buffer.loadUnits(row, lane + rotaryDim / 2, pairs);
    loadTables(chunk, tableIndices, rowOf);
  }
  for (const RowItems::Item &item : otherItems) {
    Chunk &chunk = loaded.others.emplace_back();
    chunk.item = item;
    Value row = kernel.add(start, kernel.multiply(getRow(item), stride));
    int64_t unit = buffer.getUnitLanes();
    chunk.first = buffer.loadUnits(row, LaneIndex(item.place, unit), unit);
  }
  return loaded;
}

void RowTile::emitIfExists(const RowItems::Item &item,
                           function_ref<void()> body) {
  if (!item.exists)
    return body();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(
      scf::IfOp::create(builder, item.exists).thenBlock());
  body();
}

void RowTile::storeLanes(ArrayRef<Value> words, SharedWords &shared,
                         const SharedTile &tile, Value row, LaneIndex lane) {
  int64_t width = std::min<int64_t>(buffer.getUnitLanes() / 2, words.size());
  for (int64_t i = 0; i < static_cast<int64_t>(words.size()); i += width) {
    auto [index, offset] = tile.getPlace(kernel, row, lane + 2 * i);
    shared.store(words.slice(i, width), index, offset);
  }
}

void RowTile::rotate(const Chunk &chunk, SharedWords &shared,
                     const SharedTile &tile) {
  FloatType f32 = builder.getF32Type();
  bool isHalf = lanes.getPairing() == PairingKind::Half;
  /// Scalars of the first and of the second lanes of pairs.
  using Sides = std::pair<SmallVector<Value>, SmallVector<Value>>;
  auto split = [](ArrayRef<Value> scalars) {
    Sides sides;
    for (auto [i, scalar] : llvm::enumerate(scalars))
      (i % 2 ? sides.second : sides.first).push_back(scalar);
    return sides;
  };
  auto widen = [&](DeviceBuffer &table, ArrayRef<Value> first,
                   ArrayRef<Value> second) -> Sides {
    SmallVector<Value> scalars = table.widenUnits(first, f32);
    if (!isPerLane)
      return {scalars, scalars};
    return isHalf ? Sides{scalars, table.widenUnits(second, f32)}
                  : split(scalars);
  };
  Sides entries = isHalf ? Sides{buffer.widenUnits(chunk.first, f32),
                                 buffer.widenUnits(chunk.second, f32)}
                         : split(buffer.widenUnits(chunk.first, f32));
  Sides cosines = widen(*cos, chunk.cosFirst, chunk.cosSecond);
  Sides sines = widen(*sin, chunk.sinFirst, chunk.sinSecond);

  SmallVector<LaneValue> first, second;
  for (int64_t i = 0; i < pairs; ++i) {
    auto get = [&](ArrayRef<Value> scalars) {
      return LaneValue(builder, scalars[i]);
    };
    LaneValue a = get(entries.first), b = get(entries.second);
    LaneValue ofB = get(sines.first) * b, ofA = get(sines.second) * a;
    (lanes.getInverse() ? ofA : ofB) = -(lanes.getInverse() ? ofA : ofB);
    first.push_back(get(cosines.first).fma(a, ofB));
    second.push_back(get(cosines.second).fma(b, ofA));
  }
  FloatType element = buffer.getElementType();
  LaneIndex lane(chunk.item.place, isHalf ? pairs : 2 * pairs,
                 lanes.getOffset());
  auto pack = [&](LaneValue even, LaneValue odd) {
    return narrowPair(kernel, even, odd, element).get();
  };
  SmallVector<Value> words, ofSecond;
  if (!isHalf) {
    for (auto [a, b] : llvm::zip_equal(first, second))
      words.push_back(pack(a, b));
    return storeLanes(words, shared, tile, chunk.item.row, lane);
  }
  for (int64_t i = 0; i < pairs; i += 2) {
    words.push_back(pack(first[i], first[i + 1]));
    ofSecond.push_back(pack(second[i], second[i + 1]));
  }
  storeLanes(words, shared, tile, chunk.item.row, lane);
  storeLanes(ofSecond, shared, tile, chunk.item.row, lane + rotaryDim / 2);
}

void RowTile::store(const Loaded &loaded, SharedWords &shared,
                    const SharedTile &tile) {
  for (const Chunk &chunk : loaded.pairs)
    emitIfExists(chunk.item, [&] { rotate(chunk, shared, tile); });
  for (const Chunk &chunk : loaded.others)
    emitIfExists(chunk.item, [&] {
      storeLanes(buffer.getWords(chunk.first), shared, tile, chunk.item.row,
                 LaneIndex(chunk.item.place, buffer.getUnitLanes()));
    });
}

void RowTile::storePadding(SharedWords &shared, const SharedTile &tile) {
  int64_t words = llvm::alignTo(headDim, 16) / 2 - headDim / 2;
  if (words == 0)
    return;
  Value zero = arith::ConstantIntOp::create(builder, builder.getI32Type(), 0);
  RowItems items(kernel, rows, words, thread, threads);
  for (int64_t i = 0; i < items.getNumItems(); ++i) {
    RowItems::Item item = items.get(i);
    emitIfExists(item, [&] {
      shared.store(
          zero, kernel.add(kernel.multiply(item.row, tile.stride), item.place),
          tile.first + headDim / 2);
    });
  }
}
