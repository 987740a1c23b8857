//===- TiledAttention.cpp - Attention by products of matrices -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block's walk over the keys.
//
//===----------------------------------------------------------------------===//

#include "TiledAttention.h"

#include "ScoreMath.h"
#include "WordPair.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::rope;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

static Value emitThread(KernelBuilder &kernel, const AttentionTiles &tiles) {
  return kernel.emitThreadIndices({tiles.getThreads()}).front();
}

TiledAttention::TiledAttention(KernelBuilder &kernel, AttentionOp op)
    : kernel(kernel), builder(kernel.getBuilder()), op(op),
      tiles(AttentionTiles::get(op, kernel.getModel())), layout(tiles.layout),
      element(cast<FloatType>(op.getQueryType().getElementType())),
      headDim(op.getHeadDim()), valueDim(op.getValueType().getDimSize(3)),
      outStride(SharedWords::getRowStride(valueDim)),
      queryTile(tiles.getQueries(op)), keyTile(tiles.getKeys(op)),
      valueTile(tiles.getValues(op)), thread(emitThread(kernel, tiles)),
      queryRows(kernel, op.getQuery(), op.getQueryTables(), tiles.queries,
                thread, tiles.getThreads()),
      keyRows(kernel, op.getKey(), op.getKeyTables(), tiles.keys, thread,
              tiles.getThreads()),
      value(kernel, op.getValue(), 8), out(kernel, op.getOut(), 8),
      ranges(kernel, op),
      shared(kernel, tiles.getSharedWords(op), tiles.hasWarpgroups),
      flag(kernel, 1) {
  ImplicitLocOpBuilder &host = kernel.getHost();
  auto add = [&](std::optional<DeviceBuffer> &buffer, Value given) {
    if (given)
      buffer.emplace(kernel, given, 1);
  };
  add(lse, op.getLse());
  add(sinks, op.getSinks());
  if (op.getMask())
    mask.emplace(kernel, op);
  numBatches = memref::getMixedSize(host, host.getLoc(), op.getQuery(), 0);
  int64_t threadsOfRow = layout.getThreadsOfRow();
  SmallVector<int64_t> sizes{threadsOfRow, layout.threads / threadsOfRow,
                             tiles.getWarps()};
  if (layout.hasAdjacentRows)
    std::swap(sizes[0], sizes[1]);
  SmallVector<Value> indices = kernel.emitThreadIndices(sizes);
  warp = indices[2];
  lane = kernel.add(kernel.multiply(indices[1], sizes[0]), indices[0]);
  if (layout.hasAdjacentRows)
    std::swap(indices[0], indices[1]);
  row = kernel.add(kernel.multiply(warp, AttentionTiles::kRowsOfWarp),
                   indices[1]);
  column = kernel.multiply(indices[0], layout.entries);
  product = WarpProduct::create(kernel, element, lane, warp, tiles.getWarps());
  if (tiles.hasWarpgroups)
    group =
        WarpgroupProduct::create(kernel, element, shared, lane, warp, *product);
}

void TiledAttention::emit() {
  ImplicitLocOpBuilder &host = kernel.getHost();
  OpFoldResult numTiles = affine::makeComposedFoldedAffineApply(
      host, host.getLoc(), host.getAffineSymbolExpr(0).ceilDiv(tiles.queries),
      {ranges.getNumQueries()});
  OpFoldResult numHeads = builder.getIndexAttr(op.getNumHeads());
  kernel.emitGrid({numTiles, numHeads, numBatches}, 1, constant(0),
                  [&](ArrayRef<Value> point) {
                    emitTile({kernel.multiply(point[0], tiles.queries),
                              point[1],
                              point[2],
                              {},
                              {}});
                  });
}

