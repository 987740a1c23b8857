//===- LinearAttentionTiling.cpp - Tiling of linear attention -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops are the batches and the key heads, each with its group of query
// heads and its state. Tokens stay together: they come one after the other.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/InterfaceImpls.h"
#include "Tiles.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Interfaces/TilingInterface.h"

using namespace mlir;
using namespace mlir::rope;

enum Loop : int64_t { Batch, KvHead };

/// Cuts of query, key, value, log_decay, beta and out follow the layout.
static SmallVector<Cut> getTokenCuts(LinearAttentionOp op, Cut head) {
  SmallVector<Cut> cuts(3);
  cuts[0] = {Batch};
  cuts[op.getHeadDimension()] = head;
  return cuts;
}

/// Cuts of out (number 0) and of the sums.
static SmallVector<Cut> getOutputCuts(LinearAttentionOp op, unsigned number) {
  if (number == 0)
    return getTokenCuts(op, {KvHead, op.getGroupSize()});
  return {{Batch}, {KvHead}};
}

static SmallVector<Cut> getOperandCuts(LinearAttentionOp op,
                                       OpOperand &operand) {
  Value value = operand.get();
  if (operand.getOperandNumber() == 0)
    return getOutputCuts(op, 0);
  for (auto [number, destination] : llvm::enumerate(op.getDestinations()))
    if (value == destination)
      return getOutputCuts(op, number);
  if (value == op.getPastState() || value == op.getPastNormalizer())
    return {{Batch}, {KvHead}};
  if (value == op.getProjection())
    return {};
  auto type = cast<ShapedType>(value.getType());
  if (value == op.getQueryCos() || value == op.getQuerySin() ||
      value == op.getKeyCos() || value == op.getKeySin())
    return type.getRank() == 3 ? SmallVector<Cut>{{Batch}} : SmallVector<Cut>();
  // Entries for all heads stay.
  bool isShared = type.getDimSize(op.getHeadDimension()) == 1;
  return getTokenCuts(op, isShared ? Cut{} : Cut{KvHead});
}

namespace {
struct LinearAttentionTiling
    : TilingInterface::ExternalModel<LinearAttentionTiling, LinearAttentionOp> {
  SmallVector<utils::IteratorType> getLoopIteratorTypes(Operation *) const {
    return {utils::IteratorType::parallel, utils::IteratorType::parallel};
  }

  SmallVector<Range> getIterationDomain(Operation *operation,
                                        OpBuilder &builder) const {
    auto op = cast<LinearAttentionOp>(operation);
    OpFoldResult zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
    OpFoldResult batch = getMixedSize(builder, op.getLoc(), op.getQuery(), 0);
    return {{zero, batch, one},
            {zero, builder.getIndexAttr(op.getNumKvHeads()), one}};
  }

  FailureOr<TilingResult>
  getTiledImplementation(Operation *operation, OpBuilder &builder,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes) const {
    auto op = cast<LinearAttentionOp>(operation);
    if (!getConstantIntValue(sizes[KvHead]))
      return op.emitOpError("cannot be tiled by a number of heads that does "
                            "not divide ")
             << op.getNumKvHeads() << " key heads";
    Location loc = op.getLoc();
    SmallVector<Value> operands;
    SmallVector<Operation *> slices;
    // A sum and its past are one view.
    DenseMap<Value, Value> tileOf;
    for (OpOperand &operand : op->getOpOperands()) {
      Value &tile = tileOf[operand.get()];
      if (!tile) {
        SmallVector<OpFoldResult> shape =
            getMixedSizes(builder, loc, operand.get());
        slices.push_back(createSlice(builder, loc, operand.get(),
                                     getPart(builder, loc, shape,
                                             getOperandCuts(op, operand),
                                             {offsets, sizes})));
        tile = slices.back()->getResult(0);
      }
      operands.push_back(tile);
    }
    SmallVector<Type> types;
    for (auto [number, type] : llvm::enumerate(op->getResultTypes()))
      types.push_back(getPartType(cast<RankedTensorType>(type),
                                  getOutputCuts(op, number), {offsets, sizes}));
    Operation *tiled = mlir::clone(builder, op, types, operands);
    return TilingResult{
        {tiled}, SmallVector<Value>(tiled->getResults()), slices};
  }

  LogicalResult
  getResultTilePosition(Operation *operation, OpBuilder &builder,
                        unsigned number, ArrayRef<OpFoldResult> offsets,
                        ArrayRef<OpFoldResult> sizes,
                        SmallVector<OpFoldResult> &resultOffsets,
                        SmallVector<OpFoldResult> &resultSizes) const {
    auto op = cast<LinearAttentionOp>(operation);
    ReifiedRankedShapedTypeDims shapes;
    if (failed(op.reifyResultShapes(builder, shapes)))
      return failure();
    Part part = getPart(builder, op.getLoc(), shapes[number],
                        getOutputCuts(op, number), {offsets, sizes});
    resultOffsets = part.offsets;
    resultSizes = part.sizes;
    return success();
  }
};
} // namespace

void rope::registerLinearAttentionTilingExternalModel(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, RopeDialect *) {
    LinearAttentionOp::attachInterface<LinearAttentionTiling>(*context);
    // Tiles of the memref form are views, of groups of heads at scaled indices.
    context->loadDialect<affine::AffineDialect, memref::MemRefDialect>();
  });
}
