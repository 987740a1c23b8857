//===- AttentionPacking.cpp - Operands in the order of their use ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rows behind the last key are copies of it: they are excluded from every
// score, and what is not the caller's is not read.
//
//===----------------------------------------------------------------------===//

#include "AttentionPacking.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::rope;

/// Rows in registers in the first half of a transposition.
static constexpr int64_t kSide = 4;

LaneExchange::LaneExchange(int64_t size, int64_t bit) {
  for (int64_t lane = 0; lane < size; ++lane) {
    bool isSet = lane & bit;
    low.push_back(isSet ? size + lane - bit : lane);
    high.push_back(isSet ? size + lane : lane + bit);
  }
}

/// Rows are numbered in steps of `step`. For each bit of their numbers, rows
/// and lanes that differ in it are exchanged.
static void exchangeLanes(MutableArrayRef<Value> rows, int64_t step,
                          ImplicitLocOpBuilder &builder) {
  int64_t size = rows.size();
  int64_t width = cast<VectorType>(rows.front().getType()).getNumElements();
  for (int64_t bit = 1; bit < size; bit *= 2) {
    LaneExchange lanes(width, bit * step);
    for (int64_t row = 0; row < size; ++row) {
      if (row & bit)
        continue;
      Value first = rows[row], second = rows[row + bit];
      rows[row] = vector::ShuffleOp::create(builder, first, second, lanes.low);
      rows[row + bit] =
          vector::ShuffleOp::create(builder, first, second, lanes.high);
    }
  }
}

/// The lowest bits of the numbers of rows and lanes, then the others: a chain
/// of all shuffles in registers takes a tenth of the time of a kernel's
/// compiler.
void AttentionPacking::transpose(
    function_ref<Value(Value row)> load, int64_t count,
    function_ref<void(Value column, LaneIndex lane)> store) {
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  int64_t width = tile.tiling.lanes, side = std::min(width, kSide);
  AffineExpr a = builder.getAffineDimExpr(0);
  emitter.emitRange(
      OpFoldResult(tile.constant(0)), OpFoldResult(tile.constant(width)), side,
      [&](Value first) {
        SmallVector<Value> rows;
        for (int64_t i = 0; i < side; ++i)
          rows.push_back(load(emitter.apply(a + i, OpFoldResult(first))));
        exchangeLanes(rows, /*step=*/1, builder);
        for (int64_t i = 0; i < side; ++i)
          emitter.store(rows[i], square, {LaneIndex(first, 1, i), LaneIndex()});
      });
  // Lanes that are `side` apart leave together.
  auto emitColumns = [&](int64_t end, int64_t from, int64_t to) {
    if (end == 0 || from == to)
      return;
    emitter.emitFor(tile.constant(end), [&](Value lane) {
      SmallVector<Value> rows;
      for (int64_t i = 0; i < width; i += side)
        rows.push_back(
            emitter.load(square, {LaneIndex(lane, 1, i), LaneIndex()}, width));
      exchangeLanes(rows, side, builder);
      for (int64_t i = from; i < to; ++i)
        store(rows[i], LaneIndex(lane, 1, i * side));
    });
  };
  emitColumns(side, 0, count / side);
  emitColumns(count % side, count / side, llvm::divideCeil(count, side));
}

/// Rotations of the key without its tail and of the tail.
static AttentionOp::Rotation getKeyRotation(AttentionOp op, bool isTail) {
  AttentionOp::Rotation rotation = op.getKeyTables();
  bool rotatesTail =
      rotation && rotation.lanes.getOffset() >= op.getOwnKeyDim();
  return rotatesTail == isTail ? rotation : AttentionOp::Rotation();
}

SmallVector<RowStage, 2> rope::makeKeyStages(const AttentionTile &tile,
                                             int64_t heads, int64_t rows,
                                             Temporaries &temporaries) {
  AttentionOp op = tile.op;
  SmallVector<RowStage, 2> stages;
  stages.emplace_back(tile, op.getKey(), getKeyRotation(op, false), 0, heads,
                      rows, temporaries);
  if (Value tail = op.getKeyTail())
    stages.emplace_back(tile, tail, getKeyRotation(op, true), op.getOwnKeyDim(),
                        1, rows, temporaries);
  return stages;
}

AttentionPacking::AttentionPacking(const AttentionTile &tile,
                                   Temporaries &temporaries)
    : tile(tile),
      keyStages(makeKeyStages(tile, 1, tile.tiling.blockKeys, temporaries)),
      valueStage(tile, tile.op.getValue(), tile.op.getValueTables(), 0, 1,
                 tile.tiling.blockKeys, temporaries),
      square(temporaries.allocate(
          {tile.constant(tile.tiling.lanes), tile.constant(tile.tiling.lanes)},
          tile.tiling.type)) {}

