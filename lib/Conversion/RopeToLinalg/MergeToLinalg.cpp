//===- MergeToLinalg.cpp - Reference lowering of rope.merge ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One `linalg.generic` over the elements of the average, one over the rows of
// the log-sum-exp. The second comes last: its destination may be what the first
// reads.
//
//===----------------------------------------------------------------------===//

#include "Rope/Conversion/RopeToLinalg/RopeToLinalg.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "ShapedEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
/// The weights of two partials at one row, in the type of the computation.
struct Weights {
  Value lhs, rhs, sum;
  /// Whether a partial has no keys in this row.
  Value lhsEmpty, rhsEmpty, bothEmpty;
  /// The larger lse, or zero where both are empty.
  Value shift;
};
} // namespace

/// The widest of f32 and the element types.
static FloatType getComputeType(MergeOp op) {
  FloatType widest = Float32Type::get(op.getContext());
  for (ShapedType type : {op.getPartialType(), op.getLseType()}) {
    auto element = cast<FloatType>(type.getElementType());
    if (element.getWidth() > widest.getWidth())
      widest = element;
  }
  return widest;
}

/// w_x = exp(lse_x - m). The shift is finite where both are empty, so that
/// their weights are exp(-inf) = 0 and not NaN.
static Weights buildWeights(OpBuilder &builder, Location loc, Value lhsLse,
                            Value rhsLse) {
  auto type = cast<FloatType>(lhsLse.getType());
  Value infinity = arith::ConstantOp::create(
      builder, loc,
      builder.getFloatAttr(type, APFloat::getInf(type.getFloatSemantics(),
                                                 /*Negative=*/true)));
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  auto isEmpty = [&](Value lse) -> Value {
    return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ, lse,
                                 infinity);
  };
  auto weigh = [&](Value lse, Value shift) -> Value {
    return math::ExpOp::create(builder, loc,
                               arith::SubFOp::create(builder, loc, lse, shift));
  };
  Weights weights;
  weights.lhsEmpty = isEmpty(lhsLse);
  weights.rhsEmpty = isEmpty(rhsLse);
  Value larger = arith::MaximumFOp::create(builder, loc, lhsLse, rhsLse);
  weights.bothEmpty = isEmpty(larger);
  weights.shift =
      arith::SelectOp::create(builder, loc, weights.bothEmpty, zero, larger);
  weights.lhs = weigh(lhsLse, weights.shift);
  weights.rhs = weigh(rhsLse, weights.shift);
  weights.sum = arith::AddFOp::create(builder, loc, weights.lhs, weights.rhs);
  return weights;
}

/// (w_a out_a + w_b out_b) / (w_a + w_b), without the terms of empty partials.
static Value buildAverage(OpBuilder &builder, Location loc,
                          const Weights &weights, Value lhs, Value rhs) {
  Value zero = arith::ConstantOp::create(builder, loc,
                                         builder.getZeroAttr(lhs.getType()));
  auto weigh = [&](Value empty, Value weight, Value out) -> Value {
    Value product = arith::MulFOp::create(builder, loc, weight, out);
    return arith::SelectOp::create(builder, loc, empty, zero, product);
  };
  Value sum = arith::AddFOp::create(builder, loc,
                                    weigh(weights.lhsEmpty, weights.lhs, lhs),
                                    weigh(weights.rhsEmpty, weights.rhs, rhs));
  Value average = arith::DivFOp::create(builder, loc, sum, weights.sum);
  return arith::SelectOp::create(builder, loc, weights.bothEmpty, zero,
                                 average);
}

namespace {
/// merge = the average, then the log-sum-exp.
struct MergeToLinalg final : OpRewritePattern<MergeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MergeOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Type computeType = getComputeType(op);
    unsigned rank = op.getPartialType().getRank();
    Value output = op.getOutput(), lseOutput = op.getLseOutput();
    // In place of the first partial where nothing else needs it, as in a loop
    // that carries the merged.
    if (op.hasTensorSemantics()) {
      output = op.getLhs();
      lseOutput = op.getLhsLse();
    }

    AffineMap all = rewriter.getMultiDimIdentityMap(rank);
    AffineMap row = all.dropResult(rank - 1);
    auto average = linalg::GenericOp::create(
        rewriter, loc, TypeRange(op->getResultTypes()).take_front(1),
        ValueRange{op.getLhs(), op.getRhs(), op.getLhsLse(), op.getRhsLse()},
        ValueRange{output}, ArrayRef<AffineMap>{all, all, row, row, all},
        SmallVector<utils::IteratorType>(rank, utils::IteratorType::parallel),
        [&](OpBuilder &nested, Location nestedLoc, ValueRange args) {
          SmallVector<Value> wide;
          for (Value arg : args.drop_back())
            wide.push_back(convertFloat(nested, nestedLoc, arg, computeType));
          Weights weights = buildWeights(nested, nestedLoc, wide[2], wide[3]);
          Value result =
              buildAverage(nested, nestedLoc, weights, wide[0], wide[1]);
          linalg::YieldOp::create(
              nested, nestedLoc,
              convertFloat(nested, nestedLoc, result, args.back().getType()));
        });

    AffineMap rows = rewriter.getMultiDimIdentityMap(rank - 1);
    auto logSumExp = linalg::GenericOp::create(
        rewriter, loc,
        TypeRange(op->getResultTypes())
            .drop_front(op.hasTensorSemantics() ? 1 : 0),
        ValueRange{op.getLhsLse(), op.getRhsLse()}, ValueRange{lseOutput},
        ArrayRef<AffineMap>{rows, rows, rows},
        SmallVector<utils::IteratorType>(rank - 1,
                                         utils::IteratorType::parallel),
        [&](OpBuilder &nested, Location nestedLoc, ValueRange args) {
          Weights weights = buildWeights(
              nested, nestedLoc,
              convertFloat(nested, nestedLoc, args[0], computeType),
              convertFloat(nested, nestedLoc, args[1], computeType));
          // log(0) = -inf where both are empty.
          Value log = math::LogOp::create(nested, nestedLoc, weights.sum);
          Value lse =
              arith::AddFOp::create(nested, nestedLoc, weights.shift, log);
          linalg::YieldOp::create(
              nested, nestedLoc,
              convertFloat(nested, nestedLoc, lse, args.back().getType()));
        });
    SmallVector<Value> results(average.getResults());
    llvm::append_range(results, logSumExp.getResults());
    rewriter.replaceOp(op, results);
    return success();
  }
};
} // namespace

void rope::populateMergeToLinalgPatterns(RewritePatternSet &patterns) {
  patterns.add<MergeToLinalg>(patterns.getContext());
}
