//===- AttentionBounds.cpp - The keys that queries take -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "AttentionBounds.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::rope;

Value AttentionBounds::asIndex(Value integer) {
  if (integer.getType().isIndex())
    return integer;
  return arith::IndexCastOp::create(tile.builder(),
                                    tile.builder().getIndexType(), integer);
}

void AttentionBounds::addLower(Range &range, Value position) {
  AffineExpr p = tile.builder().getAffineDimExpr(0);
  if (int64_t left = tile.op.getLeftWindow(); left >= 0)
    range.lower.push_back(tile.emitter.apply(p - left, OpFoldResult(position)));
}

void AttentionBounds::addUpper(Range &range, Value position) {
  AffineExpr p = tile.builder().getAffineDimExpr(0);
  auto limit = [&](int64_t right) {
    range.upper.push_back(
        tile.emitter.apply(p + right + 1, OpFoldResult(position)));
  };
  if (tile.op.getCausal())
    limit(0);
  if (int64_t right = tile.op.getRightWindow(); right >= 0)
    limit(right);
}

void AttentionBounds::prepare() {
  end = tile.keys;
  shift = tile.constant(0);
  if (Value past = tile.op.getPast())
    shift = past;
  LoopEmitter &emitter = tile.emitter;
  ImplicitLocOpBuilder &builder = tile.builder();
  queryOrigin = keyOrigin = tile.constant(0);
  if (tile.op.getQueryOrigin()) {
    queryOrigin = tile.op.getQueryOrigin();
    keyOrigin = tile.op.getKeyOrigin();
    AffineExpr s, i, j;
    bindDims(builder.getContext(), s, i, j);
    shift = emitter.apply(s + i - j, {shift, queryOrigin, keyOrigin});
  }
  if (!tile.op.getQueryStarts())
    return;
  firstOfQuery = temporaries.allocate(tile.queries, builder.getIndexType());
  endOfQuery = temporaries.allocate(tile.queries, builder.getIndexType());
  Value zero = emitter.getValue(tile.constant(0));
  // A query outside of all sequences has no key.
  emitter.emitFor(tile.queries, [&](Value query) {
    emitter.store(zero, firstOfQuery, {LaneIndex(query)});
    emitter.store(zero, endOfQuery, {LaneIndex(query)});
  });
  Value starts = tile.op.getQueryStarts();
  OpFoldResult numStarts =
      memref::getMixedSize(builder, tile.op.getLoc(), starts, 0);
  OpFoldResult numSequences =
      emitter.apply(builder.getAffineDimExpr(0) - 1, numStarts);
  emitter.emitFor(numSequences, [&](Value sequence) {
    auto load = [&](Value buffer, int64_t offset) {
      return asIndex(emitter.load(buffer, {LaneIndex(sequence, 1, offset)}, 1));
    };
    AffineExpr i, q, k;
    bindDims(builder.getContext(), i, q, k);
    auto count = [&](Value start, OpFoldResult origin) {
      return emitter.apply(i - q, {start, origin});
    };
    Value keyStarts = tile.op.getKeyStarts();
    Value queryEnd = count(load(starts, 1), queryOrigin),
          keyEnd = count(load(keyStarts, 1), keyOrigin);
    emitter.emitRange(
        {count(load(starts, 0), queryOrigin), tile.constant(0)},
        {queryEnd, tile.queries}, 1, [&](Value query) {
          Value position = emitter.apply(i - q + k, {query, queryEnd, keyEnd});
          Range range{{count(load(keyStarts, 0), keyOrigin)}, {keyEnd}};
          if (tile.op.getKeyOrigin()) {
            range.lower.push_back(zero);
            range.upper.push_back(emitter.getValue(tile.keys));
          }
          addLower(range, position);
          addUpper(range, position);
          Value first = cast<Value>(range.lower.front());
          Value last = cast<Value>(range.upper.front());
          for (OpFoldResult bound : ArrayRef(range.lower).drop_front())
            first = arith::MaxSIOp::create(builder, first, cast<Value>(bound));
          for (OpFoldResult bound : ArrayRef(range.upper).drop_front())
            last = arith::MinSIOp::create(builder, last, cast<Value>(bound));
          emitter.store(first, firstOfQuery, {LaneIndex(query)});
          emitter.store(last, endOfQuery, {LaneIndex(query)});
        });
  });
}

void AttentionBounds::enterBatch() {
  Value lengths = tile.op.getKvLengths();
  if (!lengths)
    return;
  LoopEmitter &emitter = tile.emitter;
  ImplicitLocOpBuilder &builder = tile.builder();
  AffineExpr n, s, i, j;
  bindDims(builder.getContext(), n, s, i, j);
  Value length = asIndex(emitter.load(lengths, {tile.batch}, 1));
  end = length;
  shift = emitter.apply(n - s + i - j,
                        {length, tile.queries, queryOrigin, keyOrigin});
  if (!tile.op.getKeyOrigin())
    return;
  // Of the tile's keys, those that come before the length.
  Value before = emitter.apply(n - s, {length, keyOrigin});
  Value none = emitter.getValue(tile.constant(0));
  end =
      arith::MaxSIOp::create(
          builder, none,
          arith::MinSIOp::create(builder, before, emitter.getValue(tile.keys)))
          .getResult();
}

Value AttentionBounds::getPosition(Value query) {
  AffineExpr i, s;
  bindDims(tile.builder().getContext(), i, s);
  return tile.emitter.apply(i + s, {query, shift});
}

AttentionBounds::Range AttentionBounds::getRange(Value query) {
  return getUnion(query, query);
}

AttentionBounds::Range AttentionBounds::getUnion(Value first, Value last) {
  Range range{{tile.constant(0)}, {end}};
  if (!firstOfQuery) {
    addLower(range, getPosition(first));
    addUpper(range, getPosition(last));
    return range;
  }
  ImplicitLocOpBuilder &builder = tile.builder();
  if (first == last)
    return {{tile.emitter.load(firstOfQuery, {LaneIndex(first)}, 1)},
            {tile.emitter.load(endOfQuery, {LaneIndex(first)}, 1)}};
  OpFoldResult past =
      tile.emitter.apply(builder.getAffineDimExpr(0) + 1, OpFoldResult(last));
  SmallVector<Value> bounds = tile.emitter.emitReduction(
      OpFoldResult(first), {past, tile.queries}, 1,
      {tile.emitter.getValue(end), tile.emitter.getValue(tile.constant(0))},
      [&](Value query, ValueRange args) -> SmallVector<Value> {
        Value lower = tile.emitter.load(firstOfQuery, {LaneIndex(query)}, 1);
        Value upper = tile.emitter.load(endOfQuery, {LaneIndex(query)}, 1);
        return {arith::MinSIOp::create(builder, args[0], lower),
                arith::MaxSIOp::create(builder, args[1], upper)};
      });
  range.lower.push_back(bounds[0]);
  range.upper.push_back(bounds[1]);
  return range;
}

std::optional<AttentionBounds::Range>
AttentionBounds::getIntersection(Value first, Value last) {
  if (firstOfQuery)
    return std::nullopt;
  Range range{{tile.constant(0)}, {end}};
  addLower(range, getPosition(last));
  addUpper(range, getPosition(first));
  return range;
}
