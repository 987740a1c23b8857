//===- AttentionBlock.cpp - A block of rows of an attention ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "AttentionBlock.h"

#include "ExpKernel.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;
using namespace mlir::rope;

AttentionBlock::AttentionBlock(const AttentionTile &tile,
                               AttentionBounds &bounds,
                               const PackedKeysAndValues *packed,
                               Temporaries &temporaries)
    : tile(tile), bounds(bounds), packed(packed),
      queryStage(tile, tile.op.getQuery(), tile.op.getQueryTables(), 0,
                 tile.op.getGroupSize(), tile.tiling.blockQueries,
                 temporaries) {
  const AttentionTiling &tiling = tile.tiling;
  OpFoldResult rows = tile.constant(tiling.blockRows);
  OpFoldResult groupRows = tile.constant(tiling.groupRows);
  OpFoldResult productRows = tile.constant(tiling.productRows);
  Type queryType = tiling.type;
  OpFoldResult columns = tile.constant(tiling.getScoreColumns());
  if (packed && tiling.arePairs()) {
    queryType = tile.builder().getBF16Type();
    weights = temporaries.allocate(
        {productRows, tile.constant(tiling.getWeightColumns())}, queryType);
  }
  if (packed) {
    queries = temporaries.allocate(
        {rows, tile.constant(tiling.getQueryColumns(tile.op))}, queryType);
    scores = temporaries.allocate({productRows, columns}, tiling.type);
  }
  if (packed && tiling.keyParts == 1) {
    sums = temporaries.allocate({rows, tile.constant(tiling.getColumns())},
                                tiling.type);
    maxima = temporaries.allocate(rows, tiling.type);
    totals = temporaries.allocate(rows, tiling.type);
  }
  if (tile.op.getMask())
    biases = temporaries.allocate({groupRows, columns}, tiling.type);
  if (!hasUnitStrideLanes(tile.op.getOut()))
    outputStage = temporaries.allocate(
        tile.inLayout(tile.constant(1), tile.constant(tile.op.getGroupSize()),
                      tile.constant(tiling.blockQueries),
                      tile.constant(tile.op.getValueType().getDimSize(3))),
        tile.op.getQueryType().getElementType());
}

Value AttentionBlock::getQueryOf(Value row) {
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  return tile.emitter.apply(a + b.floorDiv(tile.op.getGroupSize()),
                            {firstQuery, row});
}

SmallVector<OpFoldResult> AttentionBlock::getRowEnd(Value firstRow) {
  int64_t group = tile.op.getGroupSize();
  AffineExpr queries, query, row;
  bindDims(tile.builder().getContext(), queries, query, row);
  OpFoldResult ofSequence = tile.emitter.apply(
      (queries - query) * group - row, {tile.queries, firstQuery, firstRow});
  OpFoldResult ofBlock = tile.emitter.apply(
      -queries + tile.tiling.blockQueries * group, OpFoldResult(firstRow));
  return {tile.constant(tile.tiling.groupRows), ofSequence, ofBlock};
}

void AttentionBlock::packQueries() {
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  AttentionOp op = tile.op;
  int64_t heads = op.getGroupSize(), width = tile.tiling.lanes;
  AffineExpr a, b;
  bindDims(builder.getContext(), a, b);
  Value left = emitter.apply(a - b, {tile.queries, firstQuery});
  OpFoldResult most = tile.constant(tile.tiling.blockQueries);
  Value count = emitter.getSmallest({left, most});
  Value firstHead = emitter.apply(a * heads, OpFoldResult(tile.kvHead));
  RowSource source = queryStage.stage(firstHead, firstQuery, count);
  // All of the scale, or what the scores do not take.
  LaneValue factors =
      tile.splat(tile.tiling.scoreFactor == 1.0 ? op.getEffectiveScale() : 1.0);
  emitter.emitRange(tile.constant(0), {most, left}, 1, [&](Value query) {
    emitter.emitFor(tile.constant(heads), [&](Value head) {
      Value row = emitter.apply(a * heads + b, {query, head});
      auto pack = [&](Value lane, int64_t end) {
        LaneValue x = loadLanes(tile, source, head, query, lane, end);
        emitter.store(tile.toElementOf(x * factors, queries), queries,
                      {LaneIndex(row), LaneIndex(lane)});
      };
      int64_t lanes = op.getHeadDim(), full = lanes / width * width;
      emitter.emitRange(tile.constant(0), tile.constant(full), width,
                        [&](Value lane) { pack(lane, full); });
      if (full != lanes)
        pack(emitter.getValue(tile.constant(full)), lanes);
      Value zeros = tile.toElementOf(tile.splat(0.0), queries);
      emitter.emitRange(tile.constant(llvm::alignTo(lanes, width)),
                        tile.constant(tile.tiling.getQueryColumns(op)), width,
                        [&](Value lane) {
                          emitter.store(zeros, queries,
                                        {LaneIndex(row), LaneIndex(lane)});
                        });
    });
  });
}

