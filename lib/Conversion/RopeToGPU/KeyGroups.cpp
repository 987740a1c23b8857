//===- KeyGroups.cpp - Groups of threads that share keys ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyGroups.h"

#include "AttentionIndices.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::rope;

/// Threads that exchange numbers by shuffles on every chip.
static constexpr int64_t kShuffleThreads = 32;

KeyGroups::KeyGroups(KernelBuilder &kernel, AttentionOp op, int64_t numHeads)
    : kernel(kernel), builder(kernel.getBuilder()), op(op), numHeads(numHeads),
      threads(kernel.getModel().getBlockSize()),
      queryStride(getQueryStride(op)), query(kernel, numHeads * queryStride) {
  int64_t own = op.getOwnKeyDim();
  addPart(op.getKey(), 0, own);
  if (op.getKeyTail())
    addPart(op.getKeyTail(), own, op.getHeadDim());
  groupSize = getGroupSize();
  keysAtOnce = getKeysAtOnce();
}

void KeyGroups::addPart(Value buffer, int64_t first, int64_t end) {
  AttentionOp::Rotation given = op.getKeyTables();
  int64_t begin = end, rotaryDim = 0;
  bool isHalf = false;
  if (given) {
    RotationAttr lanes =
        given.lanes ? given.lanes : RotationAttr::getDefault(op.getContext());
    int64_t offset = lanes.getOffset();
    if (offset >= first && offset < end) {
      begin = offset;
      rotaryDim = lanes.getEffectiveRotaryDim(op.getHeadDim());
      isHalf = lanes.getPairing() == PairingKind::Half;
    }
  }
  SmallVector<std::pair<int64_t, int64_t>, 2> others;
  for (auto range :
       {std::pair(first, begin), std::pair(begin + rotaryDim, end)})
    if (range.first < range.second)
      others.push_back(range);
  SmallVector<int64_t> steps;
  for (auto [start, stop] : others)
    steps.append({start - first, stop - first});
  if (rotaryDim)
    steps.append({begin - first, isHalf ? rotaryDim / 2 : rotaryDim});
  int64_t unit = DeviceBuffer::getUnitLanes(buffer, steps);

  Part part{DeviceBuffer(kernel, buffer, unit), first, {}};
  for (auto [start, stop] : others)
    part.segments.push_back({false, {start}, unit, (stop - start) / unit});
  if (rotaryDim) {
    // A chunk has both lanes of a pair.
    int64_t lanes = isHalf ? unit : std::max<int64_t>(unit, 2);
    SmallVector<int64_t, 2> starts{begin};
    if (isHalf)
      starts.push_back(begin + rotaryDim / 2);
    int64_t chunks = rotaryDim / (lanes * static_cast<int64_t>(starts.size()));
    part.segments.push_back({true, starts, lanes, chunks});
    rotation.emplace(kernel, given, op.getHeadDim(), rotaryDim / 2 / chunks);
  }
  parts.push_back(std::move(part));
}

int64_t KeyGroups::getGroupSize() {
  if (threads % kShuffleThreads != 0 || !hasUnitStrideLanes(op.getKey()) ||
      (op.getKeyTail() && !hasUnitStrideLanes(op.getKeyTail())))
    return 1;
  // A thread a chunk, up to the 128 bytes of eight; or four, where that leaves
  // fewer threads without one.
  int64_t most = 1;
  for (const Part &part : parts)
    for (const Segment &segment : part.segments)
      most = std::max(most, segment.chunks);
  auto countSlots = [&](int64_t size) {
    int64_t slots = 0;
    for (const Part &part : parts)
      for (const Segment &segment : part.segments)
        slots += llvm::alignTo(segment.chunks, size);
    return slots;
  };
  if (most <= 4)
    return llvm::bit_ceil<uint64_t>(most);
  return countSlots(4) < countSlots(8) ? 4 : 8;
}

int64_t KeyGroups::getKeysAtOnce() {
  // Sums of products, and keys whose lanes a thread has in registers; table
  // entries of rotated ones take twice as many.
  constexpr int64_t kMostSums = 16, kMostKeys = 4;
  return std::min(
      {groupSize, rotation ? kMostKeys / 2 : kMostKeys,
       std::max<int64_t>(1, llvm::bit_floor<uint64_t>(kMostSums / numHeads))});
}

void KeyGroups::storeQuery(LaneValue scalar, int64_t head, Value lane) {
  query.store(scalar.bitcast(builder.getI32Type()).get(), lane,
              head * queryStride);
}

SmallVector<LaneValue> KeyGroups::emitLoop(
    int64_t count, ArrayRef<LaneValue> inits,
    function_ref<SmallVector<LaneValue>(Value, ArrayRef<LaneValue>)> body) {
  if (count == 1)
    return body(kernel.getConstant(0), inits);
  auto unwrap = [](LaneValue value) { return value.get(); };
  auto wrapAll = [&](ValueRange values) {
    return llvm::map_to_vector(values,
                               [&](Value value) { return wrap(value); });
  };
  auto loop = scf::ForOp::create(
      builder, kernel.getConstant(0), kernel.getConstant(count),
      kernel.getConstant(1), llvm::map_to_vector(inits, unwrap));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  scf::YieldOp::create(
      builder, llvm::map_to_vector(body(loop.getInductionVar(),
                                        wrapAll(loop.getRegionIterArgs())),
                                   unwrap));
  return wrapAll(loop.getResults());
}

