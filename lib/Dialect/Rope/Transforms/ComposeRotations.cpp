//===- ComposeRotations.cpp - Rotations of rotations ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rotations of the plane are a group. As real numbers the two sides of each
// rule are equal; as floats they are rounded elsewhere.
//
//===----------------------------------------------------------------------===//

#include "PositionSums.h"
#include "Rope/Dialect/Rope/Transforms/Patterns.h"
#include "RotationCost.h"
#include "RotationFacts.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

/// The rotation that `outer` rotates, if both rotate the same pairs of lanes by
/// an entry a pair.
static RotateOp getRotatedRotation(RotateOp outer) {
  auto inner = outer.getInput().getDefiningOp<RotateOp>();
  if (!inner || outer.hasPerLaneTables() || inner.hasPerLaneTables() ||
      inner.getOffset() != outer.getOffset() ||
      inner.getEffectiveRotaryDim() != outer.getEffectiveRotaryDim() ||
      inner.getEffectiveResultPairing() != outer.getPairing())
    return {};
  return inner;
}

/// One rotation of what `inner` rotates in place of `outer`.
static void replaceBoth(PatternRewriter &rewriter, RotateOp outer,
                        RotateOp inner, Value cos, Value sin,
                        ArrayRef<int64_t> along, bool inverse) {
  PairingKind result = outer.getEffectiveResultPairing();
  PairingAttr resultPairing =
      result == inner.getPairing()
          ? PairingAttr()
          : PairingAttr::get(outer.getContext(), result);
  rewriter.replaceOpWithNewOp<RotateOp>(
      outer, inner.getInput().getType(), inner.getInput(), /*output=*/Value(),
      cos, sin, rewriter.getDenseI64ArrayAttr(along), inner.getPairingAttr(),
      resultPairing, inner.getOffsetAttr(), inner.getRotaryDimAttr(),
      inverse ? rewriter.getUnitAttr() : UnitAttr());
}

namespace {
/// R(p)^-1 R(p) x = x, for pure rotations.
struct CancelInverseRotations final : OpRewritePattern<RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotateOp outer,
                                PatternRewriter &rewriter) const override {
    RotateOp inner = getRotatedRotation(outer);
    if (!inner)
      return rewriter.notifyMatchFailure(
          outer, "not of a rotation of the same pairs of lanes");
    if (outer.getCos() != inner.getCos() || outer.getSin() != inner.getSin() ||
        outer.getAlong() != inner.getAlong())
      return rewriter.notifyMatchFailure(outer, "tables differ");
    if (outer.getInverse() == inner.getInverse())
      return rewriter.notifyMatchFailure(outer, "both turn the same way");
    if (!isPure(outer))
      return rewriter.notifyMatchFailure(outer, "not proven to be pure");
    if (outer.getEffectiveResultPairing() != inner.getPairing())
      return rewriter.notifyMatchFailure(outer, "lanes are moved");
    rewriter.replaceOp(outer, inner.getInput());
    return success();
  }
};

/// R(p) R(q) x = R(p + q) x, for pure rotations of equal frequencies.
struct ComposePositions final : OpRewritePattern<RotateOp> {
  ComposePositions(MLIRContext *context, int64_t maxPosition,
                   PatternBenefit benefit)
      : OpRewritePattern(context, benefit), maxPosition(maxPosition) {}

