//===- RotationMatrixToLinalg.cpp - Reference lowering of the matrix ------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Equation (15) of RoFormer: one `linalg.generic` over all entries of the
// matrix, which choose between the cosine, the sine, its negation and zero.
//
//===----------------------------------------------------------------------===//

#include "Rope/Conversion/RopeToLinalg/RopeToLinalg.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::rope;

/// The pair that a lane belongs to, the lane's partner, and whether the lane is
/// the first of the two (as an index: 0 or 1, zero for the first).
static std::tuple<AffineExpr, AffineExpr, AffineExpr>
describeLane(AffineExpr lane, PairingKind pairing, int64_t rotaryDim) {
  int64_t pairs = rotaryDim / 2;
  if (pairing == PairingKind::Half)
    return {lane % pairs, (lane + pairs) % rotaryDim, lane.floorDiv(pairs)};
  return {lane.floorDiv(2), lane + 1 - (lane % 2) * 2, lane % 2};
}

/// M[row, column]: cos where they are equal, -sin or sin where they are
/// partners, zero elsewhere.
static void buildEntry(OpBuilder &builder, Location loc, RotationMatrixOp op,
                       unsigned rank, ValueRange args) {
  Value row = linalg::IndexOp::create(builder, loc, rank - 2);
  Value column = linalg::IndexOp::create(builder, loc, rank - 1);
  auto [pair, partnerOf, placeOf] = describeLane(
      builder.getAffineDimExpr(0), op.getPairing(), op.getRotaryDim());
  auto apply = [&](AffineExpr expr) {
    return affine::makeComposedAffineApply(
        builder, loc, AffineMap::get(1, 0, expr), ArrayRef<OpFoldResult>{row});
  };
  auto equal = [&](Value lhs, Value rhs) -> Value {
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, lhs,
                                 rhs);
  };
  auto select = [&](Value condition, Value ifTrue, Value ifFalse) -> Value {
    return arith::SelectOp::create(builder, loc, condition, ifTrue, ifFalse);
  };
  Value zero = arith::ConstantOp::create(
      builder, loc, builder.getZeroAttr(args[0].getType()));
  Value negated = arith::NegFOp::create(builder, loc, args[1]);
  Value isFirst =
      equal(apply(placeOf), arith::ConstantIndexOp::create(builder, loc, 0));
  Value sine = select(isFirst, negated, args[1]);
  Value offDiagonal = select(equal(column, apply(partnerOf)), sine, zero);
  linalg::YieldOp::create(builder, loc,
                          select(equal(row, column), args[0], offDiagonal));
}

namespace {
/// rotation_matrix(cos, sin)[..., row, column] = M[row, column].
struct RotationMatrixToLinalg final : OpRewritePattern<RotationMatrixOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotationMatrixOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    MLIRContext *context = op.getContext();
    unsigned rank = op.getTableType().getRank() + 1;
    Value output = op.getOutput();
    if (op.hasTensorSemantics()) {
      SmallVector<OpFoldResult> sizes =
          tensor::getMixedSizes(rewriter, loc, op.getCos());
      sizes.back() = rewriter.getIndexAttr(op.getRotaryDim());
      sizes.push_back(sizes.back());
      output = tensor::EmptyOp::create(rewriter, loc, sizes,
                                       op.getTableType().getElementType());
    }

    SmallVector<AffineExpr> tableExprs;
    for (unsigned dim = 0; dim + 2 < rank; ++dim)
      tableExprs.push_back(rewriter.getAffineDimExpr(dim));
    tableExprs.push_back(
        std::get<0>(describeLane(rewriter.getAffineDimExpr(rank - 2),
                                 op.getPairing(), op.getRotaryDim())));
    AffineMap table = AffineMap::get(rank, 0, tableExprs, context);
    AffineMap all = AffineMap::getMultiDimIdentityMap(rank, context);
    auto matrix = linalg::GenericOp::create(
        rewriter, loc, op->getResultTypes(),
        ValueRange{op.getCos(), op.getSin()}, ValueRange{output},
        ArrayRef<AffineMap>{table, table, all},
        SmallVector<utils::IteratorType>(rank, utils::IteratorType::parallel),
        [&](OpBuilder &nested, Location nestedLoc, ValueRange args) {
          buildEntry(nested, nestedLoc, op, rank, args);
        });
    rewriter.replaceOp(op, matrix.getResults());
    return success();
  }
};
} // namespace

void rope::populateRotationMatrixToLinalgPatterns(RewritePatternSet &patterns) {
  patterns.add<RotationMatrixToLinalg>(patterns.getContext());
}