SmallVector<LaneValue> KeyGroups::emitProducts(Value batch, Value head,
                                               Value tile, Value end,
                                               Value ofThread,
                                               SharedWords &shared) {
  thread = ofThread;
  scratch = &shared;
  member = builder.createOrFold<arith::RemUIOp>(thread,
                                                kernel.getConstant(groupSize));
  Place place{batch, head};
  LaneValue zero =
      wrap(arith::ConstantOp::create(builder, builder.getF32FloatAttr(0)));
  Value last = arith::SubIOp::create(builder, end, kernel.getConstant(1));
  Value first =
      kernel.add(tile, builder.createOrFold<arith::SubIOp>(thread, member));
  SmallVector<LaneValue> zeros(numHeads, zero);
  return emitLoop(
      groupSize / keysAtOnce, zeros,
      [&](Value step, ArrayRef<LaneValue> before) {
        if (groupSize > keysAtOnce)
          keepLoadsInStep();
        SmallVector<Key> keys;
        Value start = kernel.add(first, kernel.multiply(step, keysAtOnce));
        for (int64_t i = 0; i < keysAtOnce; ++i)
          keys.push_back(
              {arith::MinUIOp::create(
                   builder, kernel.add(start, kernel.getConstant(i)), last),
               zeros});
        addParts(place, keys);
        SmallVector<LaneValue> sums = fold(keys);
        if (groupSize == keysAtOnce)
          return sums;
        LaneValue isOwn = wrap(arith::CmpIOp::create(
            builder, arith::CmpIPredicate::eq, step,
            arith::DivUIOp::create(builder, member,
                                   kernel.getConstant(keysAtOnce))));
        for (auto [sum, other] : llvm::zip_equal(sums, before))
          sum = isOwn.select(sum, other);
        return sums;
      });
}

void KeyGroups::keepLoadsInStep() {
  // What no load crosses, and no instruction of AMD, where the compiler of the
  // kernel is LLVM alone.
  if (kernel.getModel().target == GpuTarget::NVPTX)
    NVVM::SyncWarpOp::create(builder, arith::ConstantIntOp::create(
                                          builder, builder.getI32Type(), -1));
  if (kernel.getModel().target == GpuTarget::AMDGPU)
    LLVM::FenceOp::create(builder, LLVM::AtomicOrdering::acq_rel, "wavefront");
}

void KeyGroups::addParts(const Place &place, MutableArrayRef<Key> keys) {
  for (Part &part : parts) {
    SmallVector<Value> rows;
    for (const Key &key : keys)
      // All heads have the same tail.
      rows.push_back(part.buffer.getRow(getIndices(
          op, place.batch,
          &part == &parts.front() ? place.head : kernel.getConstant(0),
          key.index)));
    for (const Segment &segment : part.segments)
      addSegment(part, segment, place, rows, keys);
  }
}

void KeyGroups::addSegment(Part &part, const Segment &segment,
                           const Place &place, ArrayRef<Value> rows,
                           MutableArrayRef<Key> keys) {
  SmallVector<LaneValue> sums;
  for (const Key &key : keys)
    llvm::append_range(sums, key.sums);
  sums = emitLoop(
      llvm::divideCeil(segment.chunks, groupSize), sums,
      [&](Value round, ArrayRef<LaneValue> before) {
        for (auto [i, key] : llvm::enumerate(keys))
          llvm::copy(before.slice(i * numHeads, numHeads), key.sums.begin());
        Value chunk = kernel.add(kernel.multiply(round, groupSize), member);
        LaneValue hasChunk;
        if (segment.chunks % groupSize != 0) {
          Value count = kernel.getConstant(segment.chunks);
          hasChunk = wrap(arith::CmpIOp::create(
              builder, arith::CmpIPredicate::ult, chunk, count));
          chunk = arith::MinUIOp::create(
              builder, chunk, kernel.getConstant(segment.chunks - 1));
        }
        addChunk(part, segment, place, rows, chunk, keys);
        SmallVector<LaneValue> after;
        for (const Key &key : keys)
          llvm::append_range(after, key.sums);
        if (hasChunk)
          for (auto [sum, other] : llvm::zip_equal(after, before))
            sum = hasChunk.select(sum, other);
        return after;
      });
  for (auto [i, key] : llvm::enumerate(keys))
    llvm::copy(ArrayRef(sums).slice(i * numHeads, numHeads), key.sums.begin());
}

