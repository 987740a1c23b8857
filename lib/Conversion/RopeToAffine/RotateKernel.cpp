//===- RotateKernel.cpp - The rotation of one row -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "RotateKernel.h"

#include "NarrowFloat.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::rope;

RotateKernel::RotateKernel(RotateOp op, LoopEmitter &emitter,
                           const RopeToAffineOptions &options)
    : op(op), emitter(emitter), contract(options.contract),
      element(cast<FloatType>(op.getInputType().getElementType())),
      computeType(Float32Type::get(op.getContext())) {
  auto tableElement = cast<FloatType>(op.getTableType().getElementType());
  for (FloatType type : {element, tableElement})
    if (type.getWidth() > computeType.getWidth())
      computeType = type;
  bool hasVectors = llvm::all_of(op->getOperands(), hasUnitStrideLanes);
  unsigned bits = hasVectors ? options.vectorBits : 0;
  computeLanes = std::max(1u, bits / computeType.getWidth());
  elementLanes = std::max(1u, bits / element.getWidth());
  // Half of the registers: 32 with 512 bits and more, 16 below.
  maxTableVectors = options.vectorBits >= 512 ? 16 : 8;
  bool isInterleaved = op.getPairing() == PairingKind::Interleaved;
  shape = Shape::Split;
  if (computeLanes > 1 && op.getEffectiveResultPairing() == op.getPairing()) {
    if (isInterleaved && !element.isBF16())
      shape = Shape::Swap;
    else if (!isInterleaved && element.isBF16())
      shape = Shape::EvenOdd;
  }
}

LaneValue RotateKernel::wrap(Value value) {
  return LaneValue(emitter.getBuilder(), value);
}

//===----------------------------------------------------------------------===//
// Chunks
//===----------------------------------------------------------------------===//

/// `count` as a sum of `unit`s and then of decreasing powers of two.
static SmallVector<int64_t> cutIntoVectors(int64_t count, int64_t unit) {
  SmallVector<int64_t> widths(count / unit, unit);
  for (int64_t rest = count % unit; rest != 0;) {
    widths.push_back(llvm::bit_floor(static_cast<uint64_t>(rest)));
    rest -= widths.back();
  }
  return widths;
}

