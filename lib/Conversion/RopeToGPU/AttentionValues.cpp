//===- AttentionValues.cpp - The weighted values of an attention ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each unit of a value, of up to 16 bytes, has a thread, and where a block has
// more threads than a value has units, these are slots, each with keys of its
// own: the sums of all slots are added at the end.
//
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

using namespace mlir;
using namespace mlir::rope;

int64_t AttentionKernel::getValueUnit() {
  if (op.getValueTables())
    return 1;
  // More sums leave too few registers to what reads keys.
  constexpr int64_t kMostSums = 16;
  int64_t most = llvm::bit_floor<uint64_t>(kMostSums / headsOfBlock);
  return DeviceBuffer::getUnitLanes(op.getValue(), {valueDim, most});
}

int64_t AttentionKernel::getValueThreads() {
  int64_t units = llvm::bit_ceil<uint64_t>(valueDim / valueUnit);
  return threads % units == 0 ? units : threads;
}

SmallVector<Value> AttentionKernel::loadValues(const Place &place,
                                               Value keyIndex, Value unit) {
  Value row = value.getRow(getIndices(
      op, place.batch, getKvHead(builder, op, place.heads.front()), keyIndex));
  if (valueRotation)
    return {
        valueRotation
            ->rotateLane(
                unit,
                [&](Value lane) { return load(value, row, LaneIndex(lane)); },
                place.batch, keyIndex)
            .get()};
  return value.loadUnits(row, LaneIndex(unit, valueUnit), valueUnit);
}

SmallVector<LaneValue> AttentionKernel::widenValues(ArrayRef<Value> loaded) {
  SmallVector<Value> lanes(loaded);
  if (!valueRotation)
    lanes = value.widenUnits(loaded, builder.getF32Type());
  return llvm::map_to_vector(lanes, [&](Value lane) { return wrap(lane); });
}

SmallVector<AttentionKernel::Softmax>
AttentionKernel::emitSums(const Place &place, Value tile,
                          ArrayRef<Softmax> softmaxes, bool addsWeights) {
  // Keys whose values and weights a thread has under way; no slot is left
  // without one.
  constexpr int64_t kMostWeights = 32, kMostKeys = 8;
  int64_t keysAtOnce = getCommonPowerOfTwo(
      {threads}, llvm::bit_floor<uint64_t>(std::min(
                     {kMostKeys, valueThreads, kMostWeights / headsOfBlock})));
  Value count = arith::MinSIOp::create(
      builder, kernel.getConstant(threads),
      arith::SubIOp::create(builder, place.walked.end, tile));
  Value last =
      arith::SubIOp::create(builder, place.walked.end, kernel.getConstant(1));
  auto loop = scf::ForOp::create(
      builder, kernel.multiply(getSlot(), keysAtOnce), count,
      kernel.getConstant(threads / valueThreads * keysAtOnce),
      flatten(softmaxes));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value i = loop.getInductionVar();
  SmallVector<SmallVector<Value>> values(keysAtOnce);
  for (auto [number, loaded] : llvm::enumerate(values)) {
    // Keys past the last one have no weight.
    Value keyIndex = arith::MinUIOp::create(
        builder, kernel.add(tile, kernel.add(i, kernel.getConstant(number))),
        last);
    for (int64_t unit = 0; unit < unitsOfThread; ++unit) {
      // Threads past the last lane repeat it.
      Value index = arith::MinUIOp::create(
          builder,
          kernel.add(getThreadOfValue(), kernel.getConstant(unit * threads)),
          kernel.getConstant(valueDim / valueUnit - 1));
      llvm::append_range(loaded, loadValues(place, keyIndex, index));
    }
  }
  SmallVector<Softmax> next = unflatten(loop.getRegionIterArgs());
  SmallVector<SmallVector<LaneValue>> weights;
  for (int64_t head = 0; head < headsOfBlock; ++head)
    weights.push_back(loadShared(sharedWeights, i, head * threads, keysAtOnce));
  // All loads come first: LLVM makes scalars of a vector that is taken apart
  // right behind its load.
  for (auto [number, loaded] : llvm::enumerate(values)) {
    SmallVector<LaneValue> lanes = widenValues(loaded);
    for (auto [softmax, ofHead] : llvm::zip_equal(next, weights)) {
      LaneValue weight = ofHead[number];
      LaneValue isZero = weight.compare(arith::CmpFPredicate::OEQ, 0.0);
      for (auto [sum, lane] : llvm::zip_equal(softmax.lanes, lanes))
        sum = isZero.select(sum, weight.fma(lane, sum));
      if (addsWeights)
        softmax.total = softmax.total + weight;
    }
  }
  scf::YieldOp::create(builder, flatten(next));
  return unflatten(loop.getResults());
}

void AttentionKernel::addSlots(MutableArrayRef<Softmax> softmaxes,
                               bool addsWeights) {
  if (valueThreads == threads)
    return;
  // Many slots as straight-line code would take registers.
  int64_t numSlots = threads / valueThreads;
  auto addAll = [&](function_ref<LaneValue &(Softmax &)> getNumber) {
    // Others may still read weights, or what was added before.
    gpu::BarrierOp::create(builder);
    share(llvm::map_to_vector(
              softmaxes, [&](Softmax &softmax) { return getNumber(softmax); }),
          sharedWeights);
    SmallVector<LaneValue> sums = emitFold(
        SmallVector<LaneValue>(headsOfBlock, emitF32(0)), sharedWeights,
        getThreadOfValue(), valueThreads, 1, numSlots <= 4 ? numSlots : 1,
        [](LaneValue x, LaneValue y) { return x + y; });
    for (auto [softmax, sum] : llvm::zip_equal(softmaxes, sums))
      getNumber(softmax) = sum;
  };
  for (size_t lane = 0; lane < softmaxes.front().lanes.size(); ++lane)
    addAll(
        [&](Softmax &softmax) -> LaneValue & { return softmax.lanes[lane]; });
  if (addsWeights)
    addAll([](Softmax &softmax) -> LaneValue & { return softmax.total; });
}

void AttentionKernel::forEachUnit(
    const Softmax &softmax,
    function_ref<void(Value unit, ArrayRef<LaneValue>)> body) {
  for (int64_t i = 0; i < unitsOfThread; ++i) {
    Value unit = kernel.add(thread, kernel.getConstant(i * threads));
    kernel.emitIf(
        arith::CmpIPredicate::ult, unit,
        kernel.getConstant(valueDim / valueUnit), [&] {
          body(unit, ArrayRef(softmax.lanes).slice(i * valueUnit, valueUnit));
        });
  }
}

void AttentionKernel::storeUnit(DeviceBuffer &buffer, Value row, Value unit,
                                ArrayRef<LaneValue> lanes) {
  SmallVector<Value> scalars;
  for (LaneValue lane : lanes)
    scalars.push_back(lane.get());
  buffer.store(scalars, row, LaneIndex(unit, valueUnit));
}
