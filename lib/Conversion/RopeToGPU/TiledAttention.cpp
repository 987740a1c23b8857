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

SmallVector<Value> TiledAttention::State::pack() const {
  SmallVector<Value> values{largest[0].get(), largest[1].get()};
  llvm::append_range(values, sums);
  if (total[0])
    values.append({total[0].get(), total[1].get()});
  return values;
}

TiledAttention::State TiledAttention::unpack(ValueRange values) {
  State state;
  for (int64_t i = 0; i < 2; ++i) {
    state.largest[i] = wrap(values[i]);
    if (lse)
      state.total[i] = wrap(values[values.size() - 2 + i]);
  }
  state.sums = llvm::to_vector(values.drop_front(2).drop_back(lse ? 2 : 0));
  return state;
}

static Value emitThread(KernelBuilder &kernel, const AttentionTiles &tiles) {
  return kernel.emitThreadIndices({tiles.getThreads()}).front();
}

TiledAttention::TiledAttention(KernelBuilder &kernel, AttentionOp op)
    : kernel(kernel), builder(kernel.getBuilder()), op(op),
      tiles(AttentionTiles::get(op, kernel.getModel())),
      element(cast<FloatType>(op.getQueryType().getElementType())),
      headDim(op.getHeadDim()), valueDim(op.getValueType().getDimSize(3)),
      keyStride(SharedWords::getRowStride(llvm::alignTo(headDim, 16))),
      valueStride(SharedWords::getRowStride(valueDim)),
      valuePlace(
          std::max(tiles.keys * keyStride, tiles.queries * tiles.keys / 2)),
      thread(emitThread(kernel, tiles)),
      queryRows(kernel, op.getQuery(), op.getQueryTables(), tiles.queries,
                thread, tiles.getThreads()),
      keyRows(kernel, op.getKey(), op.getKeyTables(), tiles.keys, thread,
              tiles.getThreads()),
      value(kernel, op.getValue(), 8), out(kernel, op.getOut(), 8),
      ranges(kernel, op), shared(kernel, tiles.getSharedWords(op)),
      flag(kernel, 1) {
  ImplicitLocOpBuilder &host = kernel.getHost();
  auto add = [&](std::optional<DeviceBuffer> &buffer, Value given) {
    if (given)
      buffer.emplace(kernel, given, 1);
  };
  add(lse, op.getLse());
  add(sinks, op.getSinks());
  numBatches = memref::getMixedSize(host, host.getLoc(), op.getQuery(), 0);
  SmallVector<Value> indices = kernel.emitThreadIndices(
      {4, AttentionTiles::kThreadsOfWarp / 4, tiles.getWarps()});
  warp = indices[2];
  lane = kernel.add(kernel.multiply(indices[1], 4), indices[0]);
  row = kernel.add(kernel.multiply(warp, AttentionTiles::kRowsOfWarp),
                   indices[1]);
  column = kernel.multiply(indices[0], 2);
  product = WarpProduct::create(kernel, element, lane, warp, tiles.getWarps());
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
  SmallVector<Type> types(2 + getNumSums() + (lse ? 2 : 0),
                          builder.getF32Type());
  Value no = arith::ConstantIntOp::create(builder, i1, 0);
  Value yes = arith::ConstantIntOp::create(builder, i1, 1);
  auto loop = scf::WhileOp::create(builder, types, no);
  {
    OpBuilder::InsertionGuard guard(builder);
    Location loc = builder.getLoc();
    Block *before = builder.createBlock(&loop.getBefore(), {}, i1, loc);
    Value isCareful = before->getArgument(0);
    State state = emitPass(place, queries, isCareful);
    Value isFirst = arith::XOrIOp::create(builder, isCareful, yes);
    Value again =
        arith::AndIOp::create(builder, isFirst, emitHasSpecial(state.sums));
    scf::ConditionOp::create(builder, again, state.pack());
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
  queryRows.store(loaded, shared, 0, keyStride);
  queryRows.storePadding(shared, 0, keyStride);
  gpu::BarrierOp::create(builder);
  Value first = kernel.multiply(warp, AttentionTiles::kRowsOfWarp * keyStride);
  SmallVector<Words> queries;
  for (int64_t step = 0; step < headDim; step += 16)
    queries.push_back(product->load(
        shared,
        [&](Value of) {
          Value rowOf = builder.createOrFold<arith::RemUIOp>(of, constant(16));
          Value unit = builder.createOrFold<arith::DivUIOp>(of, constant(16));
          return kernel.add(first, kernel.add(kernel.multiply(rowOf, keyStride),
                                              kernel.multiply(unit, 4)));
        },
        step / 2, /*count=*/4, /*transposed=*/false));
  // Keys take the place of the queries.
  gpu::BarrierOp::create(builder);
  keyRows.storePadding(shared, 0, keyStride);
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

void TiledAttention::copyValues(const Place &place, Value tile) {
  Value start = value.getRow(
      getIndices(op, place.batch, getKvHead(builder, op, place.head), tile));
  Value stride = value.getStride(op.getSequenceDimension());
  Value count = RowItems::toI32(
      builder, getLeast(arith::SubIOp::create(builder, place.some.end, tile),
                        constant(tiles.keys)));
  RowItems items(kernel, tiles.keys, valueDim / 8, thread, tiles.getThreads());
  for (int64_t i = 0; i < items.getNumItems(); ++i) {
    RowItems::Item item = items.get(i);
    OpBuilder::InsertionGuard guard(builder);
    if (item.exists)
      builder.setInsertionPointToStart(
          scf::IfOp::create(builder, item.exists).thenBlock());
    Value isInside =
        arith::CmpIOp::create(builder, arith::CmpIPredicate::ult,
                              RowItems::toI32(builder, item.row), count);
    Value index = kernel.add(kernel.add(kernel.multiply(item.row, valueStride),
                                        kernel.multiply(item.place, 4)),
                             constant(valuePlace));
    product->copy(value, kernel.add(start, kernel.multiply(item.row, stride)),
                  LaneIndex(item.place, 8), shared, index, isInside);
  }
}

TiledAttention::State TiledAttention::emitPass(const Place &place,
                                               ArrayRef<Words> queries,
                                               Value isCareful) {
  kernel.emitIf(
      arith::CmpIPredicate::slt, place.some.first, place.some.end, [&] {
        keyRows.store(loadKeys(place, place.some.first, /*firstRow=*/0), shared,
                      0, keyStride);
      });
  State start;
  LaneValue largest = emitF32(-kInfinity);
  if (sinks)
    largest =
        wrap(loadEntry(kernel, *sinks, place.head)) * llvm::numbers::log2e;
  for (int64_t i = 0; i < 2; ++i) {
    start.largest[i] = largest;
    if (lse)
      start.total[i] = emitF32(0);
  }
  start.sums.assign(getNumSums(), emitF32(0).get());
  auto loop = scf::ForOp::create(builder, place.some.first, place.some.end,
                                 constant(tiles.keys), start.pack());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  State state = emitKeyTile(place, queries, loop.getInductionVar(),
                            unpack(loop.getRegionIterArgs()), isCareful);
  scf::YieldOp::create(builder, state.pack());
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
  scores = emitExclusion(place, tile, scores);
  emitSoftmax(state, scores);
  product->wait();
  gpu::BarrierOp::create(builder);

  auto branch = scf::IfOp::create(builder, ValueRange(state.sums).getTypes(),
                                  isCareful, /*withElseRegion=*/true);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(builder, state.sums);
    builder.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(builder, emitSpecialValues(place, state, scores));
  }
  state.sums = llvm::to_vector_of<Value>(branch.getResults());
  keyRows.store(next, shared, 0, keyStride);
  emitWeightedSums(state, scores);
  return state;
}

SmallVector<Value> TiledAttention::emitScores(ArrayRef<Words> queries) {
  SmallVector<Value> scores(tiles.keys / 2, emitF32(0).get());
  auto getIndex = [&](Value of) {
    // Matrices of eight keys at eight lanes: the next lanes, then the next
    // keys.
    auto part = [&](int64_t by, int64_t size) {
      Value shifted = builder.createOrFold<arith::DivUIOp>(of, constant(by));
      return builder.createOrFold<arith::RemUIOp>(shifted, constant(size));
    };
    Value key = kernel.add(kernel.multiply(part(16, 2), 8), part(1, 8));
    return kernel.add(kernel.multiply(key, keyStride),
                      kernel.multiply(part(8, 2), 4));
  };
  for (auto [step, query] : llvm::enumerate(queries))
    for (int64_t key = 0; key < tiles.keys; key += 16) {
      SmallVector<Value> words = product->load(
          shared, getIndex, key * keyStride + 8 * step, /*count=*/4,
          /*transposed=*/false);
      for (int64_t i = 0; i < 2; ++i) {
        MutableArrayRef<Value> sums =
            MutableArrayRef(scores).slice(key / 2 + 4 * i, 4);
        llvm::copy(
            product->multiply(query, ArrayRef(words).slice(2 * i, 2), sums),
            sums.begin());
      }
    }
  if (!op.getSoftcap())
    return scores;
  double cap = op.getSoftcap()->convertToDouble();
  for (Value &score : scores)
    score = (emitNativeTanh(wrap(score) * (op.getEffectiveScale() / cap)) * cap)
                .get();
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
  for (int64_t i = 0; i < 2; ++i) {
    Range range =
        ranges.emit(place.batch, kernel.add(place.firstQuery, getRow(i)));
    Value first = arith::SubIOp::create(builder, range.first, origin);
    Value last = arith::SubIOp::create(builder, range.end, origin);
    for (int64_t n = 0; n < tiles.keys / 8; ++n)
      for (int64_t j = 0; j < 2; ++j) {
        Value key = constant(8 * n + j);
        Value isTaken = arith::AndIOp::create(
            builder, compare(arith::CmpIPredicate::sle, first, key),
            compare(arith::CmpIPredicate::slt, key, last));
        Value &score = scores[4 * n + 2 * i + j];
        score = arith::SelectOp::create(builder, isTaken, score, excluded);
      }
  }
  scf::YieldOp::create(builder, scores);
  return llvm::to_vector_of<Value>(branch.getResults());
}

LaneValue TiledAttention::emitRowFold(
    LaneValue value, function_ref<LaneValue(LaneValue, LaneValue)> combine) {
  for (int64_t mask : {1, 2})
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
  double factor = llvm::numbers::log2e;
  if (!op.getSoftcap())
    factor *= op.getEffectiveScale();
  // The places in a fragment of what the tile has of a row.
  auto getPlaces = [](int64_t i, int64_t count) {
    SmallVector<int64_t> places;
    for (int64_t n = 0; n < count / 4; ++n)
      places.append({4 * n + 2 * i, 4 * n + 2 * i + 1});
    return places;
  };
  LaneValue before[] = {state.largest[0], state.largest[1]}, grows;
  for (int64_t i = 0; i < 2; ++i) {
    SmallVector<LaneValue> ofRow;
    for (int64_t place : getPlaces(i, scores.size()))
      ofRow.push_back(wrap(scores[place]));
    LaneValue largest = emitMax(
        before[i], emitRowFold(foldAll(ofRow, emitMax), emitMax) * factor);
    LaneValue isLarger =
        (largest - before[i]).compare(arith::CmpFPredicate::OGT, kMaxGrowth);
    state.largest[i] = isLarger.select(largest, before[i]);
    grows = grows ? grows | isLarger : isLarger;
  }
  emitCorrection(state, before, grows);
  for (int64_t i = 0; i < 2; ++i) {
    LaneValue minusBase = -emitBase(state.largest[i]);
    SmallVector<LaneValue> weights;
    for (int64_t place : getPlaces(i, scores.size())) {
      weights.push_back(
          emitNativeExp2(wrap(scores[place]).fma(factor, minusBase)));
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
  auto branch = scf::IfOp::create(builder, ValueRange(state.pack()).getTypes(),
                                  grows.get(), /*withElseRegion=*/true);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(builder, state.pack());
    builder.setInsertionPointToStart(branch.thenBlock());
    for (int64_t i = 0; i < 2; ++i) {
      LaneValue correction =
          emitNativeExp2(before[i] - emitBase(state.largest[i]));
      if (lse)
        state.total[i] = state.total[i] * correction;
      for (int64_t n = 0; n < getNumSums() / 4; ++n)
        for (int64_t j = 0; j < 2; ++j) {
          Value &entry = state.sums[4 * n + 2 * i + j];
          entry = (wrap(entry) * correction).get();
        }
    }
    scf::YieldOp::create(builder, state.pack());
  }
  state = unpack(branch.getResults());
}

void TiledAttention::emitWeightedSums(State &state, ArrayRef<Value> weights) {
  auto getIndex = [&](Value of) {
    // Matrices of eight keys at eight lanes: the next keys, then the next
    // lanes.
    Value key = builder.createOrFold<arith::RemUIOp>(of, constant(16));
    Value unit = builder.createOrFold<arith::DivUIOp>(of, constant(16));
    return kernel.add(kernel.multiply(key, valueStride),
                      kernel.multiply(unit, 4));
  };
  LaneValue one = emitF32(1);
  Value ones = narrowPair(kernel, one, one, element).get();
  for (int64_t key = 0; key < tiles.keys; key += 16) {
    // Weights as the sums of one product are the factors of the next.
    SmallVector<Value> factors;
    for (int64_t i = 0; i < 4; ++i)
      factors.push_back(narrowPair(kernel, wrap(weights[key / 2 + 2 * i]),
                                   wrap(weights[key / 2 + 2 * i + 1]), element)
                            .get());
    auto multiply = [&](ArrayRef<Value> words, int64_t place) {
      MutableArrayRef<Value> sums = MutableArrayRef(state.sums).slice(place, 4);
      llvm::copy(product->multiply(factors, words, sums), sums.begin());
    };
    multiply({ones, ones}, valueDim / 2);
    for (int64_t first = 0; first < valueDim; first += 16) {
      int64_t parts = std::min<int64_t>(2, (valueDim - first) / 8);
      SmallVector<Value> words = product->load(
          shared, getIndex, valuePlace + key * valueStride + first / 2,
          /*count=*/2 * parts, /*transposed=*/true);
      for (int64_t i = 0; i < parts; ++i)
        multiply(ArrayRef(words).slice(2 * i, 2), first / 2 + 4 * i);
    }
  }
}
