//===- LowerToLLVM.cpp - From loops to the LLVM dialect -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The common end of all CPU pipelines.
//
//===----------------------------------------------------------------------===//

#include "LowerToLLVM.h"

#include "Rope/Pipelines/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void rope::addBufferization(OpPassManager &pm) {
  pm.addPass(createProtectArguments());
  bufferization::OneShotBufferizePassOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  pm.addPass(bufferization::createOneShotBufferizePass(options));
  // Folds the copy that a rotation made for its input into the rotation.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  bufferization::buildBufferDeallocationPipeline(pm);
  pm.addPass(createConvertBufferizationToMemRefPass());
}

/// Narrow floats are computed in f32, and what has an LLVM intrinsic becomes
/// that; the rest are calls of the C library.
static void addMathLowering(OpPassManager &pm) {
  pm.addPass(createConvertComplexToStandardPass());
  math::MathExtendToSupportedTypesOptions extend;
  pm.addPass(math::createMathExtendToSupportedTypes(extend));
  arith::ArithEmulateUnsupportedFloatsOptions emulate;
  emulate.sourceTypeStrs = {"bf16"};
  pm.addPass(arith::createArithEmulateUnsupportedFloats(emulate));
  pm.addPass(rope::createExpandArith());
  math::MathExpandOpsPassOptions expand;
  expand.opMnemonics = {"fpowi"};
  pm.addPass(math::createMathExpandOpsPass(expand));
  pm.addPass(createConvertMathToFuncs());
  pm.addPass(createSCFToControlFlowPass());
  ConvertMathToLLVMPassOptions intrinsics;
  intrinsics.approximateLog1p = false;
  pm.addPass(createConvertMathToLLVMPass(intrinsics));
  pm.addPass(createConvertMathToLibmPass());
}

void rope::addLowerToLLVM(OpPassManager &pm, bool parallel, bool hasLaunches) {
  pm.addPass(createExpandStridedCopies());
  pm.addPass(createConvertLinalgToLoopsPass());
  pm.addPass(memref::createExpandOpsPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  // Lowerings make every constant and index again: what is the same is one op
  // before patterns meet it. From the bottom up, patterns meet fewer ops that
  // nothing uses.
  pm.addPass(createCSEPass());
  pm.addPass(createCanonicalizerPass(
      GreedyRewriteConfig().setUseTopDownTraversal(false)));
  pm.addPass(createCSEPass());
  pm.addPass(createLoopInvariantCodeMotionPass());
  if (parallel) {
    pm.addPass(createConvertSCFToOpenMPPass());
    // Inlines the scopes without allocations that it puts around loop bodies:
    // a scope has one block, and control flow makes many.
    pm.addPass(createCanonicalizerPass());
  }
  pm.addPass(createConvertVectorToSCFPass());
  addMathLowering(pm);
  ConvertVectorToLLVMPassOptions vectors;
  vectors.x86Vector = true;
  pm.addPass(createConvertVectorToLLVMPass(vectors));
  if (hasLaunches)
    pm.addPass(createGpuToLLVMConversionPass());
  else
    pm.addPass(createConvertToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  // Conversions make constants and descriptors again, too: a quarter of all ops
  // and more.
  pm.addPass(createCSEPass());
}
