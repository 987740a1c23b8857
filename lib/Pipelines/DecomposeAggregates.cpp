//===- DecomposeAggregates.cpp - Ops that are several structured ones -----===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `rope-decompose-aggregates`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Pipelines/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"

namespace mlir::rope {
#define GEN_PASS_DEF_DECOMPOSEAGGREGATES
#include "Rope/Pipelines/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;

namespace {
struct DecomposeAggregates
    : rope::impl::DecomposeAggregatesBase<DecomposeAggregates> {
  void runOnOperation() override {
    SmallVector<linalg::AggregatedOpInterface> aggregates;
    getOperation()->walk([&](linalg::AggregatedOpInterface op) {
      // The parts are tensors of floats that upstream makes itself.
      if (llvm::all_of(op->getOperandTypes(), [](Type type) {
            return isa<RankedTensorType>(type) &&
                   isa<FloatType>(getElementTypeOrSelf(type));
          }))
        aggregates.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::AggregatedOpInterface op : aggregates) {
      rewriter.setInsertionPoint(op);
      if (FailureOr<SmallVector<Value>> parts = op.decomposeOperation(rewriter);
          succeeded(parts))
        rewriter.replaceOp(op, *parts);
    }
  }
};
} // namespace
