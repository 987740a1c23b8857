//===- RopeToAffinePass.cpp - The pass of the lowering to loops of vectors ===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `convert-rope-to-affine`: no rope op is left, or nothing is changed.
//
//===----------------------------------------------------------------------===//

#include "LoopEmitter.h"
#include "Rope/Conversion/Passes.h"
#include "Rope/Conversion/RopeToAffine/RopeToAffine.h"
#include "Rope/Conversion/RopeToAffine/SinCosToAffine.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/SequenceLength.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"
#include "mlir/Transforms/DialectConversion.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::rope {
#define GEN_PASS_DEF_CONVERTROPETOAFFINE
#include "Rope/Conversion/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;
using namespace mlir::rope;

/// Each part of the keys has partial sums of its own in memory.
static constexpr unsigned kMostKeyParts = 1024;

/// Why a rope op cannot be lowered.
static std::optional<std::string> getObstacle(Operation *op) {
  return TypeSwitch<Operation *, std::optional<std::string>>(op)
      .Case<AttentionOp, LinearAttentionOp, MergeOp, RotateOp,
            RotationMatrixOp>(
          [](Operation *op) { return getMemoryObstacle(op); })
      .Case([](SinCosOp sincos) { return getSinCosToAffineObstacle(sincos); })
      .Default([](Operation *) { return std::nullopt; });
}

namespace {
struct ConvertRopeToAffine
    : rope::impl::ConvertRopeToAffineBase<ConvertRopeToAffine> {
  using ConvertRopeToAffineBase::ConvertRopeToAffineBase;

  void runOnOperation() override {
    if (vectorBits < 128 || vectorBits > 2048 ||
        !llvm::isPowerOf2_32(vectorBits)) {
      emitError(getOperation()->getLoc())
          << "vector-bits must be a power of two from 128 to 2048, got "
          << vectorBits.getValue();
      return signalPassFailure();
    }
    if (keyParts > kMostKeyParts) {
      emitError(getOperation()->getLoc())
          << "key-parts must be from 0 to " << kMostKeyParts << ", got "
          << keyParts.getValue();
      return signalPassFailure();
    }
    if (bf16Products == BF16Products::Tiles && vectorBits != 512) {
      emitError(getOperation()->getLoc())
          << "bf16-products=tiles needs vector-bits=512, got "
          << vectorBits.getValue();
      return signalPassFailure();
    }
    if (bf16Products == BF16Products::Dots && vectorBits > 512) {
      emitError(getOperation()->getLoc())
          << "bf16-products=dots needs vector-bits=512 or less, got "
          << vectorBits.getValue();
      return signalPassFailure();
    }
    WalkResult result = getOperation()->walk([](Operation *op) {
      std::optional<std::string> obstacle = getObstacle(op);
      if (!obstacle)
        return WalkResult::advance();
      op->emitOpError("cannot be lowered to affine loops: ") << *obstacle;
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      return signalPassFailure();

    RopeToAffineOptions options{vectorBits,      contract, parallel,
                                vectorRegisters, keyParts, bf16Products};
    RewritePatternSet patterns(&getContext());
    populateAttentionToAffinePatterns(patterns, options);
    populateLinearAttentionToAffinePatterns(patterns, options);
    populateMergeToAffinePatterns(patterns, options);
    populateRotateToAffinePatterns(patterns, options);
    populateRotationMatrixToAffinePatterns(patterns, options);
    populateSelectBySequenceLengthPatterns(patterns);
    populateSinCosToAffinePatterns(patterns, {vectorBits, parallel, tight});
    ConversionTarget target(getContext());
    target.addIllegalDialect<RopeDialect>();
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
