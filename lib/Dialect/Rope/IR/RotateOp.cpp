//===- RotateOp.cpp - Rotation of pairs of lanes --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verification and shapes of `rope.rotate`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "TableTypes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

LogicalResult RotateOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                         ValueRange operands, DictionaryAttr,
                                         OpaqueProperties, RegionRange,
                                         SmallVectorImpl<Type> &inferred) {
  if (!operands.empty() && isa<TensorType>(operands.front().getType()))
    inferred.push_back(operands.front().getType());
  return success();
}

std::pair<int64_t, int64_t> RotateOp::getPairLanes(PairingKind pairing,
                                                   int64_t offset,
                                                   int64_t rotaryDim,
                                                   int64_t i) {
  if (pairing == PairingKind::Half)
    return {offset + i, offset + i + rotaryDim / 2};
  return {offset + 2 * i, offset + 2 * i + 1};
}

LogicalResult RotateOp::verify() {
  ShapedType input = getInputType();
  ShapedType table = getTableType();

  // C1
  if (input.getRank() == 0 || input.isDynamicDim(input.getRank() - 1))
    return emitOpError("(C1) the last dimension of the input must be static, "
                       "got ")
           << input;
  int64_t offset = getOffset();
  if (offset < 0)
    return emitOpError("(C1) offset must not be negative, got ") << offset;
  int64_t rotaryDim = getEffectiveRotaryDim();
  if (rotaryDim <= 0 || rotaryDim % 2)
    return emitOpError("(C1) rotary dimension must be even and positive, got ")
           << rotaryDim << " for input of type " << input
           << " and tables of type " << table;
  if (rotaryDim > getHeadDim() - offset)
    return emitOpError("(C1) offset ")
           << offset << " plus rotary dimension " << rotaryDim
           << " is past the end of the last dimension of " << input;

  // C2
  if (failed(verifySameTables(*this, "C2", getCos().getType(),
                              getSin().getType())))
    return failure();
  if (table.getRank() != static_cast<int64_t>(getAlong().size()) + 1)
    return emitOpError("(C2) tables must have rank ")
           << getAlong().size() + 1 << ", one more than `along` names, got "
           << table << " for input of type " << input;
  int64_t width = table.getShape().back();
  if (width != rotaryDim / 2 && width != rotaryDim)
    return emitOpError("(C2) the last dimension of the tables must be ")
           << rotaryDim / 2 << " (one entry a pair) or " << rotaryDim
           << " (one entry a lane), got " << table << " for input of type "
           << input;

  // C3
  int64_t previous = -1;
  for (auto [position, dim] : llvm::enumerate(getAlong())) {
    if (dim <= previous || dim >= input.getRank() - 1)
      return emitOpError("(C3) `along` must be strictly increasing and name "
                         "leading dimensions of ")
             << input << ", got [" << getAlong() << "]";
    previous = dim;
    if (failed(verifyCompatibleShape({input.getDimSize(dim)},
                                     {table.getDimSize(position)})))
      return emitOpError("(C3) dimension ")
             << dim << " of input of type " << input << " and dimension "
             << position << " of tables of type " << table << " must agree";
  }

  // C4
  if (hasTensorSemantics() != isa<TensorType>(table))
    return emitOpError("(C4) input and tables must be all tensors or all "
                       "memrefs, got ")
           << input << " and " << table;
  if (hasTensorSemantics() != static_cast<bool>(getResult()) ||
      hasTensorSemantics() == static_cast<bool>(getOutput()))
    return emitOpError("(C4) the tensor form has a result and no destination, "
                       "the memref form the reverse");
  if (!getOutput())
    return success();
  auto output = cast<ShapedType>(getOutput().getType());
  if (output.getElementType() != input.getElementType() ||
      failed(verifyCompatibleShape(output.getShape(), input.getShape())))
    return emitOpError("(C4) the destination must have the input's shape and "
                       "element type, got ")
           << output << " for input of type " << input;
  if (getOutput() == getCos() || getOutput() == getSin())
    return emitOpError("(C4) the destination must not be one of the tables");
  if (getOutput() == getInput() && getEffectiveResultPairing() != getPairing())
    return emitOpError("(C4) in place, result_pairing must be pairing");
  return success();
}

void RotateOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  if (!hasTensorSemantics())
    getDestinationFormEffects(*this, getOutputMutable(), effects);
}

Speculation::Speculatability RotateOp::getSpeculatability() {
  return getStaticShapeSpeculatability(*this);
}

void RotateOp::getAsmResultNames(OpAsmSetValueNameFn setName) {
  if (hasTensorSemantics())
    setName(getResult(), "rotated");
}

LogicalResult
RotateOp::reifyResultShapes(OpBuilder &builder,
                            ReifiedRankedShapedTypeDims &reified) {
  if (!hasTensorSemantics())
    return failure();
  reified.assign(1, tensor::getMixedSizes(builder, getLoc(), getInput()));
  return success();
}
