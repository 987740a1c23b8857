//===- EvaluateReductions.cpp - Sums and maxima with bound symbols --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Softmax and attention are facts about whole rows. Where reductions are kept,
// sum_r f(r) is one expression with r bound. Bound symbols are numbered from
// the lowest that the indices of the result leave free, so that a closed sum
// (the maximum or the sum of a row) is the same expression wherever it is used.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/LaneEvaluator.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace mlir::rope;

/// The function of a concatenation whose side depends on a bound symbol:
/// operands[0] where indices[0] < indices[1], else operands[1].
static constexpr StringLiteral kConcat = "rope.concat";

IndexId LaneEvaluator::getBoundSymbol(ArrayRef<IndexId> at, IndexId size) {
  uint64_t taken = 0;
  for (IndexId index : at)
    taken |= indices.getSymbols(index);
  unsigned number = llvm::countr_one(taken >> kFirstBoundSymbol);
  return indices.getSymbol(kFirstBoundSymbol + number, size);
}

namespace {
/// How a body joins its accumulator with an element.
struct Reducer {
  enum { None, Sum, Max, Or, And } kind = None;
  Value element;
};
} // namespace

static Reducer getReducer(Value yielded, BlockArgument accumulator) {
  Operation *op = yielded.getDefiningOp();
  if (!op || op->getNumOperands() != 2 ||
      !llvm::hasSingleElement(accumulator.getUses()))
    return {};
  Reducer reducer;
  if (isa<arith::AddFOp>(op))
    reducer.kind = Reducer::Sum;
  else if (isa<arith::MaximumFOp, arith::MaxNumFOp>(op))
    reducer.kind = Reducer::Max;
  else if (isa<arith::OrIOp>(op) && op->getResult(0).getType().isInteger(1))
    reducer.kind = Reducer::Or;
  else if (isa<arith::AndIOp>(op) && op->getResult(0).getType().isInteger(1))
    reducer.kind = Reducer::And;
  for (unsigned side : {0, 1})
    if (op->getOperand(side) == accumulator)
      reducer.element = op->getOperand(1 - side);
  return reducer.element ? reducer : Reducer();
}

/// The size of the first column after which `id` is another concatenated
/// tensor, if it depends on that through the symbol `bound`.
static std::optional<IndexId> findSplit(const LaneExprContext &exprs, ExprId id,
                                        IndexId bound) {
  DenseSet<ExprId> visited;
  SmallVector<ExprId> worklist = {id};
  while (!worklist.empty()) {
    ExprId next = worklist.pop_back_val();
    if (!visited.insert(next).second)
      continue;
    const LaneExpr &expr = exprs.get(next);
    if (expr.kind == LaneExpr::Kind::Function && expr.name == kConcat &&
        expr.indices[0] == bound)
      return expr.indices[1];
    llvm::append_range(worklist, expr.operands);
  }
  return std::nullopt;
}

ExprId
LaneEvaluator::reduceRow(StringRef name, Type type, ArrayRef<IndexId> at,
                         IndexId bound,
                         llvm::function_ref<ExprId(IndexId)> getElement) {
  ExprId element = getElement(bound);
  std::optional<IndexId> size = findSplit(exprs, element, bound);
  if (!size)
    return exprs.reduction(name, type, element, bound);
  IndexId inRow = getBoundSymbol(at, *size);
  ExprId row = exprs.reduction(name, type, getElement(inRow), inRow);
  ExprId column = getElement(*size);
  return name == "sum" ? exprs.add(type, row, column)
                       : exprs.function("arith.maximumf", type, {row, column});
}

