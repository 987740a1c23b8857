//===- OptimizePass.cpp - The algebra of rotations, where it pays ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `rope-optimize`: the rules of Patterns.h and the canonicalization of rope ops
// until none applies, with a remark for each that did.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/Transforms/Passes.h"

#include "ConstantRotation.h"
#include "Rope/Dialect/Rope/Transforms/Patterns.h"
#include "RotationCost.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::rope {
#define GEN_PASS_DEF_ROPEOPTIMIZE
#include "Rope/Dialect/Rope/Transforms/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;
using namespace mlir::rope;

/// The sum over all ops.
static RotationCost getTotalCost(Operation *root) {
  CostModel model;
  RotationCost cost;
  root->walk([&](Operation *op) {
    cost += model.getCost(op);
    // Bodies of structured ops count as iterations.
    return isa<linalg::LinalgOp>(op) ? WalkResult::skip()
                                     : WalkResult::advance();
  });
  return cost;
}

namespace {
/// Remarks on each rule that applies, and counts them.
class RuleListener final : public RewriterBase::Listener {
public:
  void notifyPatternBegin(const Pattern &, Operation *op) override {
    location = op->getLoc();
  }
  void notifyPatternEnd(const Pattern &pattern, LogicalResult status) override {
    if (failed(status))
      return;
    ++numRewrites;
    // The name of the struct, without its namespaces.
    StringRef rule = pattern.getDebugName().rsplit("::").second;
    remark::passed(*location, remark::RemarkOpts::name(rule).category("rope"))
        << "applied";
  }

  int64_t numRewrites = 0;

private:
  std::optional<Location> location;
};

struct RopeOptimize : rope::impl::RopeOptimizeBase<RopeOptimize> {
  using RopeOptimizeBase::RopeOptimizeBase;

  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populateMoveRotationPatterns(set);
    populateConcatRotationPatterns(set);
    populateRotationMatrixPatterns(set);
    populateRelativePositionPatterns(set, algebraic, maxPosition);
    populateFoldIntoAttentionPatterns(set);
    if (algebraic) {
      populateComposeRotationPatterns(set, maxPosition);
      populateScaleIntoAttentionPatterns(set);
    }
    SinCosOp::getCanonicalizationPatterns(set, context);
    RotateOp::getCanonicalizationPatterns(set, context);
    RotationMatrixOp::getCanonicalizationPatterns(set, context);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    Operation *root = getOperation();
    RotationCost before = getTotalCost(root);
    RuleListener listener;
    GreedyRewriteConfig config;
    config.setListener(&listener);
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(applyPatternsGreedily(root, patterns, config))) {
      root->emitError("rope-optimize: the rules do not come to an end");
      return signalPassFailure();
    }
    numRewrites += listener.numRewrites;
    if (listener.numRewrites == 0)
      markAllAnalysesPreserved();
    else
      remark::analysis(root->getLoc(),
                       remark::RemarkOpts::name("Cost").category("rope"))
          << "work " + before.work.str() + " became " +
                 getTotalCost(root).work.str();
    root->walk([](linalg::LinalgOp op) { remarkOnConstantMatrix(op); });
  }

private:
  /// Why a contraction with constant matrices stays what it is.
  static void remarkOnConstantMatrix(linalg::LinalgOp op) {
    if (!linalg::isaContractionOpInterface(op))
      return;
    for (Value input : op.getDpsInputs())
      if (std::optional<ConstantTensor> matrix = getConstantMatrix(input)) {
        ConstantRotation rotation(*matrix);
        if (!rotation.isRotation())
          remark::missed(
              op.getLoc(),
              remark::RemarkOpts::name("NotARotationMatrix").category("rope"))
              << rotation.getDisagreement();
      }
  }

  FrozenRewritePatternSet patterns;
};
} // namespace
