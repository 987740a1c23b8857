//===- AttentionKernel.cpp - The passes of an attention -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a kernel is made of, and its passes over the keys.
//
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

using namespace mlir;
using namespace mlir::rope;

int64_t AttentionKernel::getSharedBytes(AttentionOp op, const GpuModel &model) {
  int64_t rotated = op.getOutputTables() ? op.getValueType().getDimSize(3) : 0;
  return 4 * (op.getHeadDim() + 2 * model.getBlockSize() + rotated);
}

/// The widest unit for the lanes of a row from its first one on.
static int64_t getRowUnit(Value buffer) {
  return DeviceBuffer::getUnitLanes(
      buffer, {cast<MemRefType>(buffer.getType()).getShape().back()});
}

AttentionKernel::AttentionKernel(KernelBuilder &kernel, AttentionOp op)
    : kernel(kernel), builder(kernel.getBuilder()), op(op),
      threads(kernel.getModel().getBlockSize()), headDim(op.getHeadDim()),
      valueDim(op.getValueType().getDimSize(3)),
      lanesOfThread(llvm::divideCeil(valueDim, threads)),
      query(kernel, op.getQuery(), 1),
      key(kernel, op.getKey(), op.getKeyTables() ? 1 : getRowUnit(op.getKey())),
      value(kernel, op.getValue(), 1), out(kernel, op.getOut(), 1) {
  ImplicitLocOpBuilder &host = kernel.getHost();
  auto add = [&](std::optional<DeviceBuffer> &buffer, Value given) {
    if (given)
      buffer.emplace(kernel, given, 1);
  };
  auto addRotation = [&](std::optional<RowRotation> &rotation,
                         AttentionOp::Rotation given, int64_t lanes) {
    if (given)
      rotation.emplace(kernel, given, lanes);
  };
  add(keyTail, op.getKeyTail());
  add(lse, op.getLse());
  add(scores, op.getScores());
  add(sinks, op.getSinks());
  addRotation(queryRotation, op.getQueryTables(), headDim);
  addRotation(keyRotation, op.getKeyTables(), headDim);
  addRotation(valueRotation, op.getValueTables(), valueDim);
  addRotation(outputRotation, op.getOutputTables(), valueDim);
  ranges.emplace(kernel, op);

  auto getSize = [&](Value buffer, int64_t dim) {
    return memref::getMixedSize(host, host.getLoc(), buffer, dim);
  };
  numKeys = ranges->getNumKeys();
  numQueries = ranges->getNumQueries();
  numBatches = getSize(op.getQuery(), 0);
  if (Value given = op.getMask()) {
    auto type = cast<MemRefType>(given.getType());
    numMasked = getSize(given, type.getRank() - 1);
    if (type.getElementType().isInteger(1))
      mask.emplace(kernel, given);
    else
      bias.emplace(kernel, given, 1);
  }
  Type f32 = builder.getF32Type();
  sharedQuery = kernel.addShared(headDim, f32);
  sharedScores = kernel.addShared(threads, f32);
  sharedWeights = kernel.addShared(threads, f32);
  if (outputRotation)
    sharedOut = kernel.addShared(valueDim, f32);
}

LaneValue AttentionKernel::load(DeviceBuffer &buffer, Value row,
                                LaneIndex lane) {
  FloatType f32 = builder.getF32Type();
  bool isF64 = buffer.getElementType().isF64();
  LaneValue element = wrap(
      buffer.load(row, lane, 1, isF64 ? FloatType(builder.getF64Type()) : f32)
          .front());
  return isF64 ? element.emit<arith::TruncFOp>(f32, element.get()) : element;
}

/// Rounded weights sum up to another number than those that are summed, and
/// weights that are results are divided by all of the sum.
bool AttentionKernel::hasTwoPasses() const {
  AttentionOp attention = op;
  return attention.getReturningScores() == ScoreKind::Weights ||
         (attention.getSoftmaxPrecision() &&
          !attention.getSoftmaxPrecision()->isF32());
}

void AttentionKernel::emit() {
  thread = kernel.emitThreadIndices({threads}).front();
  OpFoldResult numHeads = builder.getIndexAttr(op.getNumHeads());
  kernel.emitGrid({numQueries, numHeads, numBatches}, 1, kernel.getConstant(0),
                  [&](ArrayRef<Value> point) {
                    emitQuery({point[0], point[1], point[2], {}, {}});
                  });
}

