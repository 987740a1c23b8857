//===- NtkScalings.cpp - Scalings of the base -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verification and exact values of `#rope.ntk`, `#rope.ntk_alpha` and
// `#rope.dynamic_ntk`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeDialect.h"
#include "ScalingParameters.h"

using namespace mlir;
using namespace mlir::rope;

//===----------------------------------------------------------------------===//
// NtkScalingAttr
//===----------------------------------------------------------------------===//

LogicalResult
NtkScalingAttr::verifyScaling(function_ref<InFlightDiagnostic()> emitError,
                              int64_t dim, double) const {
  return ParameterChecks(emitError, "ntk")
      .checkStretch("factor", getFactor().convertToDouble(), dim);
}

SmallVector<ExactReal>
NtkScalingAttr::computeFrequencies(int64_t dim, double base,
                                   std::optional<int64_t>) const {
  return getGeometricSeries(dim, base, ExactReal(getFactor()));
}

//===----------------------------------------------------------------------===//
// NtkAlphaScalingAttr
//===----------------------------------------------------------------------===//

LogicalResult
NtkAlphaScalingAttr::verifyScaling(function_ref<InFlightDiagnostic()> emitError,
                                   int64_t dim, double) const {
  return ParameterChecks(emitError, "ntk_alpha")
      .checkStretch("alpha", getAlpha().convertToDouble(), dim);
}

SmallVector<ExactReal>
NtkAlphaScalingAttr::computeFrequencies(int64_t dim, double base,
                                        std::optional<int64_t>) const {
  return getGeometricSeries(dim, base, ExactReal(getAlpha()));
}

//===----------------------------------------------------------------------===//
// DynamicNtkScalingAttr
//===----------------------------------------------------------------------===//

LogicalResult DynamicNtkScalingAttr::verifyScaling(
    function_ref<InFlightDiagnostic()> emitError, int64_t dim, double) const {
  ParameterChecks checks(emitError, "dynamic_ntk");
  return success(succeeded(checks.checkStretch(
                     "factor", getFactor().convertToDouble(), dim)) &&
                 succeeded(checks.checkLength("max_position_embeddings",
                                              getMaxPositionEmbeddings(), 1)));
}

/// s(n) = factor n / M - (factor - 1) = 1 + (factor / M) (n - M).
std::optional<BaseStretch> DynamicNtkScalingAttr::getBaseStretch() const {
  int64_t trainedLength = getMaxPositionEmbeddings();
  return BaseStretch{trainedLength,
                     ExactReal(getFactor()) / ExactReal(trainedLength)};
}

SmallVector<ExactReal> DynamicNtkScalingAttr::computeFrequencies(
    int64_t dim, double base, std::optional<int64_t> sequenceLength) const {
  return getGeometricSeries(dim, base,
                            getBaseStretch()->at(sequenceLength.value_or(1)));
}
