//===- AttentionToLinalg.cpp - Reference lowering of rope.attention -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The equations of the op's description one after the other, each on whole
// tensors: rotations as `rope.rotate`, then the stages.
//
//===----------------------------------------------------------------------===//

#include "Rope/Conversion/RopeToLinalg/AttentionToLinalg.h"

#include "AttentionStages.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::rope;

/// The operand or output rotated by its tables; `firstLane` is the number that
/// the rotation gives to the first lane of the tensor.
static Value rotate(OpBuilder &builder, AttentionOp op, Value tensor,
                    AttentionOp::Rotation rotation, int64_t firstLane = 0) {
  auto type = cast<RankedTensorType>(tensor.getType());
  auto tables = cast<RankedTensorType>(rotation.cos.getType());
  SmallVector<int64_t> along{op.getSequenceDimension()};
  if (tables.getRank() == 3)
    along.insert(along.begin(), 0);
  RotationAttr lanes = rotation.lanes;
  int64_t rotaryDim =
      lanes.getEffectiveRotaryDim(firstLane + type.getShape().back());
  return RotateOp::create(
             builder, op.getLoc(), tensor, /*output=*/Value(), rotation.cos,
             rotation.sin, along, lanes.getPairing(),
             /*result_pairing=*/PairingAttr(), lanes.getOffset() - firstLane,
             builder.getI64IntegerAttr(rotaryDim), lanes.getInverse())
      .getResult();
}

/// The results of an attention without queries.
static SmallVector<Value> buildEmptyResults(OpBuilder &builder,
                                            AttentionOp op) {
  ReifiedRankedShapedTypeDims shapes;
  LogicalResult reified = op.reifyResultShapes(builder, shapes);
  assert(succeeded(reified) && "the tensor form has shapes");
  (void)reified;
  return llvm::map_to_vector(
      llvm::zip_equal(op.getResultTypes(), shapes), [&](auto result) -> Value {
        auto [type, shape] = result;
        return tensor::EmptyOp::create(
            builder, op.getLoc(), shape,
            cast<RankedTensorType>(type).getElementType());
      });
}

namespace {
/// attention(q, k, v) = softmax(scale q k^T + exclusion) v.
struct AttentionToLinalg final : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasTensorSemantics())
      return rewriter.notifyMatchFailure(op, "is bufferized");
    // Slices of an empty dimension do not verify.
    if (op.getQueryType().getDimSize(0) == 0 ||
        op.getQueryType().getDimSize(op.getSequenceDimension()) == 0) {
      rewriter.replaceOp(op, buildEmptyResults(rewriter, op));
      return success();
    }
    Value query = op.getQuery(), key = op.getKey(), value = op.getValue(),
          keyTail = op.getKeyTail();
    if (AttentionOp::Rotation tables = op.getQueryTables())
      query = rotate(rewriter, op, query, tables);
    if (AttentionOp::Rotation tables = op.getKeyTables()) {
      if (tables.lanes.getOffset() < op.getOwnKeyDim())
        key = rotate(rewriter, op, key, tables);
      else
        keyTail = rotate(rewriter, op, keyTail, tables, op.getOwnKeyDim());
    }
    if (AttentionOp::Rotation tables = op.getValueTables())
      value = rotate(rewriter, op, value, tables);

    AttentionStages stages(rewriter, op);
    Value raw = stages.buildRawScores(query, key, keyTail);
    Value capped = stages.buildCappedScores(raw);
    Value biased = stages.buildBiasedScores(capped);
    AttentionStages::Softmax softmax = stages.buildSoftmax(biased);
    Value out = stages.buildOutput(softmax.weights, value);
    if (AttentionOp::Rotation tables = op.getOutputTables())
      out = rotate(rewriter, op, out, tables);

    SmallVector<Value> results{out};
    if (op.getReturningLse())
      results.push_back(stages.buildLogSumExp(softmax));
    if (std::optional<ScoreKind> kind = op.getReturningScores()) {
      Value scores = *kind == ScoreKind::Raw      ? raw
                     : *kind == ScoreKind::Capped ? capped
                     : *kind == ScoreKind::Biased ? biased
                                                  : softmax.weights;
      results.push_back(
          stages.convert(scores, op.getQueryType().getElementType()));
    }
    rewriter.replaceOp(op, results);
    return success();
  }
};
} // namespace

std::optional<std::string> rope::getAttentionToLinalgObstacle(AttentionOp op) {
  if (op.hasTensorSemantics())
    return std::nullopt;
  return "it is bufferized; lower it before bufferization";
}

void rope::populateAttentionToLinalgPatterns(RewritePatternSet &patterns) {
  patterns.add<AttentionToLinalg>(patterns.getContext());
}