void AttentionKernel::emitQuery(Place place) {
  loadQuery(place);
  gpu::BarrierOp::create(builder);
  place.allowed = ranges->emit(place.batch, place.query);
  // Every key has a score that is a result.
  place.walked = place.allowed;
  if (scores)
    place.walked = {kernel.getConstant(0), kernel.getIndex(numKeys)};

  if (hasTwoPasses()) {
    SmallVector<Value> statistics = emitStatistics(place);
    LaneValue largest = wrap(statistics[0]), total = wrap(statistics[1]);
    finish(place, largest, total, emitWeighted(place, largest, total));
  } else {
    SmallVector<Value> state = emitOnline(place);
    LaneValue largest = wrap(state.front()), total = wrap(state.back());
    SmallVector<Value> lanes;
    for (Value lane : ArrayRef(state).drop_front().drop_back())
      lanes.push_back(emitQuotient(wrap(lane), total).get());
    finish(place, largest, total, lanes);
  }
  // The next query of this block overwrites what others may still read.
  gpu::BarrierOp::create(builder);
}

std::pair<LaneValue, LaneValue> AttentionKernel::emitStart(const Place &place) {
  LaneValue largest = emitF32(-kInfinity);
  if (sinks)
    largest = load(*sinks, sinks->getRow({}), LaneIndex(place.head));
  return {largest, emitWeight(largest, emitBase(largest))};
}

SmallVector<Value> AttentionKernel::emitTiles(
    const Place &place, ValueRange inits,
    function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto tiles = scf::ForOp::create(builder, place.walked.first, place.walked.end,
                                  kernel.getConstant(threads), inits);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(tiles.getBody());
  scf::YieldOp::create(
      builder, body(tiles.getInductionVar(), tiles.getRegionIterArgs()));
  return tiles.getResults();
}

SmallVector<Value> AttentionKernel::emitOnline(const Place &place) {
  auto [start, startSum] = emitStart(place);
  SmallVector<Value> inits{start.get()};
  inits.append(lanesOfThread, emitF32(0).get());
  inits.push_back(startSum.get());
  return emitTiles(place, inits, [&](Value tile, ValueRange state) {
    LaneValue score = emitTileScore(place, tile, /*isWritten=*/true);
    LaneValue before = wrap(state.front());
    LaneValue after = emitLargest(score, before), base = emitBase(after);
    shareWeights(emitWeight(score, base));
    LaneValue correction = emitWeight(before, base);
    SmallVector<Value> sums;
    for (Value sum : state.drop_front())
      sums.push_back((wrap(sum) * correction).get());
    SmallVector<Value> next = emitSums(place, tile, sums);
    next.insert(next.begin(), after.get());
    return next;
  });
}

SmallVector<Value> AttentionKernel::emitStatistics(const Place &place) {
  auto [start, startSum] = emitStart(place);
  return emitTiles(
      place, {start.get(), startSum.get()}, [&](Value tile, ValueRange state) {
        LaneValue score = emitTileScore(place, tile, /*isWritten=*/false);
        LaneValue before = wrap(state[0]);
        LaneValue after = emitLargest(score, before), base = emitBase(after);
        shareWeights(emitWeight(score, base));
        LaneValue total = wrap(state[1]) * emitWeight(before, base);
        total = emitFold(total, sharedWeights,
                         [](LaneValue x, LaneValue y) { return x + y; });
        return SmallVector<Value>{after.get(), total.get()};
      });
}

SmallVector<Value> AttentionKernel::emitWeighted(const Place &place,
                                                 LaneValue largest,
                                                 LaneValue total) {
  LaneValue base = emitBase(largest);
  SmallVector<Value> inits(lanesOfThread, emitF32(0).get());
  return emitTiles(place, inits, [&](Value tile, ValueRange lanes) {
    LaneValue score = emitTileScore(place, tile, /*isWritten=*/true);
    LaneValue weight = emitQuotient(emitWeight(score, base), total);
    if (std::optional<Type> precision = op.getSoftmaxPrecision())
      weight = roundThrough(kernel, weight, cast<FloatType>(*precision));
    if (op.getReturningScores() == ScoreKind::Weights) {
      Value keyIndex = kernel.add(tile, thread);
      kernel.emitIf(arith::CmpIPredicate::slt, keyIndex, place.walked.end,
                    [&] { writeScore(place, keyIndex, weight); });
    }
    shareWeights(weight);
    SmallVector<Value> next = emitSums(place, tile, lanes);
    // The weights of the next tile overwrite what others may still read.
    gpu::BarrierOp::create(builder);
    return next;
  });
}

