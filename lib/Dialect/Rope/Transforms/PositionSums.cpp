//===- PositionSums.cpp - Sums of positions -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Positions are integers of a magnitude below 2^31 (C1 of rope.sincos): a sum
// of two is a position only where a bound proves it.
//
//===----------------------------------------------------------------------===//

#include "PositionSums.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

/// Beyond this depth of sums a position is bounded by its definition only.
static constexpr unsigned kMaxDepth = 8;

static uint64_t getBound(Value positions, uint64_t maxPosition,
                         unsigned depth) {
  if (depth == kMaxDepth)
    return uint64_t(1) << 31;
  DenseIntElementsAttr constant;
  if (matchPattern(positions, m_Constant(&constant))) {
    uint64_t bound = 0;
    for (const APInt &value : constant)
      bound = std::max(bound, value.abs().getLimitedValue());
    return bound;
  }
  Operation *op = positions.getDefiningOp();
  if (isa_and_present<arith::AddIOp, arith::SubIOp>(op))
    return getBound(op->getOperand(0), maxPosition, depth + 1) +
           getBound(op->getOperand(1), maxPosition, depth + 1);
  if (isa_and_present<arith::ExtSIOp, arith::IndexCastOp, linalg::BroadcastOp,
                      tensor::CastOp>(op))
    return getBound(op->getOperand(0), maxPosition, depth + 1);
  if (auto integer = dyn_cast<IntegerType>(getElementTypeOrSelf(positions));
      integer && integer.getWidth() < 32)
    return std::min(maxPosition, uint64_t(1) << (integer.getWidth() - 1));
  return maxPosition;
}

uint64_t rope::getPositionBound(Value positions, uint64_t maxPosition) {
  return getBound(positions, maxPosition, /*depth=*/0);
}

Type rope::getSumType(Type left, Type right) {
  if (left.isIndex() && right.isIndex())
    return left;
  auto getWidth = [](Type type) {
    return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  };
  unsigned width = std::max({32u, getWidth(left), getWidth(right)});
  return IntegerType::get(left.getContext(), width);
}

Value rope::broadcastPositions(OpBuilder &builder, Location loc,
                               Value positions, ArrayRef<int64_t> along,
                               ArrayRef<int64_t> allAlong,
                               ArrayRef<OpFoldResult> sizes, Type elementType) {
  auto type = cast<RankedTensorType>(positions.getType());
  Type wide = type.clone(elementType);
  if (type.getElementType().isIndex() != elementType.isIndex())
    positions = arith::IndexCastOp::create(builder, loc, wide, positions);
  else if (type != wide)
    positions = arith::ExtSIOp::create(builder, loc, wide, positions);
  SmallVector<OpFoldResult> allSizes;
  SmallVector<int64_t> added;
  for (auto [position, dim] : llvm::enumerate(allAlong)) {
    allSizes.push_back(sizes[dim]);
    if (!llvm::is_contained(along, dim))
      added.push_back(position);
  }
  // Sizes that are known on the other side too.
  SmallVector<int64_t> shape;
  for (int64_t dim : along)
    shape.push_back(
        getConstantIntValue(sizes[dim]).value_or(ShapedType::kDynamic));
  auto castType = RankedTensorType::get(shape, elementType);
  if (castType != positions.getType())
    positions = tensor::CastOp::create(builder, loc, castType, positions);
  if (added.empty())
    return positions;
  Value empty = tensor::EmptyOp::create(builder, loc, allSizes, elementType);
  return linalg::BroadcastOp::create(builder, loc, positions, empty, added)
      ->getResult(0);
}
