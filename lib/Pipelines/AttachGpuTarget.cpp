//===- AttachGpuTarget.cpp - Names the chip that kernels are for ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `rope-attach-gpu-target`: upstream's target attributes, after a check of what
// upstream finds out too late or not at all: a chip that LLVM does not know, a
// tool that is not installed.
//
//===----------------------------------------------------------------------===//

#include "Rope/Pipelines/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm-c/Target.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"

namespace mlir::rope {
#define GEN_PASS_DEF_ATTACHGPUTARGET
#include "Rope/Pipelines/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;
using namespace mlir::rope;

/// Whether LLVM has the backend and the backend the chip.
static bool isKnownChip(StringRef triple, StringRef chip) {
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTargetMC();
  LLVMInitializeAMDGPUTargetInfo();
  LLVMInitializeAMDGPUTargetMC();
  std::string error;
  llvm::Triple parsed(triple);
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(parsed, error);
  if (!target)
    return false;
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      target->createMCSubtargetInfo(parsed, "", ""));
  return subtarget && subtarget->isCPUStringValid(chip);
}

/// Whether `tool` is in the folder `below` that which the first of these
/// variables of the environment to be set names: upstream looks there.
static bool hasTool(StringRef tool, StringRef below,
                    ArrayRef<StringRef> variables) {
  for (StringRef variable : variables) {
    std::optional<std::string> folder = llvm::sys::Process::GetEnv(variable);
    if (!folder)
      continue;
    SmallString<128> path(*folder);
    llvm::sys::path::append(path, below, tool);
    return llvm::sys::fs::can_execute(path);
  }
  return false;
}

namespace {
struct AttachGpuTarget : rope::impl::AttachGpuTargetBase<AttachGpuTarget> {
  using AttachGpuTargetBase::AttachGpuTargetBase;

  void runOnOperation() override {
    bool isNvidia = target == GpuTarget::NVPTX;
    StringRef triple = isNvidia ? "nvptx64-nvidia-cuda" : "amdgcn-amd-amdhsa";
    StringRef name = isNvidia ? "nvptx" : "amdgpu";
    if (target == GpuTarget::Vulkan) {
      if (!chip.empty())
        fail("target vulkan has no chips, got '" + chip + "'");
      else if (format != "bin")
        fail("unknown format '" + format + "': target vulkan has bin");
      return;
    }
    if (!isKnownChip(triple, chip))
      return fail("unknown chip '" + chip + "' for target " + name);
    if (format != "isa" && format != "bin")
      return fail("unknown format '" + format + "': target " + name +
                  " has isa and bin");
    if (format == "bin" && isNvidia &&
        !hasTool("ptxas", "bin", {"CUDA_ROOT", "CUDA_HOME", "CUDA_PATH"}) &&
        !llvm::sys::findProgramByName("ptxas"))
      return fail("format bin needs ptxas, which is neither on the PATH nor in "
                  "the bin folder of CUDA_ROOT, CUDA_HOME or CUDA_PATH");
    if (format == "bin" && !isNvidia &&
        !hasTool("ld.lld", "llvm/bin", {"ROCM_PATH", "ROCM_ROOT", "ROCM_HOME"}))
      return fail(
          "format bin needs ld.lld in the folder llvm/bin of ROCM_PATH");

    MLIRContext *context = &getContext();
    Attribute attached;
    if (isNvidia)
      // Without features the backend takes the first PTX that has the chip.
      attached = NVVM::NVVMTargetAttr::get(context, /*optLevel=*/3, triple,
                                           chip, /*features=*/"");
    else
      attached = ROCDL::ROCDLTargetAttr::get(context, /*optLevel=*/3, triple,
                                             chip, /*features=*/"");
    getOperation()->walk([&](gpu::GPUModuleOp module) {
      module.setTargetsAttr(ArrayAttr::get(context, attached));
    });
  }

private:
  void fail(const Twine &message) {
    emitError(getOperation()->getLoc()) << message;
    signalPassFailure();
  }
};
} // namespace
