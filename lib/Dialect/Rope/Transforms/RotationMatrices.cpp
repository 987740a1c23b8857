//===- RotationMatrices.cpp - Algebra of rope.rotation_matrix -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A matrix of a rotation is never multiplied: equation (34) of RoFormer in
// place of equation (15).
//
//===----------------------------------------------------------------------===//

#include "ConstantRotation.h"
#include "LaneContraction.h"
#include "Rope/Dialect/Rope/Transforms/Patterns.h"
#include "RotationFacts.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::rope;

/// `value` in place of the only result of `op`.
static void replaceWithCast(PatternRewriter &rewriter, Operation *op,
                            Value value) {
  Type type = op->getResult(0).getType();
  if (value.getType() != type)
    value = tensor::CastOp::create(rewriter, op->getLoc(), type, value);
  rewriter.replaceOp(op, value);
}

/// Replaces the contraction by a rotation.
static LogicalResult rotateInstead(PatternRewriter &rewriter,
                                   const LaneContraction &contraction,
                                   Value cos, Value sin, PairingKind pairing,
                                   int64_t offset, int64_t rotaryDim,
                                   bool inverse) {
  Value rows = contraction.makeRows(rewriter);
  int64_t numLanes = cast<RankedTensorType>(rows.getType()).getShape().back();
  auto rotated = RotateOp::create(
      rewriter, contraction.op->getLoc(), rows, /*output=*/Value(), cos, sin,
      contraction.along, pairing, /*result_pairing=*/PairingAttr(), offset,
      rotaryDim == numLanes - offset ? IntegerAttr()
                                     : rewriter.getI64IntegerAttr(rotaryDim),
      inverse);
  contraction.replaceBy(rewriter, rotated.getResult());
  return success();
}

namespace {
/// M(c, s) x = R(c, s) x, M(c, s)^T x = R(c, s)^T x, from either side.
struct ContractionWithMatrix final
    : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumDpsInputs() != 2)
      return rewriter.notifyMatchFailure(op, "not of two operands");
    for (OpOperand *operand : op.getDpsInputOperands()) {
      auto matrix = operand->get().getDefiningOp<RotationMatrixOp>();
      if (!matrix)
        continue;
      FailureOr<LaneContraction> contraction =
          LaneContraction::match(op, *operand, rewriter);
      if (failed(contraction))
        continue;
      CostModel model;
      RotationCost cost = contraction->getMovementCost(model);
      cost += {model.getNumElements(contraction->x), 1};
      if (!cost.isLowerThan(
              model.getCostOfDead(op, {contraction->x, matrix.getCos(),
                                       matrix.getSin(), contraction->init})))
        return rewriter.notifyMatchFailure(op, "would not lower the cost");
      return rotateInstead(rewriter, *contraction, matrix.getCos(),
                           matrix.getSin(), matrix.getPairing(), /*offset=*/0,
                           matrix.getRotaryDim(), contraction->isTransposed);
    }
    return rewriter.notifyMatchFailure(op, "not with a rotation matrix");
  }
};

/// C x = R(c, s) x, for a constant C that is the matrix of R(c, s).
struct ContractionWithConstantMatrix final
    : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumDpsInputs() != 2)
      return rewriter.notifyMatchFailure(op, "not of two operands");
    for (OpOperand *operand : op.getDpsInputOperands()) {
      std::optional<ConstantTensor> matrix = getConstantMatrix(operand->get());
      if (!matrix)
        continue;
      FailureOr<LaneContraction> contraction =
          LaneContraction::match(op, *operand, rewriter);
      if (failed(contraction))
        continue;
      ConstantRotation rotation(*matrix);
      if (!rotation.isRotation())
        return rewriter.notifyMatchFailure(op, rotation.getDisagreement());
      CostModel model;
      RotationCost cost = contraction->getMovementCost(model);
      cost += {model.getNumElements(contraction->x), 1};
      if (!cost.isLowerThan(
              model.getCostOfDead(op, {contraction->x, contraction->init})))
        return rewriter.notifyMatchFailure(op, "would not lower the cost");
      auto makeTable = [&](DenseElementsAttr table) -> Value {
        return arith::ConstantOp::create(rewriter, op.getLoc(), table);
      };
      return rotateInstead(
          rewriter, *contraction, makeTable(rotation.getCos()),
          makeTable(rotation.getSin(contraction->isTransposed)),
          rotation.getPairing(), rotation.getOffset(), rotation.getRotaryDim(),
          /*inverse=*/false);
    }
    return rewriter.notifyMatchFailure(op, "not with a constant matrix");
  }
};

