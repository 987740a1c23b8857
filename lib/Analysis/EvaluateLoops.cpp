//===- EvaluateLoops.cpp - Through loops over lanes and rows --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An element of what scf.for returns. Where each iteration writes a row of its
// own, row i is what iteration i writes, i being a symbol. Else the iterations
// of a loop with constant bounds are gone through one by one, from the last.
// Every iteration has a frame of its own, as calls have.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/LaneEvaluator.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::rope;

/// The most iterations that are gone through.
static constexpr uint64_t kMaxIterations = 512;

/// Whether an insertion with `indices` of `sizes` writes nothing but row
/// `induction` of dimension `dim`.
static bool writesRow(ArrayRef<OpFoldResult> indices,
                      ArrayRef<OpFoldResult> sizes, int64_t dim,
                      Value induction) {
  return indices[dim] == OpFoldResult(induction) &&
         (sizes.empty() || isConstantIntValue(sizes[dim], 1));
}

/// Whether `value` is `start` after insertions, none of them outside of row
/// `induction` of dimension `dim`; of any elements if there is no `induction`.
static bool isChainOfInsertions(Value value, Value start, int64_t dim,
                                Value induction) {
  while (value != start) {
    Operation *op = value.getDefiningOp();
    if (auto insert = dyn_cast_or_null<tensor::InsertOp>(op)) {
      if (induction && !writesRow(getAsOpFoldResult(insert.getIndices()), {},
                                  dim, induction))
        return false;
      value = insert.getDest();
    } else if (auto slice = dyn_cast_or_null<tensor::InsertSliceOp>(op)) {
      if (induction && !writesRow(slice.getMixedOffsets(),
                                  slice.getMixedSizes(), dim, induction))
        return false;
      value = slice.getDest();
    } else if (auto loop = dyn_cast_or_null<scf::ForOp>(op)) {
      unsigned number = cast<OpResult>(value).getResultNumber();
      if (!isChainOfInsertions(loop.getYieldedValues()[number],
                               loop.getRegionIterArg(number), dim, induction))
        return false;
      value = loop.getInits()[number];
    } else {
      return false;
    }
  }
  return true;
}

/// The dimension in which each iteration writes a row of its own.
static std::optional<int64_t> getRowDim(scf::ForOp loop, unsigned number) {
  auto type = dyn_cast<RankedTensorType>(loop.getResult(number).getType());
  for (int64_t dim = 0; type && dim < type.getRank(); ++dim)
    if (isChainOfInsertions(loop.getYieldedValues()[number],
                            loop.getRegionIterArg(number), dim,
                            loop.getInductionVar()))
      return dim;
  return std::nullopt;
}

static bool isStatic(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  return !shaped || (isa<RankedTensorType>(shaped) && shaped.hasStaticShape());
}

/// Sizes are not kept by iteration: whether all in a loop, in branches too, are
/// constant or those of what is inserted into.
static bool hasOneSizeEach(scf::ForOp loop) {
  return !loop->walk([](Operation *op) {
                auto keepsSize = [&](OpResult result) {
                  auto inner = dyn_cast<scf::ForOp>(op);
                  return isStatic(result.getType()) ||
                         (inner && LaneEvaluator::keepsSize(
                                       inner, result.getResultNumber()));
                };
                return isa<tensor::InsertOp, tensor::InsertSliceOp>(op) ||
                               llvm::all_of(op->getResults(), keepsSize)
                           ? WalkResult::advance()
                           : WalkResult::interrupt();
              })
              .wasInterrupted();
}

bool LaneEvaluator::keepsSize(scf::ForOp loop, unsigned number) {
  return isChainOfInsertions(loop.getYieldedValues()[number],
                             loop.getRegionIterArg(number), /*dim=*/0,
                             /*induction=*/Value());
}

