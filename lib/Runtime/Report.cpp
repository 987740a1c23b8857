//===- Report.cpp - What a run found --------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints a run report as text or JSON.
//
//===----------------------------------------------------------------------===//

#include "Rope/Runtime/Report.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;
using Duration = std::chrono::duration<double>;

bool RunReport::agrees() const {
  return llvm::all_of(
      results, [](const ResultReport &result) { return result.agrees(); });
}

static Duration getMinimum(const RunReport &report) {
  return *llvm::min_element(report.times);
}

/// The middle time; of an even number of calls, the mean of the middle two.
static Duration getMedian(const RunReport &report) {
  std::vector<Duration> sorted(report.times);
  llvm::sort(sorted);
  size_t half = sorted.size() / 2;
  return sorted.size() % 2 ? sorted[half]
                           : (sorted[half - 1] + sorted[half]) / 2;
}

/// `[1,2]`, `[1,2].im`.
static std::string formatIndex(const WorstElement &worst) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << '[';
  llvm::interleave(worst.index, stream, ",");
  stream << ']';
  if (!worst.component.empty())
    stream << '.' << worst.component;
  return text;
}

static void printComparison(const Comparison &comparison, raw_ostream &out) {
  if (comparison.agrees())
    out << "ok, " << comparison.numElements << " elements";
  else
    out << "MISMATCH, " << comparison.numMismatches << " of "
        << comparison.numElements << " elements";
  if (!comparison.worst)
    return;
  const WorstElement &worst = *comparison.worst;
  out << "; worst at " << formatIndex(worst) << ": got " << worst.got
      << ", expected " << worst.expected << ", error "
      << llvm::format("%.3g", worst.absoluteError);
  if (worst.ulps)
    out << " (" << *worst.ulps << " ulp)";
  out << llvm::format(", atol %g, rtol %g", comparison.tolerance.absolute,
                      comparison.tolerance.relative);
}

void rope::printText(const RunReport &report, bool withTimes,
                     raw_ostream &out) {
  for (auto [i, result] : llvm::enumerate(report.results)) {
    out << "result " << i << ": " << describeArray(result.kind, result.shape)
        << ' ';
    if (result.expectedShape)
      out << "MISMATCH, expected "
          << describeArray(result.kind, *result.expectedShape);
    else if (result.comparison)
      printComparison(*result.comparison, out);
    else
      out << "not compared";
    out << '\n';
  }
  if (withTimes)
    out << llvm::format("time: min %.3f us, median %.3f us",
                        getMinimum(report).count() * 1e6,
                        getMedian(report).count() * 1e6)
        << " over " << report.times.size() << " calls\n";
}

/// A double; JSON has no infinities and no NaN.
static llvm::json::Value toJson(double value) {
  if (std::isfinite(value))
    return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

static llvm::json::Object toJson(const WorstElement &worst) {
  llvm::json::Object object{{"index", llvm::json::Array(worst.index)},
                            {"got", worst.got},
                            {"expected", worst.expected},
                            {"error", toJson(worst.absoluteError)}};
  if (!worst.component.empty())
    object["component"] = worst.component;
  if (worst.ulps)
    object["ulp"] = *worst.ulps;
  return object;
}

static llvm::json::Object toJson(const ResultReport &result) {
  llvm::json::Object object{
      {"type", getElementName(result.kind)},
      {"shape", llvm::json::Array(result.shape)},
      {"compared", result.comparison || result.expectedShape}};
  if (result.expectedShape)
    object["expected_shape"] = llvm::json::Array(*result.expectedShape);
  if (result.comparison || result.expectedShape)
    object["ok"] = result.agrees();
  if (!result.comparison)
    return object;
  const Comparison &comparison = *result.comparison;
  object["elements"] = comparison.numElements;
  object["mismatches"] = comparison.numMismatches;
  object["atol"] = toJson(comparison.tolerance.absolute);
  object["rtol"] = toJson(comparison.tolerance.relative);
  if (comparison.worst)
    object["worst"] = toJson(*comparison.worst);
  return object;
}

void rope::printJson(const RunReport &report, raw_ostream &out) {
  llvm::json::Array results;
  for (const ResultReport &result : report.results)
    results.push_back(toJson(result));
  llvm::json::Object object{
      {"file", report.file},
      {"entry_point", report.entryPoint},
      {"pipeline", report.pipeline},
      {"device", report.device},
      {"threads", report.numThreads},
      {"ok", report.agrees()},
      {"results", std::move(results)},
      {"calls", static_cast<int64_t>(report.times.size())},
      {"min_seconds", getMinimum(report).count()},
      {"median_seconds", getMedian(report).count()}};
  out << llvm::json::Value(std::move(object)) << '\n';
}
