//===- RopeToAffinePass.cpp - The pass of the lowering to loops of vectors ===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `convert-rope-to-affine`: no rope op is left, or nothing is changed.
//
//===----------------------------------------------------------------------===//

#include "Rope/Conversion/Passes.h"
#include "Rope/Conversion/RopeToAffine/RopeToAffine.h"
#include "Rope/Conversion/RopeToAffine/SinCosToAffine.h"
#include "Rope/Dialect/Rope/IR/RopeDialect.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/DialectConversion.h"

namespace mlir::rope {
#define GEN_PASS_DEF_CONVERTROPETOAFFINE
#include "Rope/Conversion/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;
using namespace mlir::rope;

namespace {
struct ConvertRopeToAffine
    : rope::impl::ConvertRopeToAffineBase<ConvertRopeToAffine> {
  using ConvertRopeToAffineBase::ConvertRopeToAffineBase;

  void runOnOperation() override {
    RopeToAffineOptions options{vectorBits, contract, parallel};
    RewritePatternSet patterns(&getContext());
    populateRotateToAffinePatterns(patterns, options);
    populateRotationMatrixToAffinePatterns(patterns, options);
    populateSinCosToAffinePatterns(patterns, {vectorBits, parallel});
    ConversionTarget target(getContext());
    target.addIllegalDialect<RopeDialect>();
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
