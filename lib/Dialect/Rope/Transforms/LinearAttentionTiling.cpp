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
#include "Slices.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Interfaces/TilingInterface.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
/// The dimensions of an operand or result that the loops cut.
struct TiledDims {
  /// -1 where there is none.
  int64_t batch = -1, head = -1;
  /// Heads for each iteration of the loop over key heads.
  int64_t headsPerIteration = 1;
};

/// A tile of an operand or result.
struct Tile {
  SmallVector<OpFoldResult> offsets, sizes;
};
} // namespace

/// Dimensions of query, key, value, log_decay, beta and out follow the layout.
static TiledDims getTokenDims(LinearAttentionOp op, Value operand) {
  TiledDims dims{0, op.getHeadDimension(), 1};
  // Entries for all heads.
  if (cast<ShapedType>(operand.getType()).getDimSize(dims.head) == 1)
    dims.head = -1;
  return dims;
}

/// Dimensions of out (number 0) and of the sums.
static TiledDims getOutputDims(LinearAttentionOp op, unsigned number) {
  if (number == 0)
    return {0, op.getHeadDimension(), op.getGroupSize()};
  return {0, 1, 1};
}

static TiledDims getOperandDims(LinearAttentionOp op, OpOperand &operand) {
  Value value = operand.get();
  if (operand.getOperandNumber() == 0)
    return getOutputDims(op, 0);
  for (auto [number, destination] : llvm::enumerate(op.getDestinations()))
    if (value == destination)
      return getOutputDims(op, number);
  if (value == op.getPastState() || value == op.getPastNormalizer())
    return {0, 1, 1};
  if (value == op.getProjection())
    return {};
  if (value == op.getQueryCos() || value == op.getQuerySin() ||
      value == op.getKeyCos() || value == op.getKeySin())
    return {cast<ShapedType>(value.getType()).getRank() == 3 ? 0 : -1, -1, 1};
  return getTokenDims(op, value);
}

/// What iterations [offsets, offsets + sizes) need of a shape.
static Tile getTile(OpBuilder &builder, Location loc,
                    ArrayRef<OpFoldResult> shape, TiledDims dims,
                    ArrayRef<OpFoldResult> offsets,
                    ArrayRef<OpFoldResult> sizes) {
  Tile tile;
  tile.sizes.assign(shape.begin(), shape.end());
  tile.offsets.assign(shape.size(), builder.getIndexAttr(0));
  if (dims.batch >= 0) {
    tile.offsets[dims.batch] = offsets[0];
    tile.sizes[dims.batch] = sizes[0];
  }
  if (dims.head >= 0) {
    AffineExpr heads = builder.getAffineDimExpr(0) * dims.headsPerIteration;
    auto scale = [&](OpFoldResult value) {
      return affine::makeComposedFoldedAffineApply(
          builder, loc, AffineMap::get(1, 0, heads), {value});
    };
    tile.offsets[dims.head] = scale(offsets[1]);
    tile.sizes[dims.head] = scale(sizes[1]);
  }
  return tile;
}

static Operation *slice(OpBuilder &builder, Location loc, Value operand,
                        TiledDims dims, ArrayRef<OpFoldResult> offsets,
                        ArrayRef<OpFoldResult> sizes) {
  Tile tile = getTile(builder, loc, getMixedSizes(builder, loc, operand), dims,
                      offsets, sizes);
  return createSlice(builder, loc, operand, tile.offsets, tile.sizes);
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
    std::optional<int64_t> heads = getConstantIntValue(sizes[1]);
    if (!heads)
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
        slices.push_back(slice(builder, loc, operand.get(),
                               getOperandDims(op, operand), offsets, sizes));
        tile = slices.back()->getResult(0);
      }
      operands.push_back(tile);
    }
    SmallVector<Type> types;
    for (auto [number, type] : llvm::enumerate(op->getResultTypes())) {
      TiledDims dims = getOutputDims(op, number);
      SmallVector<int64_t> shape(cast<ShapedType>(type).getShape());
      shape[dims.batch] =
          getConstantIntValue(sizes[0]).value_or(ShapedType::kDynamic);
      shape[dims.head] = *heads * dims.headsPerIteration;
      types.push_back(cast<RankedTensorType>(type).clone(shape));
    }
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
    Tile tile = getTile(builder, op.getLoc(), shapes[number],
                        getOutputDims(op, number), offsets, sizes);
    resultOffsets = tile.offsets;
    resultSizes = tile.sizes;
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
