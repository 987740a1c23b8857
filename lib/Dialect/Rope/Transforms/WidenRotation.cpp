//===- WidenRotation.cpp - From part of a head to the head ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Partial rotary embeddings rotate a slice of each head and put it back beside
// the rest. The slice is raised first; here the op takes the whole head.
//
//===----------------------------------------------------------------------===//

#include "WidenRotation.h"

using namespace mlir;
using namespace mlir::rope;

/// The rotation that lanes [begin, end) are, in order, or null.
static RotateOp getRotatedRange(LaneEvaluator &evaluator,
                                const RotationCandidate &candidate,
                                ArrayRef<ExprId> lanes, int64_t &begin,
                                int64_t &end) {
  IndexContext &indices = evaluator.getIndices();
  RotateOp rotate;
  begin = end = 0;
  for (auto [lane, id] : llvm::enumerate(lanes)) {
    const LaneExpr &expr = evaluator.getExprs().get(id);
    auto producer = expr.kind == LaneExpr::Kind::Leaf
                        ? expr.value.getDefiningOp<RotateOp>()
                        : RotateOp();
    if (!producer)
      continue;
    if (!rotate) {
      rotate = producer;
      begin = end = lane;
    }
    // The lanes of one rotation, next to each other, the rest being the
    // candidate's own dimensions.
    if (producer != rotate || end != static_cast<int64_t>(lane) ||
        expr.indices.size() != candidate.leadingDims.size() + 1 ||
        indices.getConstantValue(expr.indices.back()) != end - begin)
      return {};
    for (auto [index, dim] : llvm::zip(expr.indices, candidate.leadingDims))
      if (index != indices.getSymbol(dim.symbol, dim.size))
        return {};
    ++end;
  }
  if (!rotate || end - begin != rotate.getHeadDim())
    return {};
  return rotate;
}

Operation *rope::widenRotation(LaneEvaluator &evaluator,
                               DominanceInfo &dominance, OpBuilder &builder,
                               const RotationCandidate &candidate,
                               ArrayRef<ExprId> lanes) {
  IndexContext &indices = evaluator.getIndices();
  auto type = cast<RankedTensorType>(candidate.value.getType());
  int64_t begin, end;
  RotateOp rotate = getRotatedRange(evaluator, candidate, lanes, begin, end);
  if (!rotate || candidate.laneDims.size() != 1 ||
      rotate.getResult().getType() == type)
    return nullptr;

  // What stands in each lane before the rotation.
  SmallVector<ExprId> sourceLanes(lanes);
  SmallVector<IndexId> at;
  for (const LeadingDim &dim : candidate.leadingDims)
    at.push_back(indices.getSymbol(dim.symbol, dim.size));
  at.push_back(0);
  for (int64_t lane = begin; lane < end; ++lane) {
    at.back() = indices.getConstant(lane - begin);
    sourceLanes[lane] = evaluator.evaluate(rotate.getInput(), at).re;
  }
  // Lanes of one value, none twice.
  LaneSource source;
  LaneNames names(evaluator);
  SmallVector<NamedElement> seeds = names.lookup(sourceLanes.front());
  for (const NamedElement &seed : llvm::reverse(seeds)) {
    source = {seed.value, seed.part, {}};
    for (ExprId lane : sourceLanes) {
      SmallVector<NamedElement> elements = names.lookup(lane);
      auto *element =
          llvm::find_if(elements, [&](const NamedElement &candidate) {
            return candidate.value == seed.value &&
                   candidate.part == seed.part && candidate.coefficient == 1.0;
          });
      if (element == elements.end() ||
          llvm::is_contained(source.indexLists, element->indexList))
        break;
      source.indexLists.push_back(element->indexList);
    }
    if (source.indexLists.size() != sourceLanes.size())
      continue;
    LaneMaterializer materializer(evaluator, dominance, builder,
                                  candidate.anchor);
    Value head = materializer.makeView(source, candidate.leadingDims,
                                       type.getElementType());
    if (!head || head.getType() != type)
      continue;
    return RotateOp::create(
        builder, candidate.anchor->getLoc(), head, /*output=*/Value(),
        rotate.getCos(), rotate.getSin(), rotate.getAlong(),
        rotate.getPairing(), rotate.getResultPairingAttr(),
        begin + static_cast<int64_t>(rotate.getOffset()),
        builder.getI64IntegerAttr(rotate.getEffectiveRotaryDim()),
        rotate.getInverse());
  }
  return nullptr;
}
