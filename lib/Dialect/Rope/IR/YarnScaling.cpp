//===- YarnScaling.cpp - A ramp over the index of a frequency -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verification and exact values of `#rope.yarn`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeDialect.h"
#include "ScalingParameters.h"

using namespace mlir;
using namespace mlir::rope;

LogicalResult
YarnScalingAttr::verifyScaling(function_ref<InFlightDiagnostic()> emitError,
                               int64_t, double) const {
  ParameterChecks checks(emitError, "yarn");
  double fast = getBetaFast().convertToDouble();
  double slow = getBetaSlow().convertToDouble();
  if (failed(checks.checkGrowth("factor", getFactor().convertToDouble())) ||
      failed(checks.checkLength("original_max_position_embeddings",
                                getOriginalMaxPositionEmbeddings(), 1)) ||
      failed(checks.checkFactor("beta_fast", fast)) ||
      failed(checks.checkFactor("beta_slow", slow)) ||
      failed(checks.checkOptionalFactor("mscale", getMscale())) ||
      failed(checks.checkOptionalFactor("mscale_all_dim", getMscaleAllDim())) ||
      failed(
          checks.checkOptionalFactor("attention_factor", getAttentionFactor())))
    return failure();
  if (fast < slow)
    return checks.fail("beta_fast", "of at least beta_slow", fast);
  return success();
}

/// dim ln(O / (2 pi r)) / (2 ln base): the index at which r turns are made in O
/// positions. Never an integer, since pi is transcendental.
static ExactReal getCorrectionDim(const APFloat &turns, int64_t length,
                                  int64_t dim, double base) {
  ExactReal ratio = ExactReal(length) / (ExactReal::pi() * ExactReal(2));
  ExactReal logarithm = ratio.ln() - ExactReal(turns).ln();
  return logarithm * ExactReal(dim) /
         (ExactReal(APFloat(base)).ln() * ExactReal(2));
}

SmallVector<ExactReal>
YarnScalingAttr::computeFrequencies(int64_t dim, double base,
                                    std::optional<int64_t>) const {
  int64_t length = getOriginalMaxPositionEmbeddings();
  ExactReal zero, one(1), lastDim(dim - 1);
  ExactReal low = getCorrectionDim(getBetaFast(), length, dim, base);
  ExactReal high = getCorrectionDim(getBetaSlow(), length, dim, base);
  if (getTruncate()) {
    low = ExactReal(low.floor());
    high = -ExactReal((-high).floor());
  }
  if (low < zero)
    low = zero;
  if (lastDim < high)
    high = lastDim;
  ExactReal width = high - low;
  if (width.isZero())
    width = one / ExactReal(1000);

  ExactReal factor(getFactor());
  SmallVector<ExactReal> frequencies = getGeometricSeries(dim, base);
  for (auto [i, frequency] : llvm::enumerate(frequencies)) {
    ExactReal ramp = (ExactReal(i) - low) / width;
    if (ramp < zero)
      ramp = zero;
    if (one < ramp)
      ramp = one;
    frequency = frequency * (one - ramp) + frequency / factor * ramp;
  }
  return frequencies;
}

/// m(k) = k ln(factor) / 10 + 1
static ExactReal getMagnitudeScale(const ExactReal &k, const APFloat &factor) {
  return k * ExactReal(factor).ln() / ExactReal(10) + ExactReal(1);
}

ExactReal
YarnScalingAttr::computeAttentionFactor(int64_t, double,
                                        std::optional<int64_t>) const {
  if (getAttentionFactor())
    return ExactReal(*getAttentionFactor());
  if (getMscale() && getMscaleAllDim())
    return getMagnitudeScale(ExactReal(*getMscale()), getFactor()) /
           getMagnitudeScale(ExactReal(*getMscaleAllDim()), getFactor());
  return getMagnitudeScale(ExactReal(1), getFactor());
}