void KeyGroups::addChunk(Part &part, const Segment &segment, const Place &place,
                         ArrayRef<Value> rows, Value chunk,
                         MutableArrayRef<Key> keys) {
  SmallVector<SmallVector<Value>> units(keys.size());
  for (auto [ofKey, row] : llvm::zip_equal(units, rows))
    for (int64_t start : segment.starts)
      llvm::append_range(
          ofKey,
          part.buffer.loadUnits(row, {chunk, segment.lanes, start - part.first},
                                segment.lanes));
  SmallVector<SmallVector<LaneValue>> lanes;
  for (auto [key, ofKey] : llvm::zip_equal(keys, units))
    lanes.push_back(widen(part, segment, place, key, chunk, ofKey));

  Value index = kernel.multiply(chunk, segment.lanes);
  for (auto [number, start] : llvm::enumerate(segment.starts)) {
    int64_t words = getCommonPowerOfTwo({start, segment.lanes}, kQueryWords);
    for (int64_t i = 0; i < segment.lanes; i += words)
      for (int64_t head = 0; head < numHeads; ++head)
        for (auto [word, value] : llvm::enumerate(
                 query.loadWords(index, head * queryStride + start + i, words)))
          for (auto [key, ofKey] : llvm::zip_equal(keys, lanes)) {
            LaneValue lane = ofKey[number * segment.lanes + i + word];
            LaneValue &sum = key.sums[head];
            sum = lane.fma(wrap(value).bitcast(builder.getF32Type()), sum);
          }
  }
}

SmallVector<LaneValue> KeyGroups::widen(Part &part, const Segment &segment,
                                        const Place &place, const Key &key,
                                        Value chunk, ArrayRef<Value> units) {
  SmallVector<LaneValue> lanes =
      llvm::map_to_vector(part.buffer.widenUnits(units, builder.getF32Type()),
                          [&](Value lane) { return wrap(lane); });
  if (!segment.isRotated)
    return lanes;
  // The pairs (a, b) lie one behind the other, or all a before all b.
  int64_t pairs = lanes.size() / 2;
  bool isHalf = segment.starts.size() == 2;
  auto getLane = [&](int64_t pair, int64_t second) -> LaneValue & {
    return lanes[isHalf ? second * pairs + pair : 2 * pair + second];
  };
  SmallVector<LaneValue> a, b;
  for (int64_t pair = 0; pair < pairs; ++pair) {
    a.push_back(getLane(pair, 0));
    b.push_back(getLane(pair, 1));
  }
  rotation->rotate(a, b, place.batch, key.index, chunk);
  for (int64_t pair = 0; pair < pairs; ++pair) {
    getLane(pair, 0) = a[pair];
    getLane(pair, 1) = b[pair];
  }
  return lanes;
}

LaneValue KeyGroups::hasBit(int64_t mask) {
  Value bit = arith::AndIOp::create(builder, member, kernel.getConstant(mask));
  return wrap(arith::CmpIOp::create(builder, arith::CmpIPredicate::ne, bit,
                                    kernel.getConstant(0)));
}

SmallVector<LaneValue> KeyGroups::fold(MutableArrayRef<Key> keys) {
  for (int64_t mask = keysAtOnce / 2; mask > 0; mask /= 2) {
    LaneValue isUpper = hasBit(mask);
    for (int64_t i = 0; i < mask; ++i) {
      SmallVector<LaneValue> given;
      for (auto [lower, upper] :
           llvm::zip_equal(keys[i].sums, keys[i + mask].sums)) {
        given.push_back(isUpper.select(lower, upper));
        lower = isUpper.select(upper, lower);
      }
      for (auto [sum, other] :
           llvm::zip_equal(keys[i].sums, exchange(given, mask)))
        sum = sum + other;
    }
  }
  SmallVector<LaneValue> sums = keys.front().sums;
  for (int64_t mask = keysAtOnce; mask < groupSize; mask *= 2)
    for (auto [sum, other] : llvm::zip_equal(sums, exchange(sums, mask)))
      sum = sum + other;
  return sums;
}

SmallVector<LaneValue> KeyGroups::exchange(ArrayRef<LaneValue> numbers,
                                           int64_t mask) {
  if (kernel.getModel().hasPointers())
    return llvm::map_to_vector(numbers, [&](LaneValue number) {
      return wrap(gpu::ShuffleOp::create(builder, number.get(), mask,
                                         kShuffleThreads, gpu::ShuffleMode::XOR)
                      .getShuffleResult());
    });
  // A Vulkan device says at run time how many threads can shuffle.
  Type i32 = builder.getI32Type(), f32 = builder.getF32Type();
  for (auto [head, number] : llvm::enumerate(numbers))
    scratch->store(number.bitcast(i32).get(), thread, head * threads);
  gpu::BarrierOp::create(builder);
  Value other =
      arith::XOrIOp::create(builder, thread, kernel.getConstant(mask));
  SmallVector<LaneValue> given;
  for (int64_t head = 0; head < numHeads; ++head)
    given.push_back(wrap(scratch->load(other, head * threads)).bitcast(f32));
  gpu::BarrierOp::create(builder);
  return given;
}
