//===- Compile.cpp - Kernels of a module as files -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "Rope/Runtime/Compile.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace mlir::rope;

/// The options of the pipeline that make what is asked for.
static StringRef getTargetOptions(EmitKind emit) {
  switch (emit) {
  case EmitKind::PTX:
    return "target=nvptx format=isa";
  case EmitKind::Cubin:
    return "target=nvptx format=bin";
  case EmitKind::AMDGCN:
    return "target=amdgpu format=isa";
  case EmitKind::HSACO:
    return "target=amdgpu format=bin";
  case EmitKind::SPIRV:
    return "target=vulkan format=bin";
  }
  llvm_unreachable("unknown kind of output");
}

llvm::Expected<std::string>
rope::compileKernels(ModuleOp module, const CompileRequest &request) {
  std::string pipeline =
      ("rope-gpu-pipeline{" + getTargetOptions(request.emit)).str();
  if (!request.chip.empty())
    pipeline += " chip=" + request.chip;
  if (request.blockSize)
    pipeline += " block-size=" + std::to_string(request.blockSize);
  PassManager manager(module->getName());
  if (failed(parsePassPipeline(pipeline + "}", manager, llvm::nulls())))
    return llvm::createStringError("'" + request.chip +
                                   "' is no name of a chip");
  if (failed(manager.run(module)))
    return llvm::createStringError("the pass pipeline failed on the module");
  std::string text;
  module.walk([&](gpu::BinaryOp binary) {
    for (Attribute object : binary.getObjects())
      text += cast<gpu::ObjectAttr>(object).getObject().getValue();
  });
  if (text.empty())
    return llvm::createStringError("the module has no kernels");
  return text;
}
