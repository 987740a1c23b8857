//===- Run.cpp - Run a function on arrays ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The steps of rope-run in their order.
//
//===----------------------------------------------------------------------===//

#include "Rope/Runtime/Run.h"

#include "LaunchSymbols.h"
#include "Rope/Runtime/Case.h"
#include "Rope/Runtime/Jit.h"
#include "Rope/Runtime/Npy.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include <omp.h>

using namespace mlir;
using namespace mlir::rope;

static llvm::Error fail(const Twine &message) {
  return llvm::createStringError(message);
}

/// Refuses options that contradict each other, and fills in those of the case.
static llvm::Error resolveRequest(RunRequest &request) {
  if (request.device == "vulkan") {
    // The choice of who has none.
    if (request.pipeline == "cpu")
      request.pipeline = "vulkan";
    if (llvm::Error error = openLaunchDevice())
      return fail("device vulkan: " + llvm::toString(std::move(error)));
  } else if (request.device != "cpu") {
    return fail("unknown device '" + request.device + "'");
  }
  if (request.repeat == 0)
    return fail("--repeat must be at least 1");
  if (request.optimizationLevel > 3)
    return fail("-O" + Twine(request.optimizationLevel) +
                ": the levels are 0 to 3");
  for (std::optional<double> tolerance : {request.atol, request.rtol})
    if (tolerance && !(*tolerance >= 0.0))
      return fail("--atol and --rtol must be zero or more");

  if (!request.caseDirectory.empty()) {
    if (!request.inputs.empty() || !request.expected.empty())
      return fail("--case cannot be combined with --input or --expected");
    llvm::Expected<Case> found = findCase(request.caseDirectory);
    if (!found)
      return found.takeError();
    if (request.file.empty())
      request.file = found->modulePath;
    request.inputs = std::move(found->inputPaths);
    request.expected = std::move(found->expectedPaths);
    if (!request.atol)
      request.atol = found->atol;
    if (!request.rtol)
      request.rtol = found->rtol;
  }
  if (request.file.empty())
    return fail("no module: give FILE or --case");
  return llvm::Error::success();
}

static llvm::Expected<std::vector<NamedArray>>
readArrays(ArrayRef<std::string> paths) {
  std::vector<NamedArray> arrays;
  for (const std::string &path : paths) {
    llvm::Expected<NdArray> array = readNpy(path);
    if (!array)
      return array.takeError();
    arrays.push_back({path, std::move(*array)});
  }
  return arrays;
}

/// Parses `file`, which `sourceMgr` owns from then on.
static llvm::Expected<OwningOpRef<ModuleOp>>
parseModule(StringRef file, llvm::SourceMgr &sourceMgr, MLIRContext &context) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(file);
  if (!buffer)
    return fail(file + ": " + buffer.getError().message());
  sourceMgr.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  auto module = parseSourceFile<ModuleOp>(sourceMgr, &context);
  if (!module)
    return fail(file + ": not a valid module");
  return module;
}

/// Compares the results with what is expected of them, if anything is.
static std::vector<ResultReport>
compareResults(MutableArrayRef<NdArray> results, ArrayRef<NamedArray> expected,
               const RunRequest &request) {
  std::vector<ResultReport> reports;
  for (auto [i, result] : llvm::enumerate(results)) {
    if (expected.empty()) {
      reports.push_back(
          {result.getKind(), SmallVector<int64_t>(result.getShape()), {}, {}});
      continue;
    }
    const NdArray &wanted = expected[i].array;
    // A signless integer has the sign of the file that it is compared with.
    result.reinterpretAs(wanted.getKind());
    ResultReport &report = reports.emplace_back();
    report.kind = result.getKind();
    report.shape.assign(result.getShape().begin(), result.getShape().end());
    if (result.getShape() != wanted.getShape()) {
      report.expectedShape.emplace(wanted.getShape());
      continue;
    }
    Tolerance tolerance = getDefaultTolerance(result.getKind());
    report.comparison = compare(result, wanted,
                                {request.atol.value_or(tolerance.absolute),
                                 request.rtol.value_or(tolerance.relative)});
  }
  return reports;
}

static llvm::Error writeOutputs(ArrayRef<std::string> paths,
                                ArrayRef<NdArray> results) {
  std::vector<NpyOutput> outputs;
  for (auto [path, result] : llvm::zip(paths, results))
    outputs.push_back({path, &result});
  return writeNpyFiles(outputs);
}

llvm::Expected<RunReport> rope::run(RunRequest request,
                                    DialectRegistry &registry) {
  if (llvm::Error error = resolveRequest(request))
    return error;
  auto inputs = readArrays(request.inputs);
  if (!inputs)
    return inputs.takeError();
  auto expected = readArrays(request.expected);
  if (!expected)
    return expected.takeError();

  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  llvm::SourceMgr sourceMgr;
  SourceMgrDiagnosticHandler diagnosticHandler(sourceMgr, &context);
  auto module = parseModule(request.file, sourceMgr, context);
  if (!module)
    return module.takeError();
  auto function = (*module)->lookupSymbol<func::FuncOp>(request.entryPoint);
  if (!function || function.isDeclaration())
    return fail(request.file + ": no function @" + request.entryPoint);

  llvm::Expected<Signature> signature = Signature::get(function);
  if (!signature)
    return signature.takeError();
  if (llvm::Error error =
          matchArrays("argument", signature->arguments, *inputs))
    return error;
  if (!expected->empty())
    if (llvm::Error error =
            matchArrays("result", signature->results, *expected))
      return error;
  if (!request.outputs.empty() &&
      request.outputs.size() != signature->results.size())
    return fail("the function has " + Twine(signature->results.size()) +
                " result(s), but " + Twine(request.outputs.size()) +
                " --output file(s) are given");

  if (llvm::Error error = lowerModule(**module, function, request.pipeline))
    return error;
  auto compiled = CompiledFunction::compile(
      **module, request.entryPoint, *signature, request.optimizationLevel);
  if (!compiled)
    return compiled.takeError();
  auto outcome = compiled->run(*inputs, request.repeat);
  if (!outcome)
    return outcome.takeError();

  RunReport report{request.file,
                   request.entryPoint,
                   request.pipeline,
                   request.device,
                   omp_get_max_threads(),
                   compareResults(outcome->results, *expected, request),
                   std::move(outcome->times)};
  if (llvm::Error error = writeOutputs(request.outputs, outcome->results))
    return error;
  return report;
}
