//===- Jit.cpp - Compiling a function for this process --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pass pipeline, LLVM IR for the host, machine code. Symbols that the
// code needs (libm, the OpenMP run time, malloc) are those of this process.
//
//===----------------------------------------------------------------------===//

#include "Rope/Runtime/Jit.h"

#include "CallFrame.h"
#include "HostMachine.h"
#include "HostProducts.h"
#include "LaunchSymbols.h"
#include "RuntimeSymbols.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::rope;

/// The pipeline for this machine.
static StringRef getHostPipeline() {
  switch (getHostProducts()) {
  case BF16Products::Widen:
    return "rope-cpu-pipeline";
  case BF16Products::Dots:
    return "rope-cpu-pipeline{bf16-products=dots}";
  case BF16Products::Tiles:
    return "rope-cpu-pipeline{bf16-products=tiles}";
  }
  llvm_unreachable("unknown kind of products");
}

llvm::Error rope::lowerModule(ModuleOp module, func::FuncOp function,
                              StringRef pipeline) {
  function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                    UnitAttr::get(module.getContext()));

  StringRef text = llvm::StringSwitch<StringRef>(pipeline)
                       .Case("cpu", getHostPipeline())
                       .Case("vulkan", "rope-gpu-pipeline{target=vulkan}")
                       .Case("reference", "rope-reference-pipeline")
                       .Default(pipeline);
  // `builtin.module(...)`, as mlir-opt takes it, or just what is inside.
  StringRef inner = text.trim();
  if (inner.consume_front("builtin.module(") && !inner.consume_back(")"))
    return llvm::createStringError("--pipeline: error: missing a closing "
                                   "parenthesis");
  PassManager manager(module->getName());
  std::string message;
  llvm::raw_string_ostream stream(message);
  if (failed(parsePassPipeline(inner, manager, stream))) {
    // The parser prints a location, "error: " and what is wrong, then the text.
    StringRef line = StringRef(message).split('\n').first;
    return llvm::createStringError("--pipeline: " +
                                   line.substr(line.find("error: ")));
  }
  if (failed(manager.run(module)))
    return llvm::createStringError("the pass pipeline failed on the module");
  return llvm::Error::success();
}

/// The LLVM type that carries the value inside the function.
static Type getLoweredType(const LLVMTypeConverter &converter,
                           const ValueSpec &spec) {
  if (!spec.isBuffer)
    return converter.convertType(spec.type);
  return converter.convertType(MemRefType::get(
      spec.shape, cast<ShapedType>(spec.type).getElementType()));
}

/// Fails unless the C interface of the lowered entry point is what the
/// signature implies: a pipeline may have dropped or added results.
static llvm::Error checkInterface(ModuleOp module, StringRef entryPoint,
                                  const Signature &signature) {
  LLVMTypeConverter converter(module.getContext());
  auto pointerType = LLVM::LLVMPointerType::get(module.getContext());
  SmallVector<Type> results, inputs;
  for (const ValueSpec &spec : signature.results)
    results.push_back(getLoweredType(converter, spec));
  Type resultType = LLVM::LLVMVoidType::get(module.getContext());
  if (results.size() == 1)
    resultType = results.front();
  else if (!results.empty())
    resultType = LLVM::LLVMStructType::getLiteral(module.getContext(), results);

  bool isHidden = hasHiddenResult(signature);
  if (isHidden)
    inputs.push_back(pointerType);
  for (const ValueSpec &spec : signature.arguments)
    inputs.push_back(spec.isBuffer ? pointerType
                                   : getLoweredType(converter, spec));
  auto wrapperType = LLVM::LLVMFunctionType::get(
      isHidden ? LLVM::LLVMVoidType::get(module.getContext()) : resultType,
      inputs);

  auto lowered = module.lookupSymbol<LLVM::LLVMFuncOp>(entryPoint);
  auto wrapper = module.lookupSymbol<LLVM::LLVMFuncOp>(
      ("_mlir_ciface_" + entryPoint).str());
  if (!lowered || !wrapper)
    return llvm::createStringError("the pipeline did not lower @" + entryPoint +
                                   " to the LLVM dialect");
  if (lowered.getFunctionType().getReturnType() != resultType ||
      wrapper.getFunctionType() != wrapperType)
    return llvm::createStringError(
        "the pipeline changed the arguments or results of @" + entryPoint);
  return llvm::Error::success();
}

CompiledFunction::CompiledFunction(std::unique_ptr<ExecutionEngine> engine,
                                   void (*entry)(void **), Signature signature)
    : engine(std::move(engine)), entry(entry), signature(std::move(signature)) {
}

CompiledFunction::CompiledFunction(CompiledFunction &&) = default;
CompiledFunction::~CompiledFunction() = default;

llvm::Expected<CompiledFunction> CompiledFunction::compile(ModuleOp module,
                                                           StringRef entryPoint,
                                                           Signature signature,
                                                           unsigned level) {
  if (llvm::Error error = checkInterface(module, entryPoint, signature))
    return error;
  if (llvm::Error error = checkHostProducts(module))
    return error;
  std::optional<llvm::CodeGenOptLevel> codeGenLevel =
      llvm::CodeGenOpt::getLevel(level);
  assert(codeGenLevel && "the levels are 0 to 3");
  auto machine = createHostMachine(*codeGenLevel);
  if (!machine)
    return machine.takeError();

  llvm::TargetMachine *machinePointer = machine->get();
  auto optimize = [machinePointer,
                   level](llvm::Module *llvmModule) -> llvm::Error {
    preferFullVectors(*llvmModule, *machinePointer);
    return makeOptimizingTransformer(level, /*sizeLevel=*/0,
                                     machinePointer)(llvmModule);
  };
  ExecutionEngineOptions options;
  options.transformer = optimize;
  options.jitCodeGenOptLevel = *codeGenLevel;
  options.enableGDBNotificationListener = false;
  options.enablePerfNotificationListener = false;
  auto engine = ExecutionEngine::create(module, options, std::move(*machine));
  if (!engine)
    return engine.takeError();
  registerRuntimeSymbols(**engine);
  registerLaunchSymbols(**engine);
  auto entry = (*engine)->lookupPacked(("_mlir_ciface_" + entryPoint).str());
  if (!entry)
    return entry.takeError();
  (*engine)->initialize();
  return CompiledFunction(std::move(*engine), *entry, std::move(signature));
}

llvm::Expected<CompiledFunction::Outcome>
CompiledFunction::run(ArrayRef<NamedArray> arguments, unsigned repeat) const {
  Outcome outcome;
  for (unsigned i = 0; i < repeat; ++i) {
    CallFrame frame(signature, arguments);
    outcome.times.push_back(frame.call(entry));
    if (i + 1 < repeat)
      continue;
    auto results = frame.getResults();
    if (!results)
      return results.takeError();
    outcome.results = std::move(*results);
  }
  return outcome;
}
