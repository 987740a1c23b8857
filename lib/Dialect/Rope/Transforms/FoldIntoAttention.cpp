//===- FoldIntoAttention.cpp - Rotations of operands of attention ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// rope.attention rotates its operands and its output itself: no rotated copy is
// written to memory and read again. A rotation with other users stays, since
// it would be done twice.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/Patterns.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::rope;

/// What `rotate` is as a rotation of a tensor of `op` whose sequence is that of
/// the tables, in an operand whose lanes are those of several tensors, its own
/// `numBefore` lanes after the first. Null with the reason.
static RotationAttr getRotation(AttentionOp op, RotateOp rotate,
                                PatternRewriter &rewriter,
                                std::optional<int64_t> numBefore = {}) {
  auto refuse = [&](const char *reason) {
    (void)rewriter.notifyMatchFailure(rotate, reason);
    return RotationAttr();
  };
  if (rotate.getEffectiveResultPairing() != rotate.getPairing())
    return refuse("lanes are moved");
  int64_t sequence = op.getSequenceDimension();
  if (rotate.getAlong() != ArrayRef<int64_t>{sequence} &&
      rotate.getAlong() != ArrayRef<int64_t>{0, sequence})
    return refuse("tables are not by position, or batch and position");
  return RotationAttr::get(op.getContext(), rotate.getPairing(),
                           rotate.getOffset() + numBefore.value_or(0),
                           numBefore ? rotate.getEffectiveRotaryDim()
                                     : rotate.getRotaryDim().value_or(0),
                           rotate.getInverse());
}

/// Whether `value`, which an op after `op` uses, is there before `op`.
static bool isComputedBefore(Value value, Operation *op) {
  Operation *producer = value.getDefiningOp();
  if (!producer)
    return true;
  Operation *ancestor = producer->getBlock()->findAncestorOpInBlock(*op);
  return ancestor && producer->isBeforeInBlock(ancestor);
}

/// The rotation that defines `operand` for `op` alone, if `tables` are free.
static RotateOp getRotationToFold(AttentionOp op, Value operand,
                                  const AttentionOp::Rotation &tables) {
  if (!op.hasTensorSemantics() || tables || !operand.hasOneUse())
    return {};
  return operand.getDefiningOp<RotateOp>();
}

namespace {
/// attention(R(p) q, k, v) = attention rotate_query(p) (q, k, v).
struct FoldRotatedQuery final : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    RotateOp rotate = getRotationToFold(op, op.getQuery(), op.getQueryTables());
    if (!rotate)
      return rewriter.notifyMatchFailure(op, "no query rotated for it alone");
    RotationAttr rotation = getRotation(op, rotate, rewriter);
    if (!rotation)
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.getQueryMutable().assign(rotate.getInput());
      op.getQueryCosMutable().assign(rotate.getCos());
      op.getQuerySinMutable().assign(rotate.getSin());
      op.setQueryRotationAttr(rotation);
    });
    return success();
  }
};

/// attention(q, R(p) k, v) = attention rotate_key(p) (q, k, v).
struct FoldRotatedKey final : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    RotateOp rotate = getRotationToFold(op, op.getKey(), op.getKeyTables());
    if (!rotate)
      return rewriter.notifyMatchFailure(op, "no key rotated for it alone");
    RotationAttr rotation =
        getRotation(op, rotate, rewriter,
                    op.getKeyTail() ? std::optional<int64_t>(0) : std::nullopt);
    if (!rotation)
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.getKeyMutable().assign(rotate.getInput());
      op.getKeyCosMutable().assign(rotate.getCos());
      op.getKeySinMutable().assign(rotate.getSin());
      op.setKeyRotationAttr(rotation);
    });
    return success();
  }
};

/// attention(q, [k, R(p) t], v) = attention rotate_key(p) (q, [k, t], v).
struct FoldRotatedKeyTail final : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getKeyTail())
      return rewriter.notifyMatchFailure(op, "the key has no tail");
    RotateOp rotate = getRotationToFold(op, op.getKeyTail(), op.getKeyTables());
    if (!rotate)
      return rewriter.notifyMatchFailure(op, "no tail rotated for it alone");
    RotationAttr rotation =
        getRotation(op, rotate, rewriter, op.getOwnKeyDim());
    if (!rotation)
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.getKeyTailMutable().assign(rotate.getInput());
      op.getKeyCosMutable().assign(rotate.getCos());
      op.getKeySinMutable().assign(rotate.getSin());
      op.setKeyRotationAttr(rotation);
    });
    return success();
  }
};

/// attention(q, k, R(p) v) = attention rotate_value(p) (q, k, v).
struct FoldRotatedValue final : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    RotateOp rotate = getRotationToFold(op, op.getValue(), op.getValueTables());
    if (!rotate)
      return rewriter.notifyMatchFailure(op, "no value rotated for it alone");
    RotationAttr rotation = getRotation(op, rotate, rewriter);
    if (!rotation)
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.getValueMutable().assign(rotate.getInput());
      op.getValueCosMutable().assign(rotate.getCos());
      op.getValueSinMutable().assign(rotate.getSin());
      op.setValueRotationAttr(rotation);
    });
    return success();
  }
};

/// R(p) attention(q, k, v) = attention rotate_output(p) (q, k, v).
struct FoldRotatedOutput final : OpRewritePattern<RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotateOp rotate,
                                PatternRewriter &rewriter) const override {
    auto op = rotate.getInput().getDefiningOp<AttentionOp>();
    if (!op || rotate.getInput() != op.getOut() || op.getOutputTables() ||
        !op.getOut().hasOneUse())
      return rewriter.notifyMatchFailure(rotate,
                                         "no output for this rotation alone");
    RotationAttr rotation = getRotation(op, rotate, rewriter);
    if (!rotation)
      return failure();
    if (!isComputedBefore(rotate.getCos(), op) ||
        !isComputedBefore(rotate.getSin(), op))
      return rewriter.notifyMatchFailure(rotate,
                                         "tables are computed afterwards");
    rewriter.modifyOpInPlace(op, [&] {
      op.getOutputCosMutable().assign(rotate.getCos());
      op.getOutputSinMutable().assign(rotate.getSin());
      op.setOutputRotationAttr(rotation);
    });
    rewriter.replaceOp(rotate, op.getOut());
    return success();
  }
};
} // namespace

void rope::populateFoldIntoAttentionPatterns(RewritePatternSet &patterns) {
  patterns.add<FoldRotatedKey, FoldRotatedKeyTail, FoldRotatedOutput,
               FoldRotatedQuery, FoldRotatedValue>(patterns.getContext());
}
