//===- EvaluateLinalgOps.cpp - Elements of structured ops -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Any linalg op through its interface: the loops are solved from the result's
// map, the body is evaluated lazily from the yield, and a sum over a static
// dimension is evaluated term by term as long as it has at most two terms.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/LaneEvaluator.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::rope;

/// The longest sum that is evaluated term by term.
static constexpr int64_t kMaxReduction = 512;

/// `result = out + summand`, out being the accumulator: the summand, or null.
static Value getSummand(Value yielded, BlockArgument accumulator) {
  Operation *add = yielded.getDefiningOp();
  if (!isa_and_nonnull<arith::AddFOp, arith::AddIOp, complex::AddOp>(add))
    return {};
  for (unsigned side : {0, 1})
    if (add->getOperand(side) == accumulator) {
      Value summand = add->getOperand(1 - side);
      // The accumulator must not take part in its own summand.
      bool usedOnce = llvm::hasSingleElement(accumulator.getUses());
      return usedOnce ? summand : Value();
    }
  return {};
}

const LaneEvaluator::LoopNest &LaneEvaluator::getLoopNest(linalg::LinalgOp op) {
  auto [it, inserted] = loopNests.try_emplace(op);
  if (inserted)
    it->second = {op.getStaticLoopRanges(), op.getIndexingMapsArray(),
                  static_cast<unsigned>(op.getNumDpsInputs()),
                  op.getNumParallelLoops() == op.getNumLoops()};
  return it->second;
}

LaneScalar LaneEvaluator::evaluateLinalg(linalg::LinalgOp op, OpResult result,
                                         ArrayRef<IndexId> at) {
  const LoopNest &nest = getLoopNest(op);
  OpOperand *init =
      &op->getOpOperand(nest.numInputs + result.getResultNumber());
  AffineMap map = nest.maps[init->getOperandNumber()];
  SmallVector<IndexId> loops(nest.ranges.size());
  llvm::SmallBitVector solved(loops.size());
  for (auto [expr, index] : llvm::zip_equal(map.getResults(), at)) {
    // The other elements of this dimension are those of the init.
    if (isa<AffineConstantExpr>(expr)) {
      if (indices.apply(expr, {}) != index)
        return leaf(result, at);
      continue;
    }
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim)
      return leaf(result, at);
    if (solved.test(dim.getPosition()) && loops[dim.getPosition()] != index)
      return leaf(result, at);
    loops[dim.getPosition()] = index;
    solved.set(dim.getPosition());
  }

  // Loops that the result does not show: of one iteration, or a reduction.
  SmallVector<unsigned, 1> reductionLoops;
  for (unsigned loop = 0; loop < loops.size(); ++loop) {
    if (nest.ranges[loop] == 1)
      loops[loop] = indices.getConstant(0);
    else if (!solved.test(loop))
      reductionLoops.push_back(loop);
  }

  Block *body = op.getBlock();
  Value yielded = body->getTerminator()->getOperand(result.getResultNumber());
  if (reductionLoops.empty() && nest.isParallel)
    return evaluateIn(yielded, getBody(op, loops));

  if (keepsReductions && !reductionLoops.empty())
    return evaluateBoundReduction(op, yielded, init, at, loops, reductionLoops,
                                  result);
  Value summand = getSummand(yielded, op.getMatchingBlockArgument(init));
  if (!summand) {
    // With one iteration any body is just evaluated.
    if (reductionLoops.empty())
      return evaluateIn(yielded, getBody(op, loops));
    return leaf(result, at);
  }
  return evaluateReduction(op, summand, init, at, loops, reductionLoops,
                           result);
}

