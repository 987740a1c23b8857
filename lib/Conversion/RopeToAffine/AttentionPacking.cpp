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

LaneExchange::LaneExchange(int64_t size, int64_t bit) {
  for (int64_t lane = 0; lane < size; ++lane) {
    bool isSet = lane & bit;
    low.push_back(isSet ? size + lane - bit : lane);
    high.push_back(isSet ? size + lane : lane + bit);
  }
}

/// For each bit of the numbers of rows and lanes, rows and lanes that differ in
/// it are exchanged.
void rope::transposeVectors(SmallVectorImpl<Value> &rows, OpBuilder &builder,
                            Location loc) {
  int64_t size = rows.size();
  for (int64_t bit = 1; bit < size; bit *= 2) {
    LaneExchange lanes(size, bit);
    for (int64_t row = 0; row < size; ++row) {
      if (row & bit)
        continue;
      Value first = rows[row], second = rows[row + bit];
      rows[row] =
          vector::ShuffleOp::create(builder, loc, first, second, lanes.low);
      rows[row + bit] =
          vector::ShuffleOp::create(builder, loc, first, second, lanes.high);
    }
  }
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
                 tile.tiling.blockKeys, temporaries) {}

void AttentionPacking::packBlock(const PackedKeysAndValues &packed,
                                 Value firstKey, OpFoldResult end) {
  ImplicitLocOpBuilder &builder = tile.builder();
  AffineExpr a, b;
  bindDims(builder.getContext(), a, b);
  Value left = tile.emitter.apply(a - b, {end, firstKey});
  Value count = arith::MinSIOp::create(
      builder, left,
      tile.emitter.getValue(tile.constant(tile.tiling.blockKeys)));
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
  AffineExpr a, b;
  bindDims(builder.getContext(), a, b);
  Value last = emitter.apply(a - 1, OpFoldResult(count));
  auto packSquare = [&](Value key, Value lane, int64_t valid) {
    SmallVector<Value> rows;
    for (int64_t i = 0; i < width; ++i) {
      Value row = emitter.apply(a + b + i, {firstRow, key});
      row = arith::MinSIOp::create(builder, row, last);
      rows.push_back(loadLanes(tile, source, zero, row, lane, valid).get());
    }
    transposeVectors(rows, builder, builder.getLoc());
    return rows;
  };
  emitter.emitRange(
      OpFoldResult(tile.constant(0)),
      OpFoldResult(tile.constant(tile.tiling.panelKeys)), width,
      [&](Value key) {
        auto store = [&](Value lane, int64_t valid, int64_t end) {
          SmallVector<Value> columns = packSquare(key, lane, end);
          for (int64_t i = 0; i < valid; ++i)
            emitter.store(columns[i], packed,
                          {tile.at(tile.slot), LaneIndex(panel),
                           LaneIndex(lane, 1, firstLane + i), LaneIndex(key)});
        };
        int64_t full = lanes / width * width;
        emitter.emitRange(OpFoldResult(tile.constant(0)),
                          OpFoldResult(tile.constant(full)), width,
                          [&](Value lane) { store(lane, width, full); });
        if (full != lanes)
          store(emitter.getValue(tile.constant(full)), lanes - full, lanes);
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
  emitter.emitFor(OpFoldResult(count), [&](Value row) {
    Value key = emitter.apply(a + b, {firstKey, row});
    int64_t column = 0, whole = columns / width * width;
    for (auto [panel, vectors] :
         llvm::zip_equal(packed.values, tile.tiling.valuePanels))
      for (int64_t i = 0; i < vectors; ++i) {
        LaneValue v = loadLanes(tile, source, zero, row,
                                emitter.getValue(tile.constant(column)),
                                column < whole ? whole : columns);
        emitter.store(
            v.get(), panel,
            {tile.at(tile.slot), LaneIndex(key), LaneIndex() + i * width});
        column += width;
      }
  });
}
