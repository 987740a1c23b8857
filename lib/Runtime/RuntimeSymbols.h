//===- RuntimeSymbols.h - Functions that lowered code calls -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What upstream's lowerings call by name and no library of this process needs
// to have.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_RUNTIME_RUNTIMESYMBOLS_H
#define ROPE_LIB_RUNTIME_RUNTIMESYMBOLS_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ExecutionEngine/Orc/Shared/ExecutorAddress.h"

namespace mlir {
class ExecutionEngine;

namespace rope {

/// A function under the name that lowered code calls it by.
struct NamedFunction {
  template <typename Result, typename... Arguments>
  NamedFunction(StringRef name, Result (*function)(Arguments...))
      : name(name), address(llvm::orc::ExecutorAddr::fromPtr(function)) {}

  StringRef name;
  llvm::orc::ExecutorAddr address;
};

/// Makes functions known to the engine's code.
void registerFunctions(ExecutionEngine &engine,
                       ArrayRef<NamedFunction> functions);

/// Makes known to the engine's code: `memrefCopy`, which memref.copy between
/// strided buffers becomes, and `__truncsfbf2` and `__truncdfbf2`, which a
/// rounding to bf16 becomes where the host has no instruction for it.
void registerRuntimeSymbols(ExecutionEngine &engine);

} // namespace rope
} // namespace mlir

#endif // ROPE_LIB_RUNTIME_RUNTIMESYMBOLS_H
