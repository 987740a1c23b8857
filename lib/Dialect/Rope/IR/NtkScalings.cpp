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

Attribute NtkScalingAttr::parse(AsmParser &parser, Type) {
  std::optional<APFloat> value;
  if (parseParameters(parser, {{"factor", &value}}))
    return {};
  return get(parser.getContext(), *value);
}

void NtkScalingAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printParameter(printer, "factor", getFactor());
  printer << ">";
}

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

Attribute NtkAlphaScalingAttr::parse(AsmParser &parser, Type) {
  std::optional<APFloat> value;
  if (parseParameters(parser, {{"alpha", &value}}))
    return {};
  return get(parser.getContext(), *value);
}

void NtkAlphaScalingAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printParameter(printer, "alpha", getAlpha());
  printer << ">";
}

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

Attribute DynamicNtkScalingAttr::parse(AsmParser &parser, Type) {
  std::optional<APFloat> factor;
  std::optional<int64_t> length;
  if (parseParameters(parser, {{"factor", &factor},
                               {"max_position_embeddings", nullptr, &length}}))
    return {};
  return get(parser.getContext(), *factor, *length);
}

void DynamicNtkScalingAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printParameter(printer, "factor", getFactor());
  printer << ", max_position_embeddings = " << getMaxPositionEmbeddings()
          << ">";
}

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
