//===- PullNegation.cpp - A canonicalization on the rope dialect ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tutorial's second plugin: negations move behind rotations, where two of
// them meet and cancel.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/InitAll.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace {
/// R(c, s) (-x) = -(R(c, s) x).
struct PullNegation final : OpRewritePattern<rope::RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(rope::RotateOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasTensorSemantics())
      return rewriter.notifyMatchFailure(op, "memrefs cannot be negated");
    auto negation = op.getInput().getDefiningOp<arith::NegFOp>();
    if (!negation)
      return rewriter.notifyMatchFailure(op, "the input is not negated");
    if (!negation->hasOneUse())
      return rewriter.notifyMatchFailure(op, "others read the negated input");
    auto rotate = cast<rope::RotateOp>(rewriter.clone(*op));
    rotate.getInputMutable().assign(negation.getOperand());
    rewriter.replaceOpWithNewOp<arith::NegFOp>(op, rotate.getResult());
    return success();
  }
};

struct PullNegationPass final : PassWrapper<PullNegationPass, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PullNegationPass)

  StringRef getArgument() const override { return "pull-negation"; }
  StringRef getDescription() const override {
    return "Moves negations behind rotations";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect>();
  }
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<PullNegation>(&getContext());
    rope::RotateOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace

extern "C" LLVM_ATTRIBUTE_WEAK DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {
      MLIR_PLUGIN_API_VERSION, "rope", "0.1",
      [](DialectRegistry *registry) { rope::registerRopeDialect(*registry); }};
}

extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "pull-negation", "0.1",
          [] { PassRegistration<PullNegationPass>(); }};
}
