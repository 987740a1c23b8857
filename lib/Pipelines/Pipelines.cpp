//===- Pipelines.cpp - Named pipelines of rope ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `rope-reference-pipeline`, `rope-cpu-pipeline`, `rope-gpu-pipeline` and
// `rope-simplify-pipeline`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Pipelines/Pipelines.h"

#include "LowerToLLVM.h"
#include "Rope/Conversion/Passes.h"
#include "Rope/Dialect/Rope/Transforms/Passes.h"
#include "Rope/Pipelines/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void rope::buildReferencePipeline(OpPassManager &pm) {
  pm.addPass(createConvertRopeToLinalg());
  pm.addPass(rope::createDecomposeAggregates());
  // arith and math on whole tensors do not bufferize.
  pm.addPass(createConvertElementwiseToLinalgPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  addBufferization(pm);
  addLowerToLLVM(pm);
}

/// Recognises rotations and applies their algebra.
static void addRaising(OpPassManager &pm, bool raise, bool algebraic) {
  if (raise)
    pm.addPass(rope::createRopeRaise());
  // Sizes first, so that they do not keep alive what was raised.
  pm.addPass(memref::createResolveRankedShapeTypeResultDimsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  rope::RopeOptimizeOptions rules;
  rules.algebraic = algebraic;
  pm.addPass(rope::createRopeOptimize(rules));
}

void rope::buildSimplifyPipeline(OpPassManager &pm,
                                 const SimplifyPipelineOptions &options) {
  addRaising(pm, /*raise=*/true, options.algebraic);
  pm.addPass(createConvertRopeToLinalg());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

/// What is not ours should not be slow: one loop nest for a chain of
/// elementwise ops.
static void addElementwiseFusion(OpPassManager &pm) {
  pm.addPass(rope::createDecomposeAggregates());
  pm.addPass(createConvertElementwiseToLinalgPass());
  pm.addPass(createLinalgGeneralizeNamedOpsPass());
  pm.addPass(rope::createSeparateInits());
  pm.addPass(createLinalgElementwiseOpFusionPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void rope::buildCpuPipeline(OpPassManager &pm,
                            const CpuPipelineOptions &options) {
  addRaising(pm, options.raise, options.algebraic);
  addElementwiseFusion(pm);
  addBufferization(pm);
  RopeFuseTablesOptions fusion;
  fusion.angles = options.angles;
  fusion.parallel = options.parallel;
  pm.addPass(createRopeFuseTables(fusion));
  ConvertRopeToAffineOptions loops;
  loops.vectorBits = options.vectorBits;
  loops.vectorRegisters = options.vectorRegisters;
  loops.keyParts = options.keyParts;
  loops.contract = options.contract;
  loops.parallel = options.parallel;
  loops.tight = options.tight;
  loops.bf16Products = options.bf16Products;
  pm.addPass(createConvertRopeToAffine(loops));
  // Indices and sizes that the emitters of loops made again and again.
  pm.addPass(createCSEPass());
  if (options.emulatePairProducts) {
    pm.addPass(createLowerAffinePass());
    pm.addPass(createEmulatePairProducts());
  }
  addLowerToLLVM(pm, options.parallel);
}

void rope::buildGpuPipeline(OpPassManager &pm,
                            const GpuPipelineOptions &options) {
  addRaising(pm, options.raise, options.algebraic);
  addElementwiseFusion(pm);
  addBufferization(pm);
  ConvertRopeToGPUOptions kernels;
  kernels.target = options.target;
  kernels.chip = options.getChip();
  kernels.blockSize = options.blockSize;
  kernels.matrixProducts = options.matrixProducts;
  kernels.keyRotation = options.keyRotation;
  kernels.queryTile = options.queryTile;
  kernels.keyTile = options.keyTile;
  kernels.keyParts = options.keyParts;
  kernels.distinctArguments = options.distinctArguments;
  pm.addPass(createConvertRopeToGPU(kernels));
  pm.nest<gpu::GPUModuleOp>().addPass(createNarrowIndices());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  addKernelsToBinary(pm, options);
  addLowerToLLVM(pm, /*parallel=*/false, /*hasLaunches=*/true);
}

void rope::registerRopePipelines() {
  PassPipelineRegistration<>(
      "rope-reference-pipeline",
      "Lowers rope ops by their meaning in linalg, and everything to LLVM",
      buildReferencePipeline);
  PassPipelineRegistration<CpuPipelineOptions>(
      "rope-cpu-pipeline",
      "Lowers rope ops to loops of vectors, and everything to LLVM",
      buildCpuPipeline);
  PassPipelineRegistration<GpuPipelineOptions>(
      "rope-gpu-pipeline",
      "Lowers rope ops to GPU kernels, and everything else to LLVM on the host",
      buildGpuPipeline);
  PassPipelineRegistration<SimplifyPipelineOptions>(
      "rope-simplify-pipeline",
      "Recognises rotations, simplifies them, and writes them in stock "
      "dialects for another compiler",
      buildSimplifyPipeline);
}
