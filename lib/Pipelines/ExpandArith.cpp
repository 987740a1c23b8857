//===- ExpandArith.cpp - Arithmetic that LLVM lacks -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `rope-expand-arith`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Pipelines/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::rope {
#define GEN_PASS_DEF_EXPANDARITH
#include "Rope/Pipelines/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;

namespace {
/// bf16(x) = bf16(f32_odd(x)): rounded to odd, the first rounding cannot move x
/// onto or across a tie of the second (f32 has more than 8 + 1 bits).
struct TruncateF64ToBF16 final : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    Value wide = op.getIn();
    if (!getElementTypeOrSelf(wide).isF64() ||
        !getElementTypeOrSelf(op.getType()).isBF16())
      return rewriter.notifyMatchFailure(op, "not from f64 to bf16");
    Location loc = op.getLoc();
    auto like = [&](Type element) -> Type {
      if (auto shaped = dyn_cast<ShapedType>(op.getType()))
        return shaped.clone(element);
      return element;
    };
    Type f32 = like(rewriter.getF32Type()), i32 = like(rewriter.getI32Type());
    auto constant = [&](int32_t value) -> Value {
      TypedAttr attribute = rewriter.getI32IntegerAttr(value);
      if (auto shaped = dyn_cast<ShapedType>(i32))
        attribute = DenseElementsAttr::get(shaped, value);
      return arith::ConstantOp::create(rewriter, loc, attribute);
    };

    // The nearest f32, its bits, and what it stands for.
    Value nearest = arith::TruncFOp::create(rewriter, loc, f32, wide);
    Value bits = arith::BitcastOp::create(rewriter, loc, i32, nearest);
    Value back = arith::ExtFOp::create(rewriter, loc, wide.getType(), nearest);
    // Where it is inexact and even, its neighbour on the other side of x is
    // odd: one below in magnitude if the nearest is too large, else one above.
    Value magnitude = math::AbsFOp::create(rewriter, loc, wide);
    Value backMagnitude = math::AbsFOp::create(rewriter, loc, back);
    Value inexact = arith::CmpFOp::create(
        rewriter, loc, arith::CmpFPredicate::ONE, back, wide);
    Value tooLarge = arith::CmpFOp::create(
        rewriter, loc, arith::CmpFPredicate::OGT, backMagnitude, magnitude);
    Value lowBit = arith::AndIOp::create(rewriter, loc, bits, constant(1));
    Value isEven = arith::CmpIOp::create(
        rewriter, loc, arith::CmpIPredicate::eq, lowBit, constant(0));
    Value step = arith::SelectOp::create(rewriter, loc, tooLarge, constant(-1),
                                         constant(1));
    Value neighbour = arith::AddIOp::create(rewriter, loc, bits, step);
    Value moves = arith::AndIOp::create(rewriter, loc, inexact, isEven);
    Value odd = arith::SelectOp::create(rewriter, loc, moves, neighbour, bits);
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(
        op, op.getType(), arith::BitcastOp::create(rewriter, loc, f32, odd));
    return success();
  }
};

struct ExpandArith : rope::impl::ExpandArithBase<ExpandArith> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<TruncateF64ToBF16>(&getContext());
    arith::populateExpandBFloat16Patterns(patterns);
    arith::populateCeilFloorDivExpandOpsPatterns(patterns);
    // LLVM widens bf16 by a shift; what narrows it may be a call.
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isa<arith::TruncFOp, arith::CeilDivSIOp, arith::CeilDivUIOp,
              arith::FloorDivSIOp>(op))
        ops.push_back(op);
    });
    if (failed(applyOpPatternsGreedily(ops, std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
