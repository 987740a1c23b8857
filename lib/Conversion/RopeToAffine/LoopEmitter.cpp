//===- LoopEmitter.cpp - Loops and accesses of kernels --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "LoopEmitter.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;
using namespace mlir::rope;

static constexpr int64_t kMinParallelElements = 1 << 15;

bool rope::hasUnitStrideLanes(Value buffer) {
  SmallVector<int64_t> strides;
  int64_t offset;
  auto type = cast<MemRefType>(buffer.getType());
  return succeeded(type.getStridesAndOffset(strides, offset)) &&
         strides.back() == 1;
}

std::optional<std::string> rope::getMemoryObstacle(Operation *op) {
  if (llvm::any_of(op->getOperandTypes(), llvm::IsaPred<TensorType>) ||
      op->getNumResults() != 0)
    return "it is on tensors; bufferize first";
  for (Value operand : op->getOperands()) {
    SmallVector<int64_t> strides;
    int64_t offset;
    auto type = dyn_cast<MemRefType>(operand.getType());
    if (type && failed(type.getStridesAndOffset(strides, offset)))
      return "the layout of a buffer is not strided";
  }
  return std::nullopt;
}

bool rope::isWorthThreads(ArrayRef<OpFoldResult> sizes) {
  int64_t elements = 1;
  for (OpFoldResult size : sizes) {
    std::optional<int64_t> constant = getConstantIntValue(size);
    if (!constant)
      return true;
    elements *= *constant;
  }
  return elements >= kMinParallelElements;
}

Value LoopEmitter::getValue(OpFoldResult size) {
  return getValueOrCreateConstantIndexOp(builder, builder.getLoc(), size);
}

Value LoopEmitter::getLargest(ArrayRef<OpFoldResult> indices) {
  Value result = getValue(indices.front());
  for (OpFoldResult index : indices.drop_front())
    result = builder.createOrFold<arith::MaxSIOp>(result, getValue(index));
  return result;
}

Value LoopEmitter::getSmallest(ArrayRef<OpFoldResult> indices) {
  Value result = getValue(indices.front());
  for (OpFoldResult index : indices.drop_front())
    result = builder.createOrFold<arith::MinSIOp>(result, getValue(index));
  return result;
}

static bool areValidInAffine(ArrayRef<OpFoldResult> dims) {
  return llvm::all_of(dims, [](OpFoldResult dim) {
    auto value = dyn_cast<Value>(dim);
    return !value || affine::isValidDim(value);
  });
}

/// Bounds as a map of operands.
static AffineMap getBoundMap(OpBuilder &builder, ArrayRef<OpFoldResult> bounds,
                             SmallVectorImpl<Value> &operands) {
  SmallVector<AffineExpr> exprs;
  for (OpFoldResult bound : bounds) {
    if (std::optional<int64_t> constant = getConstantIntValue(bound)) {
      exprs.push_back(builder.getAffineConstantExpr(*constant));
      continue;
    }
    exprs.push_back(builder.getAffineDimExpr(operands.size()));
    operands.push_back(cast<Value>(bound));
  }
  AffineMap map =
      AffineMap::get(operands.size(), 0, exprs, builder.getContext());
  affine::fullyComposeAffineMapAndOperands(&map, &operands);
  affine::canonicalizeMapAndOperands(&map, &operands);
  return map;
}

/// The first index and the number of iterations where these are known.
struct KnownTrips {
  int64_t first, count;
};
static std::optional<KnownTrips> getKnownTrips(ArrayRef<OpFoldResult> lower,
                                               ArrayRef<OpFoldResult> upper,
                                               int64_t step) {
  int64_t first = std::numeric_limits<int64_t>::min();
  int64_t end = std::numeric_limits<int64_t>::max();
  bool isKnown = true;
  for (OpFoldResult bound : lower) {
    std::optional<int64_t> constant = getConstantIntValue(bound);
    isKnown &= constant.has_value();
    first = std::max(first, constant.value_or(first));
  }
  for (OpFoldResult bound : upper) {
    std::optional<int64_t> constant = getConstantIntValue(bound);
    isKnown &= constant.has_value();
    end = std::min(end, constant.value_or(end));
  }
  if (end <= first)
    return KnownTrips{first, 0};
  if (!isKnown)
    return std::nullopt;
  return KnownTrips{first, llvm::divideCeilSigned(end - first, step)};
}

static bool isInParallelLoop(OpBuilder &builder) {
  Operation *op = builder.getInsertionBlock()->getParentOp();
  for (; op; op = op->getParentOp())
    if (op->hasTrait<OpTrait::HasParallelRegion>())
      return true;
  return false;
}

