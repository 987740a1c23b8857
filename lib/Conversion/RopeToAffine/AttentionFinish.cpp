//===- AttentionFinish.cpp - Results of a block of rows -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// out = sums / l, rounded once, 0 where l is; lse = m + log(l). The rotation of
// the output is one of its rows in place.
//
//===----------------------------------------------------------------------===//

#include "AttentionBlock.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::rope;

/// Stores the lanes of a vector that are before `end`.
/// The first `lanes` lanes of a vector.
static void storeLanes(const AttentionTile &tile, LaneValue value, Value buffer,
                       ArrayRef<LaneIndex> indices, int64_t lanes) {
  Value rounded = tile.toElementOf(value, buffer);
  if (lanes == tile.tiling.lanes)
    return tile.emitter.store(rounded, buffer, indices);
  ImplicitLocOpBuilder &builder = tile.builder();
  Value mask = vector::CreateMaskOp::create(
      builder, VectorType::get(tile.tiling.lanes, builder.getI1Type()),
      tile.emitter.getValue(tile.constant(lanes)));
  SmallVector<Value> values = llvm::map_to_vector(
      indices, [&](LaneIndex index) { return tile.emitter.getIndex(index); });
  vector::MaskedStoreOp::create(builder, buffer, values, mask, rounded);
}

void AttentionBlock::finish() {
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  AttentionOp op = tile.op;
  int64_t heads = op.getGroupSize(), lanes = tile.tiling.lanes;
  int64_t columns = op.getValueType().getDimSize(3);
  AffineExpr a, b;
  bindDims(builder.getContext(), a, b);
  Value left = emitter.apply(a - b, {tile.queries, firstQuery});
  OpFoldResult most = tile.constant(tile.tiling.blockQueries);
  emitter.emitRange(tile.constant(0), {most, left}, 1, [&](Value local) {
    emitter.emitFor(tile.constant(heads), [&](Value localHead) {
      Value row = emitter.apply(a * heads + b, {local, localHead});
      Value head = emitter.apply(a * heads + b, {tile.kvHead, localHead});
      Value query = emitter.apply(a + b, {firstQuery, local});
      LaneValue total = tile.wrap(emitter.load(totals, {LaneIndex(row)}, 1));
      if (Value lse = op.getLse()) {
        LaneValue maximum =
            tile.wrap(emitter.load(maxima, {LaneIndex(row)}, 1));
        LaneValue value = maximum + total.emit<math::LogOp>(total.get());
        SmallVector<LaneIndex> place =
            tile.inLayout(tile.batch, head, query, LaneIndex());
        place.pop_back();
        emitter.store(tile.toElementOf(value, lse), lse, place);
      }
      // Weights of two passes are divided already.
      LaneValue factor = tile.scalar(1.0);
      if (!tile.tiling.needsTwoPasses)
        factor =
            total.compare(arith::CmpFPredicate::OEQ, 0.0)
                .select(tile.scalar(0.0),
                        factor.emit<arith::DivFOp>(factor.get(), total.get()));
      LaneValue factors = tile.broadcast(factor.get());
      Value buffer = outputStage ? outputStage : op.getOut();
      auto store = [&](LaneIndex lane, int64_t count) {
        LaneValue sum =
            tile.wrap(emitter.load(sums, {LaneIndex(row), lane}, lanes));
        storeLanes(tile, sum * factors, buffer,
                   outputStage
                       ? tile.inLayout(LaneIndex(), localHead, local, lane)
                       : tile.inLayout(tile.batch, head, query, lane),
                   count);
      };
      int64_t whole = columns / lanes * lanes;
      emitter.emitRange(tile.constant(0), tile.constant(whole), lanes,
                        [&](Value lane) { store(lane, lanes); });
      if (whole != columns)
        store(LaneIndex() + whole, columns - whole);
    });
  });
  AttentionOp::Rotation rotation = op.getOutputTables();
  if (!rotation && !outputStage)
    return;
  OpFoldResult count = getAsOpFoldResult(emitter.getSmallest({left, most}));
  Value firstHead = emitter.apply(a * heads, OpFoldResult(tile.kvHead));
  Value rows = viewRows(tile, op.getOut(), tile.batch, firstHead, heads,
                        firstQuery, count);
  if (outputStage) {
    OpFoldResult zero = tile.constant(0);
    memref::CopyOp::create(
        builder, viewRows(tile, outputStage, zero, zero, heads, zero, count),
        rows);
  }
  if (rotation)
    emitRotation(tile, rows, rows, rotation, 0, firstQuery, count);
}
