//===- AttentionTiling.cpp - Tiling of attention --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Batches, key heads and queries are parallel loops. The keys are a reduction
// that needs a merge behind it, so they stay together here: AttentionSplit.cpp.
//
//===----------------------------------------------------------------------===//

#include "AttentionSlices.h"
#include "Rope/Dialect/Rope/Transforms/InterfaceImpls.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/DialectRegistry.h"

using namespace mlir;
using namespace mlir::rope;
using namespace mlir::rope::attention;

/// value / divisor, where that is proven to be a whole number.
static std::optional<OpFoldResult> divide(OpBuilder &builder,
                                          OpFoldResult value, int64_t divisor) {
  if (divisor == 1)
    return value;
  std::optional<int64_t> constant = getConstantIntValue(value);
  if (!constant || *constant % divisor != 0)
    return std::nullopt;
  return OpFoldResult(builder.getIndexAttr(*constant / divisor));
}

namespace {
struct AttentionTiling
    : TilingInterface::ExternalModel<AttentionTiling, AttentionOp> {
  SmallVector<utils::IteratorType> getLoopIteratorTypes(Operation *) const {
    SmallVector<utils::IteratorType> types(NumLoops,
                                           utils::IteratorType::parallel);
    types[Key] = utils::IteratorType::reduction;
    return types;
  }

  SmallVector<Range> getIterationDomain(Operation *operation,
                                        OpBuilder &builder) const {
    auto op = cast<AttentionOp>(operation);
    OpFoldResult zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
    auto over = [&](Value operand, int64_t dim) -> Range {
      return {zero, getMixedSize(builder, op.getLoc(), operand, dim), one};
    };
    int64_t sequence = op.getSequenceDimension();
    return {over(op.getQuery(), 0), over(op.getKey(), op.getHeadDimension()),
            over(op.getQuery(), sequence), over(op.getKey(), sequence)};
  }

  FailureOr<TilingResult>
  getTiledImplementation(Operation *operation, OpBuilder &builder,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes) const {
    auto op = cast<AttentionOp>(operation);
    if (!takesAll(op, Key, {offsets, sizes}))
      return op.emitOpError("cannot be tiled by keys without a merge: split "
                            "them as a partial reduction");
    return buildTile(builder, op, {offsets, sizes});
  }

  LogicalResult
  getResultTilePosition(Operation *operation, OpBuilder &builder,
                        unsigned number, ArrayRef<OpFoldResult> offsets,
                        ArrayRef<OpFoldResult> sizes,
                        SmallVector<OpFoldResult> &resultOffsets,
                        SmallVector<OpFoldResult> &resultSizes) const {
    FailureOr<Part> part = getResultPart(builder, cast<AttentionOp>(operation),
                                         number, {offsets, sizes});
    if (failed(part))
      return failure();
    resultOffsets = part->offsets;
    resultSizes = part->sizes;
    return success();
  }

  LogicalResult getIterationDomainTileFromResultTile(
      Operation *operation, OpBuilder &builder, unsigned number,
      ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
      SmallVectorImpl<OpFoldResult> &loopOffsets,
      SmallVectorImpl<OpFoldResult> &loopSizes) const {
    auto op = cast<AttentionOp>(operation);
    for (Range range : getIterationDomain(op, builder)) {
      loopOffsets.push_back(range.offset);
      loopSizes.push_back(range.size);
    }
    auto result = cast<RankedTensorType>(op->getResult(number).getType());
    for (auto [dim, cut] : llvm::enumerate(getResultCuts(op, number))) {
      if (cut.loop == kNoLoop || cut.loop == Key) {
        if (!isWhole(offsets[dim], sizes[dim], op->getResult(number), dim))
          return op.emitOpError("cannot compute a part of dimension ")
                 << dim << " of " << result << ": lanes and keys stay together";
        continue;
      }
      std::optional<OpFoldResult> offset =
          divide(builder, offsets[dim], cut.factor);
      std::optional<OpFoldResult> size =
          divide(builder, sizes[dim], cut.factor);
      if (!offset || !size)
        return op.emitOpError("cannot compute a part of a group of ")
               << cut.factor << " query heads";
      loopOffsets[cut.loop] = *offset;
      loopSizes[cut.loop] = *size;
    }
    return success();
  }

  FailureOr<TilingResult>
  generateResultTileValue(Operation *operation, OpBuilder &builder,
                          unsigned number, ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes) const {
    return generateResultPart(cast<TilingInterface>(operation), builder, number,
                              offsets, sizes);
  }
};
} // namespace

void rope::registerAttentionTilingExternalModel(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, RopeDialect *) {
    AttentionOp::attachInterface<AttentionTiling>(*context);
    // Tiles of the memref form are views, of groups of heads at scaled indices.
    context->loadDialect<affine::AffineDialect, memref::MemRefDialect>();
  });
}
