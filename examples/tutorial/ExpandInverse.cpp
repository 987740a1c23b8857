//===- ExpandInverse.cpp - A pattern on the rope dialect ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tutorial's plugin: rewrites inverse rotations for a target whose kernels
// know only the forward one.
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
/// R(c, s)^T x = R(c, -s) x.
struct ExpandInverse final : OpRewritePattern<rope::RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(rope::RotateOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getInverse())
      return rewriter.notifyMatchFailure(op, "is a forward rotation");
    if (!op.hasTensorSemantics())
      return rewriter.notifyMatchFailure(op, "memrefs cannot be negated");
    Value minusSin = arith::NegFOp::create(rewriter, op.getLoc(), op.getSin());
    rewriter.modifyOpInPlace(op, [&] {
      op.getSinMutable().assign(minusSin);
      op.setInverse(false);
    });
    return success();
  }
};

struct ExpandInversePass final
    : PassWrapper<ExpandInversePass, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandInversePass)

  StringRef getArgument() const override { return "expand-inverse"; }
  StringRef getDescription() const override {
    return "Expresses inverse rotations by forward ones";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect>();
  }
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandInverse>(&getContext());
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
  return {MLIR_PLUGIN_API_VERSION, "expand-inverse", "0.1",
          [] { PassRegistration<ExpandInversePass>(); }};
}
