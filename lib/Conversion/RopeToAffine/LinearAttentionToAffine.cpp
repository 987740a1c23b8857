//===- LinearAttentionToAffine.cpp - Linear attention as loops ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Heads of keys are independent. What is allocated: the sums of one of them and
// a chunk of rows, for every head that runs.
//
//===----------------------------------------------------------------------===//

#include "LinearBlock.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
struct LinearAttentionToAffine final : OpRewritePattern<LinearAttentionOp> {
  LinearAttentionToAffine(MLIRContext *context,
                          const RopeToAffineOptions &options)
      : OpRewritePattern(context), options(options) {}

  LogicalResult matchAndRewrite(LinearAttentionOp op,
                                PatternRewriter &rewriter) const override {
    if (std::optional<std::string> obstacle = getMemoryObstacle(op))
      return rewriter.notifyMatchFailure(op, *obstacle);
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    LoopEmitter emitter(builder);
    OpFoldResult batches =
        memref::getMixedSize(builder, op.getLoc(), op.getKey(), 0);
    OpFoldResult tokens = memref::getMixedSize(
        builder, op.getLoc(), op.getKey(), op.getSequenceDimension());
    OpFoldResult heads = builder.getIndexAttr(op.getNumKvHeads());
    bool isParallel = options.parallel &&
                      isWorthThreads({batches, heads, tokens,
                                      builder.getIndexAttr(op.getNumFeatures()),
                                      builder.getIndexAttr(op.getValueDim())});
    Value projection = LinearBlock::packProjection(
        op, emitter, options.vectorBits / op.getComputeType().getWidth());
    std::optional<LinearBlock> block;
    if (!isParallel)
      block.emplace(op, emitter, options, projection);
    emitter.emitNest({batches, heads}, {1, 1}, isParallel,
                     [&](ValueRange item) {
                       // Each iteration has sums of its own.
                       if (isParallel)
                         block.emplace(op, emitter, options, projection);
                       block->emit(item[0], item[1]);
                       if (isParallel)
                         block->deallocate();
                     });
    if (!isParallel)
      block->deallocate();
    if (projection)
      memref::DeallocOp::create(builder, projection);
    rewriter.eraseOp(op);
    return success();
  }

private:
  RopeToAffineOptions options;
};
} // namespace

void rope::populateLinearAttentionToAffinePatterns(
    RewritePatternSet &patterns, const RopeToAffineOptions &options) {
  patterns.add<LinearAttentionToAffine>(patterns.getContext(), options);
}
