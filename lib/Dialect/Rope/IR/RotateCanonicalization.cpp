//===- RotateCanonicalization.cpp - Folds of rope.rotate ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Local rules that make rotations disappear, their types more static and their
// tables narrower.
//
//===----------------------------------------------------------------------===//

#include "Canonicalization.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::rope;

Value rope::lookThroughCast(Value value) {
  auto cast = value.getDefiningOp<tensor::CastOp>();
  return tensor::canFoldIntoConsumerOp(cast) ? cast.getSource() : value;
}

/// R(c, s) x = x where c = 1 and s = 0 (for finite x, up to the sign of zero),
/// and where x is empty.
LogicalResult RotateOp::fold(FoldAdaptor adaptor,
                             SmallVectorImpl<OpFoldResult> &results) {
  if (!hasTensorSemantics())
    return memref::foldMemRefCast(*this);
  bool isEmpty = llvm::is_contained(getInputType().getShape(), 0);
  bool isIdentity = getEffectiveResultPairing() == getPairing() &&
                    matchPattern(adaptor.getCos(), m_OneFloat()) &&
                    matchPattern(adaptor.getSin(), m_AnyZeroFloat());
  if (!isEmpty && !isIdentity)
    return failure();
  results.push_back(getInput());
  return success();
}

namespace {
/// rotate(cast(x), cast(c), cast(s)) = cast(rotate(x, c, s)).
struct RotateOfCast final : OpRewritePattern<RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotateOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasTensorSemantics())
      return rewriter.notifyMatchFailure(op, "not on tensors");
    Value input = lookThroughCast(op.getInput());
    Value cos = lookThroughCast(op.getCos());
    Value sin = lookThroughCast(op.getSin());
    if (input == op.getInput() && cos == op.getCos() && sin == op.getSin())
      return rewriter.notifyMatchFailure(op, "no operand is a cast");
    auto rotated = RotateOp::create(
        rewriter, op.getLoc(), input.getType(), input, /*output=*/Value(), cos,
        sin, op.getAlongAttr(), op.getPairingAttr(), op.getResultPairingAttr(),
        op.getOffsetAttr(), op.getRotaryDimAttr(), op.getInverseAttr());
    rotated->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    if (input == op.getInput())
      rewriter.replaceOp(op, rotated);
    else
      rewriter.replaceOpWithNewOp<tensor::CastOp>(op, op.getResult().getType(),
                                                  rotated.getResult());
    return success();
  }
};
} // namespace

/// One entry a pair of a constant whose two lanes of every pair agree in their
/// bits; null if they do not.
static DenseElementsAttr narrowConstant(DenseElementsAttr table,
                                        PairingKind pairing) {
  ShapedType type = table.getType();
  int64_t rotaryDim = type.getShape().back(), pairs = rotaryDim / 2;
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = pairs;
  ShapedType narrowType = type.clone(shape);
  if (table.isSplat())
    return table.resizeSplat(narrowType);
  auto values = llvm::to_vector(table.getValues<APFloat>());
  SmallVector<APFloat> entries;
  for (size_t row = 0; row < values.size(); row += rotaryDim)
    for (int64_t i = 0; i < pairs; ++i) {
      auto [first, second] =
          RotateOp::getPairLanes(pairing, /*offset=*/0, rotaryDim, i);
      if (!values[row + first].bitwiseIsEqual(values[row + second]))
        return {};
      entries.push_back(values[row + first]);
    }
  return DenseElementsAttr::get(narrowType, entries);
}

/// The table with one entry a pair that a table with one entry a lane repeats.
static OpFoldResult narrowTable(Value table, PairingKind pairing) {
  if (auto concat = table.getDefiningOp<tensor::ConcatOp>()) {
    int64_t last = concat.getResultType().getRank() - 1;
    if (pairing != PairingKind::Half ||
        static_cast<int64_t>(concat.getDim()) != last ||
        concat.getInputs().size() != 2 ||
        concat.getInputs()[0] != concat.getInputs()[1])
      return {};
    return concat.getInputs()[0];
  }
  DenseElementsAttr constant;
  if (!matchPattern(table, m_Constant(&constant)))
    return {};
  return narrowConstant(constant, pairing);
}

namespace {
/// rotate(x, [c, c], [s, s]) = rotate(x, c, s): lanes of a pair share an entry.
struct NarrowTables final : OpRewritePattern<RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotateOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasTensorSemantics() || !op.hasPerLaneTables())
      return rewriter.notifyMatchFailure(op, "no tensors with an entry a lane");
    OpFoldResult cos = narrowTable(op.getCos(), op.getPairing());
    OpFoldResult sin = narrowTable(op.getSin(), op.getPairing());
    if (!cos || !sin)
      return rewriter.notifyMatchFailure(
          op, "the entries of a pair are not proven equal");
    auto materialize = [&](OpFoldResult table) -> Value {
      if (auto constant = dyn_cast<Attribute>(table))
        return arith::ConstantOp::create(rewriter, op.getLoc(),
                                         cast<TypedAttr>(constant));
      return cast<Value>(table);
    };
    rewriter.modifyOpInPlace(op, [&] {
      op.getCosMutable().assign(materialize(cos));
      op.getSinMutable().assign(materialize(sin));
    });
    return success();
  }
};
} // namespace

void RotateOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<RotateOfCast, NarrowTables>(context);
  populateRotateIdentityPatterns(patterns);
  populateRotateOfConstantPatterns(patterns);
  populateRotateOfCopyPatterns(patterns);
}