unsigned LaneEvaluator::getIteration(scf::ForOp loop, unsigned around,
                                     IndexId induction, bool writesRows) {
  auto [it, inserted] =
      frameOf.try_emplace({{loop.getOperation(), around}, induction}, 0);
  if (inserted) {
    frames.push_back({loop, loop.getBody(), around, induction, writesRows});
    it->second = frames.size();
  }
  return it->second;
}

LaneScalar LaneEvaluator::evaluateLoop(scf::ForOp loop, OpResult result,
                                       ArrayRef<IndexId> at) {
  auto [it, inserted] = sizedLoops.try_emplace(loop, false);
  if (inserted)
    it->second = !loop.getUnsignedCmp() && hasOneSizeEach(loop);
  if (!it->second)
    return leaf(result, at);
  unsigned number = result.getResultNumber();
  IndexId lower = evaluateScalar(loop.getLowerBound()).index;
  IndexId upper = evaluateScalar(loop.getUpperBound()).index;
  std::optional<int64_t> first = indices.getConstantValue(lower);
  std::optional<int64_t> end = indices.getConstantValue(upper);
  std::optional<int64_t> step =
      indices.getConstantValue(evaluateScalar(loop.getStep()).index);
  Value yielded = loop.getYieldedValues()[number];

  std::optional<int64_t> rowDim = getRowDim(loop, number);
  if (rowDim && first == 0 && step == 1 &&
      indices.isWithin(at[*rowDim], upper) == true)
    return evaluateInFrame(
        getIteration(loop, frame, at[*rowDim], /*writesRows=*/true), yielded,
        at);

  if (!first || !end || !step || *step <= 0)
    return leaf(result, at);
  if (*first >= *end)
    return evaluateInFrame(frame, loop.getInits()[number], at);
  // The distance of two numbers of 64 bits may have 65 as a signed one.
  uint64_t numIterations =
      llvm::divideCeil(uint64_t(*end) - uint64_t(*first), uint64_t(*step));
  if (numIterations > kMaxIterations)
    return leaf(result, at);
  IndexId last =
      indices.getConstant(*first + int64_t(numIterations - 1) * *step);
  return evaluateInFrame(getIteration(loop, frame, last, /*writesRows=*/false),
                         yielded, at);
}

std::optional<LaneScalar>
LaneEvaluator::evaluateLoopArgument(scf::ForOp loop, BlockArgument argument,
                                    ArrayRef<IndexId> at) {
  Frame current = frames[frame - 1];
  if (argument == loop.getInductionVar())
    return LaneScalar::integer(current.induction);
  unsigned number = argument.getArgNumber() - loop.getNumInductionVars();
  Value init = loop.getInits()[number];
  if (current.writesRows) {
    // No other iteration has written the row of this one.
    std::optional<int64_t> rowDim = getRowDim(loop, number);
    if (!rowDim || at[*rowDim] != current.induction)
      return std::nullopt;
    return evaluateInFrame(current.caller, init, at);
  }
  unsigned around = current.caller;
  std::optional<int64_t> now = indices.getConstantValue(current.induction);
  std::optional<int64_t> first = indices.getConstantValue(
      evaluateInFrame(around, loop.getLowerBound(), {}).index);
  std::optional<int64_t> step = indices.getConstantValue(
      evaluateInFrame(around, loop.getStep(), {}).index);
  if (!now || !first || !step)
    return std::nullopt;
  if (*now == *first)
    return evaluateInFrame(around, init, at);
  unsigned before =
      getIteration(loop, around, indices.getConstant(*now - *step),
                   /*writesRows=*/false);
  return evaluateInFrame(before, loop.getYieldedValues()[number], at);
}

unsigned LaneEvaluator::getFrameOf(Value value) const {
  unsigned owner = frame;
  while (
      owner != 0 && isa<scf::ForOp>(frames[owner - 1].op) &&
      !frames[owner - 1].op->getRegion(0).isAncestor(value.getParentRegion()))
    owner = frames[owner - 1].caller;
  return owner;
}
