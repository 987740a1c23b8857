//===- HostMachine.cpp - Machines that LLVM compiles for ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HostMachine.h"

#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;

/// Whether there is such a CPU of this kind of machine. LLVM knows CPUs of 32
/// bits as well.
static llvm::Expected<bool> hasCpu(const llvm::Triple &triple,
                                   llvm::StringRef cpu) {
  std::string message;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return llvm::createStringError(message);
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      target->createMCSubtargetInfo(triple, "", ""));
  if (!subtarget->isCPUStringValid(cpu))
    return false;
  subtarget.reset(target->createMCSubtargetInfo(triple, cpu, ""));
  return !triple.isX86() || subtarget->checkFeatures("+64bit");
}

/// The host with all its features.
static llvm::Expected<llvm::orc::JITTargetMachineBuilder>
detectHost(llvm::CodeGenOptLevel level) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  auto builder = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (builder)
    builder->setCodeGenOptLevel(level);
  return builder;
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
rope::createHostMachine(llvm::CodeGenOptLevel level) {
  auto builder = detectHost(level);
  if (!builder)
    return builder.takeError();
  return builder->createTargetMachine();
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
rope::createFileMachine(llvm::CodeGenOptLevel level, llvm::StringRef cpu) {
  auto builder = detectHost(level);
  if (!builder)
    return builder.takeError();
  if (!cpu.empty()) {
    llvm::Expected<bool> isKnown = hasCpu(builder->getTargetTriple(), cpu);
    if (!isKnown)
      return isKnown.takeError();
    if (!*isKnown)
      return llvm::createStringError("unknown CPU '" + cpu + "' for " +
                                     builder->getTargetTriple().str());
    builder->setCPU(cpu.str());
    builder->getFeatures() = llvm::SubtargetFeatures();
  }
  builder->setRelocationModel(llvm::Reloc::PIC_);
  builder->setCodeModel(llvm::CodeModel::Small);
  return builder->createTargetMachine();
}

void rope::preferFullVectors(llvm::Module &module,
                             const llvm::TargetMachine &machine) {
  if (!machine.getMCSubtargetInfo()->checkFeatures("+avx512f"))
    return;
  for (llvm::Function &function : module)
    function.addFnAttr("prefer-vector-width", "512");
}
