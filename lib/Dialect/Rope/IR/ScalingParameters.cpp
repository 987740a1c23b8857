//===- ScalingParameters.cpp - Parameters of frequency scalings -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Syntax, ranges, and the series that most scalings change.
//
//===----------------------------------------------------------------------===//

#include "ScalingParameters.h"

using namespace mlir;
using namespace mlir::rope;

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

FailureOr<APFloat> rope::parseReal(AsmParser &parser) {
  double value;
  if (parser.parseFloat(value))
    return failure();
  return APFloat(value);
}

FailureOr<std::optional<APFloat>> rope::parseOptionalReal(AsmParser &parser) {
  FailureOr<APFloat> value = parseReal(parser);
  if (failed(value))
    return failure();
  return std::optional<APFloat>(*value);
}

FailureOr<DenseF64ArrayAttr> rope::parseReals(AsmParser &parser) {
  SmallVector<double> values;
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
        return parser.parseFloat(values.emplace_back());
      }))
    return failure();
  return DenseF64ArrayAttr::get(parser.getContext(), values);
}

void rope::printReals(AsmPrinter &printer, DenseF64ArrayAttr values) {
  printer << "[";
  llvm::interleaveComma(values.asArrayRef(), printer, [&](double value) {
    printer.printFloat(APFloat(value));
  });
  printer << "]";
}

FailureOr<bool> rope::parseFlag(AsmParser &parser) {
  if (succeeded(parser.parseOptionalKeyword("true")))
    return true;
  if (succeeded(parser.parseOptionalKeyword("false")))
    return false;
  return parser.emitError(parser.getCurrentLocation(),
                          "expected true or false");
}

ParseResult rope::parseParameters(AsmParser &parser,
                                  ArrayRef<RequiredParameter> parameters) {
  auto parseOne = [&]() -> ParseResult {
    SMLoc loc = parser.getCurrentLocation();
    StringRef name;
    if (parser.parseKeyword(&name))
      return failure();
    const auto *found = llvm::find_if(
        parameters, [&](const auto &known) { return known.name == name; });
    if (found == parameters.end() ||
        (found->real ? found->real->has_value() : found->integer->has_value()))
      return parser.emitError(loc, "duplicate or unknown parameter name: ")
             << name;
    if (parser.parseEqual())
      return failure();
    if (found->integer)
      return parser.parseInteger(found->integer->emplace());
    double value;
    if (parser.parseFloat(value))
      return failure();
    found->real->emplace(value);
    return success();
  };
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::OptionalLessGreater,
                                     parseOne))
    return failure();
  for (const RequiredParameter &known : parameters)
    if (!(known.real ? known.real->has_value() : known.integer->has_value()))
      return parser.emitError(loc, "missing required parameter: ")
             << known.name;
  return success();
}

void rope::printParameter(AsmPrinter &printer, StringRef name,
                          const APFloat &value) {
  printer << name << " = ";
  printer.printFloat(value);
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

LogicalResult ParameterChecks::checkFactor(StringRef name, double value) {
  if (value >= 0x1p-64 && value <= 0x1p64)
    return success();
  return fail(name, "in [2^-64, 2^64]", value);
}

LogicalResult ParameterChecks::checkGrowth(StringRef name, double value) {
  if (value >= 1.0 && value <= 0x1p64)
    return success();
  return fail(name, "in [1, 2^64]", value);
}

LogicalResult ParameterChecks::checkStretch(StringRef name, double value,
                                            int64_t dim) {
  if (dim < 4)
    return fail("dim", "of at least 4", dim);
  if (value >= 1.0 && value <= 65536.0)
    return success();
  return fail(name, "in [1, 65536]", value);
}

LogicalResult ParameterChecks::checkLength(StringRef name, int64_t value,
                                           int64_t least) {
  if (value >= least && value <= INT32_MAX)
    return success();
  return fail(name, "in [" + Twine(least) + ", 2^31)", value);
}

LogicalResult
ParameterChecks::checkOptionalFactor(StringRef name,
                                     const std::optional<APFloat> &value) {
  return value ? checkFactor(name, value->convertToDouble()) : success();
}

//===----------------------------------------------------------------------===//
// The series
//===----------------------------------------------------------------------===//

/// As powers of w_1 = exp(-(2/dim) ln base - (2/(dim-2)) ln stretch). An error
/// of w_1 below 2^-246 makes one of w_i below i 2^-246.
SmallVector<ExactReal> rope::getGeometricSeries(int64_t dim, double base,
                                                const ExactReal &stretch) {
  ExactReal two(2), power(1);
  ExactReal exponent = ExactReal(APFloat(base)).ln() * two / ExactReal(dim);
  if (stretch != ExactReal(1))
    exponent = exponent + stretch.ln() * two / ExactReal(dim - 2);
  ExactReal ratio = (-exponent).exp();
  SmallVector<ExactReal> frequencies;
  frequencies.reserve(dim / 2);
  for (int64_t i = 0; i < dim / 2; ++i, power = power * ratio)
    frequencies.push_back(power);
  return frequencies;
}
