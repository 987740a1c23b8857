//===- rope-run.cpp - Run a function on .npy files ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The command line of rope-run. Exit codes: 0, all results within tolerance; 1,
// a mismatch; 2, bad usage, unreadable input, or a module that does not
// compile.
//
//===----------------------------------------------------------------------===//

#include "Rope/InitAll.h"
#include "Rope/Runtime/Run.h"
#include "mlir/IR/DialectRegistry.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
namespace cl = llvm::cl;

static constexpr int kAgrees = 0, kMismatch = 1, kError = 2;

namespace {
enum class ReportForm { Text, Json };

struct Options {
  cl::OptionCategory category{"rope-run options"};
  cl::opt<std::string> file{cl::Positional, cl::desc("FILE.mlir"),
                            cl::cat(category)};
  cl::opt<std::string> caseDirectory{
      "case", cl::value_desc("dir"), cl::cat(category),
      cl::desc("Take FILE (unless given), inputs/N.npy and expected/N.npy from "
               "this folder, and tolerances from its case.json")};
  cl::list<std::string> inputs{"input", cl::value_desc("file"),
                               cl::cat(category),
                               cl::desc("The next argument (.npy)")};
  cl::list<std::string> expected{
      "expected", cl::value_desc("file"), cl::cat(category),
      cl::desc("What the next result must be (.npy)")};
  cl::list<std::string> outputs{"output", cl::value_desc("file"),
                                cl::cat(category),
                                cl::desc("Where the next result goes (.npy)")};
  cl::opt<std::string> entryPoint{"entry-point", cl::init("main"),
                                  cl::value_desc("name"), cl::cat(category),
                                  cl::desc("The function to run (main)")};
  cl::opt<std::string> pipeline{
      "pipeline", cl::init("cpu"), cl::value_desc("cpu|reference|text"),
      cl::cat(category),
      cl::desc("rope-cpu-pipeline, rope-reference-pipeline, or a textual pass "
               "pipeline that ends in the LLVM dialect (cpu)")};
  cl::opt<std::string> device{"device", cl::init("cpu"),
                              cl::value_desc("cpu|vulkan"), cl::cat(category),
                              cl::desc("Where to run (cpu)")};
  cl::opt<double> atol{
      "atol", cl::cat(category),
      cl::desc("Absolute tolerance (of the case, else by element type)")};
  cl::opt<double> rtol{
      "rtol", cl::cat(category),
      cl::desc("Relative tolerance (of the case, else by element type)")};
  cl::opt<unsigned> repeat{
      "repeat", cl::init(1), cl::value_desc("n"), cl::cat(category),
      cl::desc("Call n times; print the least and the median time")};
  cl::opt<unsigned> optimizationLevel{
      "O",
      cl::Prefix,
      cl::init(3),
      cl::value_desc("0|1|2|3"),
      cl::cat(category),
      cl::desc("LLVM's optimizations of the lowered module (3)")};
  cl::opt<ReportForm> report{
      "report", cl::init(ReportForm::Text), cl::cat(category),
      cl::desc("Form of the report"),
      cl::values(clEnumValN(ReportForm::Text, "text", "Lines (default)"),
                 clEnumValN(ReportForm::Json, "json", "One JSON object"))};
};
} // namespace

/// Prints the first line of `message`, which is all that an error may take.
static int reportError(StringRef message) {
  message.consume_front("rope-run: ");
  llvm::errs() << "rope-run: " << message.split('\n').first << '\n';
  return kError;
}

static rope::RunRequest makeRequest(const Options &options) {
  rope::RunRequest request;
  request.file = options.file;
  request.caseDirectory = options.caseDirectory;
  request.inputs.assign(options.inputs.begin(), options.inputs.end());
  request.expected.assign(options.expected.begin(), options.expected.end());
  request.outputs.assign(options.outputs.begin(), options.outputs.end());
  request.entryPoint = options.entryPoint;
  request.pipeline = options.pipeline;
  request.device = options.device;
  if (options.atol.getNumOccurrences())
    request.atol = options.atol;
  if (options.rtol.getNumOccurrences())
    request.rtol = options.rtol;
  request.repeat = options.repeat;
  request.optimizationLevel = options.optimizationLevel;
  return request;
}

int main(int argc, char **argv) {
  llvm::InitLLVM initLLVM(argc, argv);
  Options options;
  cl::HideUnrelatedOptions(options.category);
  std::string usageErrors;
  llvm::raw_string_ostream usageStream(usageErrors);
  if (!cl::ParseCommandLineOptions(
          argc, argv, "runs a function on .npy files and compares\n",
          &usageStream))
    // Errors in an option's value are already on stderr.
    return usageErrors.empty() ? kError : reportError(usageErrors);

  DialectRegistry registry;
  rope::registerAllDialects(registry);
  rope::registerAllPasses();
  llvm::Expected<rope::RunReport> report =
      rope::run(makeRequest(options), registry);
  if (!report)
    return reportError(llvm::toString(report.takeError()));

  if (options.report == ReportForm::Json)
    rope::printJson(*report, llvm::outs());
  else
    rope::printText(*report, options.repeat.getNumOccurrences() != 0,
                    llvm::outs());
  return report->agrees() ? kAgrees : kMismatch;
}
