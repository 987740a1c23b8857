//===- RelativePositions.cpp - Products of two rotated values -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// q . k of two rotated vectors depends on the difference of their positions
// only (equation (16) of RoFormer): what both have in common disappears.
//
//===----------------------------------------------------------------------===//

#include "PositionSums.h"
#include "Rope/Dialect/Rope/Transforms/Patterns.h"
#include "RotatedPair.h"
#include "RotationCost.h"
#include "RotationFacts.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
/// (P R(p) q) . (P R(p') k) = (R(p) q) . (R(p') k), for a permutation P of
/// lanes.
struct DropCommonPermutation final
    : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<RotatedPair> pair = getRotatedPair(op, rewriter);
    if (failed(pair))
      return failure();
    RotateOp q = pair->q.rotate, k = pair->k.rotate;
    if (q.getEffectiveResultPairing() == q.getPairing() ||
        q.getPairing() != k.getPairing())
      return rewriter.notifyMatchFailure(op, "no common permutation");
    CostModel model;
    RotationCost cost = model.getCost(op);
    SmallVector<Value> kept(op.getDpsInits());
    for (const RotatedOperand &operand : {pair->q, pair->k}) {
      RotateOp rotate = operand.rotate;
      SizePolynomial work(rotate.getEffectiveRotaryDim());
      work *= model.getNumRows(rotate.getInput());
      cost += {work, 1};
      for (Operation *step : operand.path)
        cost += model.getCost(step);
      llvm::append_range(kept, rotate->getOperands());
    }
    if (!cost.isLowerThan(model.getCostOfDead(op, kept)))
      return rewriter.notifyMatchFailure(op, "would not lower the cost");
    for (unsigned number : {0, 1}) {
      RotatedOperand &operand = number == 0 ? pair->q : pair->k;
      RotateOp rotate = operand.rotate;
      rewriter.setInsertionPoint(rotate);
      RotateOp inPlace =
          rotateLike(rewriter, rotate, rotate.getInput(), rotate.getCos(),
                     rotate.getSin(), rotate.getAlong());
      inPlace.removeResultPairingAttr();
      replaceRotation(rewriter, op, number, operand, inPlace.getResult());
    }
    return success();
  }
};

/// (R(p) q) . (R(p) k) = q . k, for pure rotations by one table.
struct DropCommonRotation final : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<RotatedPair> pair = getRotatedPair(op, rewriter);
    if (failed(pair))
      return failure();
    RotateOp q = pair->q.rotate, k = pair->k.rotate;
    if (q.getCos() != k.getCos() || q.getSin() != k.getSin() ||
        q.getInverse() != k.getInverse() || q.getPairing() != k.getPairing())
      return rewriter.notifyMatchFailure(op, "rotations differ");
    if (pair->q.getTableLoops() != pair->k.getTableLoops())
      return rewriter.notifyMatchFailure(
          op, "rows of q and k meet at different positions");
    if (!isPure(q) || !isPure(k))
      return rewriter.notifyMatchFailure(op, "not proven to be pure");
    CostModel model;
    RotationCost cost = model.getCost(op);
    SmallVector<Value> kept(op.getDpsInits());
    for (const RotatedOperand &operand : {pair->q, pair->k}) {
      for (Operation *step : operand.path)
        cost += model.getCost(step);
      RotateOp rotate = operand.rotate;
      kept.push_back(rotate.getInput());
    }
    if (!cost.isLowerThan(model.getCostOfDead(op, kept)))
      return rewriter.notifyMatchFailure(op, "would not lower the cost");
    for (unsigned number : {0, 1}) {
      RotatedOperand &operand = number == 0 ? pair->q : pair->k;
      RotateOp rotate = operand.rotate;
      replaceRotation(rewriter, op, number, operand, rotate.getInput());
    }
    return success();
  }
};
} // namespace

/// The scalar that all elements of `value` are: its only constant, or the value
/// that is spread; null if it is neither.
static OpFoldResult getSpreadScalar(Value value) {
  SplatElementsAttr splat;
  if (matchPattern(value, m_Constant(&splat)))
    return splat.getSplatValue<Attribute>();
  if (auto spread = value.getDefiningOp<tensor::SplatOp>())
    return spread.getInput();
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    return fill.getInputs()[0];
  auto broadcast = value.getDefiningOp<linalg::BroadcastOp>();
  if (broadcast &&
      cast<RankedTensorType>(broadcast.getInput().getType()).getRank() == 0)
    return broadcast.getInput();
  return {};
}

