//===- MergeOp.cpp - Merging partial attention ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Syntax, verification, shapes and folds of `rope.merge`.
//
//===----------------------------------------------------------------------===//

#include "PartialTypes.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "TableTypes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

/// `T, L`: the types of a partial.
static ParseResult parsePartial(OpAsmParser &parser, Type &out, Type &lse) {
  return failure(parser.parseType(out) || parser.parseComma() ||
                 parser.parseType(lse));
}

ParseResult rope::parsePartialTypes(OpAsmParser &parser, Type &lhs,
                                    Type &lhsLse, Type &rhs, Type &rhsLse,
                                    Type &output, Type &lseOutput) {
  if (parsePartial(parser, lhs, lhsLse))
    return failure();
  rhs = lhs;
  rhsLse = lhsLse;
  if (succeeded(parser.parseOptionalKeyword("and")) &&
      parsePartial(parser, rhs, rhsLse))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("into")))
    return parsePartial(parser, output, lseOutput);
  return success();
}

void rope::printPartialTypes(OpAsmPrinter &printer, Operation *, Type lhs,
                             Type lhsLse, Type rhs, Type rhsLse, Type output,
                             Type lseOutput) {
  printer << lhs << ", " << lhsLse;
  if (rhs != lhs || rhsLse != lhsLse)
    printer << " and " << rhs << ", " << rhsLse;
  if (output)
    printer << " into " << output << ", " << lseOutput;
}

LogicalResult MergeOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                        ValueRange operands, DictionaryAttr,
                                        OpaqueProperties, RegionRange,
                                        SmallVectorImpl<Type> &inferred) {
  if (operands.size() >= 2 && isa<TensorType>(operands.front().getType()))
    llvm::append_range(inferred, operands.take_front(2).getTypes());
  return success();
}

/// Whether two shaped types agree in all but layout and unknown sizes.
static bool haveSameElements(Type lhs, Type rhs) {
  return getElementTypeOrSelf(lhs) == getElementTypeOrSelf(rhs) &&
         succeeded(verifyCompatibleShape(lhs, rhs));
}

LogicalResult MergeOp::verify() {
  // C1
  ShapedType out = getPartialType(), lse = getLseType();
  if (out.getRank() == 0 || !haveSameElements(out, getRhs().getType()))
    return emitOpError("(C1) both partials must have one shape and element "
                       "type and a rank of at least 1, got ")
           << out << " and " << getRhs().getType();
  if (!haveSameElements(lse, getRhsLse().getType()))
    return emitOpError("(C1) both lse must have one shape and element type, "
                       "got ")
           << lse << " and " << getRhsLse().getType();
  if (failed(verifyCompatibleShape(out.getShape().drop_back(), lse.getShape())))
    return emitOpError("(C1) lse must have the leading dimensions of its "
                       "partial, got ")
           << lse << " for " << out;

  // C2
  for (Value operand : getOperands())
    if (isa<TensorType>(operand.getType()) != hasTensorSemantics())
      return emitOpError("(C2) operands must be all tensors or all memrefs, "
                         "got ")
             << out << " and " << operand.getType();
  if (getNumResults() != (hasTensorSemantics() ? 2 : 0) ||
      getNumOperands() != (hasTensorSemantics() ? 4 : 6))
    return emitOpError("(C2) the tensor form has two results and no "
                       "destinations, the memref form the reverse");
  if (hasTensorSemantics())
    return success();
  if (!haveSameElements(out, getOutput().getType()) ||
      !haveSameElements(lse, getLseOutput().getType()))
    return emitOpError("(C2) destinations must have the shapes and element "
                       "types of a partial, got ")
           << getOutput().getType() << " and " << getLseOutput().getType()
           << " for " << out << " and " << lse;
  return success();
}

void MergeOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  if (!hasTensorSemantics())
    getDestinationFormEffects(*this, MutableOperandRange(*this, 4, 2), effects);
}

Speculation::Speculatability MergeOp::getSpeculatability() {
  return getStaticShapeSpeculatability(*this);
}

void MergeOp::getAsmResultNames(OpAsmSetValueNameFn setName) {
  if (!hasTensorSemantics())
    return;
  setName(getMerged(), "merged");
  setName(getLse(), "lse");
}

LogicalResult MergeOp::reifyResultShapes(OpBuilder &builder,
                                         ReifiedRankedShapedTypeDims &reified) {
  if (!hasTensorSemantics())
    return failure();
  SmallVector<OpFoldResult> shape =
      tensor::getMixedSizes(builder, getLoc(), getLhs());
  reified.push_back(shape);
  shape.pop_back();
  reified.push_back(shape);
  return success();
}

/// Whether every entry is the constant -inf: a partial without keys.
static bool isNegativeInfinity(Attribute lse) {
  APFloat value(0.0);
  return lse && matchPattern(lse, m_ConstantFloat(&value)) &&
         value.isInfinity() && value.isNegative();
}

/// Whether `out` is zero wherever `lse` is -inf, as every merge leaves it, and
/// every attention whose output is not rotated, maybe by tables that are not
/// finite.
static bool isZeroWhereEmpty(Value out, Value lse) {
  if (auto merge = out.getDefiningOp<MergeOp>())
    return merge.getMerged() == out && merge.getLse() == lse;
  if (auto attention = out.getDefiningOp<AttentionOp>())
    return attention.getOut() == out && attention.getLse() == lse &&
           !attention.getOutputTables();
  return matchPattern(out, m_AnyZeroFloat());
}

/// merge(x, empty) = merge(empty, x) = x, where empty rows of x are zero.
LogicalResult MergeOp::fold(FoldAdaptor adaptor,
                            SmallVectorImpl<OpFoldResult> &results) {
  if (!hasTensorSemantics())
    return failure();
  auto foldTo = [&](Value out, Value lse) {
    if (out.getType() != getMerged().getType() ||
        lse.getType() != getLse().getType() || !isZeroWhereEmpty(out, lse))
      return failure();
    results.assign({out, lse});
    return success();
  };
  if (isNegativeInfinity(adaptor.getRhsLse()))
    return foldTo(getLhs(), getLhsLse());
  if (isNegativeInfinity(adaptor.getLhsLse()))
    return foldTo(getRhs(), getRhsLse());
  return failure();
}
