//===- AttentionSplit.cpp - Split keys and merge --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attention over parts of the keys, one after the other or on many cores, as
// (out, lse) in slots of
//
//     outs [parts, ...out]   lses [parts, ...lse]
//
// and `rope.merge` of the slots behind the loop. A sink is a partial too: no
// values, and the sink as its lse.
//
//===----------------------------------------------------------------------===//

#include "AttentionSlices.h"
#include "Rope/Dialect/Rope/Transforms/InterfaceImpls.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;
using namespace mlir::rope::attention;

static Value createFilled(OpBuilder &builder, Location loc,
                          ArrayRef<OpFoldResult> shape, FloatType element,
                          const APFloat &value) {
  Value empty = tensor::EmptyOp::create(builder, loc, shape, element);
  Value scalar = arith::ConstantOp::create(
      builder, loc, builder.getFloatAttr(element, value));
  return linalg::FillOp::create(builder, loc, scalar, empty).getResult(0);
}

/// out = 0, lse = -inf, with shapes [...leading, ...shapes]
static SmallVector<Value> createEmptyPartial(OpBuilder &builder, Location loc,
                                             ArrayRef<OpFoldResult> leading,
                                             ReifiedRankedShapedTypeDims shapes,
                                             FloatType outType,
                                             FloatType lseType) {
  auto fill = [&](ArrayRef<OpFoldResult> shape, FloatType type,
                  const APFloat &value) {
    SmallVector<OpFoldResult> whole(leading);
    llvm::append_range(whole, shape);
    return createFilled(builder, loc, whole, type, value);
  };
  return {
      fill(shapes[0], outType, APFloat::getZero(outType.getFloatSemantics())),
      fill(shapes[1], lseType,
           APFloat::getInf(lseType.getFloatSemantics(), /*Negative=*/true))};
}

/// The elements of a tensor in another float type.
static Value convert(OpBuilder &builder, Location loc, Value tensor,
                     FloatType type) {
  auto given = cast<RankedTensorType>(tensor.getType());
  if (given.getElementType() == type)
    return tensor;
  Value init = tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSizes(builder, loc, tensor), type);
  return linalg::MapOp::create(
             builder, loc, tensor, init,
             [&](OpBuilder &nested, Location loc, ValueRange args) {
               Value element = args.front();
               bool widens = type.getWidth() >
                             cast<FloatType>(element.getType()).getWidth();
               Value result =
                   widens ? arith::ExtFOp::create(nested, loc, type, element)
                                .getResult()
                          : arith::TruncFOp::create(nested, loc, type, element)
                                .getResult();
               linalg::YieldOp::create(nested, loc, result);
             })
      ->getResult(0);
}

/// sinks [Hq] along the heads of `lse`, in its type.
static Value broadcastSinks(OpBuilder &builder, AttentionOp op, Value lse) {
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(lse.getType());
  auto element = cast<FloatType>(type.getElementType());
  Value sinks = convert(builder, loc, op.getSinks(), element);
  auto perHead = RankedTensorType::get({op.getNumHeads()}, element);
  if (sinks.getType() != perHead)
    sinks = tensor::CastOp::create(builder, loc, perHead, sinks);
  SmallVector<int64_t> others;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (dim != op.getHeadDimension())
      others.push_back(dim);
  return linalg::BroadcastOp::create(builder, loc, sinks, lse, others)
      ->getResult(0);
}

/// Number `slot` of the parts, without the dimension of parts.
static Value takeSlot(OpBuilder &builder, Location loc, Value parts,
                      Value slot) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, parts);
  SmallVector<OpFoldResult> offsets(sizes.size(), builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(sizes.size(), builder.getIndexAttr(1));
  offsets[0] = slot;
  sizes[0] = builder.getIndexAttr(1);
  auto type = cast<RankedTensorType>(parts.getType());
  return tensor::ExtractSliceOp::create(
      builder, loc,
      RankedTensorType::get(type.getShape().drop_front(),
                            type.getElementType()),
      parts, offsets, sizes, strides);
}

