//===- ConcatRotations.cpp - Concatenations of rotations ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A cache of keys and the new keys, or heads of queries and keys, are rotated
// as one.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/Transforms/Patterns.h"
#include "RotationCost.h"
#include "RotationFacts.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

/// The rotations that `op` concatenates, if they differ in their operands only.
static SmallVector<RotateOp> getAlikeRotations(tensor::ConcatOp op) {
  SmallVector<RotateOp> rotations;
  for (Value input : op.getInputs()) {
    auto rotate = input.getDefiningOp<RotateOp>();
    if (!rotate || (!rotations.empty() &&
                    rotate.getProperties() != rotations[0].getProperties()))
      return {};
    rotations.push_back(rotate);
  }
  return rotations;
}

/// The concatenation of what `getOperand` is of each rotation.
static Value concat(PatternRewriter &rewriter, Location loc, int64_t dim,
                    ArrayRef<RotateOp> rotations,
                    function_ref<Value(RotateOp)> getOperand) {
  return tensor::ConcatOp::create(rewriter, loc, dim,
                                  llvm::map_to_vector(rotations, getOperand));
}

namespace {
/// concat(R(c, s) x, R(c, s) y) = R(c, s) concat(x, y), for shared tables.
struct ConcatOfRotatedHeads final : OpRewritePattern<tensor::ConcatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ConcatOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<RotateOp> rotations = getAlikeRotations(op);
    if (rotations.size() < 2)
      return rewriter.notifyMatchFailure(op, "not of alike rotations");
    int64_t dim = op.getDim();
    RotateOp first = rotations[0];
    if (dim == op.getResultType().getRank() - 1)
      return rewriter.notifyMatchFailure(op, "joins lanes");
    if (llvm::is_contained(first.getAlong(), dim))
      return rewriter.notifyMatchFailure(op,
                                         "joins what the tables tell apart");
    for (RotateOp rotate : rotations)
      if (rotate.getCos() != first.getCos() ||
          rotate.getSin() != first.getSin())
        return rewriter.notifyMatchFailure(op, "tables differ");
    CostModel model;
    SizePolynomial numRows;
    SmallVector<Value> kept{first.getCos(), first.getSin()};
    for (RotateOp rotate : rotations) {
      numRows += model.getNumRows(rotate.getInput());
      kept.push_back(rotate.getInput());
    }
    RotationCost cost = CostModel::getRotateCost(first, numRows);
    cost += model.getCost(op);
    if (!cost.isLowerThan(model.getCostOfDead(op, kept)))
      return rewriter.notifyMatchFailure(op, "would not lower the cost");

    Value input = concat(rewriter, op.getLoc(), dim, rotations,
                         [](RotateOp rotate) { return rotate.getInput(); });
    if (input.getType() != op.getResultType())
      input = tensor::CastOp::create(rewriter, op.getLoc(), op.getResultType(),
                                     input);
    rewriter.replaceOp(op, rotateLike(rewriter, first, input, first.getCos(),
                                      first.getSin(), first.getAlong()));
    return success();
  }
};

/// concat(R(p) x, R(q) y) = R(concat(p, q)) concat(x, y), for equal
/// frequencies.
struct ConcatOfRotatedPositions final : OpRewritePattern<tensor::ConcatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ConcatOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<RotateOp> rotations = getAlikeRotations(op);
    if (rotations.size() < 2)
      return rewriter.notifyMatchFailure(op, "not of alike rotations");
    int64_t dim = op.getDim();
    RotateOp first = rotations[0];
    SinCosOp firstTables = getSinCos(first);
    const int64_t *tableDim = llvm::find(first.getAlong(), dim);
    if (!firstTables || tableDim == first.getAlong().end())
      return rewriter.notifyMatchFailure(op, "not along tables of positions");
    CostModel model;
    SizePolynomial numRows, numPositions;
    SmallVector<Value> kept;
    for (RotateOp rotate : rotations) {
      SinCosOp tables = getSinCos(rotate);
      if (!tables || tables.getProperties() != firstTables.getProperties() ||
          tables.getTableType().getElementType() !=
              firstTables.getTableType().getElementType() ||
          getElementTypeOrSelf(tables.getPositions()) !=
              getElementTypeOrSelf(firstTables.getPositions()))
        return rewriter.notifyMatchFailure(op, "tables are not alike");
      numRows += model.getNumRows(rotate.getInput());
      numPositions += model.getNumTableRows(tables);
      llvm::append_values(kept, rotate.getInput(), tables.getPositions());
    }
    RotationCost cost = CostModel::getRotateCost(first, numRows);
    cost +=
        CostModel::getSinCosCost(firstTables.getFrequencies(), numPositions);
    cost += model.getCost(op);
    cost.numOps += 1;
    if (!cost.isLowerThan(model.getCostOfDead(op, kept)))
      return rewriter.notifyMatchFailure(op, "would not lower the cost");

    Value input = concat(rewriter, op.getLoc(), dim, rotations,
                         [](RotateOp rotate) { return rotate.getInput(); });
    if (input.getType() != op.getResultType())
      input = tensor::CastOp::create(rewriter, op.getLoc(), op.getResultType(),
                                     input);
    Value positions = concat(
        rewriter, op.getLoc(), tableDim - first.getAlong().begin(), rotations,
        [](RotateOp rotate) { return getSinCos(rotate).getPositions(); });
    auto tables = SinCosOp::create(rewriter, firstTables.getLoc(), positions,
                                   firstTables.getTableType().getElementType(),
                                   firstTables.getFrequencies(),
                                   firstTables.getAccuracy());
    rewriter.replaceOp(op, rotateLike(rewriter, first, input, tables.getCos(),
                                      tables.getSin(), first.getAlong()));
    return success();
  }
};
} // namespace

void rope::populateConcatRotationPatterns(RewritePatternSet &patterns) {
  patterns.add<ConcatOfRotatedHeads, ConcatOfRotatedPositions>(
      patterns.getContext());
}
