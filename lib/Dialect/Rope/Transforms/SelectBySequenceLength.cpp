//===- SelectBySequenceLength.cpp - A table for each range of lengths -----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Frequencies that change at a few lengths of the sequence become a choice
// among ops with frequencies that are known at compile time.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/SequenceLength.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
/// sincos(p, n) = n <= n_1 ? sincos(p; n_1) : sincos(p; n_1 + 1), and so on.
struct SelectBySequenceLength final : OpRewritePattern<SinCosOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SinCosOp op,
                                PatternRewriter &rewriter) const override {
    FrequenciesAttr frequencies = op.getFrequencies();
    if (!frequencies.dependsOnSequenceLength())
      return rewriter.notifyMatchFailure(op, "frequencies are constant");
    if (frequencies.getScaling().getBaseStretch())
      return rewriter.notifyMatchFailure(op, "every length has a base");
    SmallVector<int64_t> steps =
        frequencies.getScaling().getSequenceLengthSteps();
    rewriter.replaceOp(op, emitChoice(rewriter, op, steps));
    return success();
  }

private:
  /// The tables for lengths behind which only `steps` follow.
  static SmallVector<Value> emitChoice(OpBuilder &builder, SinCosOp op,
                                       ArrayRef<int64_t> steps) {
    Location loc = op.getLoc();
    Value bound = arith::ConstantIndexOp::create(builder, loc, steps.front());
    Value isBelow = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::sle, op.getSequenceLength(), bound);
    auto below = [&](OpBuilder &body, Location) {
      scf::YieldOp::create(body, loc, emitAt(body, op, steps.front()));
    };
    auto above = [&](OpBuilder &body, Location) {
      ArrayRef<int64_t> rest = steps.drop_front();
      scf::YieldOp::create(body, loc,
                           rest.empty() ? emitAt(body, op, steps.front() + 1)
                                        : emitChoice(body, op, rest));
    };
    return scf::IfOp::create(builder, loc, isBelow, below, above).getResults();
  }

  /// The op for one length.
  static SmallVector<Value> emitAt(OpBuilder &builder, SinCosOp op,
                                   int64_t sequenceLength) {
    bool isTensorForm = op.hasTensorSemantics();
    auto tables = SinCosOp::create(
        builder, op.getLoc(), isTensorForm ? op.getCos().getType() : Type(),
        isTensorForm ? op.getSin().getType() : Type(), op.getPositions(),
        op.getLength(), /*sequenceLength=*/Value(), op.getCosDest(),
        op.getSinDest(), op.getFrequencies().atSequenceLength(sequenceLength),
        op.getAccuracyAttr());
    tables->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    return tables->getResults();
  }
};
} // namespace

void rope::populateSelectBySequenceLengthPatterns(RewritePatternSet &patterns) {
  patterns.add<SelectBySequenceLength>(patterns.getContext());
}
