//===- EraseDead.cpp - Ops that a rewrite left without users --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EraseDead.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::rope;

void rope::eraseDeadOps(Operation *first, Operation *last) {
  while (last && last != first) {
    Operation *previous = last->getPrevNode();
    if (isOpTriviallyDead(last))
      last->erase();
    last = previous;
  }
}

/// Whether a call does nothing but compute: its callee is private, has one
/// block and no effects. Functions may call each other in a circle.
static bool isPureCall(Operation *op, unsigned depth = 0) {
  constexpr unsigned kMaxDepth = 8;
  auto call = dyn_cast<func::CallOp>(op);
  if (!call || depth > kMaxDepth)
    return false;
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      op, call.getCalleeAttr());
  if (!callee || !callee.isPrivate() || callee.isExternal() ||
      !callee.getBody().hasOneBlock())
    return false;
  return llvm::all_of(callee.getBody().front(), [&](Operation &nested) {
    return isMemoryEffectFree(&nested) || isPureCall(&nested, depth + 1);
  });
}

void rope::eraseDeadChains(ArrayRef<Operation *> ops, bool ownsModule) {
  SetVector<Operation *> worklist(ops.begin(), ops.end());
  while (!worklist.empty()) {
    Operation *dead = worklist.pop_back_val();
    if (!isOpTriviallyDead(dead) &&
        !(ownsModule && dead->use_empty() && isPureCall(dead)))
      continue;
    dead->walk([&](Operation *nested) {
      worklist.remove(nested);
      for (Value operand : nested->getOperands())
        if (Operation *producer = operand.getDefiningOp();
            producer && !dead->isAncestor(producer))
          worklist.insert(producer);
    });
    dead->erase();
  }
}
