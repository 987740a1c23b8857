//===- InitAll.cpp - Registration of everything in rope -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/InitAll.h"

#include "Rope/Conversion/Passes.h"
#include "Rope/Dialect/Rope/IR/RopeDialect.h"
#include "Rope/Dialect/Rope/Transforms/InterfaceImpls.h"
#include "Rope/Dialect/Rope/Transforms/Passes.h"
#include "Rope/Pipelines/Passes.h"
#include "Rope/Pipelines/Pipelines.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"

using namespace mlir;

void rope::registerRopeDialect(DialectRegistry &registry) {
  registry.insert<RopeDialect>();
  registerBufferizableOpInterfaceExternalModels(registry);
  registerRuntimeVerifiableOpInterfaceExternalModels(registry);
  registerTilingInterfaceExternalModels(registry);
  registerAttentionTilingExternalModel(registry);
  registerAttentionSplitExternalModel(registry);
  registerLinearAttentionTilingExternalModel(registry);
  registerValueBoundsOpInterfaceExternalModels(registry);
  registerShapeVerificationExternalModels(registry);
  registerAttentionVerificationExternalModels(registry);
}

void rope::registerRopePasses() {
  registerRopeTransformsPasses();
  registerRopeConversionPasses();
  registerRopePipelinesPasses();
  registerRopePipelines();
}

void rope::registerAllDialects(DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registerAllToLLVMIRTranslations(registry);
  registerRopeDialect(registry);
}

void rope::registerAllPasses() {
  mlir::registerAllPasses();
  registerRopePasses();
}
