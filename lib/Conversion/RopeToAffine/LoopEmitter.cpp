//===- LoopEmitter.cpp - Loops and accesses of kernels --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "LoopEmitter.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;
using namespace mlir::rope;

bool rope::hasUnitStrideLanes(Value buffer) {
  SmallVector<int64_t> strides;
  int64_t offset;
  auto type = cast<MemRefType>(buffer.getType());
  return succeeded(type.getStridesAndOffset(strides, offset)) &&
         (strides.back() == 1 || type.getShape().back() == 1);
}

std::optional<std::string> rope::getLayoutObstacle(Operation *op) {
  for (Value operand : op->getOperands()) {
    SmallVector<int64_t> strides;
    int64_t offset;
    auto type = dyn_cast<MemRefType>(operand.getType());
    if (type && failed(type.getStridesAndOffset(strides, offset)))
      return "the layout of a buffer is not strided";
  }
  return std::nullopt;
}

LoopEmitter::LoopEmitter(ImplicitLocOpBuilder &builder,
                         ArrayRef<OpFoldResult> sizes)
    : builder(builder), isAffine(llvm::all_of(sizes, [](OpFoldResult size) {
        auto value = dyn_cast<Value>(size);
        return !value || affine::isValidSymbol(value);
      })) {}

Value LoopEmitter::getValue(OpFoldResult size) {
  return getValueOrCreateConstantIndexOp(builder, builder.getLoc(), size);
}

/// The map of one bound, (d...)[] -> (size), and its operands.
static AffineMap getBoundMap(OpBuilder &builder, OpFoldResult size,
                             SmallVectorImpl<Value> &symbols) {
  if (std::optional<int64_t> constant = getConstantIntValue(size))
    return builder.getConstantAffineMap(*constant);
  symbols.push_back(cast<Value>(size));
  return AffineMap::get(0, 1, builder.getAffineSymbolExpr(0));
}

static bool isInParallelLoop(OpBuilder &builder) {
  Operation *op = builder.getInsertionBlock()->getParentOp();
  for (; op; op = op->getParentOp())
    if (op->hasTrait<OpTrait::HasParallelRegion>())
      return true;
  return false;
}

void LoopEmitter::emitFor(OpFoldResult size, function_ref<void(Value)> body) {
  emitNest(size, /*steps=*/1, /*parallel=*/false,
           [&](ValueRange loops) { body(loops.front()); });
}

void LoopEmitter::emitNest(ArrayRef<OpFoldResult> sizes,
                           ArrayRef<int64_t> steps, bool parallel, Body body) {
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Value> loops;
  if (parallel && !sizes.empty() && !isInParallelLoop(builder)) {
    if (isAffine) {
      SmallVector<AffineMap> lower(sizes.size(),
                                   builder.getConstantAffineMap(0));
      SmallVector<AffineMap> upper;
      SmallVector<Value> symbols;
      for (OpFoldResult size : sizes) {
        SmallVector<Value> operands;
        AffineMap map = getBoundMap(builder, size, operands);
        upper.push_back(map.shiftSymbols(symbols.size()));
        symbols.append(operands);
      }
      for (AffineMap &map : upper)
        map = AffineMap::get(0, symbols.size(), map.getResult(0));
      auto loop = affine::AffineParallelOp::create(
          builder, TypeRange(), ArrayRef<arith::AtomicRMWKind>(), lower,
          ValueRange(), upper, symbols, steps);
      builder.setInsertionPointToStart(loop.getBody());
      return body(loop.getIVs());
    }
    SmallVector<Value> lower, upper, stepValues;
    for (auto [size, step] : llvm::zip_equal(sizes, steps)) {
      lower.push_back(arith::ConstantIndexOp::create(builder, 0));
      upper.push_back(getValue(size));
      stepValues.push_back(arith::ConstantIndexOp::create(builder, step));
    }
    auto loop = scf::ParallelOp::create(builder, lower, upper, stepValues);
    builder.setInsertionPointToStart(loop.getBody());
    return body(loop.getInductionVars());
  }
  for (auto [size, step] : llvm::zip_equal(sizes, steps)) {
    if (isAffine) {
      SmallVector<Value> symbols;
      AffineMap upper = getBoundMap(builder, size, symbols);
      auto loop = affine::AffineForOp::create(builder, ValueRange(),
                                              builder.getConstantAffineMap(0),
                                              symbols, upper, step);
      builder.setInsertionPointToStart(loop.getBody());
      loops.push_back(loop.getInductionVar());
      continue;
    }
    auto loop = scf::ForOp::create(
        builder, arith::ConstantIndexOp::create(builder, 0), getValue(size),
        arith::ConstantIndexOp::create(builder, step));
    builder.setInsertionPointToStart(loop.getBody());
    loops.push_back(loop.getInductionVar());
  }
  body(loops);
}

