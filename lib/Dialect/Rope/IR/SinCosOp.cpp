//===- SinCosOp.cpp - Cosines and sines of position times frequency -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verification and shapes of `rope.sincos`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "TableTypes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

void SinCosOp::build(OpBuilder &builder, OperationState &state, Value positions,
                     Type elementType, FrequenciesAttr frequencies,
                     AccuracyKind accuracy) {
  SmallVector<int64_t> shape(cast<ShapedType>(positions.getType()).getShape());
  shape.push_back(frequencies.getDim() / 2);
  Type table = RankedTensorType::get(shape, elementType);
  build(builder, state, table, table, positions, /*cosDest=*/Value(),
        /*sinDest=*/Value(), frequencies,
        AccuracyAttr::get(builder.getContext(), accuracy));
}

bool SinCosOp::hasTensorSemantics() { return getNumResults() != 0; }

ShapedType SinCosOp::getTableType() {
  Value cos = hasTensorSemantics() ? Value(getCos()) : Value(getCosDest());
  return cast<ShapedType>(cos.getType());
}

LogicalResult SinCosOp::verify() {
  // C1
  if (auto integer =
          dyn_cast<IntegerType>(getElementTypeOrSelf(getPositions()));
      integer && integer.getWidth() == 1)
    return emitOpError("(C1) positions must be integers or indices, got ")
           << getPositions().getType();
  // C3
  bool tensorPositions = isa<TensorType>(getPositions().getType());
  if (getNumResults() != (tensorPositions ? 2 : 0) ||
      getNumOperands() != (tensorPositions ? 1 : 3))
    return emitOpError("(C3) the tensor form has two results and no "
                       "destinations, the memref form the reverse");
  if (getCosDest() && getCosDest() == getSinDest())
    return emitOpError("(C3) cos and sin must have two destinations");
  // C2
  Type cos = getTableType();
  Value sinTable = hasTensorSemantics() ? Value(getSin()) : Value(getSinDest());
  Type sin = sinTable.getType();
  if (failed(verifySameTables(*this, "C2", cos, sin)))
    return failure();
  SmallVector<int64_t> expected(
      cast<ShapedType>(getPositions().getType()).getShape());
  expected.push_back(getFrequencies().getDim() / 2);
  if (failed(verifyCompatibleShape(getTableType().getShape(), expected)))
    return emitOpError("(C2) positions of type ")
           << getPositions().getType()
           << " and dim = " << getFrequencies().getDim()
           << " make tables with a last dimension of "
           << getFrequencies().getDim() / 2
           << " behind the positions' dimensions, got " << cos;
  return success();
}

void SinCosOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  if (hasTensorSemantics())
    return;
  getDestinationFormEffects(*this, getCosDestMutable(), effects);
  // The second destination is among the operands that were taken for read.
  llvm::erase_if(effects, [&](auto &effect) {
    return effect.template getEffectValue<OpOperand *>() ==
           &*getSinDestMutable().begin();
  });
  effects.emplace_back(MemoryEffects::Write::get(),
                       &*getSinDestMutable().begin());
}

Speculation::Speculatability SinCosOp::getSpeculatability() {
  return getStaticShapeSpeculatability(*this);
}

void SinCosOp::getAsmResultNames(OpAsmSetValueNameFn setName) {
  if (getNumResults() != 2)
    return;
  setName(getCos(), "cos");
  setName(getSin(), "sin");
}

LogicalResult
SinCosOp::reifyResultShapes(OpBuilder &builder,
                            ReifiedRankedShapedTypeDims &reified) {
  SmallVector<OpFoldResult> shape =
      tensor::getMixedSizes(builder, getLoc(), getPositions());
  shape.push_back(builder.getIndexAttr(getFrequencies().getDim() / 2));
  reified.assign(2, shape);
  return success();
}
