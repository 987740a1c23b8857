//===- Jit.h - Compiling a function for this process ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a pass pipeline that ends in the LLVM dialect, then compiles for the
// host with all its features, and calls the entry point through MLIR's C
// interface.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_RUNTIME_JIT_H
#define ROPE_RUNTIME_JIT_H

#include "Rope/Runtime/Signature.h"
#include "mlir/IR/BuiltinOps.h"
#include <chrono>
#include <memory>

namespace mlir {
class ExecutionEngine;

namespace rope {

/// Marks the function for the C interface and runs `pipeline` on `module`.
/// `cpu`, `reference` and `vulkan` stand for registered pipelines.
/// Diagnostics go to the context; the error says in one line what failed.
llvm::Error lowerModule(ModuleOp module, func::FuncOp function,
                        StringRef pipeline);

/// A function compiled to machine code.
class CompiledFunction {
public:
  /// The results of the last call and how long each call alone took.
  struct Outcome {
    std::vector<NdArray> results;
    std::vector<std::chrono::duration<double>> times;
  };

  /// Compiles the lowered `module` for the host with LLVM's optimizations of
  /// `level`, 0 to 3. Fails when the lowered entry point no longer has the C
  /// interface that `signature` implies.
  static llvm::Expected<CompiledFunction> compile(ModuleOp module,
                                                  StringRef entryPoint,
                                                  Signature signature,
                                                  unsigned level);

  CompiledFunction(CompiledFunction &&);
  ~CompiledFunction();

  /// Calls the function `repeat` times, at least once, each time on fresh
  /// copies of `arguments`, which must match the signature. Buffers that it
  /// returns are copied and freed. An abort of the function (a failed
  /// cf.assert) ends the process with code 2.
  llvm::Expected<Outcome> run(ArrayRef<NamedArray> arguments,
                              unsigned repeat) const;

private:
  CompiledFunction(std::unique_ptr<ExecutionEngine> engine,
                   void (*entry)(void **), Signature signature);

  std::unique_ptr<ExecutionEngine> engine;
  void (*entry)(void **);
  Signature signature;
};

} // namespace rope
} // namespace mlir

#endif // ROPE_RUNTIME_JIT_H
