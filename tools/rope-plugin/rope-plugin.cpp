//===- rope-plugin.cpp - rope for the stock mlir-opt ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A shared module for `mlir-opt --load-dialect-plugin` and
// `--load-pass-plugin`.
//
//===----------------------------------------------------------------------===//

#include "Rope/InitAll.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "rope", "0.1",
          [](mlir::DialectRegistry *registry) {
            mlir::rope::registerRopeDialect(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "rope", "0.1",
          mlir::rope::registerRopePasses};
}
