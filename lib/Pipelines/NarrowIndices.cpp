//===- NarrowIndices.cpp - Indices of kernels in 32 bits ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `rope-narrow-indices`: index arithmetic whose numbers are below 2^31 by
// upstream's analysis of ranges. Upstream's own narrowing takes signed minima
// and flags of wrapping along where only unsigned ranges fit.
//
//===----------------------------------------------------------------------===//

#include "Rope/Pipelines/Passes.h"

#include "mlir/Analysis/DataFlow/IntegerRangeAnalysis.h"
#include "mlir/Analysis/DataFlow/Utils.h"
#include "mlir/Analysis/DataFlowFramework.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::rope {
#define GEN_PASS_DEF_NARROWINDICES
#include "Rope/Pipelines/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;

/// Whether `value` is an index from 0 to 2^31 - 1.
static bool isNarrow(const DataFlowSolver &solver, Value value) {
  auto *state = solver.lookupState<dataflow::IntegerValueRangeLattice>(value);
  if (!value.getType().isIndex() || !state ||
      state->getValue().isUninitialized())
    return false;
  return state->getValue().getValue().umax().getActiveBits() < 32;
}

namespace {
struct NarrowIndices : rope::impl::NarrowIndicesBase<NarrowIndices> {
  using NarrowIndicesBase::NarrowIndicesBase;

  void runOnOperation() override {
    DataFlowSolver solver;
    dataflow::loadBaselineAnalyses(solver);
    solver.load<dataflow::IntegerRangeAnalysis>();
    if (failed(solver.initializeAndRun(getOperation())))
      return signalPassFailure();
    SmallVector<Operation *> narrow;
    getOperation()->walk([&](Operation *op) {
      if (!isa<arith::AddIOp, arith::MulIOp, arith::DivUIOp, arith::RemUIOp>(
              op))
        return;
      auto fits = [&](Value value) { return isNarrow(solver, value); };
      if (llvm::all_of(op->getOperands(), fits) && fits(op->getResult(0)))
        narrow.push_back(op);
    });
    for (Operation *op : narrow) {
      ImplicitLocOpBuilder builder(op->getLoc(), op);
      Type i32 = builder.getI32Type();
      for (OpOperand &operand : op->getOpOperands())
        operand.set(arith::IndexCastUIOp::create(builder, i32, operand.get()));
      Value result = op->getResult(0);
      Type index = result.getType();
      result.setType(i32);
      builder.setInsertionPointAfter(op);
      auto widened = arith::IndexCastUIOp::create(builder, index, result);
      result.replaceAllUsesExcept(widened, widened);
    }
  }
};
} // namespace
