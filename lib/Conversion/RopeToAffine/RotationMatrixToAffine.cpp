//===- RotationMatrixToAffine.cpp - The matrix as loops of vectors --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Equation (15) of RoFormer: two rows of a matrix for each pair of lanes, zero
// but for two entries each.
//
//===----------------------------------------------------------------------===//

#include "LoopEmitter.h"
#include "Rope/Conversion/RopeToAffine/RopeToAffine.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
/// for pairs (a, b): M[a, :] = 0, M[a, a] = c, M[a, b] = -s; M[b, :] likewise.
struct RotationMatrixToAffine final : OpRewritePattern<RotationMatrixOp> {
  RotationMatrixToAffine(MLIRContext *context,
                         const RopeToAffineOptions &options)
      : OpRewritePattern(context), options(options) {}

  LogicalResult matchAndRewrite(RotationMatrixOp op,
                                PatternRewriter &rewriter) const override {
    if (std::optional<std::string> obstacle = getMemoryObstacle(op))
      return rewriter.notifyMatchFailure(op, *obstacle);
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    SmallVector<OpFoldResult> sizes =
        memref::getMixedSizes(builder, op.getLoc(), op.getCos());
    sizes.pop_back();
    SmallVector<int64_t> steps(sizes.size(), 1);
    LoopEmitter emitter(builder);
    emitter.emitNest(sizes, steps, options.parallel, [&](ValueRange leading) {
      emitter.emitFor(
          builder.getIndexAttr(op.getRotaryDim() / 2),
          [&](Value pair) { emitPair(emitter, op, leading, pair); });
    });
    rewriter.eraseOp(op);
    return success();
  }

private:
  void emitPair(LoopEmitter &emitter, RotationMatrixOp op, ValueRange leading,
                Value pair) const {
    ImplicitLocOpBuilder &builder = emitter.getBuilder();
    LaneIndex i{pair, 1, 0};
    bool isHalf = op.getPairing() == PairingKind::Half;
    LaneIndex first = isHalf ? i : i * 2;
    LaneIndex second = first + (isHalf ? op.getRotaryDim() / 2 : 1);
    Value cos = emitter.load(op.getCos(), leading, i, 1);
    Value sin = emitter.load(op.getSin(), leading, i, 1);
    Value negated = arith::NegFOp::create(builder, sin);
    emitRow(emitter, op, leading, first, {{first, cos}, {second, negated}});
    emitRow(emitter, op, leading, second, {{first, sin}, {second, cos}});
  }

  void emitRow(LoopEmitter &emitter, RotationMatrixOp op, ValueRange leading,
               LaneIndex rowIndex,
               ArrayRef<std::pair<LaneIndex, Value>> entries) const {
    ImplicitLocOpBuilder &builder = emitter.getBuilder();
    SmallVector<Value> row(leading);
    row.push_back(emitter.getIndex(rowIndex));
    auto element = cast<FloatType>(op.getTableType().getElementType());
    auto emitZeros = [&](LaneIndex lane, int64_t lanes) {
      TypedAttr zero = builder.getFloatAttr(element, 0.0);
      if (lanes != 1)
        zero = DenseElementsAttr::get(VectorType::get(lanes, element), zero);
      emitter.store(arith::ConstantOp::create(builder, zero), op.getOutput(),
                    row, lane);
    };
    int64_t rotaryDim = op.getRotaryDim();
    int64_t lanes = hasUnitStrideLanes(op.getOutput())
                        ? options.vectorBits / element.getWidth()
                        : 1;
    if (int64_t vectors = rotaryDim / lanes)
      emitter.emitFor(builder.getIndexAttr(vectors), [&](Value vector) {
        emitZeros(LaneIndex{vector, lanes, 0}, lanes);
      });
    if (int64_t rest = rotaryDim % lanes)
      emitter.emitFor(builder.getIndexAttr(rest), [&](Value lane) {
        emitZeros(LaneIndex{lane, 1, rotaryDim - rest}, 1);
      });
    for (auto [lane, value] : entries)
      emitter.store(value, op.getOutput(), row, lane);
  }

  RopeToAffineOptions options;
};
} // namespace

void rope::populateRotationMatrixToAffinePatterns(
    RewritePatternSet &patterns, const RopeToAffineOptions &options) {
  patterns.add<RotationMatrixToAffine>(patterns.getContext(), options);
}
