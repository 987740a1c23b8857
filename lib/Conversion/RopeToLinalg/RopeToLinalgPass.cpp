//===- RopeToLinalgPass.cpp - The pass of the reference lowering ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `convert-rope-to-linalg`: no rope op is left, or nothing is changed.
//
//===----------------------------------------------------------------------===//

#include "Rope/Conversion/Passes.h"
#include "Rope/Conversion/RopeToLinalg/AttentionToLinalg.h"
#include "Rope/Conversion/RopeToLinalg/RopeToLinalg.h"
#include "Rope/Conversion/RopeToLinalg/SinCosToLinalg.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::rope {
#define GEN_PASS_DEF_CONVERTROPETOLINALG
#include "Rope/Conversion/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;
using namespace mlir::rope;

/// Why a rope op cannot be lowered.
static std::optional<std::string> getObstacle(Operation *op) {
  return TypeSwitch<Operation *, std::optional<std::string>>(op)
      .Case([](AttentionOp attention) {
        return getAttentionToLinalgObstacle(attention);
      })
      .Case([](SinCosOp sincos) { return getSinCosToLinalgObstacle(sincos); })
      .Default([](Operation *) { return std::nullopt; });
}

void rope::populateRopeToLinalgPatterns(RewritePatternSet &patterns) {
  populateAttentionToLinalgPatterns(patterns);
  populateLinearAttentionToLinalgPatterns(patterns);
  populateMergeToLinalgPatterns(patterns);
  populateRotateToLinalgPatterns(patterns);
  populateRotationMatrixToLinalgPatterns(patterns);
  populateSinCosToLinalgPatterns(patterns);
}

namespace {
struct ConvertRopeToLinalg
    : rope::impl::ConvertRopeToLinalgBase<ConvertRopeToLinalg> {
  using ConvertRopeToLinalgBase::ConvertRopeToLinalgBase;

  /// Whether the options leave an op as it is.
  bool isKept(Operation *op) const {
    return !ops.empty() &&
           !llvm::is_contained(ops, op->getName().getStringRef());
  }

  void runOnOperation() override {
    for (const std::string &name : ops)
      if (!RegisteredOperationName::lookup(name, &getContext()) ||
          !StringRef(name).starts_with("rope.")) {
        emitError(getOperation()->getLoc())
            << "ops must name ops of the rope dialect, got '" << name << "'";
        return signalPassFailure();
      }
    WalkResult result = getOperation()->walk([&](Operation *op) {
      std::optional<std::string> obstacle = getObstacle(op);
      if (!obstacle || isKept(op))
        return WalkResult::advance();
      op->emitOpError("cannot be lowered to linalg: ") << *obstacle;
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      return signalPassFailure();

    RewritePatternSet patterns(&getContext());
    populateRopeToLinalgPatterns(patterns);
    ConversionTarget target(getContext());
    target.addDynamicallyLegalDialect<RopeDialect>(
        [&](Operation *op) { return isKept(op); });
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
