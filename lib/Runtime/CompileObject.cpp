//===- CompileObject.cpp - A module as object code ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `rope-cpu-pipeline` with vectors as wide as the processor's, LLVM IR, LLVM's
// optimizations, object code, without files in between.
//
//===----------------------------------------------------------------------===//

#include "Rope/Runtime/Compile.h"

#include "HostMachine.h"
#include "Rope/Pipelines/Pipelines.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/Transforms/RequestCWrappers.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::rope;

/// Bits of the widest vector of floats.
static unsigned getVectorBits(const llvm::TargetMachine &machine) {
  if (!machine.getTargetTriple().isX86())
    return 128;
  const llvm::MCSubtargetInfo *features = machine.getMCSubtargetInfo();
  if (features->checkFeatures("+avx512f"))
    return 512;
  return features->checkFeatures("+avx") ? 256 : 128;
}

/// Without them LLVM makes calls of fma.
static bool hasFusedProducts(const llvm::TargetMachine &machine) {
  return !machine.getTargetTriple().isX86() ||
         machine.getMCSubtargetInfo()->checkFeatures("+fma");
}

/// What the products of bf16 that are asked for need; empty if it is there.
static StringRef getMissingFeature(const CpuPipelineOptions &options,
                                   const llvm::TargetMachine &machine) {
  if (options.bf16Products == BF16Products::Widen ||
      options.emulatePairProducts)
    return "";
  bool areTiles = options.bf16Products == BF16Products::Tiles;
  for (StringRef feature : {"amx-tile", "amx-bf16", "avx512bf16"})
    if ((areTiles || feature == "avx512bf16") &&
        !(machine.getTargetTriple().isX86() &&
          machine.getMCSubtargetInfo()->checkFeatures(("+" + feature).str())))
      return feature;
  return "";
}

static llvm::Error lower(ModuleOp module, const ObjectRequest &request,
                         const llvm::TargetMachine &machine,
                         TimingScope &timing) {
  CpuPipelineOptions options;
  options.vectorBits = getVectorBits(machine);
  options.contract = hasFusedProducts(machine);
  if (failed(options.parseFromString(request.options, llvm::nulls())))
    return llvm::createStringError(
        "--options: no options of rope-cpu-pipeline: '" + request.options +
        "'");
  if (StringRef missing = getMissingFeature(options, machine); !missing.empty())
    return llvm::createStringError(
        "bf16-products: CPU '" + machine.getTargetCPU() + "' lacks " + missing);
  PassManager manager(module->getName());
  manager.enableTiming(timing);
  // What is checked after each pass are our passes, not the module: 30 % of
  // their time.
  manager.enableVerifier(false);
  manager.addNestedPass<func::FuncOp>(LLVM::createLLVMRequestCWrappersPass());
  buildCpuPipeline(manager, options);
  if (failed(manager.run(module)))
    return llvm::createStringError("the pass pipeline failed on the module");
  return llvm::Error::success();
}

/// What loops that come vectorized, unrolled and simplified still lack:
/// addresses and descriptors are cleaned up and leave the loops, which test at
/// their end.
static constexpr char kPassesOfLoops[] =
    "function(sroa,early-cse,instcombine<max-iterations=1;no-verify-fixpoint>,"
    "loop-mssa(loop-rotate,licm),simplifycfg)";

/// LLVM's optimizations: at level 1 only those that our loops need.
static void optimize(llvm::Module &module, unsigned level,
                     llvm::TargetMachine &machine) {
  llvm::PipelineTuningOptions tuning;
  tuning.SLPVectorization = true;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  llvm::ModulePassManager passes;
  if (level == 1)
    llvm::cantFail(builder.parsePassPipeline(passes, kPassesOfLoops));
  else
    passes = builder.buildPerModuleDefaultPipeline(
        level == 0   ? llvm::OptimizationLevel::O0
        : level == 2 ? llvm::OptimizationLevel::O2
                     : llvm::OptimizationLevel::O3);
  passes.run(module, modules);
}

llvm::Expected<std::string> rope::compileObject(ModuleOp module,
                                                const ObjectRequest &request,
                                                TimingScope &timing) {
  std::optional<llvm::CodeGenOptLevel> level =
      llvm::CodeGenOpt::getLevel(request.level);
  if (!level)
    return llvm::createStringError("-O is 0 to 3, got " + Twine(request.level));
  auto machine = createFileMachine(*level, request.chip);
  if (!machine)
    return machine.takeError();
  TimingScope passes = timing.nest("Passes");
  if (llvm::Error error = lower(module, request, **machine, passes))
    return error;
  passes.stop();

  TimingScope translation = timing.nest("Translation");
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> llvmModule =
      translateModuleToLLVMIR(module, context);
  if (!llvmModule)
    return llvm::createStringError("the module has no LLVM IR");
  llvmModule->setTargetTriple((*machine)->getTargetTriple());
  llvmModule->setDataLayout((*machine)->createDataLayout());
  preferFullVectors(*llvmModule, **machine);
  translation.stop();

  TimingScope optimization = timing.nest("Optimization");
  optimize(*llvmModule, request.level, **machine);
  optimization.stop();

  TimingScope emission = timing.nest("Machine code");
  SmallVector<char> object;
  llvm::raw_svector_ostream stream(object);
  llvm::legacy::PassManager codegen;
  if ((*machine)->addPassesToEmitFile(codegen, stream, /*DwoOut=*/nullptr,
                                      llvm::CodeGenFileType::ObjectFile))
    return llvm::createStringError("the processor has no object code");
  codegen.run(*llvmModule);
  return std::string(object.begin(), object.end());
}
