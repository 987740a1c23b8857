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

namespace mlir::rope {

/// What rope-compile can make.
enum class EmitKind { PTX, Cubin, AMDGCN, HSACO, SPIRV };

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
                                           const CompileRequest &request);

} // namespace mlir::rope

#endif // ROPE_RUNTIME_COMPILE_H
