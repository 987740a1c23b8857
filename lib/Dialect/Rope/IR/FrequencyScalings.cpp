//===- FrequencyScalings.cpp - Scalings by a factor or by values ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verification and exact values of `#rope.default`, `#rope.linear`,
// `#rope.proportional` and `#rope.table`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeDialect.h"
#include "ScalingParameters.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;

//===----------------------------------------------------------------------===//
// DefaultScalingAttr
//===----------------------------------------------------------------------===//

LogicalResult
DefaultScalingAttr::verifyScaling(function_ref<InFlightDiagnostic()>, int64_t,
                                  double) const {
  return success();
}

SmallVector<ExactReal>
DefaultScalingAttr::computeFrequencies(int64_t dim, double base,
                                       std::optional<int64_t>) const {
  return getGeometricSeries(dim, base);
}

//===----------------------------------------------------------------------===//
// LinearScalingAttr
//===----------------------------------------------------------------------===//

Attribute LinearScalingAttr::parse(AsmParser &parser, Type) {
  std::optional<APFloat> value;
  if (parseParameters(parser, {{"factor", &value}}))
    return {};
  return get(parser.getContext(), *value);
}

void LinearScalingAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printParameter(printer, "factor", getFactor());
  printer << ">";
}

LogicalResult
LinearScalingAttr::verifyScaling(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t, double) const {
  return ParameterChecks(emitError, "linear")
      .checkFactor("factor", getFactor().convertToDouble());
}

SmallVector<ExactReal>
LinearScalingAttr::computeFrequencies(int64_t dim, double base,
                                      std::optional<int64_t>) const {
  ExactReal factor(getFactor());
  return llvm::map_to_vector(
      getGeometricSeries(dim, base),
      [&](const ExactReal &frequency) { return frequency / factor; });
}

//===----------------------------------------------------------------------===//
// ProportionalScalingAttr
//===----------------------------------------------------------------------===//

LogicalResult ProportionalScalingAttr::verifyScaling(
    function_ref<InFlightDiagnostic()> emitError, int64_t, double) const {
  ParameterChecks checks(emitError, "proportional");
  double part = getPartialRotaryFactor().convertToDouble();
  if (!(part > 0.0 && part <= 1.0))
    return checks.fail("partial_rotary_factor", "in (0, 1]", part);
  return checks.checkFactor("factor", getFactor().convertToDouble());
}

SmallVector<ExactReal>
ProportionalScalingAttr::computeFrequencies(int64_t dim, double base,
                                            std::optional<int64_t>) const {
  // A count of pairs, which configurations mean as their f64 product gives it.
  double part = getPartialRotaryFactor().convertToDouble() * double(dim);
  auto numTurning = static_cast<int64_t>(std::floor(part / 2));
  ExactReal factor(getFactor());
  SmallVector<ExactReal> frequencies = getGeometricSeries(dim, base);
  for (auto [i, frequency] : llvm::enumerate(frequencies))
    frequency = int64_t(i) < numTurning ? frequency / factor : ExactReal();
  return frequencies;
}

//===----------------------------------------------------------------------===//
// TableScalingAttr
//===----------------------------------------------------------------------===//

LogicalResult
TableScalingAttr::verifyScaling(function_ref<InFlightDiagnostic()> emitError,
                                int64_t dim, double base) const {
  ShapedType type = getValues().getType();
  if (type.getRank() != 1 || type.getDimSize(0) != dim / 2)
    return emitError() << "(C3) a table for dim = " << dim << " needs "
                       << dim / 2 << " values in one dimension, got " << type;
  if (!type.getElementType().isF32() && !type.getElementType().isF64())
    return emitError() << "(C3) a table holds f32 or f64, got " << type;
  if (base != FrequenciesAttr::kDefaultBase)
    return emitError() << "(C3) a base has no meaning beside a table";
  for (auto [i, value] : llvm::enumerate(getValues().getValues<APFloat>())) {
    if (value.isZero())
      continue;
    double magnitude = abs(value).convertToDouble();
    if (!(magnitude >= 0x1p-128) || !(magnitude < 0x1p64))
      return emitError() << "(C3) a table holds zeros and magnitudes in "
                         << "[2^-128, 2^64), got " << value.convertToDouble()
                         << " at " << i;
  }
  return success();
}

SmallVector<ExactReal>
TableScalingAttr::computeFrequencies(int64_t, double,
                                     std::optional<int64_t>) const {
  return llvm::map_to_vector(
      getValues().getValues<APFloat>(),
      [](const APFloat &value) { return ExactReal(value); });
}
