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

/// The vectors whose loads stand before their stores: enough to hide the
/// latency, few enough for the registers.
static constexpr size_t kVectorsInFlight = 4;

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
  isSwap = hasVectors && op.getPairing() == PairingKind::Interleaved &&
           op.getEffectiveResultPairing() == PairingKind::Interleaved &&
           !element.isBF16() && computeLanes > 1;
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
  int64_t unit = isSwap ? computeLanes / 2 : computeLanes;
  // Cosines and sines; of first and second lanes where they differ.
  int64_t tablesOfVector = op.hasPerLaneTables() && !isSwap ? 4 : 2;
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

RotateKernel::TableVectors
RotateKernel::loadSwapTables(ValueRange row, LaneIndex pair, int64_t pairs) {
  // Each entry at both lanes of its pair.
  auto load = [&](Value table) {
    if (op.hasPerLaneTables())
      return widen(wrap(emitter.load(table, row, pair * 2, 2 * pairs)),
                   computeType);
    LaneValue entries =
        widen(wrap(emitter.load(table, row, pair, pairs)), computeType);
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

SmallVector<RotateKernel::TableVectors>
RotateKernel::loadTables(ValueRange row, const Chunk &chunk) {
  SmallVector<TableVectors> tables;
  LaneIndex pair = chunk.firstPair;
  for (int64_t pairs : chunk.widths) {
    if (isSwap) {
      tables.push_back(loadSwapTables(row, pair, pairs));
    } else if (op.hasPerLaneTables()) {
      Pair cos = loadSplit(op.getCos(), row, op.getPairing(), 0, pair, pairs);
      Pair sin = loadSplit(op.getSin(), row, op.getPairing(), 0, pair, pairs);
      tables.push_back({cos.first, sin.first, cos.second, sin.second});
    } else {
      LaneValue cos =
          widen(wrap(emitter.load(op.getCos(), row, pair, pairs)), computeType);
      LaneValue sin =
          widen(wrap(emitter.load(op.getSin(), row, pair, pairs)), computeType);
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

void RotateKernel::storeSplit(Pair lanes, ValueRange row, LaneIndex pair) {
  auto [first, second] = lanes;
  int64_t offset = op.getOffset(), half = op.getEffectiveRotaryDim() / 2;
  auto store = [&](LaneValue value, LaneIndex lane) {
    emitter.store(value.get(), op.getOutput(), row, lane);
  };
  if (op.getEffectiveResultPairing() == PairingKind::Half) {
    store(narrow(first, element), pair + offset);
    store(narrow(second, element), pair + (offset + half));
    return;
  }
  LaneIndex lane = pair * 2 + offset;
  if (!isa<VectorType>(first.getType())) {
    store(narrow(first, element), lane);
    store(narrow(second, element), lane + 1);
    return;
  }
  if (element.isBF16())
    return store(joinBF16(first, second), lane);
  store(first.emit<vector::InterleaveOp>(narrow(first, element).get(),
                                         narrow(second, element).get()),
        lane);
}

void RotateKernel::rotate(ValueRange row, const Chunk &chunk,
                          ArrayRef<TableVectors> tables) {
  int64_t offset = op.getOffset();
  LaneIndex pair = chunk.firstPair;
  for (size_t begin = 0; begin < chunk.widths.size();
       begin += kVectorsInFlight) {
    auto widths =
        ArrayRef(chunk.widths).slice(begin).take_front(kVectorsInFlight);
    SmallVector<std::pair<LaneIndex, Pair>> loaded;
    for (int64_t pairs : widths) {
      Pair lanes;
      if (isSwap)
        lanes.first = widen(wrap(emitter.load(op.getInput(), row,
                                              pair * 2 + offset, 2 * pairs)),
                            computeType);
      else
        lanes =
            loadSplit(op.getInput(), row, op.getPairing(), offset, pair, pairs);
      loaded.push_back({pair, lanes});
      pair = pair + pairs;
    }
    for (auto [place, table] :
         llvm::zip(loaded, tables.slice(begin, widths.size()))) {
      if (isSwap)
        emitter.store(
            narrow(rotateSwap(place.second.first, table), element).get(),
            op.getOutput(), row, place.first * 2 + offset);
      else
        storeSplit(rotateSplit(place.second, table), row, place.first);
    }
  }
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