void AttentionBlock::initialize(Value part, Value again) {
  LoopEmitter &emitter = tile.emitter;
  int64_t heads = tile.op.getGroupSize();
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  LaneValue zero = tile.scalar(0.0);
  // The lowest number and not -inf: the difference to a score of -inf is one.
  bool isF32 = tile.tiling.type.isF32();
  LaneValue lowest = tile.scalar(isF32 ? std::numeric_limits<float>::lowest()
                                       : std::numeric_limits<double>::lowest());
  LaneValue isFirst;
  if (part && tile.tiling.keyParts != 1)
    isFirst = zero.emit<arith::CmpIOp>(arith::CmpIPredicate::eq, part,
                                       emitter.getValue(tile.constant(0)));
  emitter.emitFor(tile.constant(tile.tiling.blockRows), [&](Value row) {
    LaneValue maximum = lowest, total = zero, sink;
    if (Value sinks = tile.op.getSinks()) {
      // Rows that fill up the block have a head, too.
      Value head = emitter.apply(a * heads + b % heads, {tile.kvHead, row});
      sink = tile.toKernelType(
          tile.wrap(emitter.load(sinks, {LaneIndex(head)}, 1)));
      maximum = emitMaximum(sink, lowest);
      if (isFirst)
        maximum = isFirst.select(maximum, lowest);
    }
    if (again)
      maximum = tile.wrap(again).select(
          tile.wrap(emitter.load(maxima, {LaneIndex(row)}, 1)), maximum);
    if (sink) {
      total = emitExponential(sink, maximum);
      if (isFirst)
        total = isFirst.select(total, zero);
    }
    emitter.store(maximum.get(), maxima, {LaneIndex(row)});
    emitter.store(total.get(), totals, {LaneIndex(row)});
    emitter.emitRange(tile.constant(0), tile.constant(tile.tiling.getColumns()),
                      tile.tiling.lanes, [&](Value column) {
                        emitter.store(tile.splat(0.0).get(), sums,
                                      {LaneIndex(row), LaneIndex(column)});
                      });
  });
}

AttentionBlock::Group AttentionBlock::makeGroup(Value firstRow,
                                                Value firstKey) {
  LoopEmitter &emitter = tile.emitter;
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  Group group{firstRow, firstKey, {}, {}, {}, {}, {}};
  group.firstQuery = getQueryOf(firstRow);
  group.lastQuery = getQueryOf(
      emitter.apply(a + (tile.tiling.productRows - 1), OpFoldResult(firstRow)));
  if (tile.op.getReturningScores())
    group.keys.upper.push_back(tile.keys);
  else
    group.keys = bounds.getUnion(group.firstQuery, group.lastQuery);
  // The block starts at 0 or behind, with a unit of columns.
  llvm::erase_if(group.keys.lower, [](OpFoldResult bound) {
    return isConstantIntValue(bound, 0);
  });
  int64_t unit = tile.tiling.getColumnUnit();
  auto toColumns = [&](ArrayRef<OpFoldResult> bounds, AffineExpr number) {
    return llvm::map_to_vector(bounds, [&](OpFoldResult bound) {
      return OpFoldResult(emitter.apply(number * unit - b, {bound, firstKey}));
    });
  };
  group.columns.lower = toColumns(group.keys.lower, a.floorDiv(unit));
  group.columns.upper = toColumns(group.keys.upper, a.ceilDiv(unit));
  group.columns.lower.push_back(tile.constant(0));
  group.columns.upper.push_back(tile.constant(tile.tiling.blockKeys));
  group.keys.lower.push_back(firstKey);
  group.keys.upper.push_back(
      emitter.apply(a + tile.tiling.blockKeys, OpFoldResult(firstKey)));
  return group;
}

