//===- rope-compile.cpp - Compile a module to a file ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The command line of rope-compile. Exit codes: 0, the file is written; 2, bad
// usage, unreadable input, or a module that does not compile; then nothing is
// written.
//
//===----------------------------------------------------------------------===//

#include "Rope/InitAll.h"
#include "Rope/Runtime/Compile.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Support/Timing.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;
namespace cl = llvm::cl;
using rope::EmitKind;

static constexpr int kError = 2;

namespace {
struct Options {
  cl::OptionCategory category{"rope-compile options"};
  cl::opt<std::string> file{cl::Positional, cl::init("-"),
                            cl::desc("FILE.mlir"), cl::cat(category)};
  cl::opt<std::string> output{"o", cl::init("-"), cl::value_desc("file"),
                              cl::cat(category),
                              cl::desc("Where the output goes (stdout)")};
  cl::opt<EmitKind> emit{
      "emit", cl::Required, cl::cat(category), cl::desc("What to make"),
      cl::values(
          clEnumValN(EmitKind::PTX, "ptx", "NVIDIA's assembly"),
          clEnumValN(EmitKind::Cubin, "cubin",
                     "NVIDIA's machine code (needs ptxas)"),
          clEnumValN(EmitKind::AMDGCN, "amdgcn", "AMD's assembly"),
          clEnumValN(EmitKind::HSACO, "hsaco",
                     "AMD's code object (needs ld.lld below ROCM_PATH)"),
          clEnumValN(EmitKind::SPIRV, "spirv", "SPIR-V for Vulkan"),
          clEnumValN(EmitKind::Object, "object", "Object code for the CPU"))};
  cl::opt<std::string> chip{
      "chip", cl::value_desc("name"), cl::cat(category),
      cl::desc("The chip (sm_80 for ptx and cubin, gfx942 for amdgcn, this "
               "machine for object)")};
  cl::opt<unsigned> blockSize{
      "block-size", cl::init(0), cl::value_desc("threads"), cl::cat(category),
      cl::desc("Threads a block, at most (0: what suits the kernel)")};
  cl::opt<std::string> pipelineOptions{
      "options", cl::value_desc("text"), cl::cat(category),
      cl::desc("Options of rope-cpu-pipeline, for object")};
  cl::opt<unsigned> level{"O",
                          cl::Prefix,
                          cl::init(2),
                          cl::value_desc("0|1|2|3"),
                          cl::cat(category),
                          cl::desc("LLVM's optimizations, for object (2)")};
};
} // namespace

static int reportError(const Twine &message) {
  llvm::errs() << "rope-compile: " << message << '\n';
  return kError;
}

int main(int argc, char **argv) {
  llvm::InitLLVM initLLVM(argc, argv);
  Options options;
  registerDefaultTimingManagerCLOptions();
  cl::HideUnrelatedOptions(options.category);
  std::string usageErrors;
  llvm::raw_string_ostream usageStream(usageErrors);
  if (!cl::ParseCommandLineOptions(
          argc, argv, "compiles rope ops to GPU kernels or object code\n",
          &usageStream)) {
    StringRef message = StringRef(usageErrors).trim();
    message.consume_front("rope-compile: ");
    return message.empty() ? kError : reportError(message.split('\n').first);
  }

  bool isObject = options.emit == EmitKind::Object;
  if (isObject && options.blockSize.getNumOccurrences() != 0)
    return reportError("--block-size is for kernels of a GPU, not for object");
  if (!isObject && (options.pipelineOptions.getNumOccurrences() != 0 ||
                    options.level.getNumOccurrences() != 0))
    return reportError(
        "--options and -O are for object, not for kernels of a GPU");

  DefaultTimingManager timingManager;
  applyDefaultTimingManagerCLOptions(timingManager);
  TimingScope timing = timingManager.getRootScope();
  DialectRegistry registry;
  rope::registerAllDialects(registry);
  rope::registerAllPasses();
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  std::string message;
  auto input = openInputFile(options.file, &message);
  if (!input)
    return reportError(message);
  llvm::SourceMgr sourceMgr;
  SourceMgrDiagnosticHandler diagnosticHandler(sourceMgr, &context);
  sourceMgr.AddNewSourceBuffer(std::move(input), llvm::SMLoc());
  TimingScope parsing = timing.nest("Parser");
  auto module = parseSourceFile<ModuleOp>(sourceMgr, &context);
  parsing.stop();
  if (!module)
    return reportError(options.file + ": not a valid module");

  llvm::Expected<std::string> compiled =
      isObject
          ? rope::compileObject(
                *module, {options.chip, options.pipelineOptions, options.level},
                timing)
          : rope::compileKernels(
                *module, {options.emit, options.chip, options.blockSize},
                timing);
  if (!compiled)
    return reportError(options.file + ": " +
                       llvm::toString(compiled.takeError()));
  auto output = openOutputFile(options.output, &message);
  if (!output)
    return reportError(message);
  output->os() << *compiled;
  output->os().flush();
  if (std::error_code error = output->os().error()) {
    output->os().clear_error();
    return reportError(options.output + ": " + error.message());
  }
  output->keep();
  return 0;
}
