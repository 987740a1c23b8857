//===- Case.h - A function with its inputs and expectations -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A case is a folder: module.mlir, inputs/0.npy, 1.npy, ... in the order of the
// arguments, expected/0.npy, ... in the order of the results, and optionally
// case.json with the tolerances `atol` and `rtol`.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_RUNTIME_CASE_H
#define ROPE_RUNTIME_CASE_H

#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>
#include <vector>

namespace mlir::rope {

struct Case {
  std::string modulePath;
  std::vector<std::string> inputPaths;
  std::vector<std::string> expectedPaths;
  /// What case.json says. An `atol` alone states the whole criterion, so `rtol`
  /// is then zero.
  std::optional<double> atol, rtol;
};

/// Finds the files of the case in `directory`; reads none but case.json. A gap
/// in the numbering, a .npy file whose name is not a number, and a missing
/// expected/ are errors.
llvm::Expected<Case> findCase(StringRef directory);

} // namespace mlir::rope

#endif // ROPE_RUNTIME_CASE_H
