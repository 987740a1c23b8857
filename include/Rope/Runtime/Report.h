//===- Report.h - What a run found ------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The facts of one run of a function, and their two forms: lines for people and
// one JSON object for programs.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_RUNTIME_REPORT_H
#define ROPE_RUNTIME_REPORT_H

#include "Rope/Runtime/Compare.h"
#include <chrono>

namespace mlir::rope {

/// One result of the function.
struct ResultReport {
  ElementKind kind;
  SmallVector<int64_t> shape;
  /// The shape asked for, where it is another one: nothing was compared.
  std::optional<SmallVector<int64_t>> expectedShape;
  /// Absent where nothing was expected of this result.
  std::optional<Comparison> comparison;

  bool agrees() const {
    return !expectedShape && (!comparison || comparison->agrees());
  }
};

struct RunReport {
  std::string file, entryPoint, pipeline, device;
  /// OpenMP threads that parallel loops may use.
  int numThreads = 1;
  std::vector<ResultReport> results;
  /// One time a call.
  std::vector<std::chrono::duration<double>> times;

  bool agrees() const;
};

/// One line a result, and one for the times when `withTimes`.
void printText(const RunReport &report, bool withTimes, raw_ostream &out);

/// The same facts as one JSON object. Numbers that JSON lacks are strings:
/// "inf", "nan".
void printJson(const RunReport &report, raw_ostream &out);

} // namespace mlir::rope

#endif // ROPE_RUNTIME_REPORT_H
