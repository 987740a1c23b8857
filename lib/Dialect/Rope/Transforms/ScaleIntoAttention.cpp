//===- ScaleIntoAttention.cpp - The factor of tables as a scale -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// YaRN and LongRoPE multiply cosine and sine by an attention factor A. Where
// all lanes of q and k turn, that is a factor A^2 of their products.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/Patterns.h"
#include "RotationCost.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;

namespace {
/// factor * table
struct ScaledTable {
  Value table;
  double factor = 1.0;
};
} // namespace

/// The constant that `value` is, in each of its elements.
static std::optional<double> getConstant(Value value) {
  FloatAttr number;
  SplatElementsAttr splat;
  if (matchPattern(value, m_Constant(&number)))
    return number.getValueAsDouble();
  if (matchPattern(value, m_Constant(&splat)) &&
      isa<FloatType>(splat.getElementType()))
    return splat.getSplatValue<APFloat>().convertToDouble();
  return std::nullopt;
}

/// What a product of a value and a constant is made of.
static std::optional<ScaledTable> splitProduct(arith::MulFOp product) {
  for (unsigned side : {0, 1})
    if (std::optional<double> factor = getConstant(product.getOperand(side)))
      return ScaledTable{product.getOperand(1 - side), *factor};
  return std::nullopt;
}

/// A table that is multiplied by a constant, elementwise or in a structured op.
static ScaledTable splitTable(Value table) {
  if (auto product = table.getDefiningOp<arith::MulFOp>())
    return splitProduct(product).value_or(ScaledTable{table});
  auto op = table.getDefiningOp<linalg::GenericOp>();
  if (!op || op.getNumDpsInputs() != 1 || op->getNumResults() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops() ||
      !llvm::all_of(op.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isIdentity(); }))
    return {table};
  auto product = op.getBlock()
                     ->getTerminator()
                     ->getOperand(0)
                     .getDefiningOp<arith::MulFOp>();
  std::optional<ScaledTable> split =
      product ? splitProduct(product) : std::nullopt;
  if (!split || split->table != op.getBlock()->getArgument(0))
    return {table};
  return {op.getInputs()[0], split->factor};
}

namespace {
/// attention(R(A p) q, R(B p') k) at scale s = attention(R(p) q, R(p') k) at
/// scale A B s, for A B > 0.
struct ScaleByTableFactors final : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasTensorSemantics())
      return rewriter.notifyMatchFailure(op, "memrefs hold their numbers");
    int64_t numLanes = op.getQueryType().getDimSize(3);
    double factor = 1.0;
    SmallVector<unsigned> operands;
    SmallVector<Value> tables;
    auto look = [&](AttentionOp::Rotation rotation, MutableOperandRange cos,
                    MutableOperandRange sin) {
      if (!rotation)
        return;
      ScaledTable cosTable = splitTable(rotation.cos);
      ScaledTable sinTable = splitTable(rotation.sin);
      // Lanes that pass through are not multiplied.
      if (cosTable.factor != sinTable.factor ||
          rotation.lanes.getEffectiveRotaryDim(numLanes) != numLanes)
        return;
      factor *= cosTable.factor;
      llvm::append_values(tables, cosTable.table, sinTable.table);
      operands.push_back(cos[0].getOperandNumber());
      operands.push_back(sin[0].getOperandNumber());
    };
    look(op.getQueryTables(), op.getQueryCosMutable(), op.getQuerySinMutable());
    look(op.getKeyTables(), op.getKeyCosMutable(), op.getKeySinMutable());
    double scale = op.getEffectiveScale() * factor;
    if (factor == 1.0 || !(scale > 0.0) || !std::isfinite(scale))
      return rewriter.notifyMatchFailure(op, "no factor that makes a scale");

    CostModel model;
    SmallVector<Value> kept(tables);
    for (OpOperand &operand : op->getOpOperands())
      if (!llvm::is_contained(operands, operand.getOperandNumber()))
        kept.push_back(operand.get());
    if (!model.getCost(op).isLowerThan(model.getCostOfDead(op, kept)))
      return rewriter.notifyMatchFailure(op, "would not lower the cost");
    rewriter.modifyOpInPlace(op, [&] {
      for (auto [operand, table] : llvm::zip_equal(operands, tables))
        op->setOperand(operand, table);
      op.setScaleAttr(rewriter.getF64FloatAttr(scale));
    });
    return success();
  }
};
} // namespace

void rope::populateScaleIntoAttentionPatterns(RewritePatternSet &patterns) {
  patterns.add<ScaleByTableFactors>(patterns.getContext());
}
