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
  return KeyGroups::getSharedBytes(op) +
         4 * (2 * model.getBlockSize() + rotated);
}

int64_t AttentionKernel::getHeadsOfBlock(AttentionOp op,
                                         const GpuModel &model) {
  // Sums of weighted values that a thread has in registers, and products of
  // queries with a key at a time.
  constexpr int64_t kMostSums = 32, kMostHeads = 8;
  int64_t lanes =
      llvm::divideCeil(op.getValueType().getDimSize(3), model.getBlockSize());
  int64_t heads =
      std::min({op.getGroupSize(), kMostHeads,
                std::max<int64_t>(1, kMostSums / std::max<int64_t>(1, lanes)),
                model.getMaxSharedBytes() /
                    std::max<int64_t>(1, getSharedBytes(op, model))});
  heads = std::max<int64_t>(heads, 1);
  while (op.getGroupSize() % heads != 0)
    --heads;
  return heads;
}

AttentionKernel::AttentionKernel(KernelBuilder &kernel, KeyParts parts)
    : kernel(kernel), builder(kernel.getBuilder()), parts(parts), op(parts.op),
      threads(kernel.getModel().getBlockSize()),
      headsOfBlock(getHeadsOfBlock(op, kernel.getModel())),
      headDim(op.getHeadDim()), valueDim(op.getValueType().getDimSize(3)),
      valueUnit(getValueUnit()), valueThreads(getValueThreads()),
      unitsOfThread(llvm::divideCeil(valueDim / valueUnit, valueThreads)),
      query(kernel, op.getQuery(), 1), keys(kernel, op, headsOfBlock),
      value(kernel, op.getValue(), valueUnit),
      out(kernel, op.getOut(),
          op.getOutputTables()
              ? 1
              : DeviceBuffer::getUnitLanes(op.getOut(), {valueUnit})),
      sharedScores(kernel, headsOfBlock * threads),
      sharedWeights(kernel, headsOfBlock * threads) {
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
  if (parts)
    sums.emplace(kernel, parts.sums,
                 DeviceBuffer::getUnitLanes(parts.sums, {valueDim, valueUnit}));
  add(statistics, parts.statistics);
  add(lse, op.getLse());
  add(scores, op.getScores());
  add(sinks, op.getSinks());
  addRotation(queryRotation, op.getQueryTables(), headDim);
  addRotation(valueRotation, op.getValueTables(), valueDim);
  addRotation(outputRotation, op.getOutputTables(), valueDim);
  ranges.emplace(kernel, op);

  auto getSize = [&](Value buffer, int64_t dim) {
    return memref::getMixedSize(host, host.getLoc(), buffer, dim);
  };
  numKeys = ranges->getNumKeys();
  numQueries = ranges->getNumQueries();
  numBatches = getSize(op.getQuery(), 0);
  if (op.getMask())
    mask.emplace(kernel, op);
  if (outputRotation && !parts)
    sharedOut = kernel.addShared(valueDim, builder.getF32Type());
}

void AttentionKernel::emit() {
  thread = kernel.emitThreadIndices({threads}).front();
  OpFoldResult numBlocks =
      builder.getIndexAttr(op.getNumHeads() / headsOfBlock);
  auto emitAt = [&](Value query, Value block, Value part, Value batch) {
    Place place{query, batch, {}, part, {}, {}};
    for (int64_t i = 0; i < headsOfBlock; ++i)
      place.heads.push_back(kernel.add(kernel.multiply(block, headsOfBlock),
                                       kernel.getConstant(i)));
    emitQuery(place);
  };
  Value first = kernel.getConstant(0);
  if (!parts)
    return kernel.emitGrid(
        {numQueries, numBlocks, numBatches}, 1, first,
        [&](ArrayRef<Value> at) { emitAt(at[0], at[1], Value(), at[2]); });
  kernel.emitGrid(
      {numQueries, numBlocks, parts.count, numBatches}, 1, first,
      [&](ArrayRef<Value> at) { emitAt(at[0], at[1], at[2], at[3]); });
}