LaneScalar LaneEvaluator::evaluateReduction(linalg::LinalgOp op, Value summand,
                                            OpOperand *init,
                                            ArrayRef<IndexId> at,
                                            MutableArrayRef<IndexId> loops,
                                            ArrayRef<unsigned> reductionLoops,
                                            OpResult result) {
  if (projections.contains(op))
    return leaf(result, at);
  ArrayRef<int64_t> ranges = getLoopNest(op).ranges;
  int64_t numTerms = 1;
  for (unsigned loop : reductionLoops) {
    if (ShapedType::isDynamic(ranges[loop]) || ranges[loop] > kMaxReduction)
      return leaf(result, at);
    numTerms *= ranges[loop];
  }
  if (numTerms > kMaxReduction)
    return leaf(result, at);

  Type type = getElementTypeOrSelf(result.getType());
  if (type.isIntOrIndex())
    return leaf(result, at);
  auto complexType = dyn_cast<ComplexType>(type);
  Type partType = complexType ? complexType.getElementType() : type;
  ExprId undefined = exprs.getUndefined();
  LaneScalar sum = evaluate(init->get(), at);
  if (sum.re == undefined || (complexType && sum.im == undefined))
    return leaf(result, at);

  // Terms with factors that are zero vanish; a third term that does not makes
  // the row dense.
  SmallVector<int64_t, 3> columns;
  bool constantEntries = false;
  for (int64_t term = 0; term < numTerms; ++term) {
    int64_t rest = term;
    for (unsigned loop : llvm::reverse(reductionLoops)) {
      loops[loop] = indices.getConstant(rest % ranges[loop]);
      rest /= ranges[loop];
    }
    LaneScalar scalar = evaluateIn(summand, getBody(op, loops));
    if (scalar.kind == LaneScalar::Kind::Integer || scalar.re == undefined ||
        (complexType && scalar.im == undefined))
      return leaf(result, at);
    bool isZero = exprs.getConstantValue(scalar.re) == 0.0 &&
                  (!complexType || exprs.getConstantValue(scalar.im) == 0.0);
    if (isZero)
      continue;
    columns.push_back(term);
    // An entry is known where it is a number, a column of numbers, or computed
    // by cosines and sines.
    if (std::optional<SmallVector<LaneTerm, 2>> terms =
            exprs.getSumOfProducts(scalar.re);
        terms && terms->size() == 1)
      constantEntries |=
          terms->front().factors.size() == 1 ||
          llvm::any_of(terms->front().factors, [&](ExprId factor) {
            return exprs.get(factor).kind == LaneExpr::Kind::Column ||
                   exprs.hasTrig(factor);
          });
    if (columns.size() > 2) {
      // A projection: no row of unknown weights is sparse if one is dense.
      if (!constantEntries)
        projections.insert(op);
      else if (op.getNumDpsInputs() == 2 && !denseRow)
        denseRow = DenseRow{op,
                            indices.getConstantValue(at.back()).value_or(0),
                            {columns[0], columns[1], columns[2]},
                            numTerms};
      return leaf(result, at);
    }
    sum.re = exprs.add(partType, sum.re, scalar.re);
    if (complexType)
      sum.im = exprs.add(partType, sum.im, scalar.im);
  }
  return sum;
}

LaneScalar LaneEvaluator::evaluateBodyArgument(BlockArgument argument,
                                               const Body &body) {
  if (isa<tensor::GenerateOp>(body.op))
    return LaneScalar::integer(body.loops[argument.getArgNumber()]);
  auto op = cast<linalg::LinalgOp>(body.op);
  OpOperand *operand = op.getMatchingOpOperand(argument);
  if (!isa<RankedTensorType>(operand->get().getType()))
    return evaluateScalar(operand->get());
  SmallVector<IndexId> at;
  AffineMap map = getLoopNest(op).maps[operand->getOperandNumber()];
  for (AffineExpr expr : map.getResults())
    at.push_back(indices.apply(expr, body.loops));
  return evaluate(operand->get(), at);
}

LaneScalar LaneEvaluator::evaluateIn(Value scalar, const Body &body) {
  if (unsigned owner = getFrameOf(scalar); owner != frame)
    return evaluateInFrame(owner, scalar, {});
  // A value from outside of the body does not depend on the loops.
  bool inside =
      body.op && body.op->getRegion(0).isAncestor(scalar.getParentRegion());
  Body scope = inside ? body : Body();
  unsigned list = inside ? scope.indexList : internList({});
  std::pair<Value, unsigned> key(scalar, list);
  if (auto it = memo.find(key); it != memo.end())
    return it->second;
  ++numSteps;
  ++depth;
  LaneScalar answer;
  auto argument = dyn_cast<BlockArgument>(scalar);
  std::optional<LaneScalar> passed;
  if (argument)
    passed = evaluateFrameArgument(argument, {});
  if (passed)
    answer = *passed;
  else if (argument && inside &&
           argument.getOwner() == &scope.op->getRegion(0).front())
    answer = evaluateBodyArgument(argument, scope);
  else if (argument || depth >= kMaxDepth || isExhausted())
    answer = leaf(scalar, scope.loops);
  else
    answer =
        evaluateScalarOp(scalar.getDefiningOp(), cast<OpResult>(scalar), scope);
  --depth;
  if (!isExhausted())
    memo[key] = answer;
  return answer;
}