void TiledAttention::emitTile(Place place) {
  Value last = getLeast(
      kernel.add(place.firstQuery, constant(tiles.queries - 1)),
      arith::SubIOp::create(builder, kernel.getIndex(ranges.getNumQueries()),
                            constant(1)));
  Range ofFirst = ranges.emit(place.batch, place.firstQuery);
  Range ofLast = ranges.emit(place.batch, last);
  place.some = {ofFirst.first, ofLast.end};
  place.all = {ofLast.first, ofFirst.end};
  SmallVector<Words> queries = loadQueries(place);

  // A second pass where the first gave numbers that are not finite.
  Type i1 = builder.getI1Type();
  SmallVector<Value> start = pack(emitStart(place));
  TypeRange types = ValueRange(start).getTypes();
  Value no = arith::ConstantIntOp::create(builder, i1, 0);
  Value yes = arith::ConstantIntOp::create(builder, i1, 1);
  auto loop = scf::WhileOp::create(builder, types, no);
  {
    OpBuilder::InsertionGuard guard(builder);
    Location loc = builder.getLoc();
    Block *before = builder.createBlock(&loop.getBefore(), {}, i1, loc);
    Value isCareful = before->getArgument(0);
    State state = emitPass(place, queries, start, isCareful);
    Value isFirst = arith::XOrIOp::create(builder, isCareful, yes);
    Value again =
        arith::AndIOp::create(builder, isFirst, emitHasSpecial(state.sums));
    scf::ConditionOp::create(builder, again, pack(state));
    builder.createBlock(&loop.getAfter(), {}, types,
                        SmallVector<Location>(types.size(), loc));
    scf::YieldOp::create(builder, yes);
  }
  finish(place, unpack(loop.getResults()));
}

SmallVector<TiledAttention::Words>
TiledAttention::loadQueries(const Place &place) {
  RowTile::Loaded loaded = queryRows.load(
      getIndices(op, place.batch, place.head, place.firstQuery),
      op.getSequenceDimension(), /*firstRow=*/0,
      getLastRow(place.firstQuery, ranges.getNumQueries(), tiles.queries));
  queryRows.store(loaded, shared, queryTile);
  if (group) {
    group->storeOnes(tiles.getOnes(op), thread, tiles.getThreads());
    group->publish();
    return {};
  }
  queryRows.storePadding(shared, queryTile);
  gpu::BarrierOp::create(builder);
  int64_t stride = queryTile.stride;
  Value first = kernel.multiply(warp, AttentionTiles::kRowsOfWarp * stride);
  SmallVector<Words> queries;
  for (int64_t step = 0; step < headDim; step += 16)
    queries.push_back(product->loadQueries(shared, first, step / 2, stride));
  // Keys take the place of the queries.
  gpu::BarrierOp::create(builder);
  keyRows.storePadding(shared, keyTile);
  return queries;
}

Value TiledAttention::getLastRow(Value first, OpFoldResult size, int64_t rows) {
  Value behind = arith::SubIOp::create(builder, kernel.getIndex(size), first);
  return RowItems::toI32(
      builder, getLeast(arith::SubIOp::create(builder, behind, constant(1)),
                        constant(rows - 1)));
}

RowTile::Loaded TiledAttention::loadKeys(const Place &place, Value tile,
                                         int64_t firstRow) {
  return keyRows.load(
      getIndices(op, place.batch, getKvHead(builder, op, place.head), tile),
      op.getSequenceDimension(), firstRow,
      getLastRow(tile, ranges.getNumKeys(), firstRow + tiles.keys));
}

void TiledAttention::storeKeys(const RowTile::Loaded &loaded) {
  keyRows.store(loaded, shared, keyTile);
  if (group)
    group->publish();
}

void TiledAttention::copyValues(const Place &place, Value tile) {
  Value start = value.getRow(
      getIndices(op, place.batch, getKvHead(builder, op, place.head), tile));
  Value stride = value.getStride(op.getSequenceDimension());
  Value count = RowItems::toI32(
      builder, getLeast(arith::SubIOp::create(builder, place.some.end, tile),
                        constant(tiles.keys)));
  int64_t keys = layout.keysOfWord;
  RowItems items(kernel, tiles.keys / keys, valueDim / 8, thread,
                 tiles.getThreads());
  for (int64_t i = 0; i < items.getNumItems(); ++i) {
    RowItems::Item item = items.get(i);
    WarpProduct::ValueUnit unit{
        {}, {}, LaneIndex(item.place, 8), {}, valueTile.stride, item.exists};
    for (int64_t j = 0; j < keys; ++j) {
      Value key = kernel.add(kernel.multiply(item.row, keys), constant(j));
      unit.isInside.push_back(
          arith::CmpIOp::create(builder, arith::CmpIPredicate::ult,
                                RowItems::toI32(builder, key), count));
      unit.rows.push_back(kernel.add(start, kernel.multiply(key, stride)));
    }
    SharedTile::Place place = getValuePlace(item.row, item.place, 0);
    unit.index = kernel.add(place.index, constant(place.offset));
    product->copy(value, shared, unit);
  }
}