LaneValue AttentionKernel::emitLargest(LaneValue score, LaneValue before) {
  memref::StoreOp::create(builder, score.get(), sharedScores, thread);
  gpu::BarrierOp::create(builder);
  return emitFold(before, sharedScores, [&](LaneValue x, LaneValue y) {
    return x.emit<arith::MaximumFOp>(x.get(), y.get());
  });
}

LaneValue AttentionKernel::emitFold(
    LaneValue start, Value shared,
    function_ref<LaneValue(LaneValue, LaneValue)> combine) {
  auto loop = scf::ForOp::create(builder, kernel.getConstant(0),
                                 kernel.getConstant(threads),
                                 kernel.getConstant(1), start.get());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  LaneValue next = combine(wrap(loop.getRegionIterArg(0)),
                           wrap(loadShared(shared, loop.getInductionVar())));
  scf::YieldOp::create(builder, next.get());
  return wrap(loop.getResult(0));
}

void AttentionKernel::shareWeights(LaneValue weight) {
  memref::StoreOp::create(builder, weight.get(), sharedWeights, thread);
  gpu::BarrierOp::create(builder);
}

LaneValue AttentionKernel::loadValue(const Place &place, Value keyIndex,
                                     Value lane) {
  Value row = value.getRow(getIndices(
      op, place.batch, getKvHead(builder, op, place.head), keyIndex));
  auto loadLane = [&](Value index) {
    return load(value, row, LaneIndex(index));
  };
  if (!valueRotation)
    return loadLane(lane);
  return valueRotation->rotateLane(lane, loadLane, place.batch, keyIndex);
}

SmallVector<Value> AttentionKernel::emitSums(const Place &place, Value tile,
                                             ValueRange sums) {
  Value count = arith::MinSIOp::create(
      builder, kernel.getConstant(threads),
      arith::SubIOp::create(builder, place.walked.end, tile));
  auto loop = scf::ForOp::create(builder, kernel.getConstant(0), count,
                                 kernel.getConstant(1), sums);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value i = loop.getInductionVar(), keyIndex = kernel.add(tile, i);
  LaneValue weight = wrap(loadShared(sharedWeights, i));
  LaneValue isZero = weight.compare(arith::CmpFPredicate::OEQ, 0.0);
  ValueRange before = loop.getRegionIterArgs();
  SmallVector<Value> next;
  for (int64_t lane = 0; lane < lanesOfThread; ++lane) {
    // Threads past the last lane repeat it.
    Value index = arith::MinUIOp::create(builder, getLane(lane),
                                         kernel.getConstant(valueDim - 1));
    LaneValue scalar = loadValue(place, keyIndex, index);
    LaneValue sum = wrap(before[lane]);
    next.push_back(isZero.select(sum, weight.fma(scalar, sum)).get());
  }
  for (Value total : before.drop_front(lanesOfThread))
    next.push_back((wrap(total) + weight).get());
  scf::YieldOp::create(builder, next);
  return loop.getResults();
}

void AttentionKernel::finish(const Place &place, LaneValue largest,
                             LaneValue total, ValueRange lanes) {
  Value row = out.getRow(getIndices(op, place.batch, place.head, place.query));
  auto forEachLane = [&](function_ref<void(Value, Value)> body) {
    for (auto [i, result] : llvm::enumerate(lanes)) {
      Value lane = getLane(i), scalar = result;
      kernel.emitIf(arith::CmpIPredicate::ult, lane,
                    kernel.getConstant(valueDim), [&] { body(lane, scalar); });
    }
  };
  if (outputRotation) {
    forEachLane([&](Value lane, Value result) {
      memref::StoreOp::create(builder, result, sharedOut, lane);
    });
    gpu::BarrierOp::create(builder);
  }
  forEachLane([&](Value lane, Value result) {
    if (outputRotation)
      result = outputRotation
                   ->rotateLane(
                       lane,
                       [&](Value other) {
                         return wrap(loadShared(sharedOut, other));
                       },
                       place.batch, place.query)
                   .get();
    out.store(result, row, LaneIndex(lane));
  });
  if (!lse)
    return;
  kernel.emitIf(arith::CmpIPredicate::eq, thread, kernel.getConstant(0), [&] {
    LaneValue logarithm =
        largest + total.emit<math::Log2Op>(total.get()) * llvm::numbers::ln2;
    LaneValue result = total.compare(arith::CmpFPredicate::OEQ, 0.0)
                           .select(emitF32(-kInfinity), logarithm);
    SmallVector<Value> indices =
        getIndices(op, place.batch, place.head, place.query);
    Value last = indices.pop_back_val();
    lse->store(result.get(), lse->getRow(indices), LaneIndex(last));
  });
}
