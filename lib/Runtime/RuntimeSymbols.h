//===- RuntimeSymbols.h - Functions that lowered code calls -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What upstream's lowerings call by name and no library of this process has.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_RUNTIME_RUNTIMESYMBOLS_H
#define ROPE_LIB_RUNTIME_RUNTIMESYMBOLS_H

namespace mlir {
class ExecutionEngine;

namespace rope {

/// Makes `memrefCopy`, which memref.copy between strided buffers becomes,
/// known to the engine's code.
void registerRuntimeSymbols(ExecutionEngine &engine);

} // namespace rope
} // namespace mlir

#endif // ROPE_LIB_RUNTIME_RUNTIMESYMBOLS_H
