//===- RotationFacts.cpp - What rules ask of a rotation -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RotationFacts.h"

#include "Rope/Dialect/Rope/IR/ExactReal.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

SinCosOp rope::getSinCos(RotateOp op) {
  auto tables = op.getCos().getDefiningOp<SinCosOp>();
  return tables && isByPosition(tables) && op.getCos() == tables.getCos() &&
                 op.getSin() == tables.getSin()
             ? tables
             : SinCosOp();
}

bool rope::isByPosition(SinCosOp op) {
  return isa<RankedTensorType>(op.getPositions().getType()) &&
         !op.getLength() && !op.getSequenceLength() &&
         !op.getFrequencies().hasAxes();
}

bool rope::isPure(RotateOp op) {
  SinCosOp tables = getSinCos(op);
  if (!tables || op.hasPerLaneTables())
    return false;
  FrequenciesAttr frequencies = tables.getFrequencies();
  auto getPrecision = [](Value value) {
    return llvm::APFloat::semanticsPrecision(
        cast<FloatType>(getElementTypeOrSelf(value)).getFloatSemantics());
  };
  return !frequencies.getScaling().dependsOnSequenceLength() &&
         frequencies.isPure() &&
         getPrecision(op.getCos()) >= getPrecision(op.getInput());
}

RotateOp rope::rotateLike(OpBuilder &builder, RotateOp op, Value input,
                          Value cos, Value sin, ArrayRef<int64_t> along) {
  return RotateOp::create(
      builder, op.getLoc(), input.getType(), input,
      /*output=*/Value(), cos, sin, builder.getDenseI64ArrayAttr(along),
      op.getPairingAttr(), op.getResultPairingAttr(), op.getOffsetAttr(),
      op.getRotaryDimAttr(), op.getInverseAttr());
}

std::optional<SmallVector<int64_t>> rope::getPermutation(Operation *op) {
  if (auto transpose = dyn_cast_or_null<linalg::TransposeOp>(op))
    return transpose->getNumResults() == 1
               ? std::optional(SmallVector<int64_t>(transpose.getPermutation()))
               : std::nullopt;
  std::optional<CopyLoops> copy = getCopyLoops(op);
  if (!copy || copy->numLoops == 0 || copy->loops.size() != copy->numLoops ||
      llvm::is_contained(copy->loops, -1))
    return std::nullopt;
  return invertPermutationVector(copy->loops);
}

std::optional<CopyLoops> rope::getCopyLoops(Operation *op) {
  auto copy = dyn_cast_or_null<linalg::LinalgOp>(op);
  if (!copy || copy->getNumResults() != 1 || copy.getNumDpsInputs() != 1)
    return std::nullopt;
  Operation *yield = copy.getBlock()->getTerminator();
  AffineMap from = copy.getMatchingIndexingMap(copy.getDpsInputOperand(0));
  AffineMap to = copy.getMatchingIndexingMap(copy.getDpsInitOperand(0));
  if (yield->getOperand(0) != copy.getBlock()->getArgument(0) ||
      !to.isIdentity())
    return std::nullopt;
  CopyLoops result{{}, to.getNumDims()};
  for (AffineExpr expr : from.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    bool isFirst = isa<AffineConstantExpr>(expr) &&
                   cast<AffineConstantExpr>(expr).getValue() == 0;
    if (!dim && !isFirst)
      return std::nullopt;
    if (dim && llvm::is_contained(result.loops, dim.getPosition()))
      return std::nullopt;
    result.loops.push_back(dim ? static_cast<int64_t>(dim.getPosition()) : -1);
  }
  return result;
}

Value rope::makeTranspose(OpBuilder &builder, Location loc, Value value,
                          ArrayRef<int64_t> permutation) {
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, value);
  SmallVector<OpFoldResult> permuted = applyPermutation(sizes, permutation);
  Value empty = tensor::EmptyOp::create(builder, loc, permuted,
                                        getElementTypeOrSelf(value));
  return linalg::TransposeOp::create(builder, loc, value, empty, permutation)
      ->getResult(0);
}
