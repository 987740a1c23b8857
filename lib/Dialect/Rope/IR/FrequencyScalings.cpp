//===- FrequencyScalings.cpp - Scalings of the rope dialect ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Syntax, verification and exact values of the frequency scalings. Parameter
// names are those of Hugging Face `modeling_rope_utils`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeDialect.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace mlir::rope;

/// w_i = base^(-2i/dim) as powers of w_1 = exp(-(2/dim) ln base). An error of
/// w_1 below 2^-247 makes one of w_i below i 2^-247.
static SmallVector<ExactReal> getGeometricSeries(int64_t dim, double base) {
  ExactReal exponent = -ExactReal(APFloat(base)).ln() * ExactReal(2);
  ExactReal ratio = (exponent / ExactReal(dim)).exp(), power(1);
  SmallVector<ExactReal> frequencies;
  frequencies.reserve(dim / 2);
  for (int64_t i = 0; i < dim / 2; ++i, power = power * ratio)
    frequencies.push_back(power);
  return frequencies;
}

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
  double factor;
  if (parser.parseLess() || parser.parseKeyword("factor") ||
      parser.parseEqual() || parser.parseFloat(factor) || parser.parseGreater())
    return {};
  return get(parser.getContext(), APFloat(factor));
}

void LinearScalingAttr::print(AsmPrinter &printer) const {
  printer << "<factor = ";
  printer.printFloat(getFactor());
  printer << ">";
}

LogicalResult
LinearScalingAttr::verifyScaling(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t, double) const {
  double factor = getFactor().convertToDouble();
  if (!(factor >= 0x1p-64 && factor <= 0x1p64))
    return emitError() << "(C3) linear scaling needs a factor in [2^-64, 2^64],"
                       << " got " << factor;
  return success();
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
