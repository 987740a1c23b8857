//===- SinCosGoal.cpp - What is asked of rope.sincos ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Read off an op.
//
//===----------------------------------------------------------------------===//

#include "SinCosGoal.h"
#include "Rope/Dialect/Rope/Transforms/SequenceLength.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::rope;

SinCosGoal mlir::rope::getSinCosGoal(SinCosOp op, bool isTight) {
  SinCosGoal goal{op.getTableType().getElementType().isF64()};
  goal.isTight = (isTight && !goal.isF64) ||
                 op.getFrequencies().getAttentionFactor() != ExactReal(1);
  auto type = dyn_cast<IntegerType>(getElementTypeOrSelf(op.getPositions()));
  if (!op.getLength()) {
    if (type && type.getWidth() < 32)
      goal.maxPosition = uint64_t(1) << (type.getWidth() - 1);
    return goal;
  }
  std::optional<int64_t> start = getConstantIntValue(op.getPositions());
  std::optional<int64_t> length = getConstantIntValue(op.getLength());
  if (start && length && *start >= 0 && *length > 0 &&
      *start + *length <= int64_t(goal.maxPosition))
    goal.maxPosition = *start + *length - 1;
  return goal;
}

std::optional<std::string> mlir::rope::getAngleObstacle(SinCosOp op) {
  bool isExact = op.getAccuracy() == AccuracyKind::Exact;
  if (isStretched(op.getFrequencies()))
    return isExact ? std::nullopt
                   : std::optional<std::string>(
                         "frequencies that are computed at run time have no "
                         "f32 angle");
  if (!isExact)
    return std::nullopt;
  SinCosGoal goal = getSinCosGoal(op);
  for (FrequenciesAttr frequencies : op.getFrequencies().getPieces())
    for (auto [i, turns] : llvm::enumerate(frequencies.getTurns()))
      if (!planPhase(turns, goal))
        return "the exact angle of frequency " + std::to_string(i) +
               " comes too close to a quarter turn for the error bound of f64";
  return std::nullopt;
}