AttentionKernel::Range AttentionKernel::emitPartRange(const Place &place) {
  // Parts of whole tiles, all but the last one; those past the end are empty.
  Value first = place.walked.first, end = place.walked.end;
  Value numParts = kernel.getIndex(parts.count);
  Value size = arith::SubIOp::create(builder, end, first);
  auto divideCeil = [&](Value number, Value divisor) -> Value {
    Value last = arith::SubIOp::create(builder, divisor, kernel.getConstant(1));
    return arith::DivUIOp::create(builder, kernel.add(number, last), divisor);
  };
  size = divideCeil(size, kernel.getConstant(threads));
  size = kernel.multiply(divideCeil(size, numParts), threads);
  Value start = kernel.add(first, kernel.multiply(size, place.part));
  auto limit = [&](Value bound) -> Value {
    return arith::MinUIOp::create(builder, bound, end);
  };
  return {limit(start), limit(kernel.add(start, size))};
}

void AttentionKernel::emitQuery(Place place) {
  for (int64_t head = 0; head < headsOfBlock; ++head)
    loadQuery(place, head);
  gpu::BarrierOp::create(builder);
  place.allowed = ranges->emit(place.batch, place.query);
  // Every key has a score that is a result.
  place.walked = place.allowed;
  if (scores)
    place.walked = {kernel.getConstant(0), kernel.getIndex(numKeys)};
  if (parts)
    place.walked = emitPartRange(place);

  SmallVector<Softmax> softmaxes;
  if (needsTwoPasses(op)) {
    softmaxes = emitStatistics(place);
    emitWeighted(place, softmaxes);
  } else {
    softmaxes = emitOnline(place);
  }
  addSlots(softmaxes, /*addsWeights=*/!needsTwoPasses(op));
  for (auto [head, softmax] : llvm::zip_equal(place.heads, softmaxes)) {
    if (parts) {
      finishPart(place, head, softmax);
      continue;
    }
    if (!needsTwoPasses(op))
      for (LaneValue &lane : softmax.lanes)
        lane = emitQuotient(lane, softmax.total);
    finish(place, head, softmax);
  }
  // The next query of this block overwrites what others may still read.
  gpu::BarrierOp::create(builder);
}

