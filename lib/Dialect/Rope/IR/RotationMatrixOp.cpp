//===- RotationMatrixOp.cpp - The matrix of a rotation --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verification and shapes of `rope.rotation_matrix`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "TableTypes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

/// [..., r, r] for tables of shape [..., r/2].
static SmallVector<int64_t> getMatrixShape(ShapedType table) {
  SmallVector<int64_t> shape(table.getShape().drop_back());
  int64_t rotaryDim = 2 * table.getShape().back();
  shape.append({rotaryDim, rotaryDim});
  return shape;
}

/// Whether the width of a table is known.
static bool hasStaticWidth(ShapedType table) {
  return table.getRank() != 0 && table.getShape().back() > 0;
}

LogicalResult RotationMatrixOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> location, ValueRange operands,
    DictionaryAttr, OpaqueProperties, RegionRange,
    SmallVectorImpl<Type> &inferred) {
  auto table = dyn_cast<RankedTensorType>(operands.front().getType());
  if (!table)
    return success();
  // C1
  if (!hasStaticWidth(table))
    return emitOptionalError(location,
                             "'rope.rotation_matrix' op (C1) the last "
                             "dimension of the tables must be static and "
                             "positive, got ",
                             table);
  inferred.push_back(
      RankedTensorType::get(getMatrixShape(table), table.getElementType()));
  return success();
}

LogicalResult RotationMatrixOp::verify() {
  // C1
  if (failed(verifySameTables(*this, "C1", getCos().getType(),
                              getSin().getType())))
    return failure();
  if (!hasStaticWidth(getTableType()))
    return emitOpError("(C1) the last dimension of the tables must be static "
                       "and positive, got ")
           << getTableType();
  // C2
  if (hasTensorSemantics() != static_cast<bool>(getResult()) ||
      hasTensorSemantics() == static_cast<bool>(getOutput()))
    return emitOpError("(C2) the tensor form has a result and no destination, "
                       "the memref form the reverse");
  if (!getOutput())
    return success();
  auto output = cast<ShapedType>(getOutput().getType());
  if (output.getElementType() != getTableType().getElementType() ||
      failed(verifyCompatibleShape(output.getShape(),
                                   getMatrixShape(getTableType()))))
    return emitOpError("(C2) tables of type ")
           << getTableType() << " do not make a matrix of type " << output;
  return success();
}

void RotationMatrixOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  if (!hasTensorSemantics())
    getDestinationFormEffects(*this, getOutputMutable(), effects);
}

Speculation::Speculatability RotationMatrixOp::getSpeculatability() {
  return getStaticShapeSpeculatability(*this);
}

void RotationMatrixOp::getAsmResultNames(OpAsmSetValueNameFn setName) {
  if (hasTensorSemantics())
    setName(getResult(), "matrix");
}

LogicalResult
RotationMatrixOp::reifyResultShapes(OpBuilder &builder,
                                    ReifiedRankedShapedTypeDims &reified) {
  if (!hasTensorSemantics())
    return failure();
  SmallVector<OpFoldResult> shape =
      tensor::getMixedSizes(builder, getLoc(), getCos());
  shape.back() = builder.getIndexAttr(getRotaryDim());
  shape.push_back(builder.getIndexAttr(getRotaryDim()));
  reified.assign(1, shape);
  return success();
}