/// Splits positions that are a sum of a scalar and others.
static std::optional<std::pair<Value, OpFoldResult>> splitSum(Value positions) {
  auto sum = positions.getDefiningOp<arith::AddIOp>();
  if (!sum)
    return std::nullopt;
  for (auto [rest, scalar] : {std::pair(sum.getLhs(), sum.getRhs()),
                              std::pair(sum.getRhs(), sum.getLhs())})
    if (OpFoldResult offset = getSpreadScalar(scalar))
      return std::pair(rest, offset);
  return std::nullopt;
}

namespace {
/// (R(p + o) q) . (R(p' + o) k) = (R(p) q) . (R(p') k), for pure rotations.
struct DropCommonOffset final : OpInterfaceRewritePattern<linalg::LinalgOp> {
  DropCommonOffset(MLIRContext *context, int64_t maxPosition)
      : OpInterfaceRewritePattern(context), maxPosition(maxPosition) {}

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<RotatedPair> pair = getRotatedPair(op, rewriter);
    if (failed(pair))
      return failure();
    RotateOp q = pair->q.rotate, k = pair->k.rotate;
    if (!isPure(q) || !isPure(k) || q.getInverse() != k.getInverse() ||
        q.getPairing() != k.getPairing())
      return rewriter.notifyMatchFailure(op, "not pure, one way");
    SinCosOp tablesQ = getSinCos(q), tablesK = getSinCos(k);
    if (tablesQ.getFrequencies() != tablesK.getFrequencies() ||
        tablesQ.getAccuracy() != AccuracyKind::Exact ||
        tablesK.getAccuracy() != AccuracyKind::Exact)
      return rewriter.notifyMatchFailure(op, "not exact, of one frequency");
    auto sumQ = splitSum(tablesQ.getPositions());
    auto sumK = splitSum(tablesK.getPositions());
    if (!sumQ || !sumK || sumQ->second != sumK->second)
      return rewriter.notifyMatchFailure(op, "no common offset");
    for (Value rest : {sumQ->first, sumK->first})
      if (getPositionBound(rest, maxPosition) >= (uint64_t(1) << 31))
        return rewriter.notifyMatchFailure(op, "may be no position (C1)");
    CostModel model;
    RotationCost cost = model.getCost(op);
    SmallVector<Value> kept(op.getDpsInits());
    for (RotatedOperand *operand : {&pair->q, &pair->k}) {
      RotateOp rotate = operand->rotate;
      cost += model.getCost(rotate);
      for (Operation *step : operand->path)
        cost += model.getCost(step);
      kept.push_back(rotate.getInput());
    }
    cost += model.getCost(tablesQ);
    if (tablesQ != tablesK)
      cost += model.getCost(tablesK);
    llvm::append_values(kept, sumQ->first, sumK->first);
    if (!cost.isLowerThan(model.getCostOfDead(op, kept)))
      return rewriter.notifyMatchFailure(op, "would not lower the cost");

    SinCosOp made;
    for (unsigned number : {0, 1}) {
      RotatedOperand &operand = number == 0 ? pair->q : pair->k;
      RotateOp rotate = operand.rotate;
      SinCosOp tables = number == 0 ? tablesQ : tablesK;
      rewriter.setInsertionPoint(tables);
      if (number == 0 || tablesQ != tablesK)
        made = SinCosOp::create(rewriter, tables.getLoc(),
                                number == 0 ? sumQ->first : sumK->first,
                                tables.getTableType().getElementType(),
                                tables.getFrequencies(), AccuracyKind::Exact);
      rewriter.setInsertionPoint(rotate);
      RotateOp relative =
          rotateLike(rewriter, rotate, rotate.getInput(), made.getCos(),
                     made.getSin(), rotate.getAlong());
      replaceRotation(rewriter, op, number, operand, relative.getResult());
    }
    return success();
  }

private:
  int64_t maxPosition;
};
} // namespace

void rope::populateRelativePositionPatterns(RewritePatternSet &patterns,
                                            bool algebraic,
                                            int64_t maxPosition) {
  MLIRContext *context = patterns.getContext();
  patterns.add<DropCommonPermutation>(context);
  if (!algebraic)
    return;
  patterns.add<DropCommonRotation>(context);
  patterns.add<DropCommonOffset>(context, maxPosition);
}
