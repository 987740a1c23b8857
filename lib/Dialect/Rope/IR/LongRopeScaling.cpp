//===- LongRopeScaling.cpp - A divisor for each frequency -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verification and exact values of `#rope.longrope`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeDialect.h"
#include "ScalingParameters.h"

using namespace mlir;
using namespace mlir::rope;

/// One divisor a frequency.
static LogicalResult checkDivisors(ParameterChecks &checks, StringRef name,
                                   DenseF64ArrayAttr divisors, int64_t dim) {
  if (divisors.size() != dim / 2)
    return checks.fail(name, "of dim/2 = " + Twine(dim / 2) + " entries",
                       divisors.size());
  for (auto [i, divisor] : llvm::enumerate(divisors.asArrayRef()))
    if (failed(
            checks.checkFactor((name + "[" + Twine(i) + "]").str(), divisor)))
      return failure();
  return success();
}

LogicalResult
LongRopeScalingAttr::verifyScaling(function_ref<InFlightDiagnostic()> emitError,
                                   int64_t dim, double) const {
  ParameterChecks checks(emitError, "longrope");
  if (failed(checkDivisors(checks, "short_factor", getShortFactor(), dim)) ||
      failed(checkDivisors(checks, "long_factor", getLongFactor(), dim)) ||
      failed(checks.checkLength("original_max_position_embeddings",
                                getOriginalMaxPositionEmbeddings(), 2)) ||
      failed(
          checks.checkOptionalFactor("attention_factor", getAttentionFactor())))
    return failure();
  if (getFactor())
    return checks.checkGrowth("factor", getFactor()->convertToDouble());
  if (!getAttentionFactor())
    return checks.fail("factor", "or attention_factor", "neither");
  return success();
}

SmallVector<int64_t> LongRopeScalingAttr::getSequenceLengthSteps() const {
  if (getShortFactor() == getLongFactor())
    return {};
  return {getOriginalMaxPositionEmbeddings()};
}

SmallVector<ExactReal> LongRopeScalingAttr::computeFrequencies(
    int64_t dim, double base, std::optional<int64_t> sequenceLength) const {
  bool isLong = sequenceLength.value_or(1) > getOriginalMaxPositionEmbeddings();
  DenseF64ArrayAttr divisors = isLong ? getLongFactor() : getShortFactor();
  SmallVector<ExactReal> frequencies = getGeometricSeries(dim, base);
  for (auto [frequency, divisor] :
       llvm::zip_equal(frequencies, divisors.asArrayRef()))
    frequency = frequency / ExactReal(APFloat(divisor));
  return frequencies;
}

/// sqrt(1 + ln(factor) / ln(O))
ExactReal
LongRopeScalingAttr::computeAttentionFactor(int64_t, double,
                                            std::optional<int64_t>) const {
  if (getAttentionFactor())
    return ExactReal(*getAttentionFactor());
  ExactReal growth = ExactReal(*getFactor()).ln();
  ExactReal length = ExactReal(getOriginalMaxPositionEmbeddings()).ln();
  return (ExactReal(1) + growth / length).sqrt();
}
