//===- AttentionDirect.cpp - Keys and values read where they are ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where all rows of a head of keys are one group (a decoder's step), each key
// and each value is used once, and packing would cost more than the products.
// A score is then a dot product of two rows: the sums of several keys and all
// rows, one vector each, are transposed and added, so that each lane of the
// result is a score.
//
//===----------------------------------------------------------------------===//

#include "AttentionBlock.h"
#include "MicroKernel.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::rope;

static constexpr int64_t kLineBytes = 64;
/// With rows of 512 bytes, 8 KiB: what memory takes longer for than a core.
static constexpr int64_t kRowsAhead = 16;

RowSource AttentionBlock::getRowsOf(Value operand) {
  return {operand, tile.batch, OpFoldResult(tile.kvHead), tile.constant(0)};
}

/// Rows of one head that lie between those of others are not foreseen by the
/// hardware once they are pages apart: this asks for the line that holds `lane`
/// of a later row.
void AttentionBlock::prefetchAhead(Value operand, Value key, Value last,
                                   int64_t lane) {
  auto type = cast<MemRefType>(operand.getType());
  int64_t bytes = type.getElementTypeBitWidth() / 8;
  if (tile.op.getLayout() != LayoutKind::BSHD || type.getDimSize(2) == 1 ||
      lane * bytes % kLineBytes != 0)
    return;
  ImplicitLocOpBuilder &builder = tile.builder();
  AffineExpr a = builder.getAffineDimExpr(0);
  Value ahead = arith::MinSIOp::create(
      builder, tile.emitter.apply(a + kRowsAhead, OpFoldResult(key)), last);
  SmallVector<Value> indices = llvm::map_to_vector(
      tile.inLayout(tile.at(tile.batch), tile.at(tile.kvHead), LaneIndex(ahead),
                    LaneIndex() + lane),
      [&](LaneIndex index) { return tile.emitter.getIndex(index); });
  memref::PrefetchOp::create(builder, operand, indices, /*isWrite=*/false,
                             /*localityHint=*/3, /*isDataCache=*/true);
}

void AttentionBlock::emitDirectScores(const Group &group) {
  ImplicitLocOpBuilder &builder = tile.builder();
  LoopEmitter &emitter = tile.emitter;
  int64_t rows = tile.tiling.groupRows, lanes = tile.tiling.lanes;
  int64_t places = llvm::PowerOf2Ceil(rows), keysAtOnce = lanes / places;
  int64_t headDim = tile.op.getHeadDim();
  AffineExpr a, b;
  bindDims(builder.getContext(), a, b);
  OpFoldResult end = tile.op.getReturningScores() ? tile.keys : bounds.getEnd();
  Value last = emitter.apply(a - 1, end);
  Value zero = emitter.getValue(tile.constant(0));
  RowSource source = getRowsOf(tile.op.getKey());
  emitter.emitRange(
      group.columns.lower, group.columns.upper, keysAtOnce, [&](Value column) {
        // Behind the last key stand copies of it, which are excluded.
        SmallVector<Value> keys;
        for (int64_t i = 0; i < keysAtOnce; ++i)
          keys.push_back(arith::MinSIOp::create(
              builder, emitter.apply(a + b + i, {group.firstKey, column}),
              last));
        SmallVector<Value> products(lanes, tile.splat(0.0).get());
        for (int64_t lane = 0; lane < headDim; lane += lanes) {
          int64_t whole = headDim / lanes * lanes;
          int64_t loadEnd = lane < whole ? whole : headDim;
          Value first = emitter.getValue(tile.constant(lane));
          SmallVector<Value> ofKeys;
          for (Value key : keys) {
            ofKeys.push_back(
                loadLanes(tile, source, zero, key, first, loadEnd).get());
            prefetchAhead(tile.op.getKey(), key, last, lane);
          }
          for (int64_t row = 0; row < rows; ++row) {
            Value query = emitter.load(
                queries,
                {LaneIndex(group.firstRow, 1, row), LaneIndex() + lane}, lanes);
            for (int64_t i = 0; i < keysAtOnce; ++i) {
              Value &sum = products[row * keysAtOnce + i];
              sum = vector::FMAOp::create(builder, query, ofKeys[i], sum);
            }
          }
        }
        transposeVectors(products, builder, builder.getLoc());
        for (int64_t half = lanes / 2; half > 0; half /= 2)
          for (int64_t i = 0; i < half; ++i)
            products[i] =
                arith::AddFOp::create(builder, products[i], products[i + half]);
        for (int64_t row = 0; row < rows; ++row) {
          Value ofRow = vector::ExtractStridedSliceOp::create(
              builder, products[0], ArrayRef<int64_t>{row * keysAtOnce},
              ArrayRef<int64_t>{keysAtOnce}, ArrayRef<int64_t>{1});
          emitter.store(ofRow, scores, {LaneIndex() + row, LaneIndex(column)});
        }
      });
}

void AttentionBlock::emitDirectOutput(const Group &group) {
  LoopEmitter &emitter = tile.emitter;
  int64_t lanes = tile.tiling.lanes;
  int64_t columns = tile.op.getValueType().getDimSize(3);
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  Value zero = emitter.getValue(tile.constant(0));
  RowSource source = getRowsOf(tile.op.getValue());
  Value last = emitter.apply(a - 1, bounds.getEnd());
  int64_t column = 0;
  for (int64_t vectors : tile.tiling.valuePanels) {
    auto loadLeft = [&](int64_t row, Value key) {
      Value place = emitter.apply(a - b, {key, group.firstKey});
      return emitter.load(scores, {LaneIndex() + row, LaneIndex(place)}, 1);
    };
    auto loadRight = [&](Value key, int64_t vector) {
      int64_t lane = column + vector * lanes, whole = columns / lanes * lanes;
      prefetchAhead(tile.op.getValue(), key, last, lane);
      return loadLanes(tile, source, zero, key,
                       emitter.getValue(tile.constant(lane)),
                       lane < whole ? whole : columns)
          .get();
    };
    MicroKernel(tile, vectors, loadLeft, loadRight, sums, group.firstRow,
                emitter.getValue(tile.constant(column)))
        .emitUpdate(group.keys.lower, group.keys.upper);
    column += vectors * lanes;
  }
}
