//===- main.cpp - A compiler that embeds rope -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parses the module in the file named first, runs the pipeline named second and
// prints the result.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/InitAll.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

int main(int argc, char **argv) {
  if (argc != 3) {
    llvm::errs() << "usage: consumer FILE PIPELINE\n";
    return 2;
  }
  DialectRegistry registry;
  rope::registerAllDialects(registry);
  rope::registerAllPasses();

  MLIRContext context(registry);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(argv[1], &context);
  if (!module)
    return 1;
  int64_t numRotations = 0;
  module->walk([&](rope::RotateOp) { ++numRotations; });
  llvm::outs() << "// rotations: " << numRotations << "\n";

  PassManager passManager(&context);
  if (failed(parsePassPipeline(argv[2], passManager)) ||
      failed(passManager.run(*module)))
    return 1;
  module->print(llvm::outs());
  return 0;
}
