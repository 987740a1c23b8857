//===- Run.h - Run a function on arrays -------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The work of rope-run behind its command line: load, check, lower, compile,
// run, compare, write.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_RUNTIME_RUN_H
#define ROPE_RUNTIME_RUN_H

#include "Rope/Runtime/Report.h"
#include "llvm/Support/Error.h"

namespace mlir {
class DialectRegistry;

namespace rope {

struct RunRequest {
  /// The module; with a case, its own where this is empty.
  std::string file;
  /// A case folder; excludes inputs and expected.
  std::string caseDirectory;
  std::vector<std::string> inputs, expected, outputs;
  std::string entryPoint = "main";
  /// `cpu`, `reference` or a textual pass pipeline that ends in the LLVM
  /// dialect.
  std::string pipeline = "cpu";
  std::string device = "cpu";
  /// Where absent: those of the case, else those of the element type.
  std::optional<double> atol, rtol;
  unsigned repeat = 1;
  /// LLVM's optimizations of the lowered module, 0 to 3.
  unsigned optimizationLevel = 3;
};

/// Does what is asked and reports what it found; a mismatch is a finding. Every
/// file and every type is checked before anything is lowered. An error is one
/// line that names the file; diagnostics of the module go to stderr. Outputs
/// are written whatever the comparison says, and not at all on an error.
llvm::Expected<RunReport> run(RunRequest request, DialectRegistry &registry);

} // namespace rope
} // namespace mlir

#endif // ROPE_RUNTIME_RUN_H
