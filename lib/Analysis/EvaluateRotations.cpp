//===- EvaluateRotations.cpp - Elements of rotations that were raised -----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lanes that a rotation passes through are those of its source. An element
// whose lane is a symbol that runs over all rotated lanes is a function of the
// element of the source, a lane with a number one of the two lanes of its pair.
// So it is known what it does not depend on: the head, where a head is repeated
// before it is rotated.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/LaneEvaluator.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

using namespace mlir;
using namespace mlir::rope;

LaneScalar LaneEvaluator::evaluateRotation(RotateOp op, ArrayRef<IndexId> at) {
  // The lanes are first, first + 1, ...
  int64_t first = 0, numLanes = 1;
  for (const IndexContext::Monomial &monomial :
       indices.getMonomials(at.back())) {
    if (monomial.atoms.empty()) {
      first = monomial.coefficient;
      continue;
    }
    const IndexAtom &lane = indices.getAtom(monomial.atoms.front());
    std::optional<int64_t> size;
    if (monomial.coefficient == 1 && monomial.atoms.size() == 1 &&
        lane.kind == IndexAtom::Kind::Symbol && numLanes == 1)
      size = indices.getConstantValue(lane.operands[0]);
    if (!size)
      return leaf(op.getResult(), at);
    numLanes = *size;
  }
  // Or else the other lane of a pair would be of another row.
  uint64_t inLane = indices.getSymbols(at.back());
  if (llvm::any_of(at.drop_back(), [&](IndexId index) {
        return indices.getSymbols(index) & inLane;
      }))
    return leaf(op.getResult(), at);
  int64_t begin = op.getOffset(), end = begin + op.getEffectiveRotaryDim();
  if (end <= first || first + numLanes <= begin)
    return evaluate(op.getInput(), at);
  if (op.getEffectiveResultPairing() != op.getPairing())
    return leaf(op.getResult(), at);
  // The tables and their row.
  SmallVector<IndexId> row;
  for (int64_t dim : op.getAlong())
    row.push_back(at[dim]);
  ExprId tables = exprs.getLeaf(op.getResult(), row);
  Type type = getElementTypeOrSelf(op.getResult().getType());
  if (first <= begin && end <= first + numLanes) {
    LaneScalar source = evaluate(op.getInput(), at);
    // The result depends on the lane also where the source does not.
    return LaneScalar::real(
        exprs.function(kRotation, type, {source.re, tables},
                       {indices.getConstant(first), at.back()}));
  }
  if (numLanes > 1)
    return leaf(op.getResult(), at);
  int64_t rotaryDim = end - begin, lane = first - begin;
  auto [a, b] = RotateOp::getPairLanes(
      op.getPairing(), begin, rotaryDim,
      op.getPairing() == PairingKind::Half ? lane % (rotaryDim / 2) : lane / 2);
  SmallVector<IndexId> other(at);
  other.back() = indices.getConstant(a);
  ExprId x = evaluate(op.getInput(), other).re;
  other.back() = indices.getConstant(b);
  ExprId y = evaluate(op.getInput(), other).re;
  return LaneScalar::real(exprs.function(
      "rope.rotate.lane", type, {x, y, tables}, {indices.getConstant(first)}));
}