SharedTile::Place TiledAttention::getValuePlace(Value row, Value eight,
                                                int64_t lane) {
  if (!layout.hasRowsOfLanes)
    return valueTile.getPlace(
        kernel, row,
        LaneIndex(eight, 8 * layout.keysOfWord, lane * layout.keysOfWord));
  int64_t ofEight = FragmentLayout::getStrideOfEight(valueTile.stride);
  return {kernel.add(row, kernel.multiply(eight, ofEight)),
          valueTile.first + lane / 8 * ofEight + lane % 8 * valueTile.stride};
}

TiledAttention::State TiledAttention::emitStart(const Place &place) {
  State start;
  LaneValue largest = emitF32(-kInfinity);
  if (sinks)
    largest = loadSink(place.head);
  start.largest.assign(layout.getRows(), largest);
  if (lse)
    start.total.assign(layout.getRows(), emitF32(0));
  start.sums.assign(getNumSums(), emitF32(0).get());
  return start;
}

TiledAttention::State TiledAttention::emitPass(const Place &place,
                                               ArrayRef<Words> queries,
                                               ValueRange start,
                                               Value isCareful) {
  kernel.emitIf(
      arith::CmpIPredicate::slt, place.some.first, place.some.end,
      [&] { storeKeys(loadKeys(place, place.some.first, /*firstRow=*/0)); });
  auto loop = scf::ForOp::create(builder, place.some.first, place.some.end,
                                 constant(tiles.keys), start);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    State state = emitKeyTile(place, queries, loop.getInductionVar(),
                              unpack(loop.getRegionIterArgs()), isCareful);
    scf::YieldOp::create(builder, pack(state));
  }
  return unpack(loop.getResults());
}

TiledAttention::State TiledAttention::emitKeyTile(const Place &place,
                                                  ArrayRef<Words> queries,
                                                  Value tile, State state,
                                                  Value isCareful) {
  gpu::BarrierOp::create(builder);
  copyValues(place, tile);
  RowTile::Loaded next = loadKeys(place, tile, /*firstRow=*/tiles.keys);
  SmallVector<Value> scores = emitScores(queries);
  if (mask)
    scores = emitMask(place, tile, scores);
  scores = emitExclusion(place, tile, scores);
  emitSoftmax(state, scores);
  product->wait(shared);
  if (group)
    group->publish();
  gpu::BarrierOp::create(builder);

  SmallVector<Value> sums = product->pack(state.sums);
  auto branch = scf::IfOp::create(builder, ValueRange(sums).getTypes(),
                                  isCareful, /*withElseRegion=*/true);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(builder, sums);
    builder.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(
        builder, product->pack(emitSpecialValues(place, state, scores)));
  }
  state.sums = product->unpack(branch.getResults());
  if (!group)
    storeKeys(next);
  emitWeightedSums(state, scores);
  if (group) {
    storeKeys(next);
    group->wait(state.sums);
  }
  return state;
}

SmallVector<Value> TiledAttention::emitScores(ArrayRef<Words> queries) {
  // Of 16 keys.
  int64_t count = 256 / layout.threads;
  SmallVector<Value> scores;
  if (group)
    scores = group->multiplyKeys(queryTile, keyTile, headDim, tiles.keys);
  else
    scores.assign(tiles.keys / 16 * count, emitF32(0).get());
  for (auto [step, query] : llvm::enumerate(queries))
    for (int64_t key = 0; key < tiles.keys; key += 16)
      product->multiplyKeys(
          query, shared, key * keyTile.stride + 8 * step, keyTile.stride,
          MutableArrayRef(scores).slice(key / 16 * count, count));
  if (!op.getSoftcap())
    return scores;
  double cap = op.getSoftcap()->convertToDouble();
  for (auto [i, score] : llvm::enumerate(scores)) {
    if (i % layout.getSize() == 0)
      product->fence();
    score = (emitNativeTanh(wrap(score) * (op.getEffectiveScale() / cap)) * cap)
                .get();
  }
  return scores;
}