void AttentionPacking::packBlock(const PackedKeysAndValues &packed,
                                 Value firstKey, OpFoldResult end) {
  ImplicitLocOpBuilder &builder = tile.builder();
  AffineExpr a, b;
  bindDims(builder.getContext(), a, b);
  Value left = tile.emitter.apply(a - b, {end, firstKey});
  Value count =
      tile.emitter.getSmallest({left, tile.constant(tile.tiling.blockKeys)});
  int64_t panelKeys = tile.tiling.panelKeys, firstLane = 0;
  for (auto [number, stage] : llvm::enumerate(keyStages)) {
    OpFoldResult head =
        number == 0 ? OpFoldResult(tile.kvHead) : tile.constant(0);
    RowSource source = stage.stage(head, firstKey, count);
    int64_t own = tile.op.getOwnKeyDim();
    int64_t lanes = number == 0 ? own : tile.op.getHeadDim() - own;
    OpFoldResult numPanels =
        tile.emitter.apply(a.ceilDiv(panelKeys), OpFoldResult(count));
    tile.emitter.emitFor(numPanels, [&](Value panel) {
      AffineExpr first = b.floorDiv(panelKeys);
      Value global = tile.emitter.apply(first + a, {panel, firstKey});
      // Rows are counted in the block.
      Value offset = tile.emitter.apply(a * panelKeys, OpFoldResult(panel));
      if (tile.tiling.arePairs())
        packKeyPairs(source, packed.keys, firstLane, lanes, global, count,
                     offset);
      else
        packKeys(source, packed.keys, firstLane, lanes, global, count, offset);
    });
    firstLane += lanes;
  }
  RowSource values = valueStage.stage(tile.kvHead, firstKey, count);
  if (tile.tiling.arePairs())
    packValuePairs(packed, values, firstKey, count);
  else
    packValues(packed, values, firstKey, count);
}

void AttentionPacking::packKeys(const RowSource &source, Value packed,
                                int64_t firstLane, int64_t lanes, Value panel,
                                Value count, Value firstRow) {
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  int64_t width = tile.tiling.lanes;
  Value zero = emitter.getValue(tile.constant(0));
  AffineExpr a, b, c;
  bindDims(builder.getContext(), a, b, c);
  Value last = emitter.apply(a - 1, OpFoldResult(count));
  emitter.emitRange(
      OpFoldResult(tile.constant(0)),
      OpFoldResult(tile.constant(tile.tiling.panelKeys)), width,
      [&](Value key) {
        auto packSquare = [&](Value lane, int64_t valid, int64_t end) {
          auto load = [&](Value number) {
            Value row = emitter.apply(a + b + c, {firstRow, key, number});
            row = arith::MinSIOp::create(builder, row, last);
            return loadLanes(tile, source, zero, row, lane, end).get();
          };
          transpose(load, valid, [&](Value keys, LaneIndex number) {
            Value place = emitter.apply(a + b + firstLane,
                                        {lane, emitter.getIndex(number)});
            emitter.store(keys, packed,
                          {tile.at(tile.slot), LaneIndex(panel),
                           LaneIndex(place), LaneIndex(key)});
          });
        };
        int64_t full = lanes / width * width;
        emitter.emitRange(OpFoldResult(tile.constant(0)),
                          OpFoldResult(tile.constant(full)), width,
                          [&](Value lane) { packSquare(lane, width, full); });
        if (full != lanes)
          packSquare(emitter.getValue(tile.constant(full)), lanes - full,
                     lanes);
      });
}

void AttentionPacking::packValues(const PackedKeysAndValues &packed,
                                  const RowSource &source, Value firstKey,
                                  Value count) {
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  int64_t width = tile.tiling.lanes;
  int64_t columns = tile.op.getValueType().getDimSize(3);
  Value zero = emitter.getValue(tile.constant(0));
  AffineExpr a, b;
  bindDims(builder.getContext(), a, b);
  // 0 times a value has no bits but its sign, or those of a NaN too.
  Type bitsType = builder.getIntegerType(tile.tiling.getWidth());
  auto packPanel = [&](const PanelRun &run, Value panels, Value panel,
                       Value row, LaneValue bits) {
    Value key = emitter.apply(a + b, {firstKey, row});
    for (int64_t i = 0; i < run.vectors; ++i) {
      Value column = emitter.apply(
          (a * run.vectors + run.firstVector + i) * width, OpFoldResult(panel));
      bool isWhole = run.isWhole(i, width, columns);
      LaneValue v = loadLanes(tile, source, zero, row, column,
                              isWhole ? columns / width * width : columns);
      emitter.store(v.get(), panels,
                    {tile.at(tile.slot), LaneIndex(panel), LaneIndex(key),
                     LaneIndex() + i * width});
      bits = bits | (v * 0.0).bitcast(bitsType);
    }
    return bits;
  };
  OpFoldResult start = tile.constant(0);
  SmallVector<Value> joined = emitter.emitReduction(
      start, OpFoldResult(count), 1, tile.splat(0.0).bitcast(bitsType).get(),
      [&](Value row, ValueRange carried) {
        SmallVector<Value> bits(carried);
        for (auto [number, run] : llvm::enumerate(tile.tiling.valuePanels))
          bits = emitter.emitReduction(
              start, tile.constant(run.panels), 1, bits,
              [&, &run = run, number = number](
                  Value panel, ValueRange bits) -> SmallVector<Value> {
                return {packPanel(run, packed.values[number], panel, row,
                                  tile.wrap(bits.front()))
                            .get()};
              });
        return bits;
      });
  LaneValue any =
      tile.wrap(vector::ReductionOp::create(builder, vector::CombiningKind::OR,
                                            joined.front()))
          .bitcast(tile.tiling.type);
  storeIsSpecial(
      packed, firstKey,
      any.emit<arith::CmpFOp>(arith::CmpFPredicate::UNO, any.get(), any.get())
          .get());
}

void AttentionPacking::storeIsSpecial(const PackedKeysAndValues &packed,
                                      Value firstKey, Value isSpecial) {
  AffineExpr a = tile.builder().getAffineDimExpr(0);
  Value block = tile.emitter.apply(a.floorDiv(tile.tiling.blockKeys),
                                   OpFoldResult(firstKey));
  tile.emitter.store(isSpecial, packed.areSpecial,
                     {tile.at(tile.slot), LaneIndex(block)});
}