LaneScalar LaneEvaluator::evaluateBoundReduction(
    linalg::LinalgOp op, Value yielded, OpOperand *init, ArrayRef<IndexId> at,
    MutableArrayRef<IndexId> loops, ArrayRef<unsigned> reductionLoops,
    OpResult result) {
  // Two of the accumulators of an arg-max are used by each other.
  BlockArgument accumulator = op.getMatchingBlockArgument(init);
  Reducer reducer = getReducer(yielded, accumulator);
  if (reducer.kind == Reducer::None)
    return leaf(result, at);

  SmallVector<IndexId> bound, outer(at);
  for (unsigned loop : reductionLoops) {
    std::optional<IndexId> size;
    for (OpOperand &operand : op->getOpOperands()) {
      AffineMap map = getLoopNest(op).maps[operand.getOperandNumber()];
      for (auto [dim, expr] : llvm::enumerate(map.getResults()))
        if (auto position = dyn_cast<AffineDimExpr>(expr);
            position && position.getPosition() == loop && !size)
          size = getSize(operand.get(), dim);
    }
    if (!size)
      return leaf(result, at);
    bound.push_back(getBoundSymbol(outer, *size));
    outer.push_back(bound.back());
    loops[loop] = bound.back();
  }

  Type type = getElementTypeOrSelf(result.getType());
  LaneScalar element = evaluateIn(reducer.element, getBody(op, loops));
  if (reducer.kind == Reducer::Or || reducer.kind == Reducer::And) {
    std::optional<int64_t> start =
        indices.getConstantValue(evaluate(init->get(), at).index);
    if (start != (reducer.kind == Reducer::And) || bound.size() != 1)
      return leaf(result, at);
    return LaneScalar::integer(indices.getFunction(
        reducer.kind == Reducer::Or ? "rope.any" : "rope.all",
        {bound.front(), element.index}));
  }
  if (element.kind != LaneScalar::Kind::Real ||
      element.re == exprs.getUndefined())
    return leaf(result, at);
  StringRef name = reducer.kind == Reducer::Sum ? "sum" : "max";

  ExprId reduced;
  if (bound.size() == 1)
    reduced = reduceRow(name, type, at, bound.front(), [&](IndexId column) {
      SmallVector<IndexId> row(loops);
      row[reductionLoops.front()] = column;
      return evaluateIn(reducer.element, getBody(op, row)).re;
    });
  else
    reduced = exprs.reduction(name, type, element.re, bound);

  LaneScalar start = evaluate(init->get(), at);
  std::optional<double> constant = exprs.getConstantValue(start.re);
  if (reducer.kind == Reducer::Sum)
    return LaneScalar::real(exprs.add(type, start.re, reduced));
  if (constant && *constant == -std::numeric_limits<double>::infinity())
    return LaneScalar::real(reduced);
  return LaneScalar::real(
      exprs.function("arith.maximumf", type, {start.re, reduced}));
}

/// Whether a sum or a maximum stands anywhere in `id`.
static bool hasReduction(const LaneExprContext &exprs, ExprId id) {
  DenseSet<ExprId> visited;
  SmallVector<ExprId> worklist = {id};
  while (!worklist.empty()) {
    ExprId next = worklist.pop_back_val();
    if (!visited.insert(next).second)
      continue;
    if (exprs.get(next).kind == LaneExpr::Kind::Reduction)
      return true;
    llvm::append_range(worklist, exprs.get(next).operands);
  }
  return false;
}

LaneScalar LaneEvaluator::evaluateConcatenatedColumn(
    const Concatenation &concatenation, OpResult result, ArrayRef<IndexId> at) {
  // Scores with one more column (an attention sink), not a cache that grows:
  // there the concatenated tensor itself is the value that matters.
  auto [scores, column, dim] = concatenation;
  if (!isa<FloatType>(getElementTypeOrSelf(result.getType())))
    return leaf(result, at);
  if (indices.isWithin(at[dim], getSize(scores, dim)) == true)
    return evaluate(scores, at);
  if (indices.getConstantValue(getSize(column, dim)) != 1)
    return leaf(result, at);
  SmallVector<IndexId> columnAt(at);
  columnAt[dim] = indices.getConstant(0);
  LaneScalar row = evaluate(scores, at), rest = evaluate(column, columnAt);
  // Scores are sums of products, the column is given.
  if (!hasReduction(exprs, row.re) || hasReduction(exprs, rest.re))
    return leaf(result, at);
  return LaneScalar::real(
      exprs.function(kConcat, getElementTypeOrSelf(result.getType()),
                     {row.re, rest.re}, {at[dim], getSize(scores, dim)}));
}

LaneScalar LaneEvaluator::evaluateSoftmax(linalg::SoftmaxOp softmax,
                                          ArrayRef<IndexId> at) {
  // exp(x_i - max_r x_r) / sum_r exp(x_r - max_r x_r)
  unsigned dim = softmax.getDimension();
  Value input = softmax.getInput();
  Type type = getElementTypeOrSelf(input.getType());
  SmallVector<IndexId> row(at);
  row[dim] = indices.getConstant(0);
  IndexId bound = getBoundSymbol(row, getSize(input, dim));
  auto getScore = [&](IndexId column) {
    SmallVector<IndexId> place(at);
    place[dim] = column;
    return evaluate(input, place).re;
  };
  ExprId maximum = reduceRow("max", type, row, bound, getScore);
  auto getPower = [&](IndexId column) {
    return exprs.function("math.exp", type,
                          exprs.sub(type, getScore(column), maximum));
  };
  ExprId sum = reduceRow("sum", type, row, bound, getPower);
  return LaneScalar::real(
      exprs.function("arith.divf", type, {getPower(at[dim]), sum}));
}
