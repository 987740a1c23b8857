//===- RotatedPair.cpp - Products of two rotated values -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Frameworks transpose, and collapse batch and heads, between a rotation and
// the scores: which dimension meets which is followed through both.
//
//===----------------------------------------------------------------------===//

#include "RotatedPair.h"

#include "RotationFacts.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::rope;

/// Walks back from the operand to a rotation.
static std::optional<RotatedOperand> getRotatedOperand(linalg::LinalgOp op,
                                                       OpOperand &operand) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (!map.isProjectedPermutation())
    return std::nullopt;
  RotatedOperand rotated;
  for (AffineExpr expr : map.getResults())
    rotated.loops.emplace_back(cast<AffineDimExpr>(expr).getPosition(), 0);
  Value value = operand.get();
  while (Operation *producer = value.getDefiningOp()) {
    if (auto rotate = dyn_cast<RotateOp>(producer)) {
      rotated.rotate = rotate;
      return rotated;
    }
    rotated.path.push_back(producer);
    if (std::optional<SmallVector<int64_t>> permutation =
            getPermutation(producer)) {
      SmallVector<LoopPart> loops(rotated.loops.size());
      for (auto [dim, from] : llvm::enumerate(*permutation))
        loops[from] = rotated.loops[dim];
      rotated.loops = std::move(loops);
      value = cast<linalg::LinalgOp>(producer).getDpsInputOperand(0)->get();
      continue;
    }
    auto collapse = dyn_cast<tensor::CollapseShapeOp>(producer);
    if (!collapse)
      return std::nullopt;
    SmallVector<LoopPart> loops;
    for (auto [dim, group] :
         llvm::enumerate(collapse.getReassociationIndices())) {
      // Collapsed twice: which part is which is not tracked.
      if (group.size() > 1 && rotated.loops[dim].second != 0)
        return std::nullopt;
      for (size_t part = 0; part < group.size(); ++part)
        loops.emplace_back(rotated.loops[dim].first,
                           group.size() == 1 ? rotated.loops[dim].second
                                             : part + 1);
    }
    rotated.loops = std::move(loops);
    value = collapse.getSrc();
  }
  return std::nullopt;
}

FailureOr<RotatedPair> rope::getRotatedPair(linalg::LinalgOp op,
                                            PatternRewriter &rewriter) {
  if (!op.hasPureTensorSemantics() || op.getNumDpsInputs() != 2 ||
      !linalg::isaContractionOpInterface(op))
    return rewriter.notifyMatchFailure(op, "not a contraction of two tensors");
  std::optional<RotatedOperand> q =
      getRotatedOperand(op, *op.getDpsInputOperand(0));
  std::optional<RotatedOperand> k =
      getRotatedOperand(op, *op.getDpsInputOperand(1));
  if (!q || !k)
    return rewriter.notifyMatchFailure(op, "not of two rotations");
  LoopPart lanes = q->loops.back();
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  if (lanes != k->loops.back() || lanes.second != 0 || reductions.size() != 1 ||
      reductions[0] != lanes.first)
    return rewriter.notifyMatchFailure(op, "does not sum over the lanes");
  RotateOp rotateQ = q->rotate, rotateK = k->rotate;
  if (rotateQ.hasPerLaneTables() || rotateK.hasPerLaneTables() ||
      rotateQ.getOffset() != rotateK.getOffset() ||
      rotateQ.getEffectiveRotaryDim() != rotateK.getEffectiveRotaryDim() ||
      rotateQ.getEffectiveResultPairing() !=
          rotateK.getEffectiveResultPairing())
    return rewriter.notifyMatchFailure(op, "rotations pair different lanes");
  return RotatedPair{op, std::move(*q), std::move(*k)};
}

void rope::replaceRotation(PatternRewriter &rewriter, linalg::LinalgOp op,
                           unsigned number, RotatedOperand &operand,
                           Value value) {
  rewriter.setInsertionPoint(op);
  IRMapping mapping;
  mapping.map(operand.rotate.getResult(), value);
  for (Operation *step : llvm::reverse(operand.path))
    value = rewriter.clone(*step, mapping)->getResult(0);
  rewriter.modifyOpInPlace(op, [&] { op->setOperand(number, value); });
}
