//===- RotateIdentities.cpp - Rotations by special angles -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Local rules for sines that are negated or zero. Every bit stays, but for the
// sign of zero and elements that are not finite.
//
//===----------------------------------------------------------------------===//

#include "Canonicalization.h"
#include "Rope/Dialect/Rope/IR/ExactReal.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
/// R(c, -s) = R(c, s)^-1, up to the scale: the direction is an attribute.
struct AbsorbNegatedSine final : OpRewritePattern<RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotateOp op,
                                PatternRewriter &rewriter) const override {
    auto negation = op.getSin().getDefiningOp<arith::NegFOp>();
    if (!negation)
      return rewriter.notifyMatchFailure(op, "the sine is not negated");
    rewriter.modifyOpInPlace(op, [&] {
      op.getSinMutable().assign(negation.getOperand());
      op.setInverse(!op.getInverse());
    });
    return success();
  }
};

/// R(A, 0) x = A x, for a constant A.
struct ScaleByConstant final : OpRewritePattern<RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotateOp op,
                                PatternRewriter &rewriter) const override {
    SplatElementsAttr scale;
    if (!op.hasTensorSemantics() ||
        !matchPattern(op.getCos(), m_Constant(&scale)) ||
        !matchPattern(op.getSin(), m_AnyZeroFloat()))
      return rewriter.notifyMatchFailure(op, "not one cosine without a sine");
    auto type = cast<RankedTensorType>(op.getInput().getType());
    if (op.getEffectiveRotaryDim() != op.getHeadDim() ||
        op.getEffectiveResultPairing() != op.getPairing())
      return rewriter.notifyMatchFailure(op, "lanes are kept or moved");
    // The product of one type is rounded once, as the rotation is.
    if (scale.getElementType() != type.getElementType() ||
        !type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "types differ or are dynamic");
    Value factor = arith::ConstantOp::create(
        rewriter, op.getLoc(),
        DenseElementsAttr::get(type, scale.getSplatValue<APFloat>()));
    rewriter.replaceOpWithNewOp<arith::MulFOp>(op, op.getInput(), factor);
    return success();
  }
};
} // namespace

/// The frequencies w_i, i in [begin, end), and no others; null where they have
/// no exact attribute.
static FrequenciesAttr sliceFrequencies(SinCosOp op, int64_t begin,
                                        int64_t end) {
  FrequenciesAttr frequencies = op.getFrequencies();
  MLIRContext *context = op.getContext();
  SmallVector<APFloat> values;
  if (auto table = dyn_cast<TableScalingAttr>(frequencies.getScaling()))
    values = llvm::to_vector(table.getValues().getValues<APFloat>());
  else if (op.getAccuracy() == AccuracyKind::F32Angle)
    values = frequencies.getRounded(APFloat::IEEEsingle());
  else
    return {};
  auto kept = ArrayRef(values).slice(begin, end - begin);
  Type element = &kept.front().getSemantics() == &APFloat::IEEEsingle()
                     ? Type(Float32Type::get(context))
                     : Type(Float64Type::get(context));
  auto slice = cast<DenseFPElementsAttr>(DenseElementsAttr::get(
      RankedTensorType::get(end - begin, element), kept));
  return FrequenciesAttr::get(context, 2 * (end - begin), frequencies.getBase(),
                              TableScalingAttr::get(context, slice));
}

namespace {
/// R(p) leaves pairs of frequency zero as they are, where A = 1.
struct PassThroughPairs final : OpRewritePattern<SinCosOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SinCosOp op,
                                PatternRewriter &rewriter) const override {
    FrequenciesAttr frequencies = op.getFrequencies();
    if (!op.hasTensorSemantics() || frequencies.hasAxes() ||
        frequencies.getScaling().dependsOnSequenceLength() ||
        !frequencies.isPure())
      return rewriter.notifyMatchFailure(op, "not proven to be pure");
    SmallVector<ExactReal> exact = frequencies.getExact();
    int64_t begin = 0, end = exact.size();
    while (end > 0 && exact[end - 1].isZero())
      --end;
    while (begin < end && exact[begin].isZero())
      ++begin;
    if (end - begin == static_cast<int64_t>(exact.size()))
      return rewriter.notifyMatchFailure(op, "no frequency at an end is zero");
    // A user reads both tables.
    SetVector<RotateOp> rotations;
    for (Operation *user : op->getUsers()) {
      auto rotate = dyn_cast<RotateOp>(user);
      if (!rotate || rotate.getCos() != op.getCos() ||
          rotate.getSin() != op.getSin() || rotate.hasPerLaneTables() ||
          rotate.getEffectiveResultPairing() != rotate.getPairing())
        return rewriter.notifyMatchFailure(op, "not only rotations in place");
      // What is left of halves are no halves of a range.
      if (begin != end && rotate.getPairing() != PairingKind::Interleaved)
        return rewriter.notifyMatchFailure(op, "pairs are not neighbours");
      rotations.insert(rotate);
    }
    if (rotations.empty())
      return rewriter.notifyMatchFailure(op, "nothing is rotated");
    if (begin == end) {
      for (RotateOp rotate : rotations)
        rewriter.replaceOp(rotate, rotate.getInput());
      return success();
    }
    FrequenciesAttr kept = sliceFrequencies(op, begin, end);
    if (!kept)
      return rewriter.notifyMatchFailure(op, "frequencies are no table");
    auto narrow = SinCosOp::create(rewriter, op.getLoc(), op.getPositions(),
                                   op.getTableType().getElementType(), kept,
                                   op.getAccuracy(), op.getLength());
    for (RotateOp rotate : rotations)
      rewriter.modifyOpInPlace(rotate, [&] {
        rotate.getCosMutable().assign(narrow.getCos());
        rotate.getSinMutable().assign(narrow.getSin());
        rotate.setOffset(rotate.getOffset() + 2 * begin);
        rotate.setRotaryDim(2 * (end - begin));
      });
    return success();
  }
};
} // namespace

void rope::populateRotateIdentityPatterns(RewritePatternSet &patterns) {
  patterns.add<AbsorbNegatedSine, ScaleByConstant>(patterns.getContext());
}

void rope::populateZeroFrequencyPatterns(RewritePatternSet &patterns) {
  patterns.add<PassThroughPairs>(patterns.getContext());
}
