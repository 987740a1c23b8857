//===- Tiles.cpp - What the tilings of rope ops share ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tiles.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;
using namespace mlir::rope;

OpFoldResult rope::getMixedSize(OpBuilder &builder, Location loc, Value shaped,
                                int64_t dim) {
  if (isa<MemRefType>(shaped.getType()))
    return memref::getMixedSize(builder, loc, shaped, dim);
  return tensor::getMixedSize(builder, loc, shaped, dim);
}

SmallVector<OpFoldResult> rope::getMixedSizes(OpBuilder &builder, Location loc,
                                              Value shaped) {
  if (isa<MemRefType>(shaped.getType()))
    return memref::getMixedSizes(builder, loc, shaped);
  return tensor::getMixedSizes(builder, loc, shaped);
}

bool rope::isWhole(OpFoldResult offset, OpFoldResult size, Value shaped,
                   int64_t dim) {
  if (!isConstantIntValue(offset, 0))
    return false;
  FailureOr<bool> areEqual =
      ValueBoundsConstraintSet::areEqual(size, {shaped, dim});
  return succeeded(areEqual) && *areEqual;
}

Part rope::getPart(OpBuilder &builder, Location loc,
                   ArrayRef<OpFoldResult> shape, ArrayRef<Cut> cuts,
                   Iterations iterations) {
  Part part{SmallVector<OpFoldResult>(shape.size(), builder.getIndexAttr(0)),
            SmallVector<OpFoldResult>(shape)};
  for (auto [dim, cut] : llvm::enumerate(cuts)) {
    if (cut.loop == kNoLoop)
      continue;
    AffineExpr scaled = builder.getAffineDimExpr(0) * cut.factor;
    auto scale = [&](OpFoldResult value) {
      return affine::makeComposedFoldedAffineApply(builder, loc, scaled,
                                                   {value});
    };
    part.offsets[dim] = scale(iterations.offsets[cut.loop]);
    part.sizes[dim] = scale(iterations.sizes[cut.loop]);
  }
  return part;
}

RankedTensorType rope::getPartType(RankedTensorType type, ArrayRef<Cut> cuts,
                                   Iterations iterations) {
  SmallVector<int64_t> shape(type.getShape());
  for (auto [size, cut] : llvm::zip(shape, cuts)) {
    if (cut.loop == kNoLoop)
      continue;
    std::optional<int64_t> tile =
        getConstantIntValue(iterations.sizes[cut.loop]);
    size = tile ? *tile * cut.factor : ShapedType::kDynamic;
  }
  return type.clone(shape);
}

Operation *rope::createSlice(OpBuilder &builder, Location loc, Value shaped,
                             const Part &part) {
  SmallVector<OpFoldResult> strides(part.sizes.size(), builder.getIndexAttr(1));
  if (isa<MemRefType>(shaped.getType()))
    return memref::SubViewOp::create(builder, loc, shaped, part.offsets,
                                     part.sizes, strides);
  return tensor::ExtractSliceOp::create(builder, loc, shaped, part.offsets,
                                        part.sizes, strides);
}

FailureOr<TilingResult> rope::generateResultPart(TilingInterface op,
                                                 OpBuilder &builder,
                                                 unsigned number,
                                                 ArrayRef<OpFoldResult> offsets,
                                                 ArrayRef<OpFoldResult> sizes) {
  SmallVector<OpFoldResult> loopOffsets, loopSizes;
  if (failed(op.getIterationDomainTileFromResultTile(
          builder, number, offsets, sizes, loopOffsets, loopSizes)))
    return failure();
  FailureOr<TilingResult> tile =
      op.getTiledImplementation(builder, loopOffsets, loopSizes);
  if (failed(tile))
    return failure();
  Value value = tile->tiledValues[number];
  tile->tiledValues.assign(1, value);
  return tile;
}