SmallVector<Value> TiledAttention::emitMask(const Place &place, Value tile,
                                            SmallVector<Value> scores) {
  auto getLastOf = [&](Value size) -> Value {
    return arith::SubIOp::create(builder, size, constant(1));
  };
  Value lastQuery = getLastOf(kernel.getIndex(ranges.getNumQueries()));
  Value lastKey = getLastOf(kernel.getIndex(ranges.getNumMasked()));
  Value origin = kernel.add(tile, column);
  for (int64_t i = 0; i < layout.getRows(); ++i) {
    // Rows and keys behind the last ones repeat them.
    Value query = getLeast(kernel.add(place.firstQuery, getRow(i)), lastQuery);
    for (int64_t n = 0; n < tiles.keys / layout.columns; ++n) {
      for (int64_t j = 0; j < layout.entries; ++j) {
        Value key = kernel.add(origin, constant(getColumn(n, j)));
        Value &score = scores[getPlace(n, i, j)];
        LaneValue scaled = wrap(score);
        if (!op.getSoftcap())
          scaled = scaled * op.getEffectiveScale();
        score = mask->emit(place.batch, place.head, query,
                           getLeast(key, lastKey), scaled)
                    .get();
      }
      product->fence();
    }
  }
  return scores;
}

SmallVector<Value> TiledAttention::emitExclusion(const Place &place, Value tile,
                                                 SmallVector<Value> scores) {
  auto compare = [&](arith::CmpIPredicate predicate, Value lhs, Value rhs) {
    return arith::CmpIOp::create(builder, predicate, lhs, rhs).getResult();
  };
  Value end = kernel.add(tile, constant(tiles.keys));
  Value isBoundary = arith::OrIOp::create(
      builder, compare(arith::CmpIPredicate::slt, tile, place.all.first),
      compare(arith::CmpIPredicate::sgt, end, place.all.end));
  auto branch =
      scf::IfOp::create(builder, ValueRange(scores).getTypes(), isBoundary,
                        /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(builder, scores);
  builder.setInsertionPointToStart(branch.thenBlock());
  Value origin = kernel.add(tile, column);
  Value excluded = emitF32(-kInfinity).get();
  for (int64_t i = 0; i < layout.getRows(); ++i) {
    Range range =
        ranges.emit(place.batch, kernel.add(place.firstQuery, getRow(i)));
    Value first = arith::SubIOp::create(builder, range.first, origin);
    Value last = arith::SubIOp::create(builder, range.end, origin);
    for (int64_t n = 0; n < tiles.keys / layout.columns; ++n)
      for (int64_t j = 0; j < layout.entries; ++j) {
        Value key = constant(getColumn(n, j));
        Value isTaken = arith::AndIOp::create(
            builder, compare(arith::CmpIPredicate::sle, first, key),
            compare(arith::CmpIPredicate::slt, key, last));
        Value &score = scores[getPlace(n, i, j)];
        score = arith::SelectOp::create(builder, isTaken, score, excluded);
      }
  }
  scf::YieldOp::create(builder, scores);
  return llvm::to_vector_of<Value>(branch.getResults());
}

LaneValue TiledAttention::emitRowFold(
    LaneValue value, function_ref<LaneValue(LaneValue, LaneValue)> combine) {
  for (int64_t mask : layout.getRowMasks())
    value = combine(value, wrap(product->exchange(value.get(), mask)));
  return value;
}

/// What the largest score of a row may grow, in powers of two, before its sums
/// are corrected: weights are at most 256 then, which f16 has, and few tiles
/// have a correction.
static constexpr double kMaxGrowth = 8;

/// A fold by halves, so that no chain of operations is long.
static LaneValue
foldAll(SmallVector<LaneValue> values,
        function_ref<LaneValue(LaneValue, LaneValue)> combine) {
  while (values.size() > 1) {
    size_t half = values.size() / 2;
    for (size_t i = 0; i < half; ++i)
      values[i] = combine(values[i], values[values.size() - 1 - i]);
    values.truncate(values.size() - half);
  }
  return values.front();
}

static LaneValue emitMax(LaneValue x, LaneValue y) {
  return x.emit<arith::MaximumFOp>(x.get(), y.get());
}

void TiledAttention::emitSoftmax(State &state, SmallVectorImpl<Value> &scores) {
  double factor = mask ? 1.0 : llvm::numbers::log2e;
  if (!mask && !op.getSoftcap())
    factor *= op.getEffectiveScale();
  // The places in a fragment of what the tile has of a row.
  auto getPlaces = [&](int64_t i, int64_t count) {
    SmallVector<int64_t> places;
    for (int64_t n = 0; n < count / layout.getSize(); ++n)
      for (int64_t j = 0; j < layout.entries; ++j)
        places.push_back(getPlace(n, i, j));
    return places;
  };
  SmallVector<LaneValue, 2> before = state.largest;
  LaneValue grows;
  for (int64_t i = 0; i < layout.getRows(); ++i) {
    SmallVector<LaneValue> ofRow;
    for (int64_t place : getPlaces(i, scores.size()))
      ofRow.push_back(wrap(scores[place]));
    LaneValue largest = emitMax(
        before[i], emitRowFold(foldAll(ofRow, emitMax), emitMax) * factor);
    LaneValue isLarger =
        (largest - before[i])
            .compare(arith::CmpFPredicate::OGT, kMaxGrowth / getLog2Unit());
    state.largest[i] = isLarger.select(largest, before[i]);
    grows = grows ? grows | isLarger : isLarger;
  }
  emitCorrection(state, before, grows);
  for (int64_t i = 0; i < layout.getRows(); ++i) {
    LaneValue base = emitBase(state.largest[i]), minusBase = -base;
    SmallVector<LaneValue> weights;
    for (int64_t place : getPlaces(i, scores.size())) {
      LaneValue score = wrap(scores[place]);
      weights.push_back(mask ? emitWeight(score, base)
                             : emitNativeExp2(score.fma(factor, minusBase)));
      scores[place] = weights.back().get();
    }
    if (lse)
      state.total[i] =
          state.total[i] +
          foldAll(weights, [](LaneValue x, LaneValue y) { return x + y; });
  }
}

void TiledAttention::emitCorrection(State &state, ArrayRef<LaneValue> before,
                                    LaneValue grows) {
  SmallVector<Value> kept = pack(state);
  auto branch = scf::IfOp::create(builder, ValueRange(kept).getTypes(),
                                  grows.get(), /*withElseRegion=*/true);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(builder, kept);
    builder.setInsertionPointToStart(branch.thenBlock());
    for (int64_t i = 0; i < layout.getRows(); ++i) {
      LaneValue correction = emitNativeExp2(
          (before[i] - emitBase(state.largest[i])) * getLog2Unit());
      if (lse)
        state.total[i] = state.total[i] * correction;
      for (int64_t n = 0; n <= getNumFragments(); ++n)
        for (int64_t j = 0; j < layout.entries; ++j) {
          Value &entry = state.sums[getPlace(n, i, j)];
          // A sum of weights that is NaN must stay: the row had a score of NaN.
          entry = (n < getNumFragments() ? emitRescaled(wrap(entry), correction)
                                         : wrap(entry) * correction)
                      .get();
        }
    }
    scf::YieldOp::create(builder, pack(state));
  }
  state = unpack(branch.getResults());
}

void TiledAttention::emitWeightedSums(State &state, ArrayRef<Value> weights) {
  LaneValue one = emitF32(1);
  Value ones = narrowPair(kernel, one, one, element).get();
  MutableArrayRef<Value> sums(state.sums);
  int64_t ofValues = layout.getSize() * getNumFragments();
  // Of 16 keys.
  int64_t count = 256 / layout.threads;
  // Weights as the sums of one product are the factors of the next.
  SmallVector<Value> words;
  for (size_t i = 0; i < weights.size(); i += 2)
    words.push_back(
        narrowPair(kernel, wrap(weights[i]), wrap(weights[i + 1]), element)
            .get());
  if (group)
    return group->multiplyValues(words, valueTile, tiles.getOnes(op), valueDim,
                                 sums);
  for (int64_t key = 0; key < tiles.keys; key += 16) {
    Words factors = product->getFactor(llvm::to_vector(
        ArrayRef(words).slice(key / 16 * count / 2, count / 2)));
    product->addWeights(factors, ones, sums.drop_front(ofValues));
    product->multiplyValues(factors, shared, valueTile, key,
                            sums.take_front(ofValues));
  }
}
