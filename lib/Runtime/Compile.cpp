//===- Compile.cpp - Kernels of a module as files -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "Rope/Runtime/Compile.h"

#include "Rope/Pipelines/Pipelines.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"

using namespace mlir;
using namespace mlir::rope;

/// The target and the format that are asked for.
static std::pair<GpuTarget, StringRef> getTarget(EmitKind emit) {
  switch (emit) {
  case EmitKind::PTX:
    return {GpuTarget::NVPTX, "isa"};
  case EmitKind::Cubin:
    return {GpuTarget::NVPTX, "bin"};
  case EmitKind::AMDGCN:
    return {GpuTarget::AMDGPU, "isa"};
  case EmitKind::HSACO:
    return {GpuTarget::AMDGPU, "bin"};
  case EmitKind::SPIRV:
    return {GpuTarget::Vulkan, "bin"};
  case EmitKind::Object:
    break;
  }
  llvm_unreachable("no output of a GPU");
}

llvm::Expected<std::string> rope::compileKernels(ModuleOp module,
                                                 const CompileRequest &request,
                                                 TimingScope &timing) {
  auto [target, format] = getTarget(request.emit);
  GpuPipelineOptions options;
  options.target = target;
  options.format = format.str();
  options.chip = request.chip;
  options.blockSize = request.blockSize;
  PassManager manager(module->getName());
  manager.enableTiming(timing);
  buildGpuPipeline(manager, options);
  if (failed(manager.run(module)))
    return llvm::createStringError("the pass pipeline failed on the module");
  auto binaries = llvm::to_vector(module.getOps<gpu::BinaryOp>());
  if (binaries.empty())
    return llvm::createStringError("the module has no kernels");
  if (binaries.size() > 1)
    return llvm::createStringError("the module has kernels in " +
                                   Twine(binaries.size()) +
                                   " gpu.modules, and a file holds one");
  auto object =
      cast<gpu::ObjectAttr>(llvm::getSingleElement(binaries[0].getObjects()));
  return object.getObject().getValue().str();
}