LaneScalar LaneEvaluator::evaluateScalarOp(Operation *op, OpResult result,
                                           const Body &body) {
  if (auto index = dyn_cast<linalg::IndexOp>(op); index && body.op)
    return LaneScalar::integer(body.loops[index.getDim()]);
  if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    // A dimension that the tensor does not have verifies.
    auto type = dyn_cast<RankedTensorType>(dim.getSource().getType());
    if (std::optional<int64_t> constant = dim.getConstantIndex();
        constant && type && *constant >= 0 && *constant < type.getRank())
      return LaneScalar::integer(getSize(dim.getSource(), *constant));
    return leaf(result, body.loops);
  }
  if (isa<affine::AffineApplyOp, affine::AffineMinOp>(op)) {
    auto apply = dyn_cast<affine::AffineApplyOp>(op);
    AffineMap map =
        apply ? apply.getMap() : cast<affine::AffineMinOp>(op).getMap();
    SmallVector<IndexId> operands;
    for (Value operand : op->getOperands())
      operands.push_back(evaluateIn(operand, body).index);
    ArrayRef<IndexId> all(operands);
    std::optional<IndexId> least;
    for (AffineExpr expr : map.getResults()) {
      IndexId number = indices.apply(expr, all.take_front(map.getNumDims()),
                                     all.drop_front(map.getNumDims()));
      least = least ? indices.min(*least, number) : number;
    }
    return LaneScalar::integer(*least);
  }
  if (auto call = dyn_cast<func::CallOp>(op); call && !body.op)
    return evaluateCall(call, result, {});
  if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
    SmallVector<IndexId> at;
    for (Value index : extract.getIndices())
      at.push_back(evaluateIn(index, body).index);
    return evaluate(extract.getTensor(), at);
  }
  if (auto conditional = dyn_cast<scf::IfOp>(op)) {
    // Only the side that a known condition takes is looked at.
    LaneScalar condition = evaluateIn(conditional.getCondition(), body);
    unsigned number = result.getResultNumber();
    auto yielded = [&](Region &region) {
      return evaluateIn(region.front().getTerminator()->getOperand(number),
                        body);
    };
    if (std::optional<int64_t> known =
            indices.getConstantValue(condition.index))
      return yielded(*known ? conditional.getThenRegion()
                            : conditional.getElseRegion());
    return select(result.getType(), condition.index,
                  yielded(conditional.getThenRegion()),
                  yielded(conditional.getElseRegion()));
  }
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    if (auto integer = dyn_cast<IntegerAttr>(constant.getValue()))
      return LaneScalar::integer(indices.getConstant(
          integer.getType().isInteger(1) ? integer.getValue().getZExtValue()
                                         : integer.getValue().getSExtValue()));
    if (auto number = dyn_cast<FloatAttr>(constant.getValue()))
      return LaneScalar::real(
          exprs.getConstant(number.getType(), number.getValueAsDouble()));
    return leaf(result, body.loops);
  }
  if (isa<arith::SelectOp>(op)) {
    LaneScalar condition = evaluateIn(op->getOperand(0), body);
    if (std::optional<int64_t> known =
            indices.getConstantValue(condition.index))
      return evaluateIn(op->getOperand(*known ? 1 : 2), body);
  }
  if (op->getNumRegions() != 0 || !isMemoryEffectFree(op))
    return leaf(result, body.loops);
  SmallVector<LaneScalar, 3> operands;
  for (Value operand : op->getOperands()) {
    if (!getElementTypeOrSelf(operand.getType()).isIntOrIndexOrFloat() &&
        !isa<ComplexType>(operand.getType()))
      return leaf(result, body.loops);
    if (isa<ShapedType>(operand.getType()))
      return leaf(result, body.loops);
    operands.push_back(evaluateIn(operand, body));
  }
  return applyElementwise(op, result, operands, body.loops);
}
