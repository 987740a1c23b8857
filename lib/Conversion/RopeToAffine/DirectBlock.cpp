//===- DirectBlock.cpp - Few rows that meet keys in place -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A score is a dot product of two rows: the sums of several keys and all rows,
// one vector each, are added up so that each lane of the result is a score.
//
//===----------------------------------------------------------------------===//

#include "DirectBlock.h"
#include "MicroKernel.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::rope;

/// Enough sums of one row to hide the latency of their products.
static constexpr int64_t kKeysAtOnce = 8;

DirectBlock::DirectBlock(AttentionTile &tile, AttentionBounds &bounds,
                         const RowSlots &slots, Temporaries &temporaries)
    : AttentionBlock(tile, bounds, /*packed=*/nullptr, temporaries),
      current(tile), slots(slots),
      keyStages(makeKeyStages(tile, tile.tiling.directHeads, tile.tiling.lanes,
                              temporaries)),
      valueStage(tile, tile.op.getValue(), tile.op.getValueTables(), 0,
                 tile.tiling.directHeads, tile.tiling.lanes, temporaries) {
  const AttentionTiling &tiling = tile.tiling;
  OpFoldResult heads = tile.constant(tiling.directHeads);
  OpFoldResult rows = tile.constant(tiling.blockRows);
  allQueries = temporaries.allocate(
      {heads, rows, tile.constant(tiling.getQueryColumns(tile.op))},
      tiling.type);
  allScores = temporaries.allocate(
      {heads, rows, tile.constant(tiling.getScoreColumns())}, tiling.type);
}

void DirectBlock::enter(Value head, Value slot) {
  firstHead = head;
  firstSlot = slot;
  firstQuery = tile.emitter.getValue(tile.constant(0));
}

Value DirectBlock::getSlot(Value head, Value part) {
  AffineExpr a, b, c;
  bindDims(tile.builder().getContext(), a, b, c);
  return tile.emitter.apply(a + b * tile.tiling.directHeads + c,
                            {firstSlot, part, head});
}

void DirectBlock::enterSlot(Value head, Value part) {
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  current.kvHead = tile.emitter.apply(a + b, {firstHead, head});
  queries = viewSlot(tile, allQueries, head);
  scores = viewSlot(tile, allScores, head);
  AttentionBlock::enterSlot(slots, getSlot(head, part));
}

void DirectBlock::forEachHead(Value part, function_ref<void(Value)> body) {
  tile.emitter.emitFor(tile.constant(tile.tiling.directHeads), [&](Value head) {
    enterSlot(head, part);
    body(head);
  });
}

void DirectBlock::emitPart(Value part, Value again) {
  forEachHead(part, [&](Value) {
    packQueries();
    initialize(part, again);
  });
  AttentionBounds::Range keys = getKeysOf(part);
  if (tile.tiling.needsTwoPasses) {
    emitKeys(keys, part, Pass::Statistics, /*skipsZeros=*/again);
    emitKeys(keys, part, Pass::Weights, /*skipsZeros=*/again);
  } else {
    emitKeys(keys, part, Pass::Online, /*skipsZeros=*/again);
  }
}

void DirectBlock::emitKeys(const AttentionBounds::Range &keys, Value part,
                           Pass pass, Value skipsZeros) {
  LoopEmitter &emitter = tile.emitter;
  int64_t lanes = tile.tiling.lanes;
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  emitter.emitBlocks(
      keys.lower, keys.upper, tile.tiling.blockKeys, [&](Value block) {
        Value firstKey =
            emitter.apply(a * tile.tiling.blockKeys, OpFoldResult(block));
        Group group = makeGroup(emitter.getValue(tile.constant(0)), firstKey);
        emitter.emitRange(
            group.columns.lower, group.columns.upper, lanes,
            [&](Value column) { emitKeyScores(group, column, part); });
        forEachHead(part, [&](Value) { emitSoftmax(group, pass); });
        if (pass == Pass::Statistics)
          return;
        // Scores that are returned are also those of keys past the end.
        SmallVector<OpFoldResult> upper(group.columns.upper);
        upper.push_back(emitter.apply(a - b, {bounds.getEnd(), firstKey}));
        emitter.emitRange(group.columns.lower, upper, lanes, [&](Value column) {
          emitValueSums(group, column, part, skipsZeros);
        });
      });
}

