//===- EvaluateCalls.cpp - Through calls of private functions -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Frontends print helpers (roll, where, take) as private functions. A result of
// a call is what the callee returns, its arguments being the operands of this
// call. Every call has a frame of its own: what is not understood in a callee
// is a leaf of that frame, so that leaves of two calls never agree, and values
// of a callee never serve as names in the caller.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/LaneEvaluator.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace mlir::rope;

static bool isStatic(Value value) {
  auto shaped = dyn_cast<ShapedType>(value.getType());
  return !shaped || (isa<RankedTensorType>(shaped) && shaped.hasStaticShape());
}

/// The only block of a private function, if no size in it is dynamic: sizes are
/// not kept by frame.
static Block *getEvaluableBody(func::CallOp call) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      call, call.getCalleeAttr());
  if (!callee || callee.isExternal() || !callee.isPrivate() ||
      !callee.getBody().hasOneBlock())
    return nullptr;
  WalkResult result = callee.getBody().walk([](Operation *op) {
    bool known = llvm::all_of(op->getResults(), isStatic);
    for (Region &region : op->getRegions())
      known &= llvm::all_of(region.getArguments(), isStatic);
    return known ? WalkResult::advance() : WalkResult::interrupt();
  });
  Block &body = callee.getBody().front();
  if (result.wasInterrupted() || !llvm::all_of(body.getArguments(), isStatic))
    return nullptr;
  return &body;
}

LaneScalar LaneEvaluator::evaluateCall(func::CallOp call, OpResult result,
                                       ArrayRef<IndexId> at) {
  if (!seesCallees)
    return leaf(result, at);
  auto [it, inserted] =
      frameOf.try_emplace({{call.getOperation(), frame}, 0}, 0);
  if (inserted)
    if (Block *body = getEvaluableBody(call)) {
      frames.push_back({call, body, frame, {}});
      it->second = frames.size();
    }
  if (it->second == 0)
    return leaf(result, at);
  Value returned = frames[it->second - 1].body->getTerminator()->getOperand(
      result.getResultNumber());
  return evaluateInFrame(it->second, returned, at);
}

std::optional<LaneScalar>
LaneEvaluator::evaluateFrameArgument(BlockArgument argument,
                                     ArrayRef<IndexId> at) {
  if (frame == 0 || argument.getOwner() != frames[frame - 1].body)
    return std::nullopt;
  Frame current = frames[frame - 1];
  if (!isa<func::CallOp>(current.op))
    return evaluateLoopArgument(current, argument, at);
  return evaluateInFrame(current.caller,
                         current.op->getOperand(argument.getArgNumber()), at);
}

LaneScalar LaneEvaluator::evaluateInFrame(unsigned other, Value value,
                                          ArrayRef<IndexId> at) {
  unsigned current = std::exchange(frame, other);
  LaneScalar scalar = isa<RankedTensorType>(value.getType())
                          ? evaluate(value, at)
                          : evaluateScalar(value);
  frame = current;
  return scalar;
}