std::pair<LaneValue, LaneValue> AttentionKernel::emitStart(Value head) {
  LaneValue largest = emitF32(-kInfinity);
  // A sink is merged with the parts.
  if (sinks && !parts)
    largest = load(*sinks, sinks->getRow({}), LaneIndex(head));
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

SmallVector<Value> AttentionKernel::flatten(ArrayRef<Softmax> softmaxes) {
  SmallVector<Value> values;
  for (const Softmax &softmax : softmaxes) {
    values.push_back(softmax.largest.get());
    for (LaneValue lane : softmax.lanes)
      values.push_back(lane.get());
    values.push_back(softmax.total.get());
  }
  return values;
}

SmallVector<AttentionKernel::Softmax>
AttentionKernel::unflatten(ValueRange values) {
  SmallVector<Softmax> softmaxes;
  for (size_t count = values.size() / headsOfBlock; !values.empty();
       values = values.drop_front(count)) {
    Softmax softmax{wrap(values[0]), {}, wrap(values[count - 1])};
    for (Value lane : values.slice(1, count - 2))
      softmax.lanes.push_back(wrap(lane));
    softmaxes.push_back(softmax);
  }
  return softmaxes;
}

SmallVector<AttentionKernel::Softmax>
AttentionKernel::emitStarts(const Place &place, int64_t lanes) {
  SmallVector<Softmax> starts;
  for (Value head : place.heads) {
    auto [largest, total] = emitStart(head);
    starts.push_back(
        {largest, SmallVector<LaneValue>(lanes, emitF32(0)), total});
  }
  return starts;
}

SmallVector<LaneValue>
AttentionKernel::emitNextWeights(const Place &place, Value tile, bool isWritten,
                                 MutableArrayRef<Softmax> softmaxes) {
  SmallVector<LaneValue> scores = emitTileScores(place, tile, isWritten);
  SmallVector<LaneValue> largest = emitLargest(scores, softmaxes);
  SmallVector<LaneValue> weights;
  for (auto [softmax, score, after] :
       llvm::zip_equal(softmaxes, scores, largest)) {
    LaneValue base = emitBase(after);
    weights.push_back(emitWeight(score, base));
    LaneValue correction = emitWeight(softmax.largest, base);
    for (LaneValue &lane : softmax.lanes)
      lane = emitRescaled(lane, correction);
    softmax.total = softmax.total * correction;
    softmax.largest = after;
  }
  return weights;
}

SmallVector<AttentionKernel::Softmax>
AttentionKernel::emitOnline(const Place &place) {
  SmallVector<Softmax> starts = emitStarts(place, valueUnit * unitsOfThread);
  // The weight of a sink is of one slot.
  LaneValue isFirst = wrap(arith::CmpIOp::create(
      builder, arith::CmpIPredicate::eq, getSlot(), kernel.getConstant(0)));
  for (Softmax &start : starts)
    start.total = isFirst.select(start.total, emitF32(0));
  return unflatten(
      emitTiles(place, flatten(starts), [&](Value tile, ValueRange state) {
        SmallVector<Softmax> softmaxes = unflatten(state);
        share(emitNextWeights(place, tile, /*isWritten=*/true, softmaxes),
              sharedWeights);
        return flatten(emitSums(place, tile, softmaxes, /*addsWeights=*/true));
      }));
}

SmallVector<AttentionKernel::Softmax>
AttentionKernel::emitStatistics(const Place &place) {
  return unflatten(emitTiles(
      place, flatten(emitStarts(place, 0)), [&](Value tile, ValueRange state) {
        SmallVector<Softmax> softmaxes = unflatten(state);
        share(emitNextWeights(place, tile, /*isWritten=*/false, softmaxes),
              sharedWeights);
        SmallVector<LaneValue> totals;
        for (const Softmax &softmax : softmaxes)
          totals.push_back(softmax.total);
        totals = emitFoldOfAll(totals, sharedWeights,
                               [](LaneValue x, LaneValue y) { return x + y; });
        for (auto [softmax, total] : llvm::zip_equal(softmaxes, totals))
          softmax.total = total;
        return flatten(softmaxes);
      }));
}

void AttentionKernel::emitWeighted(const Place &place,
                                   MutableArrayRef<Softmax> softmaxes) {
  // Other threads may still sum what these weights overwrite.
  gpu::BarrierOp::create(builder);
  for (Softmax &softmax : softmaxes)
    softmax.lanes.assign(valueUnit * unitsOfThread, emitF32(0));
  SmallVector<Softmax> sums = unflatten(
      emitTiles(place, flatten(softmaxes), [&](Value tile, ValueRange state) {
        SmallVector<LaneValue> weights;
        for (auto [head, softmax, score] :
             llvm::zip_equal(place.heads, softmaxes,
                             emitTileScores(place, tile, /*isWritten=*/true))) {
          LaneValue weight = emitQuotient(
              emitWeight(score, emitBase(softmax.largest)), softmax.total);
          if (std::optional<Type> precision = op.getSoftmaxPrecision())
            weight = roundThrough(kernel, weight, cast<FloatType>(*precision));
          weights.push_back(weight);
        }
        if (op.getReturningScores() == ScoreKind::Weights) {
          Value keyIndex = kernel.add(tile, thread);
          kernel.emitIf(arith::CmpIPredicate::slt, keyIndex, place.walked.end,
                        [&] {
                          for (auto [head, weight] :
                               llvm::zip_equal(place.heads, weights))
                            writeScore(place, head, keyIndex, weight);
                        });
        }
        share(weights, sharedWeights);
        SmallVector<Softmax> next =
            emitSums(place, tile, unflatten(state), /*addsWeights=*/false);
        // The weights of the next tile overwrite what others may still read.
        gpu::BarrierOp::create(builder);
        return flatten(next);
      }));
  llvm::copy(sums, softmaxes.begin());
}

SmallVector<LaneValue>
AttentionKernel::emitLargest(ArrayRef<LaneValue> scores,
                             ArrayRef<Softmax> softmaxes) {
  share(scores, sharedScores);
  SmallVector<LaneValue> before;
  for (const Softmax &softmax : softmaxes)
    before.push_back(softmax.largest);
  return emitFoldOfAll(before, sharedScores, [](LaneValue x, LaneValue y) {
    return x.emit<arith::MaximumFOp>(x.get(), y.get());
  });
}

SmallVector<LaneValue> AttentionKernel::emitFold(
    ArrayRef<LaneValue> starts, SharedWords &shared, Value first,
    int64_t stride, int64_t count, int64_t unroll,
    function_ref<LaneValue(LaneValue, LaneValue)> combine) {
  auto add = [&](Value index, ValueRange before) {
    SmallVector<Value> next;
    for (auto [head, value] : llvm::enumerate(before)) {
      LaneValue number = wrap(value);
      for (int64_t i = 0; i < unroll; ++i)
        for (LaneValue other :
             loadShared(shared, index, head * threads + i * stride, count))
          number = combine(number, other);
      next.push_back(number.get());
    }
    return next;
  };
  SmallVector<Value> numbers;
  for (LaneValue start : starts)
    numbers.push_back(start.get());
  if (stride * unroll == threads) {
    numbers = add(first, numbers);
  } else {
    auto loop =
        scf::ForOp::create(builder, first, kernel.getConstant(threads),
                           kernel.getConstant(stride * unroll), numbers);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    scf::YieldOp::create(builder,
                         add(loop.getInductionVar(), loop.getRegionIterArgs()));
    numbers = loop.getResults();
  }
  return llvm::map_to_vector(numbers,
                             [&](Value number) { return wrap(number); });
}

SmallVector<LaneValue> AttentionKernel::loadShared(SharedWords &shared,
                                                   Value index, int64_t offset,
                                                   int64_t count) {
  SmallVector<LaneValue> numbers;
  for (int64_t i = 0, step = std::min<int64_t>(count, 4); i < count; i += step)
    for (Value word : shared.loadWords(index, offset + i, step))
      numbers.push_back(wrap(word).bitcast(builder.getF32Type()));
  return numbers;
}

void AttentionKernel::share(ArrayRef<LaneValue> numbers, SharedWords &shared) {
  for (auto [head, number] : llvm::enumerate(numbers))
    shared.store(number.bitcast(builder.getI32Type()).get(), thread,
                 head * threads);
  gpu::BarrierOp::create(builder);
}

void AttentionKernel::finishPart(const Place &place, Value head,
                                 const Softmax &softmax) {
  SmallVector<Value> indices{place.part, place.batch, head, place.query};
  Value row = sums->getRow(indices);
  forEachUnit(softmax, [&](Value unit, ArrayRef<LaneValue> lanes) {
    storeUnit(*sums, row, unit, lanes);
  });
  kernel.emitIf(arith::CmpIPredicate::eq, thread, kernel.getConstant(0), [&] {
    statistics->store({softmax.largest.get(), softmax.total.get()},
                      statistics->getRow(indices),
                      LaneIndex(kernel.getConstant(0)));
  });
}

void AttentionKernel::finish(const Place &place, Value head,
                             const Softmax &softmax) {
  SmallVector<Value> indices = getIndices(op, place.batch, head, place.query);
  Value row = out.getRow(indices);
  if (!outputRotation) {
    forEachUnit(softmax, [&](Value unit, ArrayRef<LaneValue> lanes) {
      storeUnit(out, row, unit, lanes);
    });
  } else {
    // The output of the head before may still be read.
    gpu::BarrierOp::create(builder);
    forEachUnit(softmax, [&](Value unit, ArrayRef<LaneValue> lanes) {
      for (auto [i, lane] : llvm::enumerate(lanes))
        memref::StoreOp::create(builder, lane.get(), sharedOut,
                                getLane(LaneIndex(unit, valueUnit, i)));
    });
    gpu::BarrierOp::create(builder);
    kernel.emitFor(
        thread, kernel.getConstant(valueDim), kernel.getConstant(threads),
        [&](Value lane) {
          LaneValue rotated = outputRotation->rotateLane(
              lane,
              [&](Value other) {
                return wrap(memref::LoadOp::create(builder, sharedOut, other));
              },
              place.batch, place.query);
          out.store(rotated.get(), row, LaneIndex(lane));
        });
  }
  if (!lse)
    return;
  kernel.emitIf(arith::CmpIPredicate::eq, thread, kernel.getConstant(0), [&] {
    Value last = indices.pop_back_val();
    lse->store(emitLogSumExp(softmax.largest, softmax.total).get(),
               lse->getRow(indices), LaneIndex(last));
  });
}
