//===- Compile.h - Kernels of a module as files -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The work of rope-compile behind its command line.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_RUNTIME_COMPILE_H
#define ROPE_RUNTIME_COMPILE_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

namespace mlir {
class TimingScope;

namespace rope {

/// What rope-compile can make.
enum class EmitKind { PTX, Cubin, AMDGCN, HSACO, SPIRV, Object };

/// Of kernels for a GPU.
struct CompileRequest {
  EmitKind emit = EmitKind::PTX;
  /// The chip; empty for the pipeline's own choice.
  std::string chip;
  /// Threads a block, at most; 0 for the pipeline's own choice.
  unsigned blockSize = 0;
};

/// Runs `rope-gpu-pipeline` on `module` and returns what its kernels became.
/// Fails where a rope op has no kernel and where the module has none at all;
/// diagnostics go to the context, the error says in one line what failed.
llvm::Expected<std::string> compileKernels(ModuleOp module,
                                           const CompileRequest &request,
                                           TimingScope &timing);

/// Of object code.
struct ObjectRequest {
  /// A CPU of the host's kind; empty for the host itself.
  std::string chip;
  /// Of `rope-cpu-pipeline`. Without `vector-bits` vectors are as wide as those
  /// of the CPU.
  std::string options;
  /// Of LLVM's optimizations, 0 to 3.
  unsigned level = 2;
};

/// Runs `rope-cpu-pipeline` on `module` and returns an object file with its
/// functions, position-independent, each also by MLIR's C interface
/// (`_mlir_ciface_`). Fails where the chip, the options or the level are none,
/// and where a pass fails; diagnostics go to the context, the error says in one
/// line what failed.
llvm::Expected<std::string> compileObject(ModuleOp module,
                                          const ObjectRequest &request,
                                          TimingScope &timing);

} // namespace rope
} // namespace mlir

#endif // ROPE_RUNTIME_COMPILE_H