/// Of each four lanes the first two of both vectors in turn, and the last two:
/// one instruction each, which an exchange of single lanes is not.
static LaneExchange unpackLanes(int64_t size) {
  LaneExchange lanes(size, /*bit=*/1);
  for (int64_t lane = 0; lane < size; ++lane) {
    lanes.low[lane] = lane / 4 * 4 + lane % 4 / 2 + lane % 2 * size;
    lanes.high[lane] = lanes.low[lane] + 2;
  }
  return lanes;
}

/// Lane i of the result is the sum of all lanes of vector i, of which there are
/// a power of two. Pairs of vectors are shuffled so that lanes to be added
/// meet, half as many each time; of the last one, halves are added.
static Value sumLanes(SmallVector<Value> vectors, OpBuilder &builder,
                      Location loc) {
  int64_t count = vectors.size();
  int64_t size = cast<VectorType>(vectors.front().getType()).getNumElements();
  for (int64_t bit = 1; bit < count; bit *= 2) {
    LaneExchange lanes =
        bit == 1 && size >= 4 ? unpackLanes(size) : LaneExchange(size, bit);
    SmallVector<Value> sums;
    for (size_t i = 0; i < vectors.size(); i += 2) {
      Value first = vectors[i], second = vectors[i + 1];
      sums.push_back(arith::AddFOp::create(
          builder, loc,
          vector::ShuffleOp::create(builder, loc, first, second, lanes.low),
          vector::ShuffleOp::create(builder, loc, first, second, lanes.high)));
    }
    vectors = std::move(sums);
  }
  Value sum = vectors.front();
  for (int64_t half = size / 2; half >= count; half /= 2) {
    auto take = [&](int64_t first) -> Value {
      return vector::ExtractStridedSliceOp::create(
          builder, loc, sum, ArrayRef<int64_t>{first}, ArrayRef<int64_t>{half},
          ArrayRef<int64_t>{1});
    };
    sum = arith::AddFOp::create(builder, loc, take(0), take(half));
  }
  return sum;
}

SmallVector<Value> DirectBlock::emitProducts(const RowSource &source,
                                             Value head, ArrayRef<Value> keys,
                                             int64_t firstLane, int64_t lanes,
                                             ValueRange sums) {
  LoopEmitter &emitter = tile.emitter;
  int64_t width = tile.tiling.lanes, whole = lanes / width * width;
  auto emitStep = [&](Value lane, int64_t end, ValueRange carried) {
    SmallVector<Value> ofKeys, next(carried);
    for (Value key : keys)
      ofKeys.push_back(loadLanes(tile, source, head, key, lane, end).get());
    for (int64_t row = 0; row < tile.tiling.groupRows; ++row) {
      Value query = emitter.load(
          queries, {LaneIndex() + row, LaneIndex(lane, 1, firstLane)}, width);
      for (auto [i, key] : llvm::enumerate(ofKeys)) {
        Value &sum = next[row * keys.size() + i];
        sum = vector::FMAOp::create(tile.builder(), query, key, sum);
      }
    }
    return next;
  };
  SmallVector<Value> results(sums);
  if (whole != 0)
    results =
        emitter.emitReduction(tile.constant(0), tile.constant(whole), width,
                              results, [&](Value lane, ValueRange carried) {
                                return emitStep(lane, whole, carried);
                              });
  if (whole != lanes)
    results = emitStep(emitter.getValue(tile.constant(whole)), lanes, results);
  return results;
}