void AttentionBlock::forEachPart(const Group &group,
                                 function_ref<void(const Group &part)> body) {
  const AttentionTiling &tiling = tile.tiling;
  if (tiling.productRows == tiling.groupRows)
    return body(group);
  LoopEmitter &emitter = tile.emitter;
  AffineExpr a, b, c;
  bindDims(tile.builder().getContext(), a, b, c);
  // Rows behind the last one only fill up tiles.
  OpFoldResult rows = emitter.apply((a - b) * tile.op.getGroupSize() - c,
                                    {tile.queries, firstQuery, group.firstRow});
  emitter.emitRange(
      tile.constant(0), {rows, tile.constant(tiling.productRows)},
      tiling.groupRows, [&](Value firstScore) {
        Group part = group;
        part.firstScore = firstScore;
        part.firstRow = emitter.apply(a + b, {group.firstRow, firstScore});
        part.firstQuery = getQueryOf(part.firstRow);
        part.lastQuery = getQueryOf(emitter.apply(a + (tiling.groupRows - 1),
                                                  OpFoldResult(part.firstRow)));
        body(part);
      });
}

LaneIndex AttentionBlock::getScoreRow(const Group &group, Value row) const {
  if (!group.firstScore)
    return row;
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  return tile.emitter.apply(a + b, {group.firstScore, row});
}

LaneIndex AttentionBlock::getRow(const Group &group, Value row) const {
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  return tile.emitter.apply(a + b, {group.firstRow, row});
}

void AttentionBlock::emitGroup(Value firstRow, Value firstKey, Pass pass) {
  Group group = makeGroup(firstRow, firstKey);
  emitScores(group);
  forEachPart(group, [&](const Group &part) { emitSoftmax(part, pass); });
  if (pass != Pass::Statistics)
    emitOutput(group);
}

void AttentionBlock::emitSoftmax(const Group &group, Pass pass) {
  returnScores(group, ScoreKind::Raw, pass);
  emitSoftcap(group);
  returnScores(group, ScoreKind::Capped, pass);
  emitMask(group);
  emitExclusion(group);
  returnScores(group, ScoreKind::Biased, pass);
  emitRounding(group);
  if (pass == Pass::Weights)
    emitWeights(group);
  else
    emitOnlineSoftmax(group, /*rescalesSums=*/pass == Pass::Online);
  returnScores(group, ScoreKind::Weights, pass);
}

void AttentionBlock::emitPass(const AttentionBounds::Range &keys, Pass pass) {
  LoopEmitter &emitter = tile.emitter;
  int64_t heads = tile.op.getGroupSize();
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  emitter.emitBlocks(
      keys.lower, keys.upper, tile.tiling.blockKeys, [&](Value block) {
        Value firstKey =
            emitter.apply(a * tile.tiling.blockKeys, OpFoldResult(block));
        OpFoldResult rows =
            emitter.apply((a - b) * heads, {tile.queries, firstQuery});
        emitter.emitRange(
            tile.constant(0), {rows, tile.constant(tile.tiling.blockRows)},
            tile.tiling.productRows,
            [&](Value firstRow) { emitGroup(firstRow, firstKey, pass); });
      });
}

void AttentionBlock::emitPasses(const AttentionBounds::Range &keys) {
  if (!tile.tiling.needsTwoPasses)
    return emitPass(keys, Pass::Online);
  emitPass(keys, Pass::Statistics);
  emitPass(keys, Pass::Weights);
}

void AttentionBlock::emit(Value query) {
  firstQuery = query;
  packQueries();
  initialize();
  emitPasses(getKeys());
  finish();
}