/// M(c2, s2) M(c1, s1) = M(c2 c1 - s2 s1, s2 c1 + c2 s1).
struct ProductOfMatrices final : OpInterfaceRewritePattern<linalg::LinalgOp> {
  ProductOfMatrices(MLIRContext *context)
      : OpInterfaceRewritePattern(context, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumDpsInputs() != 2)
      return rewriter.notifyMatchFailure(op, "not of two operands");
    OpOperand &left = *op.getDpsInputOperand(0);
    OpOperand &right = *op.getDpsInputOperand(1);
    auto first = left.get().getDefiningOp<RotationMatrixOp>();
    auto second = right.get().getDefiningOp<RotationMatrixOp>();
    if (!first || !second || first.getPairing() != second.getPairing())
      return rewriter.notifyMatchFailure(op, "not of two alike matrices");
    Value c1 = first.getCos(), s1 = first.getSin();
    Value c2 = second.getCos(), s2 = second.getSin();
    for (Value table : {s1, c2, s2})
      if (table.getType() != c1.getType())
        return rewriter.notifyMatchFailure(op, "tables of two types");
    // y[.., n, m] = sum_k left[.., n, k] right[.., k, m], each maybe
    // transposed.
    FailureOr<LaneContraction> byLeft =
        LaneContraction::match(op, left, rewriter);
    FailureOr<LaneContraction> byRight =
        LaneContraction::match(op, right, rewriter);
    if (failed(byLeft) || failed(byRight))
      return failure();
    auto leading =
        llvm::to_vector(llvm::seq<int64_t>(0, byLeft->fromRows.size() - 2));
    auto isLeading = [&](ArrayRef<int64_t> dims) {
      return dims.take_front(leading.size()) == ArrayRef(leading);
    };
    if (byLeft->along != leading || byRight->along != leading ||
        !isLeading(byLeft->fromRows) || !isLeading(byLeft->toRows))
      return rewriter.notifyMatchFailure(op, "not matrix by matrix");
    if (byLeft->accumulates())
      return rewriter.notifyMatchFailure(op, "adds to other values");
    CostModel model;
    RotationCost cost = model.getCost(first);
    SizePolynomial work(7);
    work *= model.getNumElements(c1);
    cost += {work, 7};
    if (!cost.isLowerThan(model.getCostOfDead(op, {c1, s1, c2, s2})))
      return rewriter.notifyMatchFailure(op, "would not lower the cost");

    // Lanes n of the result first: the product, else its transpose.
    bool isTransposed = llvm::is_sorted(byLeft->fromRows);
    bool minusFirst = byLeft->isTransposed != isTransposed;
    bool minusSecond = !byRight->isTransposed != isTransposed;
    Location loc = op.getLoc();
    auto multiply = [&](Value a, Value b) -> Value {
      return arith::MulFOp::create(rewriter, loc, a, b);
    };
    auto add = [&](Value a, Value b, bool minus) -> Value {
      if (minus)
        return arith::SubFOp::create(rewriter, loc, a, b);
      return arith::AddFOp::create(rewriter, loc, a, b);
    };
    Value cos = add(multiply(c1, c2), multiply(s1, s2),
                    /*minus=*/minusFirst == minusSecond);
    Value sc = multiply(s1, c2), cs = multiply(c1, s2);
    Value sin = minusFirst && !minusSecond
                    ? add(cs, sc, /*minus=*/true)
                    : add(sc, cs, minusFirst != minusSecond);
    if (minusFirst && minusSecond)
      sin = arith::NegFOp::create(rewriter, loc, sin);
    auto matrix =
        RotationMatrixOp::create(rewriter, loc, cos, sin,
                                 /*output=*/Value(), first.getPairing());
    replaceWithCast(rewriter, op, matrix.getResult());
    return success();
  }
};

/// transpose(M(c, s)) = M(c, -s).
struct TransposeOfMatrix final : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<SmallVector<int64_t>> permutation = getPermutation(op);
    if (!permutation)
      return rewriter.notifyMatchFailure(op, "not a transposition");
    auto matrix =
        op.getDpsInputOperand(0)->get().getDefiningOp<RotationMatrixOp>();
    if (!matrix)
      return rewriter.notifyMatchFailure(op, "not of a rotation matrix");
    SmallVector<int64_t> expected =
        llvm::to_vector(llvm::seq<int64_t>(0, permutation->size()));
    std::swap(expected[expected.size() - 1], expected[expected.size() - 2]);
    if (*permutation != expected)
      return rewriter.notifyMatchFailure(op, "matrices are moved");
    CostModel model;
    RotationCost cost = model.getCost(matrix);
    cost += {model.getNumElements(matrix.getCos()), 1};
    if (!cost.isLowerThan(
            model.getCostOfDead(op, {matrix.getCos(), matrix.getSin()})))
      return rewriter.notifyMatchFailure(op, "would not lower the cost");
    Value minusSin =
        arith::NegFOp::create(rewriter, op.getLoc(), matrix.getSin());
    auto transposed = RotationMatrixOp::create(
        rewriter, op.getLoc(), matrix.getCos(), minusSin, /*output=*/Value(),
        matrix.getPairing());
    replaceWithCast(rewriter, op, transposed.getResult());
    return success();
  }
};
} // namespace

void rope::populateRotationMatrixPatterns(RewritePatternSet &patterns) {
  patterns.add<ContractionWithMatrix, ContractionWithConstantMatrix,
               ProductOfMatrices, TransposeOfMatrix>(patterns.getContext());
}
