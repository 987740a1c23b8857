//===- RaiseAttentions.cpp - Raise the attentions of a function -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RaiseAttentions.h"

#include "AttentionRaiser.h"
#include "EraseDead.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace mlir::rope;

static remark::RemarkOpts getRemarkOptions(StringRef name,
                                           FunctionOpInterface function) {
  return remark::RemarkOpts::name(name).category("rope").function(
      function.getName());
}

/// The only use of a sum that was made in a wider type: its rounding.
static Operation *getRounding(Operation *op) {
  if (!op->hasOneUse())
    return nullptr;
  auto user = dyn_cast<linalg::GenericOp>(*op->user_begin());
  if (!user || user.getNumReductionLoops() != 0 || user.getNumDpsInputs() != 1)
    return nullptr;
  Operation *yield = user.getBlock()->getTerminator();
  auto truncation = yield->getOperand(0).getDefiningOp<arith::TruncFOp>();
  return truncation && truncation.getIn() == user.getRegionInputArgs()[0]
             ? user.getOperation()
             : nullptr;
}

void rope::raiseAttentions(FunctionOpInterface function,
                           const RopeRaiseOptions &options, bool ownsModule) {
  if (!AttentionRaiser::isWorthwhile(function))
    return;
  AttentionRaiser raiser(function, ownsModule, options.maxSteps);
  SmallVector<Operation *> candidates, replaced;
  function->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (AttentionRaiser::isCandidate(op))
      candidates.push_back(op);
    return isa<linalg::LinalgOp>(op) ? WalkResult::skip()
                                     : WalkResult::advance();
  });
  for (Operation *op : candidates) {
    if (Operation *rounding = getRounding(op))
      op = rounding;
    auto candidate = cast<TypedValue<RankedTensorType>>(op->getResult(0));
    Operation *before = op->getPrevNode();
    Value attention = raiser.raise(candidate);
    if (attention && options.strict) {
      // It sums in another order than the program.
      remark::missed(op->getLoc(), getRemarkOptions("NotStrict", function))
          << "an attention, but rope.attention rounds in another order";
      attention = {};
    } else if (!attention && raiser.getRefusal()) {
      remark::missed(op->getLoc(), getRemarkOptions("NotAnAttention", function))
          << *raiser.getRefusal()
          << remark::detail::Remark::Arg("Value", candidate);
    }
    if (attention) {
      remark::passed(op->getLoc(), getRemarkOptions("Attention", function))
          << "raised to rope.attention";
      candidate.replaceAllUsesWith(attention);
      raiser.forget(candidate);
      replaced.push_back(op);
    }
    eraseDeadOps(before, op->getPrevNode());
  }
  eraseDeadChains(replaced, ownsModule);
}
