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
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

/// The sizes of a table for positions of these sizes: without the axes, with
/// `length` and the number of frequencies behind.
template <typename T>
static SmallVector<T> getTableSizes(ArrayRef<T> positions,
                                    std::optional<T> length, T width,
                                    FrequenciesAttr frequencies) {
  SmallVector<T> sizes(positions.drop_front(frequencies.hasAxes()));
  if (length)
    sizes.push_back(*length);
  sizes.push_back(width);
  return sizes;
}

static ArrayRef<int64_t> getShapeOf(Type positions) {
  auto shaped = dyn_cast<ShapedType>(positions);
  return shaped ? shaped.getShape() : ArrayRef<int64_t>();
}

void SinCosOp::build(OpBuilder &builder, OperationState &state, Value positions,
                     Type elementType, FrequenciesAttr frequencies,
                     AccuracyKind accuracy, Value length,
                     Value sequenceLength) {
  std::optional<int64_t> size;
  if (length)
    size = getConstantIntValue(length).value_or(ShapedType::kDynamic);
  if (size && *size < 0)
    size = ShapedType::kDynamic;
  Type table = RankedTensorType::get(
      getTableSizes<int64_t>(getShapeOf(positions.getType()), size,
                             frequencies.getDim() / 2, frequencies),
      elementType);
  build(builder, state, table, table, positions, length, sequenceLength,
        /*cosDest=*/Value(), /*sinDest=*/Value(), frequencies,
        AccuracyAttr::get(builder.getContext(), accuracy));
}

ArrayRef<int64_t> SinCosOp::getPositionsShape() {
  return getShapeOf(getPositions().getType());
}

SmallVector<OpFoldResult> SinCosOp::getMixedTableSizes(OpBuilder &builder) {
  Value positions = getPositions();
  SmallVector<OpFoldResult> sizes;
  if (isa<MemRefType>(positions.getType()))
    sizes = memref::getMixedSizes(builder, getLoc(), positions);
  else if (isa<RankedTensorType>(positions.getType()))
    sizes = tensor::getMixedSizes(builder, getLoc(), positions);
  std::optional<OpFoldResult> length;
  if (getLength())
    length = getAsOpFoldResult(getLength());
  return getTableSizes<OpFoldResult>(
      sizes, length, builder.getIndexAttr(getFrequencies().getDim() / 2),
      getFrequencies());
}

bool SinCosOp::hasTensorSemantics() { return getNumResults() != 0; }

ShapedType SinCosOp::getTableType() {
  Value cos = hasTensorSemantics() ? Value(getCos()) : Value(getCosDest());
  return cast<ShapedType>(cos.getType());
}

LogicalResult SinCosOp::verify() {
  FrequenciesAttr frequencies = getFrequencies();
  Type positions = getPositions().getType();
  // C1
  if (auto integer = dyn_cast<IntegerType>(getElementTypeOrSelf(positions));
      integer && integer.getWidth() == 1)
    return emitOpError("(C1) positions must be integers or indices, got ")
           << positions;
  if (!isa<ShapedType>(positions) && !getLength())
    return emitOpError("(C1) a scalar position needs a length, or a tensor "
                       "without dimensions, got ")
           << positions;
  // C3
  bool isTensorForm = getNumResults() == 2 && !getCosDest() && !getSinDest() &&
                      !isa<MemRefType>(positions);
  bool isMemRefForm = getNumResults() == 0 && getCosDest() && getSinDest() &&
                      !isa<TensorType>(positions);
  if (!isTensorForm && !isMemRefForm)
    return emitOpError("(C3) the tensor form has two results and no "
                       "destinations, the memref form the reverse");
  if (getCosDest() && getCosDest() == getSinDest())
    return emitOpError("(C3) cos and sin must have two destinations");
  // C4
  int64_t numAxes = frequencies.getSections().size();
  if (numAxes &&
      (getPositionsShape().empty() || getPositionsShape().front() != numAxes))
    return emitOpError("(C4) frequencies with ")
           << numAxes << " sections need positions with a first dimension of "
           << numAxes << ", got " << positions;
  // C5
  if (frequencies.dependsOnSequenceLength() && !getSequenceLength())
    return emitOpError("(C5) frequencies that depend on the length of the "
                       "sequence need a sequence_length");
  if (getSequenceLength() && !frequencies.dependsOnSequenceLength())
    return emitOpError("(C5) sequence_length has no meaning for frequencies "
                       "that do not depend on it");
  // C2
  Type cos = getTableType();
  Value sinTable = hasTensorSemantics() ? Value(getSin()) : Value(getSinDest());
  if (failed(verifySameTables(*this, "C2", cos, sinTable.getType())))
    return failure();
  std::optional<int64_t> length;
  if (getLength())
    length = ShapedType::kDynamic;
  SmallVector<int64_t> expected = getTableSizes<int64_t>(
      getPositionsShape(), length, frequencies.getDim() / 2, frequencies);
  if (failed(verifyCompatibleShape(getTableType().getShape(), expected)))
    return emitOpError("(C2) positions of type ")
           << positions << " and dim = " << frequencies.getDim()
           << " make tables with a last dimension of "
           << frequencies.getDim() / 2
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
  reified.assign(2, getMixedTableSizes(builder));
  return success();
}
