//===- TilingInterfaceImpl.cpp - Tiling of rope ops -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops of every op are the leading dimensions; the lanes of a row (and the
// rows and columns of a matrix) stay together, since a pair may span them all.
// Operands are cut along the loops that index them: tables along `along`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/InterfaceImpls.h"
#include "Tiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Interfaces/TilingInterface.h"

using namespace mlir;
using namespace mlir::rope;

/// The number of loops: the leading dimensions of the result.
static int64_t getNumLoops(SinCosOp op) {
  return op.getTableType().getRank() - 1;
}
static int64_t getNumLoops(RotateOp op) {
  return op.getInputType().getRank() - 1;
}
static int64_t getNumLoops(MergeOp op) { return op.getLseType().getRank(); }
static int64_t getNumLoops(RotationMatrixOp op) {
  return op.getTableType().getRank() - 1;
}

/// The sizes of the loops, followed by those of dimensions without a loop.
static SmallVector<OpFoldResult> getLoopSizes(OpBuilder &builder,
                                              Operation *op) {
  if (auto sincos = dyn_cast<SinCosOp>(op))
    return sincos.getMixedTableSizes(builder);
  return getMixedSizes(builder, op->getLoc(), op->getOperand(0));
}

/// A loop for each of the leading dimensions.
static SmallVector<Cut> getLeadingCuts(int64_t numLoops) {
  SmallVector<Cut> cuts;
  for (int64_t loop = 0; loop < numLoops; ++loop)
    cuts.push_back({loop});
  return cuts;
}

/// The cuts of an operand.
template <typename OpTy>
static SmallVector<Cut> getCutsOf(OpTy op, OpOperand &operand) {
  if constexpr (std::is_same_v<OpTy, RotateOp>)
    if (operand.get() != op.getInput() && operand.get() != op.getOutput())
      return llvm::map_to_vector(op.getAlong(),
                                 [](int64_t loop) { return Cut{loop}; });
  if constexpr (std::is_same_v<OpTy, SinCosOp>)
    if (operand.get() == op.getPositions()) {
      // The axes of a position stay together.
      SmallVector<Cut> cuts(op.getFrequencies().hasAxes());
      llvm::append_range(cuts, getLeadingCuts(op.getNumPositionDims()));
      return cuts;
    }
  return getLeadingCuts(getNumLoops(op));
}

/// start + offset, as an index: the sum may be wider than the start's type.
static FailureOr<Value> addToStarts(OpBuilder &builder, SinCosOp op,
                                    Value starts, OpFoldResult offset) {
  if (isConstantIntValue(offset, 0))
    return starts;
  if (isa<MemRefType>(starts.getType()))
    return op.emitOpError("cannot be cut along its length: the starts are in "
                          "memory");
  Location loc = op.getLoc();
  Value addend = getValueOrCreateConstantIndexOp(builder, loc, offset);
  Type type = builder.getIndexType();
  if (auto tensor = dyn_cast<RankedTensorType>(starts.getType())) {
    type = tensor.clone(type);
    auto [shape, sizes] =
        decomposeMixedValues(tensor::getMixedSizes(builder, loc, starts));
    addend = tensor::SplatOp::create(builder, loc, addend,
                                     cast<RankedTensorType>(type), sizes);
  }
  if (starts.getType() != type)
    starts = arith::IndexCastOp::create(builder, loc, type, starts);
  return arith::AddIOp::create(builder, loc, starts, addend).getResult();
}

/// What else an operand becomes in a tile: with a length, starts move by the
/// tile's offset, and the length is the tile's.
static FailureOr<Value> moveOperand(OpBuilder &builder, Operation *op,
                                    OpOperand &operand, Value tile,
                                    ArrayRef<OpFoldResult> offsets,
                                    ArrayRef<OpFoldResult> sizes) {
  auto sincos = dyn_cast<SinCosOp>(op);
  if (!sincos || !sincos.getLength())
    return tile;
  if (&operand == &sincos.getPositionsMutable())
    return addToStarts(builder, sincos, tile, offsets.back());
  if (operand.get() == sincos.getLength())
    return getValueOrCreateConstantIndexOp(builder, op->getLoc(), sizes.back());
  return tile;
}

