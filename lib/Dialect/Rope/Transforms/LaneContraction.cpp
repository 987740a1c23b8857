//===- LaneContraction.cpp - Contractions with a matrix of lanes ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LaneContraction.h"

#include "RotationFacts.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

/// The loops that the dimensions of an operand are.
static SmallVector<int64_t> getLoops(AffineMap map) {
  return llvm::map_to_vector(map.getResults(), [](AffineExpr expr) -> int64_t {
    return cast<AffineDimExpr>(expr).getPosition();
  });
}

/// Whether `value` is known to hold zeros, of whatever sign.
static bool isZero(Value value) {
  if (matchPattern(value, m_AnyZeroFloat()))
    return true;
  auto fill = value.getDefiningOp<linalg::FillOp>();
  return fill && matchPattern(fill.getInputs()[0], m_AnyZeroFloat());
}

FailureOr<LaneContraction> LaneContraction::match(linalg::LinalgOp op,
                                                  OpOperand &matrix,
                                                  PatternRewriter &rewriter) {
  if (!op.hasPureTensorSemantics() || op->getNumResults() != 1 ||
      !linalg::isaContractionOpInterface(op))
    return rewriter.notifyMatchFailure(op, "not a contraction of tensors");
  OpOperand &other =
      op->getOpOperand(1 - static_cast<int64_t>(matrix.getOperandNumber()));
  OpOperand &out = *op.getDpsInitOperand(0);
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  for (OpOperand *operand : {&matrix, &other, &out})
    if (!op.getMatchingIndexingMap(operand).isProjectedPermutation())
      return rewriter.notifyMatchFailure(op, "an operand is no permutation");
  SmallVector<int64_t> matrixLoops =
      getLoops(op.getMatchingIndexingMap(&matrix));
  SmallVector<int64_t> xLoops = getLoops(op.getMatchingIndexingMap(&other));
  SmallVector<int64_t> outLoops = getLoops(op.getMatchingIndexingMap(&out));
  if (llvm::count(iterators, utils::IteratorType::reduction) != 1)
    return rewriter.notifyMatchFailure(op, "sums over several dimensions");

  LaneContraction contraction;
  contraction.op = op;
  contraction.x = other.get();
  contraction.init = out.get();
  int64_t column = matrixLoops.pop_back_val(), row = matrixLoops.pop_back_val();
  contraction.isTransposed = iterators[row] == utils::IteratorType::reduction;
  int64_t k = contraction.isTransposed ? row : column;
  int64_t n = contraction.isTransposed ? column : row;
  if (iterators[k] != utils::IteratorType::reduction)
    return rewriter.notifyMatchFailure(op, "does not sum over the matrix");
  if (!llvm::is_contained(xLoops, k) || llvm::is_contained(xLoops, n))
    return rewriter.notifyMatchFailure(op, "not a product of matrix and lanes");

  // Rows in the order of the result, so that only one side is transposed where
  // one can do.
  SmallVector<int64_t> rowLoops(outLoops);
  llvm::erase(rowLoops, n);
  for (int64_t loop : rowLoops)
    if (!llvm::is_contained(xLoops, loop))
      return rewriter.notifyMatchFailure(
          op, "each matrix is applied to all of the other operand");
  rowLoops.push_back(k);
  if (rowLoops.size() != xLoops.size())
    return rewriter.notifyMatchFailure(op, "sums over another dimension");
  for (int64_t loop : rowLoops)
    contraction.toRows.push_back(llvm::find(xLoops, loop) - xLoops.begin());
  rowLoops.back() = n;
  for (int64_t loop : outLoops)
    contraction.fromRows.push_back(llvm::find(rowLoops, loop) -
                                   rowLoops.begin());
  for (int64_t loop : matrixLoops) {
    contraction.along.push_back(llvm::find(rowLoops, loop) - rowLoops.begin());
    if (contraction.along.back() == static_cast<int64_t>(rowLoops.size()))
      return rewriter.notifyMatchFailure(op, "sums over matrices");
  }
  if (!llvm::is_sorted(contraction.along))
    return rewriter.notifyMatchFailure(op, "matrices in another order");

  // The rotation rounds to the type of its input.
  Type element = getElementTypeOrSelf(out.get());
  if (getElementTypeOrSelf(other.get()) != element ||
      getElementTypeOrSelf(matrix.get()) != element)
    return rewriter.notifyMatchFailure(op, "mixes element types");
  return contraction;
}

bool LaneContraction::accumulates() const { return !isZero(init); }

Value LaneContraction::makeRows(OpBuilder &builder) const {
  return llvm::is_sorted(toRows)
             ? x
             : makeTranspose(builder, op->getLoc(), x, toRows);
}

void LaneContraction::replaceBy(PatternRewriter &rewriter, Value rows) const {
  Location loc = op->getLoc();
  Value result = llvm::is_sorted(fromRows)
                     ? rows
                     : makeTranspose(rewriter, loc, rows, fromRows);
  Type type = op->getResult(0).getType();
  if (result.getType() != type)
    result = tensor::CastOp::create(rewriter, loc, type, result);
  if (accumulates())
    result = arith::AddFOp::create(rewriter, loc, init, result);
  rewriter.replaceOp(op, result);
}

RotationCost LaneContraction::getMovementCost(CostModel &model) const {
  RotationCost cost;
  SizePolynomial elements = model.getNumElements(x);
  for (bool moves :
       {!llvm::is_sorted(toRows), !llvm::is_sorted(fromRows), accumulates()})
    if (moves)
      cost += {elements, 1};
  return cost;
}
