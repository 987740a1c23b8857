//===- RotateOfConstant.cpp - Rotations of constants ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products of constant rotation matrices become constants this way. The
// arithmetic is that of the reference lowering, to the last bit.
//
//===----------------------------------------------------------------------===//

#include "Canonicalization.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

/// Larger constants are left for run time.
static constexpr int64_t kMaxElements = 1 << 16;

/// The elements of a constant in the type of the computation.
static SmallVector<APFloat> widen(DenseElementsAttr constant,
                                  const llvm::fltSemantics &semantics) {
  SmallVector<APFloat> values;
  for (APFloat value : constant.getValues<APFloat>()) {
    bool losesInfo;
    value.convert(semantics, APFloat::rmNearestTiesToEven, &losesInfo);
    values.push_back(value);
  }
  return values;
}

namespace {
/// R(c, s) x = y, for constants of static shape.
struct RotateOfConstant final : OpRewritePattern<RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotateOp op,
                                PatternRewriter &rewriter) const override {
    DenseElementsAttr input, cos, sin;
    if (!matchPattern(op.getInput(), m_Constant(&input)) ||
        !matchPattern(op.getCos(), m_Constant(&cos)) ||
        !matchPattern(op.getSin(), m_Constant(&sin)))
      return rewriter.notifyMatchFailure(op, "not all are constants");
    if (input.getNumElements() > kMaxElements)
      return rewriter.notifyMatchFailure(op, "too large");
    bool isF64 = input.getElementType().isF64() || cos.getElementType().isF64();
    const llvm::fltSemantics &wide =
        isF64 ? APFloat::IEEEdouble() : APFloat::IEEEsingle();
    SmallVector<APFloat> x = widen(input, wide), c = widen(cos, wide),
                         s = widen(sin, wide), y = x;
    ArrayRef<int64_t> shape = op.getInputType().getShape();
    int64_t headDim = op.getHeadDim(), offset = op.getOffset(),
            rotaryDim = op.getEffectiveRotaryDim();
    int64_t width = op.getTableType().getShape().back();
    for (int64_t row = 0, numRows = x.size() / std::max<int64_t>(headDim, 1);
         row < numRows; ++row) {
      // The row of the tables, by the dimensions that index them.
      int64_t tableRow = 0, scale = 1, rest = row;
      for (int64_t dim = shape.size() - 2; dim >= 0; --dim) {
        if (llvm::is_contained(op.getAlong(), dim)) {
          tableRow += scale * (rest % shape[dim]);
          scale *= shape[dim];
        }
        rest /= shape[dim];
      }
      for (int64_t i = 0; i < rotaryDim / 2; ++i) {
        auto [a, b] =
            RotateOp::getPairLanes(op.getPairing(), offset, rotaryDim, i);
        auto [toA, toB] = RotateOp::getPairLanes(op.getEffectiveResultPairing(),
                                                 offset, rotaryDim, i);
        auto entry = [&](ArrayRef<APFloat> table, int64_t lane) {
          return table[tableRow * width +
                       (op.hasPerLaneTables() ? lane - offset : i)];
        };
        const APFloat &xa = x[row * headDim + a], &xb = x[row * headDim + b];
        APFloat sineA = entry(s, a) * xb, sineB = entry(s, b) * xa;
        APFloat cosineA = entry(c, a) * xa, cosineB = entry(c, b) * xb;
        y[row * headDim + toA] =
            op.getInverse() ? cosineA + sineA : cosineA - sineA;
        y[row * headDim + toB] =
            op.getInverse() ? cosineB - sineB : sineB + cosineB;
      }
    }
    bool losesInfo;
    const llvm::fltSemantics &narrow =
        cast<FloatType>(input.getElementType()).getFloatSemantics();
    for (APFloat &value : y)
      value.convert(narrow, APFloat::rmNearestTiesToEven, &losesInfo);
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(
        op, DenseElementsAttr::get(input.getType(), y));
    return success();
  }
};
} // namespace

void rope::populateRotateOfConstantPatterns(RewritePatternSet &patterns) {
  patterns.add<RotateOfConstant>(patterns.getContext());
}