namespace {
template <typename OpTy>
struct LeadingDimsTiling
    : TilingInterface::ExternalModel<LeadingDimsTiling<OpTy>, OpTy> {
  SmallVector<utils::IteratorType> getLoopIteratorTypes(Operation *op) const {
    return SmallVector<utils::IteratorType>(getNumLoops(cast<OpTy>(op)),
                                            utils::IteratorType::parallel);
  }

  SmallVector<Range> getIterationDomain(Operation *op,
                                        OpBuilder &builder) const {
    SmallVector<OpFoldResult> sizes = getLoopSizes(builder, op);
    SmallVector<Range> domain;
    for (OpFoldResult size :
         ArrayRef(sizes).take_front(getNumLoops(cast<OpTy>(op))))
      domain.push_back(
          {builder.getIndexAttr(0), size, builder.getIndexAttr(1)});
    return domain;
  }

  FailureOr<TilingResult>
  getTiledImplementation(Operation *op, OpBuilder &builder,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes) const {
    Location loc = op->getLoc();
    SmallVector<Value> operands;
    SmallVector<Operation *> slices;
    // In place, input and destination are one view.
    DenseMap<Value, Value> tileOf;
    for (OpOperand &operand : op->getOpOperands()) {
      Value &tile = tileOf[operand.get()];
      if (!tile && isa<ShapedType>(operand.get().getType())) {
        SmallVector<OpFoldResult> shape =
            getMixedSizes(builder, loc, operand.get());
        slices.push_back(createSlice(builder, loc, operand.get(),
                                     getPart(builder, loc, shape,
                                             getCutsOf(cast<OpTy>(op), operand),
                                             {offsets, sizes})));
        tile = slices.back()->getResult(0);
      } else if (!tile) {
        tile = operand.get();
      }
      FailureOr<Value> moved =
          moveOperand(builder, op, operand, tile, offsets, sizes);
      if (failed(moved))
        return failure();
      operands.push_back(*moved);
    }
    SmallVector<Type> resultTypes;
    for (Type type : op->getResultTypes())
      resultTypes.push_back(getPartType(cast<RankedTensorType>(type),
                                        getLeadingCuts(offsets.size()),
                                        {offsets, sizes}));
    Operation *tiled = mlir::clone(builder, op, resultTypes, operands);
    return TilingResult{
        {tiled}, SmallVector<Value>(tiled->getResults()), slices};
  }

  LogicalResult
  getResultTilePosition(Operation *op, OpBuilder &builder, unsigned number,
                        ArrayRef<OpFoldResult> offsets,
                        ArrayRef<OpFoldResult> sizes,
                        SmallVector<OpFoldResult> &resultOffsets,
                        SmallVector<OpFoldResult> &resultSizes) const {
    ReifiedRankedShapedTypeDims shapes;
    if (failed(reifyResultShapes(builder, op, shapes)))
      return failure();
    Part part = getPart(builder, op->getLoc(), shapes[number],
                        getLeadingCuts(offsets.size()), {offsets, sizes});
    resultOffsets = part.offsets;
    resultSizes = part.sizes;
    return success();
  }

  LogicalResult getIterationDomainTileFromResultTile(
      Operation *op, OpBuilder &, unsigned number,
      ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
      SmallVectorImpl<OpFoldResult> &loopOffsets,
      SmallVectorImpl<OpFoldResult> &loopSizes) const {
    auto result = cast<RankedTensorType>(op->getResult(number).getType());
    int64_t loops = getNumLoops(cast<OpTy>(op));
    for (int64_t dim = loops; dim < result.getRank(); ++dim)
      if (!isConstantIntValue(offsets[dim], 0) ||
          !isConstantIntValue(sizes[dim], result.getDimSize(dim)))
        return op->emitOpError("cannot compute a part of dimension ")
               << dim << ": the lanes of a row stay together";
    loopOffsets.assign(offsets.begin(), offsets.begin() + loops);
    loopSizes.assign(sizes.begin(), sizes.begin() + loops);
    return success();
  }

  FailureOr<TilingResult>
  generateResultTileValue(Operation *op, OpBuilder &builder, unsigned number,
                          ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes) const {
    return generateResultPart(cast<TilingInterface>(op), builder, number,
                              offsets, sizes);
  }
};
} // namespace

void rope::registerTilingInterfaceExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, RopeDialect *) {
    SinCosOp::attachInterface<LeadingDimsTiling<SinCosOp>>(*context);
    RotateOp::attachInterface<LeadingDimsTiling<RotateOp>>(*context);
    MergeOp::attachInterface<LeadingDimsTiling<MergeOp>>(*context);
    RotationMatrixOp::attachInterface<LeadingDimsTiling<RotationMatrixOp>>(
        *context);
    // Tiles of the memref forms are views.
    context->loadDialect<memref::MemRefDialect>();
  });
}