void LoopEmitter::emitTile(Value first, int64_t step, OpFoldResult size,
                           function_ref<void(Value)> body) {
  OpBuilder::InsertionGuard guard(builder);
  if (isAffine) {
    AffineExpr begin = builder.getAffineDimExpr(0);
    SmallVector<Value> operands{first};
    AffineExpr end = getBoundMap(builder, size, operands).getResult(0);
    AffineMap upper = AffineMap::get(1, operands.size() - 1,
                                     {begin + step, end}, builder.getContext());
    auto loop = affine::AffineForOp::create(
        builder, first, AffineMap::get(1, 0, begin), operands, upper);
    builder.setInsertionPointToStart(loop.getBody());
    return body(loop.getInductionVar());
  }
  Value end = arith::AddIOp::create(
      builder, first, arith::ConstantIndexOp::create(builder, step));
  end = arith::MinSIOp::create(builder, end, getValue(size));
  auto loop = scf::ForOp::create(builder, first, end,
                                 arith::ConstantIndexOp::create(builder, 1));
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

Value LoopEmitter::getIndex(LaneIndex lane) {
  if (isAffine && lane.loop) {
    AffineExpr loop = builder.getAffineDimExpr(0);
    return affine::AffineApplyOp::create(
        builder, AffineMap::get(1, 0, loop * lane.scale + lane.offset),
        lane.loop);
  }
  Value index = arith::ConstantIndexOp::create(builder, lane.offset);
  if (!lane.loop)
    return index;
  Value scale = arith::ConstantIndexOp::create(builder, lane.scale);
  return arith::AddIOp::create(
      builder, arith::MulIOp::create(builder, lane.loop, scale), index);
}

SmallVector<Value> LoopEmitter::getIndices(ValueRange row, LaneIndex lane) {
  SmallVector<Value> indices(row);
  indices.push_back(getIndex(lane));
  return indices;
}

std::pair<AffineMap, SmallVector<Value>> LoopEmitter::getMap(ValueRange row,
                                                             LaneIndex lane) {
  SmallVector<Value> operands(row);
  SmallVector<AffineExpr> exprs;
  for (unsigned dim = 0; dim < row.size(); ++dim)
    exprs.push_back(builder.getAffineDimExpr(dim));
  AffineExpr index = builder.getAffineConstantExpr(lane.offset);
  if (lane.loop) {
    index = builder.getAffineDimExpr(row.size()) * lane.scale + lane.offset;
    operands.push_back(lane.loop);
  }
  exprs.push_back(index);
  return {AffineMap::get(operands.size(), 0, exprs, builder.getContext()),
          operands};
}

Value LoopEmitter::load(Value buffer, ValueRange row, LaneIndex lane,
                        int64_t lanes) {
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  if (isAffine) {
    auto [map, operands] = getMap(row, lane);
    if (lanes == 1)
      return affine::AffineLoadOp::create(builder, buffer, map, operands);
    return affine::AffineVectorLoadOp::create(
        builder, VectorType::get(lanes, element), buffer, map, operands);
  }
  SmallVector<Value> indices = getIndices(row, lane);
  if (lanes == 1)
    return memref::LoadOp::create(builder, buffer, indices);
  return vector::LoadOp::create(builder, VectorType::get(lanes, element),
                                buffer, indices);
}

void LoopEmitter::store(Value value, Value buffer, ValueRange row,
                        LaneIndex lane) {
  bool isVector = isa<VectorType>(value.getType());
  if (isAffine) {
    auto [map, operands] = getMap(row, lane);
    if (isVector)
      affine::AffineVectorStoreOp::create(builder, value, buffer, map,
                                          operands);
    else
      affine::AffineStoreOp::create(builder, value, buffer, map, operands);
    return;
  }
  SmallVector<Value> indices = getIndices(row, lane);
  if (isVector)
    vector::StoreOp::create(builder, value, buffer, indices);
  else
    memref::StoreOp::create(builder, value, buffer, indices);
}