void RotateKernel::forEachChunk(
    function_ref<void(const Chunk &, bool isLast)> body) {
  int64_t pairs = op.getEffectiveRotaryDim() / 2;
  int64_t unit = computeLanes, tablesOfVector = 2;
  if (shape == Shape::Swap) {
    unit /= 2;
  } else {
    // First and second lanes have their own.
    if (op.hasPerLaneTables())
      tablesOfVector *= 2;
    if (shape == Shape::EvenOdd) {
      unit *= 2;
      tablesOfVector *= 2;
    }
  }
  int64_t vectors = computeLanes == 1 ? 1 : maxTableVectors / tablesOfVector;
  int64_t chunkPairs = vectors * unit;

  // The last chunk has what is left, at least one pair.
  int64_t earlier = (pairs - 1) / chunkPairs;
  SmallVector<int64_t> full(vectors, unit);
  if (earlier == 1)
    body({LaneIndex(), full}, /*isLast=*/false);
  else if (earlier > 1)
    emitter.emitFor(
        emitter.getBuilder().getIndexAttr(earlier), [&](Value chunk) {
          body({LaneIndex{chunk, chunkPairs, 0}, full}, /*isLast=*/false);
        });
  int64_t first = earlier * chunkPairs;
  body({LaneIndex() + first, cutIntoVectors(pairs - first, unit)},
       /*isLast=*/true);
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

LaneValue RotateKernel::sumOfProducts(LaneValue c, LaneValue x, LaneValue s,
                                      LaneValue y) {
  LaneValue second = s * y;
  return contract ? c.fma(x, second) : c * x + second;
}

LaneValue RotateKernel::differenceOfProducts(LaneValue c, LaneValue x,
                                             LaneValue s, LaneValue y) {
  LaneValue second = s * y;
  return contract ? c.fma(x, -second) : c * x - second;
}

RotateKernel::Pair RotateKernel::rotateSplit(Pair lanes,
                                             const TableVectors &tables) {
  auto [first, second] = lanes;
  if (op.getInverse())
    return {sumOfProducts(tables.cosFirst, first, tables.sinFirst, second),
            differenceOfProducts(tables.cosSecond, second, tables.sinSecond,
                                 first)};
  return {differenceOfProducts(tables.cosFirst, first, tables.sinFirst, second),
          sumOfProducts(tables.cosSecond, second, tables.sinSecond, first)};
}

LaneValue RotateKernel::rotateSwap(LaneValue lanes,
                                   const TableVectors &tables) {
  SmallVector<int64_t> mask;
  for (int64_t lane : llvm::seq<int64_t>(
           0, cast<VectorType>(lanes.getType()).getNumElements()))
    mask.push_back(lane ^ 1);
  LaneValue swapped =
      lanes.emit<vector::ShuffleOp>(lanes.get(), lanes.get(), mask);
  return sumOfProducts(tables.cosFirst, lanes, tables.sinFirst, swapped);
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

LaneValue RotateKernel::loadTable(Value table, ValueRange row, LaneIndex lane,
                                  int64_t lanes) {
  LaneValue entries = wrap(emitter.load(table, row, lane, lanes));
  bool needsQuiet = element.isBF16() && computeType.isF32() &&
                    !entries.getElementType().isBF16();
  entries = widen(entries, computeType);
  return needsQuiet ? quietNaNs(entries) : entries;
}

RotateKernel::TableVectors
RotateKernel::loadSwapTables(ValueRange row, LaneIndex pair, int64_t pairs) {
  // Each entry at both lanes of its pair.
  auto load = [&](Value table) {
    if (op.hasPerLaneTables())
      return loadTable(table, row, pair * 2, 2 * pairs);
    LaneValue entries = loadTable(table, row, pair, pairs);
    if (pairs == 1)
      return entries.emit<vector::BroadcastOp>(VectorType::get(2, computeType),
                                               entries.get());
    return entries.emit<vector::InterleaveOp>(entries.get(), entries.get());
  };
  LaneValue cos = load(op.getCos()), sin = load(op.getSin());
  SmallVector<Attribute> signs;
  for (int64_t lane = 0; lane < 2 * pairs; ++lane) {
    bool isNegated = (lane % 2 == 0) != op.getInverse();
    signs.push_back(FloatAttr::get(computeType, isNegated ? -1.0 : 1.0));
  }
  LaneValue sign = sin.emit<arith::ConstantOp>(
      DenseElementsAttr::get(cast<VectorType>(sin.getType()), signs));
  return {cos, sin * sign, {}, {}};
}

void RotateKernel::loadEvenOddTables(ValueRange row, LaneIndex pair,
                                     int64_t pairs,
                                     SmallVectorImpl<TableVectors> &tables) {
  auto load = [&](Value table, int64_t offset) -> Pair {
    LaneValue entries = loadTable(table, row, pair + offset, pairs);
    auto split =
        vector::DeinterleaveOp::create(emitter.getBuilder(), entries.get());
    return {wrap(split.getRes1()), wrap(split.getRes2())};
  };
  Pair cosFirst = load(op.getCos(), 0), sinFirst = load(op.getSin(), 0);
  Pair cosSecond = cosFirst, sinSecond = sinFirst;
  if (op.hasPerLaneTables()) {
    int64_t half = op.getEffectiveRotaryDim() / 2;
    cosSecond = load(op.getCos(), half);
    sinSecond = load(op.getSin(), half);
  }
  tables.push_back(
      {cosFirst.first, sinFirst.first, cosSecond.first, sinSecond.first});
  tables.push_back(
      {cosFirst.second, sinFirst.second, cosSecond.second, sinSecond.second});
}

SmallVector<RotateKernel::TableVectors>
RotateKernel::loadTables(ValueRange row, const Chunk &chunk) {
  SmallVector<TableVectors> tables;
  LaneIndex pair = chunk.firstPair;
  for (int64_t pairs : chunk.widths) {
    if (shape == Shape::Swap) {
      tables.push_back(loadSwapTables(row, pair, pairs));
    } else if (shape == Shape::EvenOdd && pairs > 1) {
      loadEvenOddTables(row, pair, pairs, tables);
    } else if (op.hasPerLaneTables()) {
      Pair cos = loadSplit(op.getCos(), row, op.getPairing(), 0, pair, pairs);
      Pair sin = loadSplit(op.getSin(), row, op.getPairing(), 0, pair, pairs);
      if (element.isBF16() && computeType.isF32()) {
        cos = {quietNaNs(cos.first), quietNaNs(cos.second)};
        sin = {quietNaNs(sin.first), quietNaNs(sin.second)};
      }
      tables.push_back({cos.first, sin.first, cos.second, sin.second});
    } else {
      LaneValue cos = loadTable(op.getCos(), row, pair, pairs);
      LaneValue sin = loadTable(op.getSin(), row, pair, pairs);
      tables.push_back({cos, sin, cos, sin});
    }
    pair = pair + pairs;
  }
  return tables;
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

RotateKernel::Pair RotateKernel::loadSplit(Value buffer, ValueRange row,
                                           PairingKind pairing, int64_t offset,
                                           LaneIndex pair, int64_t pairs) {
  auto load = [&](LaneIndex lane, int64_t lanes) {
    return wrap(emitter.load(buffer, row, lane, lanes));
  };
  int64_t half = op.getEffectiveRotaryDim() / 2;
  if (pairing == PairingKind::Half)
    return {widen(load(pair + offset, pairs), computeType),
            widen(load(pair + (offset + half), pairs), computeType)};
  LaneIndex lane = pair * 2 + offset;
  if (pairs == 1)
    return {widen(load(lane, 1), computeType),
            widen(load(lane + 1, 1), computeType)};
  LaneValue lanes = load(lane, 2 * pairs);
  if (lanes.getElementType().isBF16())
    return splitBF16(lanes, computeType);
  auto split =
      vector::DeinterleaveOp::create(emitter.getBuilder(), lanes.get());
  return {widen(wrap(split.getRes1()), computeType),
          widen(wrap(split.getRes2()), computeType)};
}

void RotateKernel::addSplit(Pair lanes, LaneIndex pair, Stores &stores) {
  auto [first, second] = lanes;
  int64_t offset = op.getOffset(), half = op.getEffectiveRotaryDim() / 2;
  if (op.getEffectiveResultPairing() == PairingKind::Half) {
    stores.first.emplace_back(pair + offset, narrow(first, element));
    stores.second.emplace_back(pair + (offset + half), narrow(second, element));
    return;
  }
  LaneIndex lane = pair * 2 + offset;
  if (!isa<VectorType>(first.getType())) {
    stores.first.emplace_back(lane, narrow(first, element));
    stores.first.emplace_back(lane + 1, narrow(second, element));
  } else if (element.isBF16()) {
    stores.first.emplace_back(lane, joinBF16(first, second));
  } else {
    stores.first.emplace_back(
        lane, first.emit<vector::InterleaveOp>(narrow(first, element).get(),
                                               narrow(second, element).get()));
  }
}

SmallVector<RotateKernel::Pair, 2>
RotateKernel::loadPairs(ValueRange row, LaneIndex pair, int64_t pairs) {
  int64_t offset = op.getOffset();
  if (shape == Shape::Swap)
    return {{widen(wrap(emitter.load(op.getInput(), row, pair * 2 + offset,
                                     2 * pairs)),
                   computeType),
             LaneValue()}};
  if (shape == Shape::Split || pairs == 1)
    return {
        loadSplit(op.getInput(), row, op.getPairing(), offset, pair, pairs)};
  int64_t half = op.getEffectiveRotaryDim() / 2;
  auto load = [&](int64_t first) {
    return splitBF16(
        wrap(emitter.load(op.getInput(), row, pair + first, pairs)),
        computeType);
  };
  Pair first = load(offset), second = load(offset + half);
  return {{first.first, second.first}, {first.second, second.second}};
}

void RotateKernel::addPairs(ArrayRef<Pair> lanes, LaneIndex pair, int64_t pairs,
                            Stores &stores) {
  int64_t offset = op.getOffset();
  if (shape == Shape::Swap) {
    stores.first.emplace_back(pair * 2 + offset,
                              narrow(lanes[0].first, element));
    return;
  }
  if (shape == Shape::Split || pairs == 1)
    return addSplit(lanes[0], pair, stores);
  int64_t half = op.getEffectiveRotaryDim() / 2;
  stores.first.emplace_back(pair + offset,
                            joinBF16(lanes[0].first, lanes[1].first));
  stores.second.emplace_back(pair + (offset + half),
                             joinBF16(lanes[0].second, lanes[1].second));
}

void RotateKernel::rotate(ValueRange row, const Chunk &chunk,
                          ArrayRef<TableVectors> tables) {
  LaneIndex pair = chunk.firstPair;
  ArrayRef<int64_t> widths = chunk.widths;
  // Pairs of vectors whose loads stand before their stores: enough to hide the
  // latency. They, what second halves wait for and the tables fill the
  // registers.
  size_t maxInFlight = maxTableVectors / (shape == Shape::EvenOdd ? 8 : 4);
  auto store = [&](ArrayRef<Store> group) {
    for (auto [lane, value] : group)
      emitter.store(value.get(), op.getOutput(), row, lane);
  };
  Stores stores;
  while (!widths.empty()) {
    ArrayRef<int64_t> inFlight = widths.take_front(maxInFlight);
    widths = widths.drop_front(inFlight.size());
    SmallVector<SmallVector<Pair, 2>> loaded;
    LaneIndex place = pair;
    for (int64_t pairs : inFlight) {
      loaded.push_back(loadPairs(row, place, pairs));
      place = place + pairs;
    }
    for (auto [pairs, vectors] : llvm::zip(inFlight, loaded)) {
      for (Pair &lanes : vectors) {
        if (shape == Shape::Swap)
          lanes.first = rotateSwap(lanes.first, tables.front());
        else
          lanes = rotateSplit(lanes, tables.front());
        tables = tables.drop_front();
      }
      addPairs(vectors, pair, pairs, stores);
      pair = pair + pairs;
    }
    store(stores.first);
    stores.first.clear();
  }
  store(stores.second);
}

void RotateKernel::copyOtherLanes(ValueRange row) {
  if (op.getInput() == op.getOutput())
    return;
  int64_t begin = op.getOffset();
  copyLanes(row, 0, begin);
  copyLanes(row, begin + op.getEffectiveRotaryDim(), op.getHeadDim());
}

void RotateKernel::copyLanes(ValueRange row, int64_t begin, int64_t end) {
  auto copy = [&](LaneIndex lane, int64_t lanes) {
    emitter.store(emitter.load(op.getInput(), row, lane, lanes), op.getOutput(),
                  row, lane);
  };
  int64_t full = (end - begin) / elementLanes;
  if (full > 1)
    emitter.emitFor(emitter.getBuilder().getIndexAttr(full), [&](Value i) {
      copy(LaneIndex{i, elementLanes, begin}, elementLanes);
    });
  else if (full == 1)
    copy(LaneIndex() + begin, elementLanes);
  LaneIndex lane = LaneIndex() + (begin + full * elementLanes);
  for (int64_t lanes :
       cutIntoVectors((end - begin) % elementLanes, elementLanes)) {
    copy(lane, lanes);
    lane = lane + lanes;
  }
}
