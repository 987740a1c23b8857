//===- MergeToAffine.cpp - rope.merge as loops of vectors -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The factors w_x / (w_a + w_b) of a row are made once and serve all its lanes.
// Products are rounded before their sum, so that a merge is commutative to the
// last bit. The log-sum-exp of a row is stored behind its lanes: its
// destination may be what the row reads.
//
//===----------------------------------------------------------------------===//

#include "ExpKernel.h"
#include "LoopEmitter.h"
#include "NarrowFloat.h"
#include "Rope/Conversion/RopeToAffine/RopeToAffine.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"
#include <limits>

using namespace mlir;
using namespace mlir::rope;

static FloatType getElementType(Value buffer) {
  return cast<FloatType>(cast<MemRefType>(buffer.getType()).getElementType());
}

/// The widest of f32 and the element types.
static FloatType getComputeType(MergeOp op) {
  FloatType widest = Float32Type::get(op.getContext());
  for (Value buffer : {op.getLhs(), op.getLhsLse()})
    if (getElementType(buffer).getWidth() > widest.getWidth())
      widest = getElementType(buffer);
  return widest;
}

namespace {
/// A row of a partial: its lanes times a factor, nothing where it is empty.
struct Partial {
  Value out;
  LaneValue lse, isEmpty, factor;
};

/// out = (w_a out_a + w_b out_b) / (w_a + w_b), lse = m + log(w_a + w_b)
struct MergeToAffine final : OpRewritePattern<MergeOp> {
  MergeToAffine(MLIRContext *context, const RopeToAffineOptions &options)
      : OpRewritePattern(context), options(options) {}

  LogicalResult matchAndRewrite(MergeOp op,
                                PatternRewriter &rewriter) const override {
    if (std::optional<std::string> obstacle = getMemoryObstacle(op))
      return rewriter.notifyMatchFailure(op, *obstacle);
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    LoopEmitter emitter(builder);
    SmallVector<OpFoldResult> sizes =
        memref::getMixedSizes(builder, op.getLoc(), op.getOutput());
    bool parallel = options.parallel && isWorthThreads(sizes);
    OpFoldResult width = sizes.pop_back_val();
    SmallVector<int64_t> steps(sizes.size(), 1);
    emitter.emitNest(sizes, steps, parallel,
                     [&](ValueRange row) { emitRow(emitter, op, row, width); });
    rewriter.eraseOp(op);
    return success();
  }

private:
  void emitRow(LoopEmitter &emitter, MergeOp op, ValueRange row,
               OpFoldResult width) const {
    ImplicitLocOpBuilder &builder = emitter.getBuilder();
    FloatType type = getComputeType(op);
    SmallVector<LaneIndex> place(row.begin(), row.end());
    auto load = [&](Value out, Value lse) {
      LaneValue x =
          convertFloat(LaneValue(builder, emitter.load(lse, place, 1)), type);
      return Partial{out, x,
                     x.compare(arith::CmpFPredicate::OEQ,
                               -std::numeric_limits<double>::infinity()),
                     LaneValue()};
    };
    Partial lhs = load(op.getLhs(), op.getLhsLse());
    Partial rhs = load(op.getRhs(), op.getRhsLse());
    // Finite where both are empty: their weights are exp(-inf) = 0.
    LaneValue larger =
        lhs.lse.emit<arith::MaximumFOp>(lhs.lse.get(), rhs.lse.get());
    LaneValue shift =
        (lhs.isEmpty & rhs.isEmpty).select(larger.like(0.0), larger);
    lhs.factor = emitExp(lhs.lse - shift);
    rhs.factor = emitExp(rhs.lse - shift);
    LaneValue sum = lhs.factor + rhs.factor;
    for (Partial *partial : {&lhs, &rhs})
      partial->factor =
          sum.emit<arith::DivFOp>(partial->factor.get(), sum.get());
    emitLanes(emitter, op, lhs, rhs, row, width);
    // log(0) = -inf where both are empty.
    LaneValue lse = shift + sum.emit<math::LogOp>(sum.get());
    emitter.store(convertFloat(lse, getElementType(op.getLseOutput())).get(),
                  op.getLseOutput(), place);
  }

  void emitLanes(LoopEmitter &emitter, MergeOp op, const Partial &lhs,
                 const Partial &rhs, ValueRange row, OpFoldResult width) const {
    ImplicitLocOpBuilder &builder = emitter.getBuilder();
    Value output = op.getOutput();
    FloatType type = getComputeType(op);
    auto merge = [&](Value lane, int64_t lanes) {
      auto weigh = [&](const Partial &partial) {
        LaneValue x = convertFloat(
            LaneValue(builder,
                      emitter.load(partial.out, row, LaneIndex(lane), lanes)),
            type);
        Value factor = partial.factor.get();
        if (lanes != 1)
          factor = vector::BroadcastOp::create(builder, x.getType(), factor);
        LaneValue product = x * LaneValue(builder, factor);
        return partial.isEmpty.select(x.like(0.0), product);
      };
      LaneValue sum = weigh(lhs) + weigh(rhs);
      emitter.store(convertFloat(sum, getElementType(output)).get(), output,
                    row, LaneIndex(lane));
    };
    OpFoldResult whole = builder.getIndexAttr(0);
    bool isContiguous =
        llvm::all_of(ValueRange{lhs.out, rhs.out, output}, hasUnitStrideLanes);
    if (isContiguous) {
      int64_t lanes = options.vectorBits / type.getWidth();
      whole = affine::makeComposedFoldedAffineApply(
          builder, op.getLoc(),
          builder.getAffineDimExpr(0).floorDiv(lanes) * lanes, width);
      emitter.emitRange(OpFoldResult(builder.getIndexAttr(0)), whole, lanes,
                        [&](Value lane) { merge(lane, lanes); });
    }
    emitter.emitRange(whole, width, 1, [&](Value lane) { merge(lane, 1); });
  }

  RopeToAffineOptions options;
};
} // namespace

void rope::populateMergeToAffinePatterns(RewritePatternSet &patterns,
                                         const RopeToAffineOptions &options) {
  patterns.add<MergeToAffine>(patterns.getContext(), options);
}