  LogicalResult matchAndRewrite(RotateOp outer,
                                PatternRewriter &rewriter) const override {
    RotateOp inner = getRotatedRotation(outer);
    if (!inner)
      return rewriter.notifyMatchFailure(
          outer, "not of a rotation of the same pairs of lanes");
    if (!isPure(outer) || !isPure(inner))
      return rewriter.notifyMatchFailure(outer, "not proven to be pure");
    SinCosOp outerTables = getSinCos(outer), innerTables = getSinCos(inner);
    FrequenciesAttr frequencies = outerTables.getFrequencies();
    if (frequencies != innerTables.getFrequencies())
      return rewriter.notifyMatchFailure(outer, "frequencies differ");
    // f32 rounds each angle: the sum of two angles is not that of the sum.
    if (outerTables.getAccuracy() != AccuracyKind::Exact ||
        innerTables.getAccuracy() != AccuracyKind::Exact)
      return rewriter.notifyMatchFailure(outer, "angles are not exact");
    if (outerTables.getTableType().getElementType() !=
        innerTables.getTableType().getElementType())
      return rewriter.notifyMatchFailure(outer, "tables of two types");
    Value outerPositions = outerTables.getPositions();
    Value innerPositions = innerTables.getPositions();
    if (getPositionBound(outerPositions, maxPosition) +
            getPositionBound(innerPositions, maxPosition) >=
        (uint64_t(1) << 31))
      return rewriter.notifyMatchFailure(outer,
                                         "the sum may be too large (C1)");
    SmallVector<int64_t> along;
    for (int64_t dim : llvm::seq<int64_t>(0, inner.getInputType().getRank()))
      if (llvm::is_contained(outer.getAlong(), dim) ||
          llvm::is_contained(inner.getAlong(), dim))
        along.push_back(dim);
    CostModel model;
    Value input = inner.getInput();
    SizePolynomial numPositions(1);
    for (int64_t dim : along)
      numPositions *= model.getSize(input, dim);
    RotationCost cost =
        CostModel::getRotateCost(outer, model.getNumRows(input));
    cost += CostModel::getSinCosCost(frequencies, numPositions);
    if (!cost.isLowerThan(model.getCostOfDead(
            outer, {input, outerPositions, innerPositions})))
      return rewriter.notifyMatchFailure(outer, "would not lower the cost");

    Location loc = outer.getLoc();
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, input);
    Type elementType = getSumType(getElementTypeOrSelf(outerPositions),
                                  getElementTypeOrSelf(innerPositions));
    Value p = broadcastPositions(rewriter, loc, outerPositions,
                                 outer.getAlong(), along, sizes, elementType);
    Value q = broadcastPositions(rewriter, loc, innerPositions,
                                 inner.getAlong(), along, sizes, elementType);
    // The outer direction is that of the result.
    Value sum = outer.getInverse() == inner.getInverse()
                    ? arith::AddIOp::create(rewriter, loc, p, q).getResult()
                    : arith::SubIOp::create(rewriter, loc, p, q).getResult();
    auto tables = SinCosOp::create(rewriter, loc, sum,
                                   outerTables.getTableType().getElementType(),
                                   frequencies, AccuracyKind::Exact);
    replaceBoth(rewriter, outer, inner, tables.getCos(), tables.getSin(), along,
                outer.getInverse());
    return success();
  }

private:
  int64_t maxPosition;
};

/// R(c2, s2) R(c1, s1) x = R(c2 c1 - s2 s1, s2 c1 + c2 s1) x.
struct ComposeTables final : OpRewritePattern<RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotateOp outer,
                                PatternRewriter &rewriter) const override {
    RotateOp inner = getRotatedRotation(outer);
    if (!inner)
      return rewriter.notifyMatchFailure(
          outer, "not of a rotation of the same pairs of lanes");
    auto type = cast<RankedTensorType>(outer.getCos().getType());
    if (outer.getAlong() != inner.getAlong() ||
        inner.getCos().getType() != type || outer.getSin().getType() != type ||
        inner.getSin().getType() != type)
      return rewriter.notifyMatchFailure(outer, "tables of two types");
    if (!type.getElementType().isF32() && !type.getElementType().isF64())
      return rewriter.notifyMatchFailure(outer, "narrow tables round too much");
    CostModel model;
    Value input = inner.getInput();
    RotationCost cost =
        CostModel::getRotateCost(outer, model.getNumRows(input));
    // Four products, a difference and a sum.
    SizePolynomial work(6);
    work *= model.getNumElements(outer.getCos());
    cost += {work, 6};
    Value c1 = inner.getCos(), s1 = inner.getSin();
    Value c2 = outer.getCos(), s2 = outer.getSin();
    if (!cost.isLowerThan(model.getCostOfDead(outer, {input, c1, s1, c2, s2})))
      return rewriter.notifyMatchFailure(outer, "would not lower the cost");

    Location loc = outer.getLoc();
    auto multiply = [&](Value left, Value right) -> Value {
      return arith::MulFOp::create(rewriter, loc, left, right);
    };
    Value cc = multiply(c2, c1), ss = multiply(s2, s1);
    Value sc = multiply(s2, c1), cs = multiply(c2, s1);
    Value cos, sin;
    if (outer.getInverse() == inner.getInverse()) {
      cos = arith::SubFOp::create(rewriter, loc, cc, ss);
      sin = arith::AddFOp::create(rewriter, loc, sc, cs);
    } else {
      // The inner sine has the other sign.
      cos = arith::AddFOp::create(rewriter, loc, cc, ss);
      sin = arith::SubFOp::create(rewriter, loc, sc, cs);
    }
    replaceBoth(rewriter, outer, inner, cos, sin, outer.getAlong(),
                outer.getInverse());
    return success();
  }
};
} // namespace

void rope::populateComposeRotationPatterns(RewritePatternSet &patterns,
                                           int64_t maxPosition) {
  MLIRContext *context = patterns.getContext();
  // The rule that leaves least comes first.
  patterns.add<CancelInverseRotations>(context, /*benefit=*/3);
  patterns.add<ComposePositions>(context, maxPosition, /*benefit=*/2);
  patterns.add<ComposeTables>(context, /*benefit=*/1);
}
