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

namespace mlir {
class ExecutionEngine;

namespace rope {

/// Makes known to the engine's code: `memrefCopy`, which memref.copy between
/// strided buffers becomes, and `__truncsfbf2` and `__truncdfbf2`, which a
/// rounding to bf16 becomes where the host has no instruction for it.
void registerRuntimeSymbols(ExecutionEngine &engine);

} // namespace rope
} // namespace mlir

#endif // ROPE_LIB_RUNTIME_RUNTIMESYMBOLS_H
