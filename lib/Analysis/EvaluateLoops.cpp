//===- EvaluateLoops.cpp - Through loops over lanes and rows --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An element of what a loop returns. Where each iteration writes a tile of its
// own, it is what the iteration writes in whose tile it is, its number being an
// expression of the element's index. Else the iterations of a loop that runs a
// constant number of times are gone through one by one, from the last. Every
// iteration has a frame of its own, as calls have.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/LaneEvaluator.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::rope;

/// The most iterations that are gone through.
static constexpr int64_t kMaxIterations = 512;

unsigned LaneEvaluator::getIteration(Operation *loop,
                                     ArrayRef<IndexId> iteration) {
  auto [it, inserted] =
      frameOf.try_emplace({{loop, frame}, internList(iteration)}, 0);
  if (inserted) {
    Block *body = isa<scf::WhileOp>(loop)
                      ? cast<scf::WhileOp>(loop).getAfterBody()
                      : &loop->getRegion(0).front();
    frames.push_back({loop, body, frame, {iteration.begin(), iteration.end()}});
    it->second = frames.size();
  }
  return it->second;
}

LaneScalar LaneEvaluator::evaluateLoop(Operation *loop, OpResult result,
                                       ArrayRef<IndexId> at) {
  const LoopFacts &facts = getFacts(loop);
  if (!facts.carried)
    return leaf(result, at);
  unsigned k = facts.carried->numbers[result.getResultNumber()];
  Value init = facts.carried->inits[k], yielded = facts.carried->yielded[k];
  const CarriedFact &fact = facts.facts[k];
  if (fact.kind == CarriedFact::Kind::Invariant)
    return evaluateInFrame(frame, init, at);
  if (facts.ranges.empty())
    return leaf(result, at);

  IndexId numIterations = facts.ranges.front().numIterations;
  auto evaluateAfter = [&](IndexId iteration) {
    return evaluateInFrame(getIteration(loop, iteration), yielded, at);
  };
  if (fact.kind == CarriedFact::Kind::Written) {
    IndexId writer = fact.tiles.getWriter(indices, at[fact.tiles.dim]);
    std::optional<bool> isRun = indices.isWithin(writer, numIterations);
    if (isRun)
      return *isRun ? evaluateAfter(writer) : evaluateInFrame(frame, init, at);
  }
  std::optional<int64_t> count = indices.getConstantValue(numIterations);
  if (!count || *count > kMaxIterations)
    return leaf(result, at);
  return *count == 0 ? evaluateInFrame(frame, init, at)
                     : evaluateAfter(indices.getConstant(*count - 1));
}

LaneScalar LaneEvaluator::evaluateForall(scf::ForallOp loop, OpResult result,
                                         ArrayRef<IndexId> at) {
  const LoopFacts &facts = getFacts(loop);
  unsigned number = result.getResultNumber();
  Value init = loop.getOutputs()[number];
  if (facts.ranges.empty() || facts.tilesOfResult[number].empty())
    return leaf(result, at);
  SmallVector<IndexId> iteration;
  for (auto [tile, range] :
       llvm::zip_equal(facts.tilesOfResult[number], facts.ranges)) {
    iteration.push_back(tile ? tile->getWriter(indices, at[tile->dim])
                             : indices.getConstant(0));
    std::optional<bool> isRun =
        indices.isWithin(iteration.back(), range.numIterations);
    if (!isRun)
      return leaf(result, at);
    if (!*isRun)
      return evaluateInFrame(frame, init, at);
  }

  unsigned around = std::exchange(frame, getIteration(loop, iteration));
  LaneScalar written;
  unsigned numWritten = 0, numUnknown = 0;
  for (Operation *op : getParallelInsertions(loop, number)) {
    auto insertion = cast<tensor::ParallelInsertSliceOp>(op);
    SmallVector<IndexId> source;
    std::optional<bool> inserted = isInserted(
        insertion, insertion.getDest(), insertion.getDroppedDims(), at, source);
    if (inserted == true) {
      written = evaluate(insertion.getSource(), source);
      ++numWritten;
    } else if (!inserted) {
      ++numUnknown;
    }
  }
  frame = around;
  if (numUnknown > 0 || numWritten > 1)
    return leaf(result, at);
  return numWritten == 1 ? written : evaluateInFrame(frame, init, at);
}

std::optional<LaneScalar> LaneEvaluator::evaluateLoopArgument(
    const Frame &iteration, BlockArgument argument, ArrayRef<IndexId> at) {
  Operation *loop = iteration.op;
  unsigned around = iteration.caller;
  const LoopFacts &facts = loopFacts.at({loop, around});
  unsigned number = argument.getArgNumber();
  if (!isa<scf::WhileOp>(loop) && number < facts.ranges.size()) {
    const IterationRange &range = facts.ranges[number];
    return LaneScalar::integer(indices.add(
        range.lower, indices.scale(iteration.iteration[number], range.step)));
  }
  if (auto forall = dyn_cast<scf::ForallOp>(loop)) {
    // What is inserted in parallel is there after the loop, but whoever runs it
    // in place shows other iterations what one has written.
    unsigned result = number - facts.ranges.size();
    if (facts.tilesOfResult.empty() || facts.tilesOfResult[result].empty())
      return std::nullopt;
    for (auto [tile, now] :
         llvm::zip_equal(facts.tilesOfResult[result], iteration.iteration))
      if (tile && tile->getWriter(indices, at[tile->dim]) != now)
        return std::nullopt;
    return evaluateInFrame(around, forall.getOutputs()[result], at);
  }

  unsigned k = *facts.carried->getNumber(argument);
  Value init = facts.carried->inits[k], yielded = facts.carried->yielded[k];
  const CarriedFact &fact = facts.facts[k];
  IndexId now = iteration.iteration.front();
  auto evaluateAfter = [&](IndexId other) {
    unsigned current = std::exchange(frame, around);
    unsigned before = getIteration(loop, other);
    frame = current;
    return evaluateInFrame(before, yielded, at);
  };
  if (fact.kind == CarriedFact::Kind::Invariant)
    return evaluateInFrame(around, init, at);
  if (fact.kind == CarriedFact::Kind::Counter)
    if (std::optional<IndexId> counted =
            fact.count(indices, evaluateInFrame(around, init, at).index, now,
                       getElementTypeOrSelf(init.getType())))
      return LaneScalar::integer(*counted);
  if (fact.kind == CarriedFact::Kind::Written) {
    IndexId writer = fact.tiles.getWriter(indices, at[fact.tiles.dim]);
    IndexRange ahead = indices.getRange(indices.sub(writer, now));
    IndexRange range = indices.getRange(writer);
    if (ahead.lower >= 0 || range.upper < 0)
      return evaluateInFrame(around, init, at);
    if (ahead.upper < 0 && range.lower >= 0)
      return evaluateAfter(writer);
  }
  std::optional<int64_t> last = indices.getConstantValue(now);
  if (!last)
    return std::nullopt;
  return *last == 0 ? evaluateInFrame(around, init, at)
                    : evaluateAfter(indices.getConstant(*last - 1));
}

unsigned LaneEvaluator::getFrameOf(Value value) const {
  unsigned owner = frame;
  while (
      owner != 0 && !isa<func::CallOp>(frames[owner - 1].op) &&
      !frames[owner - 1].op->isAncestor(value.getParentRegion()->getParentOp()))
    owner = frames[owner - 1].caller;
  return owner;
}