void DirectBlock::emitKeyScores(const Group &group, Value column, Value part) {
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  int64_t rows = tile.tiling.groupRows, lanes = tile.tiling.lanes;
  int64_t rowsAtOnce = llvm::PowerOf2Ceil(rows);
  int64_t keysAtOnce = std::min(kKeysAtOnce, lanes / rowsAtOnce);
  int64_t own = tile.op.getOwnKeyDim();
  AffineExpr a, b;
  bindDims(builder.getContext(), a, b);
  OpFoldResult end = tile.op.getReturningScores() ? tile.keys : bounds.getEnd();
  Value firstKey = emitter.apply(a + b, {group.firstKey, column});
  Value count = emitter.getSmallest(
      {emitter.apply(a - b, {end, firstKey}), tile.constant(lanes)});
  SmallVector<RowSource> sources;
  for (auto [number, stage] : llvm::enumerate(keyStages))
    sources.push_back(
        stage.stage(number == 0 ? OpFoldResult(firstHead) : tile.constant(0),
                    firstKey, count));
  Value last = emitter.apply(a - 1, OpFoldResult(count));
  Value zero = emitter.getValue(tile.constant(0));
  emitter.emitRange(
      OpFoldResult(tile.constant(0)), OpFoldResult(tile.constant(lanes)),
      keysAtOnce, [&](Value first) {
        // Behind the last key stand copies of it, which are excluded.
        SmallVector<Value> keys;
        for (int64_t i = 0; i < keysAtOnce; ++i)
          keys.push_back(arith::MinSIOp::create(
              builder, emitter.apply(a + i, OpFoldResult(first)), last));
        Value place = emitter.apply(a + b, {column, first});
        forEachHead(part, [&](Value head) {
          SmallVector<Value> products(rows * keysAtOnce, tile.splat(0.0).get());
          products = emitProducts(sources[0], head, keys, 0, own, products);
          if (sources.size() > 1)
            products = emitProducts(sources[1], zero, keys, own,
                                    tile.op.getHeadDim() - own, products);
          products.resize(rowsAtOnce * keysAtOnce, tile.splat(0.0).get());
          Value sums = sumLanes(products, builder, builder.getLoc());
          for (int64_t row = 0; row < rows; ++row)
            emitter.store(builder.createOrFold<vector::ExtractStridedSliceOp>(
                              sums, ArrayRef<int64_t>{row * keysAtOnce},
                              ArrayRef<int64_t>{keysAtOnce},
                              ArrayRef<int64_t>{1}),
                          scores, {LaneIndex() + row, LaneIndex(place)});
        });
      });
}

void DirectBlock::emitValueSums(const Group &group, Value column, Value part,
                                Value skipsZeros) {
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  int64_t lanes = tile.tiling.lanes;
  int64_t columns = tile.op.getValueType().getDimSize(3);
  AffineExpr a, b;
  bindDims(builder.getContext(), a, b);
  Value firstKey = emitter.apply(a + b, {group.firstKey, column});
  Value endOfChunk = emitter.apply(a + lanes, OpFoldResult(firstKey));
  Value count =
      emitter.getSmallest({emitter.apply(a - b, {bounds.getEnd(), firstKey}),
                           tile.constant(lanes)});
  RowSource source = valueStage.stage(firstHead, firstKey, count);
  SmallVector<OpFoldResult> lower(group.keys.lower), upper(group.keys.upper);
  lower.push_back(firstKey);
  upper.append({OpFoldResult(endOfChunk), bounds.getEnd()});
  auto emitSum = [&](Value head, LaneIndex row, int64_t rows, Value firstLane,
                     const PanelRun &run, bool skipsZeros) {
    auto loadLeft = [&](int64_t local, Value key) {
      Value place = emitter.apply(a - b, {key, group.firstKey});
      return emitter.load(scores, {row + local, LaneIndex(place)}, 1);
    };
    auto loadRight = [&](Value key, int64_t vector) {
      bool isWhole = run.isWhole(vector, lanes, columns);
      return loadLanes(
                 tile, source, head, emitter.apply(a - b, {key, firstKey}),
                 emitter.apply(a + vector * lanes, OpFoldResult(firstLane)),
                 isWhole ? columns / lanes * lanes : columns)
          .get();
    };
    MicroKernel(tile, rows, run.vectors, loadLeft, loadRight, sums,
                emitter.getIndex(row), firstLane)
        .emitSum(lower, upper, skipsZeros);
  };
  forEachHead(part, [&](Value head) {
    OpBuilder::InsertionGuard guard(builder);
    auto branch =
        scf::IfOp::create(builder, skipsZeros, /*withElseRegion=*/true);
    // Seldom: vector by vector, with a test of each weight.
    builder.setInsertionPoint(branch.thenBlock()->getTerminator());
    PanelRun single{0, tile.tiling.getColumns() / lanes, 1};
    emitter.emitFor(tile.constant(tile.tiling.groupRows), [&](Value row) {
      emitter.emitFor(tile.constant(single.panels), [&](Value vector) {
        emitSum(head, row, /*rows=*/1,
                emitter.apply(a * lanes, OpFoldResult(vector)), single,
                /*skipsZeros=*/true);
      });
    });
    builder.setInsertionPoint(branch.elseBlock()->getTerminator());
    for (const PanelRun &run : tile.tiling.valuePanels)
      emitter.emitFor(tile.constant(run.panels), [&](Value panel) {
        Value firstLane = emitter.apply(
            (a * run.vectors + run.firstVector) * lanes, OpFoldResult(panel));
        emitSum(head, LaneIndex(), tile.tiling.groupRows, firstLane, run,
                /*skipsZeros=*/false);
      });
  });
}
