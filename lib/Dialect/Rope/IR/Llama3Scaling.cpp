//===- Llama3Scaling.cpp - A ramp over the turns of a frequency -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verification and exact values of `#rope.llama3`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeDialect.h"
#include "ScalingParameters.h"

using namespace mlir;
using namespace mlir::rope;

Attribute Llama3ScalingAttr::parse(AsmParser &parser, Type) {
  std::optional<APFloat> factor, low, high;
  std::optional<int64_t> length;
  if (parseParameters(parser,
                      {{"factor", &factor},
                       {"low_freq_factor", &low},
                       {"high_freq_factor", &high},
                       {"original_max_position_embeddings", nullptr, &length}}))
    return {};
  return get(parser.getContext(), *factor, *low, *high, *length);
}

void Llama3ScalingAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printParameter(printer, "factor", getFactor());
  printer << ", ";
  printParameter(printer, "low_freq_factor", getLowFreqFactor());
  printer << ", ";
  printParameter(printer, "high_freq_factor", getHighFreqFactor());
  printer << ", original_max_position_embeddings = "
          << getOriginalMaxPositionEmbeddings() << ">";
}

LogicalResult
Llama3ScalingAttr::verifyScaling(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t, double) const {
  ParameterChecks checks(emitError, "llama3");
  double low = getLowFreqFactor().convertToDouble();
  double high = getHighFreqFactor().convertToDouble();
  if (failed(checks.checkGrowth("factor", getFactor().convertToDouble())) ||
      failed(checks.checkFactor("low_freq_factor", low)) ||
      failed(checks.checkFactor("high_freq_factor", high)) ||
      failed(checks.checkLength("original_max_position_embeddings",
                                getOriginalMaxPositionEmbeddings(), 1)))
    return failure();
  if (high < low)
    return checks.fail("high_freq_factor", "of at least low_freq_factor", high);
  return success();
}

SmallVector<ExactReal>
Llama3ScalingAttr::computeFrequencies(int64_t dim, double base,
                                      std::optional<int64_t>) const {
  ExactReal factor(getFactor()), one(1);
  ExactReal low(getLowFreqFactor()), high(getHighFreqFactor());
  ExactReal turnsOfRadian = ExactReal(getOriginalMaxPositionEmbeddings()) /
                            (ExactReal::pi() * ExactReal(2));
  SmallVector<ExactReal> frequencies = getGeometricSeries(dim, base);
  for (ExactReal &frequency : frequencies) {
    ExactReal turns = frequency * turnsOfRadian, divided = frequency / factor;
    if (high < turns)
      continue;
    if (turns < low || low == high) {
      frequency = divided;
      continue;
    }
    ExactReal ramp = (turns - low) / (high - low);
    frequency = divided * (one - ramp) + frequency * ramp;
  }
  return frequencies;
}
