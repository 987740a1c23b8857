//===- KernelsToBinary.cpp - From kernels to machine code -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The device's half of the GPU pipeline: kernels in `gpu`, `vector`, `memref`
// and `math` through the dialect of the target to what its driver loads.
//
//===----------------------------------------------------------------------===//

#include "LowerToLLVM.h"

#include "Rope/Pipelines/Passes.h"
#include "Rope/Pipelines/Pipelines.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void rope::addKernelsToBinary(OpPassManager &pm,
                              const GpuPipelineOptions &options) {
  std::string chip = options.getChip();
  AttachGpuTargetOptions attach;
  attach.target = options.target;
  attach.chip = chip;
  attach.format = options.getFormat();
  pm.addPass(createAttachGpuTarget(attach));
  if (options.target == GpuTarget::Vulkan) {
    pm.addPass(createKernelsToSPIRV());
    return;
  }

  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  LowerKernelMathOptions math;
  math.target = options.target;
  kernels.addPass(createLowerKernelMath(math));
  kernels.addPass(createConvertMathToLLVMPass());
  kernels.addPass(createSCFToControlFlowPass());
  if (options.target == GpuTarget::NVPTX) {
    kernels.addPass(createConvertGpuOpsToNVVMOps());
    kernels.addPass(createConvertNVVMToLLVMPass());
  } else {
    ConvertGpuOpsToROCDLOpsOptions rocdl;
    rocdl.chipset = chip;
    rocdl.runtime = gpu::amd::Runtime::HIP;
    kernels.addPass(createConvertGpuOpsToROCDLOps(rocdl));
  }
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(createReconcileUnrealizedCastsPass());
  GpuModuleToBinaryPassOptions binary;
  binary.compilationTarget = options.getFormat();
  pm.addPass(createGpuModuleToBinaryPass(binary));
}
