//===- RotateOfCopy.cpp - Rotation of a copy ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bufferization copies the input of a rotation that it may not overwrite, and
// rotates the copy in place. One pass over memory does both.
//
//===----------------------------------------------------------------------===//

#include "Canonicalization.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace mlir::rope;

/// The buffer that a value is a view of.
static Value getViewedBuffer(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
    value = view.getViewSource();
  return value;
}

static bool isAllocation(Value value) {
  return isa_and_present<memref::AllocOp, memref::AllocaOp>(
      value.getDefiningOp());
}

/// Whether the two are known to be different memory: an allocation and another
/// allocation or an argument of the function.
static bool areDistinct(Value allocation, Value other) {
  allocation = getViewedBuffer(allocation);
  other = getViewedBuffer(other);
  if (!isAllocation(allocation) || allocation == other)
    return false;
  if (isAllocation(other))
    return true;
  auto argument = dyn_cast<BlockArgument>(other);
  return argument && argument.getOwner()->isEntryBlock() &&
         isa<FunctionOpInterface>(argument.getOwner()->getParentOp());
}

/// Whether `op` may change or free what `buffer` holds.
static bool mayChange(Operation *op, Value buffer) {
  std::optional<SmallVector<MemoryEffects::EffectInstance>> effects =
      getEffectsRecursively(op);
  if (!effects)
    return true;
  return llvm::any_of(*effects, [&](const auto &effect) {
    if (isa<MemoryEffects::Read, MemoryEffects::Allocate>(effect.getEffect()))
      return false;
    Value changed = effect.getValue();
    return !changed || !areDistinct(changed, buffer);
  });
}

/// The copy that fills `buffer`, if `user` alone sees what it holds until then:
/// nothing else has used the buffer before.
static memref::CopyOp getOnlyCopyInto(Value buffer, Operation *user) {
  Block *block = user->getBlock();
  if (!isAllocation(buffer) || buffer.getDefiningOp()->getBlock() != block)
    return {};
  memref::CopyOp copy;
  for (Operation *other : buffer.getUsers()) {
    if (other == user)
      continue;
    // Dominated by the allocation, every user lies in the block.
    Operation *ancestor = block->findAncestorOpInBlock(*other);
    if (!ancestor)
      return {};
    if (!ancestor->isBeforeInBlock(user))
      continue;
    auto candidate = dyn_cast<memref::CopyOp>(other);
    if (!candidate || copy || ancestor != other ||
        candidate.getTarget() != buffer || candidate.getSource() == buffer)
      return {};
    copy = candidate;
  }
  return copy;
}

namespace {
/// copy x to y; rotate y into y = rotate x into y, if y is new and nothing
/// changes x in between.
struct RotateOfCopy final : OpRewritePattern<RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotateOp op,
                                PatternRewriter &rewriter) const override {
    Value buffer = op.getOutput();
    if (!buffer || op.getInput() != buffer)
      return rewriter.notifyMatchFailure(op, "not in place on a buffer");
    memref::CopyOp copy = getOnlyCopyInto(buffer, op);
    if (!copy)
      return rewriter.notifyMatchFailure(
          op, "the buffer is not new and filled by one copy only");
    for (Operation *between = copy->getNextNode(); between != op.getOperation();
         between = between->getNextNode())
      if (mayChange(between, copy.getSource()))
        return rewriter.notifyMatchFailure(between,
                                           "may change the copied buffer");
    rewriter.modifyOpInPlace(
        op, [&] { op.getInputMutable().assign(copy.getSource()); });
    rewriter.eraseOp(copy);
    return success();
  }
};
} // namespace

void rope::populateRotateOfCopyPatterns(RewritePatternSet &patterns) {
  patterns.add<RotateOfCopy>(patterns.getContext());
}
