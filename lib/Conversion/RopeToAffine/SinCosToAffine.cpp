//===- SinCosToAffine.cpp - rope.sincos as loops of vectors ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops over positions: blocks of rows where a table is long enough for them,
// else row by row.
//
//===----------------------------------------------------------------------===//

#include "Rope/Conversion/RopeToAffine/SinCosToAffine.h"

#include "LoopEmitter.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/SequenceLength.h"
#include "SinCosBlocks.h"
#include "SinCosGoal.h"
#include "SinCosRows.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::rope;

std::optional<std::string> mlir::rope::getSinCosToAffineObstacle(SinCosOp op) {
  if (std::optional<std::string> obstacle = getMemoryObstacle(op))
    return obstacle;
  return getAngleObstacle(op);
}

namespace {
/// cos[p, :], sin[p, :] = cos(p w), sin(p w) for every position p.
struct LowerSinCos final : OpRewritePattern<SinCosOp> {
  LowerSinCos(MLIRContext *context, const SinCosToAffineOptions &options)
      : OpRewritePattern(context), options(options) {}

  LogicalResult matchAndRewrite(SinCosOp op,
                                PatternRewriter &rewriter) const override {
    if (std::optional<std::string> obstacle = getSinCosToAffineObstacle(op))
      return rewriter.notifyMatchFailure(op, *obstacle);
    if (op.getFrequencies().dependsOnSequenceLength() &&
        !isStretched(op.getFrequencies()))
      return rewriter.notifyMatchFailure(op, "there is a choice to make");

    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    SmallVector<OpFoldResult> sizes = op.getMixedTableSizes(builder);
    sizes.pop_back();
    LoopEmitter loops(builder);
    SinCosRows rows(op, options);
    rows.emitFrequencies(builder);
    SinCosBlocks blocks(op, rows, sizes, options.parallel);
    blocks.emit(loops);
    rows.emitEnd(builder);
    rewriter.eraseOp(op);
    return success();
  }

private:
  SinCosToAffineOptions options;
};
} // namespace

void mlir::rope::populateSinCosToAffinePatterns(
    RewritePatternSet &patterns, const SinCosToAffineOptions &options) {
  patterns.add<LowerSinCos>(patterns.getContext(), options);
}