namespace {
struct AttentionSplit
    : PartialReductionOpInterface::ExternalModel<AttentionSplit, AttentionOp> {
  FailureOr<SmallVector<Value>> generateInitialTensorForPartialReduction(
      Operation *operation, OpBuilder &builder, Location loc,
      ArrayRef<OpFoldResult> sizes, const SetVector<unsigned> &) const {
    auto op = cast<AttentionOp>(operation);
    if (!op.hasTensorSemantics())
      return op.emitOpError("cannot split keys of the memref form");
    if (op.getScores())
      return op.emitOpError("cannot split keys where scores are returned");
    // log(n exp(x)) = x in floats where x is as low as programs mask with: the
    // parts of a row that has such numbers only would forget their n.
    if (op.getMask() && !getElementTypeOrSelf(op.getMask()).isInteger(1))
      return op.emitOpError("cannot split keys under a mask of floats: the "
                            "log-sum-exp of a row of low numbers forgets how "
                            "many they are; use a boolean mask");
    ReifiedRankedShapedTypeDims shapes;
    if (failed(verifyNotEmpty(op)) ||
        failed(op.reifyResultShapes(builder, shapes)))
      return failure();
    if (!op.getReturningLse())
      shapes.emplace_back(ArrayRef(shapes[0]).drop_back());
    return createEmptyPartial(
        builder, loc, sizes[Key], shapes,
        cast<FloatType>(op.getQueryType().getElementType()),
        op.getComputeType());
  }

  FailureOr<TilingResult> tileToPartialReduction(
      Operation *operation, OpBuilder &builder, Location,
      ReductionTilingStrategy strategy, ValueRange,
      ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
      const SetVector<unsigned> &, ArrayRef<OpFoldResult>) const {
    auto op = cast<AttentionOp>(operation);
    if (strategy != ReductionTilingStrategy::PartialReductionOuterParallel)
      return op.emitOpError("splits keys into parts, not into lanes of one "
                            "accumulator: use the parallel strategy of partial "
                            "reduction");
    FailureOr<TilingResult> result = buildTile(builder, op, {offsets, sizes});
    if (failed(result))
      return failure();
    auto tile = cast<AttentionOp>(result->tiledOps.front());
    tile.getSinksMutable().clear();
    if (!tile.getReturningLse()) {
      auto out = cast<RankedTensorType>(tile->getResult(0).getType());
      auto lse = RankedTensorType::get(out.getShape().drop_back(),
                                       op.getComputeType());
      auto withLse = cast<AttentionOp>(
          mlir::clone(builder, tile, {out, lse}, tile->getOperands()));
      withLse.setReturningLse(true);
      tile->erase();
      tile = withLse;
    }
    result->tiledOps.assign(1, tile);
    result->tiledValues = SmallVector<Value>(tile->getResults());
    return result;
  }

  FailureOr<MergeResult> mergeReductions(Operation *operation,
                                         OpBuilder &builder, Location loc,
                                         ValueRange parts,
                                         const SetVector<unsigned> &) const {
    auto op = cast<AttentionOp>(operation);
    ReifiedRankedShapedTypeDims shapes;
    if (failed(op.reifyResultShapes(builder, shapes)))
      return failure();
    if (!op.getReturningLse())
      shapes.emplace_back(ArrayRef(shapes[0]).drop_back());
    // Rounded once, behind the last merge.
    FloatType wide = op.getComputeType();
    SmallVector<Value> inits =
        createEmptyPartial(builder, loc, {}, shapes, wide, wide);
    if (op.getSinks())
      inits[1] = broadcastSinks(builder, op, inits[1]);
    auto index = [&](OpFoldResult value) {
      return getValueOrCreateConstantIndexOp(builder, loc, value);
    };
    auto loop = scf::ForOp::create(
        builder, loc, index(builder.getIndexAttr(0)),
        index(tensor::getMixedSize(builder, loc, parts[0], 0)),
        index(builder.getIndexAttr(1)), inits,
        [&](OpBuilder &nested, Location loc, Value slot, ValueRange merged) {
          Value out =
              convert(nested, loc, takeSlot(nested, loc, parts[0], slot), wide);
          Value lse = takeSlot(nested, loc, parts[1], slot);
          auto merge = MergeOp::create(nested, loc, merged[0].getType(),
                                       merged[1].getType(), merged[0],
                                       merged[1], out, lse, Value(), Value());
          scf::YieldOp::create(nested, loc, merge->getResults());
        });
    SmallVector<Value> replacements{
        convert(builder, loc, loop.getResult(0),
                cast<FloatType>(op.getQueryType().getElementType()))};
    if (op.getReturningLse())
      replacements.push_back(loop.getResult(1));
    return MergeResult{{loop}, replacements};
  }

  LogicalResult getPartialResultTilePosition(
      Operation *operation, OpBuilder &builder, unsigned number,
      ReductionTilingStrategy, ArrayRef<OpFoldResult> offsets,
      ArrayRef<OpFoldResult> sizes, const SetVector<unsigned> &,
      ArrayRef<OpFoldResult> slots, SmallVector<OpFoldResult> &resultOffsets,
      SmallVector<OpFoldResult> &resultSizes) const {
    auto op = cast<AttentionOp>(operation);
    // The rows of lse are those of out.
    FailureOr<Part> part = getResultPart(builder, op, 0, {offsets, sizes});
    if (failed(part))
      return failure();
    if (number == 1) {
      part->offsets.pop_back();
      part->sizes.pop_back();
    }
    resultOffsets.assign({slots.front()});
    resultSizes.assign({builder.getIndexAttr(1)});
    llvm::append_range(resultOffsets, part->offsets);
    llvm::append_range(resultSizes, part->sizes);
    return success();
  }
};
} // namespace

void rope::registerAttentionSplitExternalModel(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, RopeDialect *) {
    AttentionOp::attachInterface<AttentionSplit>(*context);
    context->loadDialect<arith::ArithDialect, linalg::LinalgDialect,
                         scf::SCFDialect, tensor::TensorDialect>();
  });
}
