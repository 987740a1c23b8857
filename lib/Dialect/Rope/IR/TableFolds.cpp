//===- TableFolds.cpp - Folds of rope.sincos and rope.rotation_matrix -----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tables of position zero, and operands that are known at compile time.
//
//===----------------------------------------------------------------------===//

#include "Canonicalization.h"
#include "Rope/Dialect/Rope/IR/ExactReal.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::rope;

/// `value` in the element type of tables: narrow ones are rounded from f32.
static FloatAttr roundForTable(const ExactReal &value, FloatType element) {
  bool isF64 = element.isF64();
  APFloat rounded =
      value.round(isF64 ? APFloat::IEEEdouble() : APFloat::IEEEsingle());
  bool losesInfo;
  rounded.convert(element.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                  &losesInfo);
  return FloatAttr::get(element, rounded);
}

/// A cos(0 w) = A, A sin(0 w) = 0.
LogicalResult SinCosOp::fold(FoldAdaptor adaptor,
                             SmallVectorImpl<OpFoldResult> &results) {
  if (!hasTensorSemantics())
    return memref::foldMemRefCast(*this);
  ShapedType table = getTableType();
  if (!matchPattern(adaptor.getPositions(), m_Zero()) ||
      !table.hasStaticShape() || getLength() || getSequenceLength())
    return failure();
  auto element = cast<FloatType>(table.getElementType());
  ExactReal factor = getFrequencies().getAttentionFactor();
  results.push_back(
      DenseElementsAttr::get(table, roundForTable(factor, element)));
  results.push_back(
      DenseElementsAttr::get(table, FloatAttr::get(element, 0.0)));
  return success();
}

/// The constants that a fold makes are those of arith.
Operation *RopeDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                            Type type, Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}

LogicalResult RotationMatrixOp::fold(FoldAdaptor,
                                     SmallVectorImpl<OpFoldResult> &) {
  return hasTensorSemantics() ? failure() : memref::foldMemRefCast(*this);
}

/// Replaces `op` by casts of the results of `staticOp` to the types of `op`'s.
static void replaceWithCasts(PatternRewriter &rewriter, Operation *op,
                             ValueRange results) {
  SmallVector<Value> casts;
  for (auto [type, result] : llvm::zip_equal(op->getResultTypes(), results))
    casts.push_back(
        rewriter.createOrFold<tensor::CastOp>(op->getLoc(), type, result));
  rewriter.replaceOp(op, casts);
}

namespace {
/// What the operands show at compile time: sincos(cast(p)) = cast(sincos(p)),
/// the same for a constant length, and a constant length of the sequence is
/// one of the frequencies.
struct SinCosOfConstants final : OpRewritePattern<SinCosOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SinCosOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasTensorSemantics())
      return rewriter.notifyMatchFailure(op, "not on tensors");
    Value positions = lookThroughCast(op.getPositions());
    Value sequenceLength = op.getSequenceLength();
    FrequenciesAttr frequencies = op.getFrequencies();
    std::optional<int64_t> constant =
        sequenceLength ? getConstantIntValue(sequenceLength) : std::nullopt;
    if (constant && *constant >= 1 && *constant <= INT32_MAX) {
      frequencies = frequencies.atSequenceLength(*constant);
      sequenceLength = Value();
    }
    int64_t lengthDim = op.getNumPositionDims();
    bool isStaticLength = op.getLength() &&
                          op.getTableType().isDynamicDim(lengthDim) &&
                          getConstantIntValue(op.getLength()).value_or(-1) >= 0;
    if (positions == op.getPositions() && !isStaticLength &&
        frequencies == op.getFrequencies())
      return rewriter.notifyMatchFailure(op, "no operand is known better");
    auto tables = SinCosOp::create(
        rewriter, op.getLoc(), positions, op.getTableType().getElementType(),
        frequencies, op.getAccuracy(), op.getLength(), sequenceLength);
    tables->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    replaceWithCasts(rewriter, op, tables.getResults());
    return success();
  }
};

/// rotation_matrix(cast(c), cast(s)) = cast(rotation_matrix(c, s)).
struct RotationMatrixOfCast final : OpRewritePattern<RotationMatrixOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotationMatrixOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasTensorSemantics())
      return rewriter.notifyMatchFailure(op, "not on tensors");
    Value cos = lookThroughCast(op.getCos());
    Value sin = lookThroughCast(op.getSin());
    if (cos == op.getCos() && sin == op.getSin())
      return rewriter.notifyMatchFailure(op, "no table is a cast");
    SmallVector<Type> types;
    if (failed(RotationMatrixOp::inferReturnTypes(op.getContext(), op.getLoc(),
                                                  {cos, sin}, /*attributes=*/{},
                                                  nullptr, {}, types)))
      return failure();
    auto matrix = RotationMatrixOp::create(
        rewriter, op.getLoc(), types, ValueRange{cos, sin}, op.getProperties());
    matrix->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    replaceWithCasts(rewriter, op, matrix->getResults());
    return success();
  }
};
} // namespace

void SinCosOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<SinCosOfConstants>(context);
  populateZeroFrequencyPatterns(patterns);
}

void RotationMatrixOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                   MLIRContext *context) {
  patterns.add<RotationMatrixOfCast>(context);
}
