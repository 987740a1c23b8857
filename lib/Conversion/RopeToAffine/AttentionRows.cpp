//===- AttentionRows.cpp - Rows of operands, rotated ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "AttentionPacking.h"

#include "NarrowFloat.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::rope;

Value rope::viewRows(const AttentionTile &tile, Value buffer,
                     OpFoldResult batch, OpFoldResult head, int64_t heads,
                     OpFoldResult first, OpFoldResult count) {
  int64_t lanes = cast<MemRefType>(buffer.getType()).getDimSize(3);
  OpFoldResult one = tile.constant(1), zero = tile.constant(0);
  return memref::SubViewOp::create(
      tile.builder(), buffer, tile.inLayout(batch, head, first, zero),
      tile.inLayout(one, tile.constant(heads), count, tile.constant(lanes)),
      SmallVector<OpFoldResult>(4, one));
}

void rope::emitRotation(const AttentionTile &tile, Value rows, Value into,
                        AttentionOp::Rotation rotation, int64_t firstLane,
                        OpFoldResult first, OpFoldResult count) {
  // The rows of the tables, without their batch.
  auto viewTable = [&](Value table) -> Value {
    auto type = cast<MemRefType>(table.getType());
    SmallVector<OpFoldResult> offsets{first, tile.constant(0)};
    SmallVector<OpFoldResult> sizes{count,
                                    tile.constant(type.getShape().back())};
    if (type.getRank() == 3) {
      offsets.insert(offsets.begin(), OpFoldResult(tile.batch));
      sizes.insert(sizes.begin(), tile.constant(1));
    }
    SmallVector<OpFoldResult> strides(offsets.size(), tile.constant(1));
    int64_t size = isa<Attribute>(count) ? *getConstantIntValue(count)
                                         : ShapedType::kDynamic;
    SmallVector<int64_t> shape{size, type.getShape().back()};
    auto view = memref::SubViewOp::inferRankReducedResultType(
        shape, type, offsets, sizes, strides);
    return memref::SubViewOp::create(tile.builder(), cast<MemRefType>(view),
                                     table, offsets, sizes, strides);
  };
  int64_t width = cast<MemRefType>(rows.getType()).getDimSize(3);
  RotationAttr lanes = rotation.lanes;
  RotateOp::create(tile.builder(), rows, into, viewTable(rotation.cos),
                   viewTable(rotation.sin), tile.op.getSequenceDimension(),
                   lanes.getPairing(), /*result_pairing=*/PairingAttr(),
                   lanes.getOffset() - firstLane,
                   tile.builder().getI64IntegerAttr(
                       lanes.getEffectiveRotaryDim(firstLane + width)),
                   lanes.getInverse());
}

RowStage::RowStage(const AttentionTile &tile, Value operand,
                   AttentionOp::Rotation rotation, int64_t firstLane,
                   int64_t heads, int64_t rows, Temporaries &temporaries)
    : tile(&tile), operand(operand), rotation(rotation), firstLane(firstLane),
      heads(heads) {
  if (!rotation && hasUnitStrideLanes(operand))
    return;
  auto type = cast<MemRefType>(operand.getType());
  buffer = temporaries.allocate(
      tile.inLayout(tile.constant(1), tile.constant(heads), tile.constant(rows),
                    tile.constant(type.getDimSize(3))),
      type.getElementType());
}

RowSource RowStage::stage(OpFoldResult head, Value first, Value count) {
  if (!buffer)
    return {operand, tile->batch, head, first};
  OpFoldResult zero = tile->constant(0);
  OpFoldResult start = getAsOpFoldResult(first);
  OpFoldResult size = getAsOpFoldResult(count);
  Value rows = viewRows(*tile, operand, tile->batch, head, heads, start, size);
  Value into = viewRows(*tile, buffer, zero, zero, heads, zero, size);
  if (rotation)
    emitRotation(*tile, rows, into, rotation, firstLane, start, size);
  else
    memref::CopyOp::create(tile->builder(), rows, into);
  return {buffer, zero, zero, zero};
}

LaneValue rope::loadLanes(const AttentionTile &tile, const RowSource &source,
                          Value head, Value row, Value lane, int64_t end) {
  return tile.toKernelType(
      loadRow(tile, source, head, row, lane, end, tile.tiling.lanes));
}

LaneValue rope::loadRow(const AttentionTile &tile, const RowSource &source,
                        Value head, Value row, Value lane, int64_t end,
                        int64_t lanes) {
  AffineExpr base, local;
  bindDims(tile.builder().getContext(), base, local);
  auto plus = [&](OpFoldResult first, Value index) {
    return tile.at(tile.emitter.apply(base + local, {first, index}));
  };
  SmallVector<LaneIndex> indices =
      tile.inLayout(tile.at(source.batch), plus(source.head, head),
                    plus(source.first, row), LaneIndex(lane));
  if (end % lanes == 0)
    return tile.wrap(tile.emitter.load(source.buffer, indices, lanes));
  auto type = VectorType::get(
      lanes, cast<MemRefType>(source.buffer.getType()).getElementType());
  ImplicitLocOpBuilder &builder = tile.builder();
  AffineExpr first = builder.getAffineDimExpr(0);
  Value mask = vector::CreateMaskOp::create(
      builder, VectorType::get(lanes, builder.getI1Type()),
      tile.emitter.apply(end - first, OpFoldResult(lane)));
  SmallVector<Value> values = llvm::map_to_vector(
      indices, [&](LaneIndex index) { return tile.emitter.getIndex(index); });
  Value zero = arith::ConstantOp::create(builder, builder.getZeroAttr(type));
  return tile.wrap(vector::MaskedLoadOp::create(builder, type, source.buffer,
                                                values, mask, zero));
}