void LoopEmitter::emitFor(OpFoldResult size, function_ref<void(Value)> body) {
  emitRange(OpFoldResult(builder.getIndexAttr(0)), size, /*step=*/1, body);
}

void LoopEmitter::emitNest(ArrayRef<OpFoldResult> sizes,
                           ArrayRef<int64_t> steps, bool parallel, Body body) {
  if (llvm::any_of(
          sizes, [](OpFoldResult size) { return isConstantIntValue(size, 0); }))
    return;
  if (!parallel || sizes.empty() || isInParallelLoop(builder)) {
    SmallVector<Value> loops;
    emitLoops(sizes, steps, loops, body);
    return;
  }
  OpBuilder::InsertionGuard guard(builder);
  if (areValidInAffine(sizes)) {
    SmallVector<AffineMap> lower(sizes.size(), builder.getConstantAffineMap(0));
    SmallVector<AffineMap> upper;
    SmallVector<Value> symbols;
    for (OpFoldResult size : sizes) {
      if (std::optional<int64_t> constant = getConstantIntValue(size)) {
        upper.push_back(builder.getConstantAffineMap(*constant));
        continue;
      }
      upper.push_back(AffineMap::get(
          0, symbols.size() + 1, builder.getAffineSymbolExpr(symbols.size())));
      symbols.push_back(cast<Value>(size));
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
  body(loop.getInductionVars());
}

void LoopEmitter::emitLoops(ArrayRef<OpFoldResult> sizes,
                            ArrayRef<int64_t> steps,
                            SmallVectorImpl<Value> &loops, Body body) {
  if (sizes.empty())
    return body(loops);
  emitRange(OpFoldResult(builder.getIndexAttr(0)), sizes.front(), steps.front(),
            [&](Value loop) {
              loops.push_back(loop);
              emitLoops(sizes.drop_front(), steps.drop_front(), loops, body);
              loops.pop_back();
            });
}

void LoopEmitter::emitTile(Value first, int64_t step, OpFoldResult size,
                           function_ref<void(Value)> body) {
  OpFoldResult end =
      apply(builder.getAffineDimExpr(0) + step, OpFoldResult(first));
  emitRange(OpFoldResult(first), {end, size}, /*step=*/1, body);
}

void LoopEmitter::emitRange(ArrayRef<OpFoldResult> lower,
                            ArrayRef<OpFoldResult> upper, int64_t step,
                            function_ref<void(Value)> body) {
  emitReduction(lower, upper, step, ValueRange(), [&](Value loop, ValueRange) {
    body(loop);
    return SmallVector<Value>();
  });
}

void LoopEmitter::emitBlocks(ArrayRef<OpFoldResult> lower,
                             ArrayRef<OpFoldResult> upper, int64_t size,
                             function_ref<void(Value)> body) {
  AffineExpr a = builder.getAffineDimExpr(0);
  auto inBlocks = [&](ArrayRef<OpFoldResult> bounds, AffineExpr number) {
    return llvm::map_to_vector(bounds, [&](OpFoldResult bound) {
      return OpFoldResult(apply(number, bound));
    });
  };
  emitRange(inBlocks(lower, a.floorDiv(size)), inBlocks(upper, a.ceilDiv(size)),
            /*step=*/1, body);
}

SmallVector<Value> LoopEmitter::emitReduction(
    ArrayRef<OpFoldResult> lower, ArrayRef<OpFoldResult> upper, int64_t step,
    ValueRange inits,
    function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  std::optional<KnownTrips> trips = getKnownTrips(lower, upper, step);
  if (trips && trips->count == 0)
    return inits;
  if (trips && trips->count == 1)
    return body(arith::ConstantIndexOp::create(builder, trips->first), inits);
  OpBuilder::InsertionGuard guard(builder);
  if (areValidInAffine(lower) && areValidInAffine(upper)) {
    SmallVector<Value> lowerOperands, upperOperands;
    AffineMap lowerMap = getBoundMap(builder, lower, lowerOperands);
    AffineMap upperMap = getBoundMap(builder, upper, upperOperands);
    auto loop = affine::AffineForOp::create(
        builder, lowerOperands, lowerMap, upperOperands, upperMap, step, inits);
    builder.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> results =
        body(loop.getInductionVar(), loop.getRegionIterArgs());
    // A loop that carries nothing has its terminator already.
    if (!inits.empty())
      affine::AffineYieldOp::create(builder, results);
    return loop.getResults();
  }
  Value first = getLargest(lower), end = getSmallest(upper);
  auto loop =
      scf::ForOp::create(builder, first, end,
                         arith::ConstantIndexOp::create(builder, step), inits);
  builder.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> results =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!inits.empty())
    scf::YieldOp::create(builder, results);
  return loop.getResults();
}

Value LoopEmitter::apply(AffineExpr expr, ArrayRef<OpFoldResult> dims) {
  if (areValidInAffine(dims))
    return getValue(affine::makeComposedFoldedAffineApply(
        builder, builder.getLoc(), expr, dims));
  // Constants are part of the expression, which may then be a dimension.
  SmallVector<AffineExpr> known;
  SmallVector<Value> values;
  for (OpFoldResult dim : dims) {
    if (std::optional<int64_t> constant = getConstantIntValue(dim)) {
      known.push_back(builder.getAffineConstantExpr(*constant));
      continue;
    }
    known.push_back(builder.getAffineDimExpr(values.size()));
    values.push_back(cast<Value>(dim));
  }
  return affine::expandAffineExpr(builder, builder.getLoc(),
                                  expr.replaceDims(known), values, {});
}

Value LoopEmitter::getIndex(LaneIndex lane) {
  if (!lane.loop)
    return arith::ConstantIndexOp::create(builder, lane.offset);
  if (lane.scale == 1 && lane.offset == 0)
    return lane.loop;
  return apply(builder.getAffineDimExpr(0) * lane.scale + lane.offset,
               OpFoldResult(lane.loop));
}

SmallVector<Value> LoopEmitter::getIndices(ArrayRef<LaneIndex> indices) {
  return llvm::map_to_vector(indices,
                             [&](LaneIndex index) { return getIndex(index); });
}

static bool areValidInAffine(ArrayRef<LaneIndex> indices) {
  return llvm::all_of(indices, [](LaneIndex index) {
    return !index.loop || affine::isValidDim(index.loop);
  });
}

/// The map of an access, and its operands.
static AffineMap getAccessMap(OpBuilder &builder, ArrayRef<LaneIndex> indices,
                              SmallVectorImpl<Value> &operands) {
  SmallVector<AffineExpr> exprs;
  for (LaneIndex index : indices) {
    AffineExpr expr = builder.getAffineConstantExpr(index.offset);
    std::optional<int64_t> constant;
    if (index.loop)
      constant = getConstantIntValue(index.loop);
    if (constant) {
      expr =
          builder.getAffineConstantExpr(*constant * index.scale + index.offset);
    } else if (index.loop) {
      expr = builder.getAffineDimExpr(operands.size()) * index.scale +
             index.offset;
      operands.push_back(index.loop);
    }
    exprs.push_back(expr);
  }
  return AffineMap::get(operands.size(), 0, exprs, builder.getContext());
}

static SmallVector<LaneIndex> appendTo(ValueRange row, LaneIndex lane) {
  SmallVector<LaneIndex> indices(row.begin(), row.end());
  indices.push_back(lane);
  return indices;
}

Value LoopEmitter::load(Value buffer, ValueRange row, LaneIndex lane,
                        int64_t lanes) {
  return load(buffer, appendTo(row, lane), lanes);
}

void LoopEmitter::store(Value value, Value buffer, ValueRange row,
                        LaneIndex lane) {
  store(value, buffer, appendTo(row, lane));
}

Value LoopEmitter::load(Value buffer, ArrayRef<LaneIndex> indices,
                        int64_t lanes) {
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  auto vector = VectorType::get(std::max<int64_t>(lanes, 1), element);
  if (areValidInAffine(indices)) {
    SmallVector<Value> operands;
    AffineMap map = getAccessMap(builder, indices, operands);
    if (lanes == 1)
      return affine::AffineLoadOp::create(builder, buffer, map, operands);
    return affine::AffineVectorLoadOp::create(builder, vector, buffer, map,
                                              operands);
  }
  SmallVector<Value> values = getIndices(indices);
  if (lanes == 1)
    return memref::LoadOp::create(builder, buffer, values);
  return vector::LoadOp::create(builder, vector, buffer, values);
}

void LoopEmitter::store(Value value, Value buffer,
                        ArrayRef<LaneIndex> indices) {
  bool isVector = isa<VectorType>(value.getType());
  if (areValidInAffine(indices)) {
    SmallVector<Value> operands;
    AffineMap map = getAccessMap(builder, indices, operands);
    if (isVector)
      affine::AffineVectorStoreOp::create(builder, value, buffer, map,
                                          operands);
    else
      affine::AffineStoreOp::create(builder, value, buffer, map, operands);
    return;
  }
  SmallVector<Value> values = getIndices(indices);
  if (isVector)
    vector::StoreOp::create(builder, value, buffer, values);
  else
    memref::StoreOp::create(builder, value, buffer, values);
}
