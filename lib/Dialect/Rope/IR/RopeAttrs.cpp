//===- RopeAttrs.cpp - Attributes of the rope dialect ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registration of the attributes; syntax, verification and values of the
// frequencies.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::rope;

#include "Rope/Dialect/Rope/IR/RopeEnums.cpp.inc"
#include "Rope/Dialect/Rope/IR/RopeInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "Rope/Dialect/Rope/IR/RopeAttrs.cpp.inc"

void RopeDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "Rope/Dialect/Rope/IR/RopeAttrs.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// FrequenciesAttr
//===----------------------------------------------------------------------===//

Attribute FrequenciesAttr::parse(AsmParser &parser, Type) {
  int64_t dim;
  double base = kDefaultBase;
  FrequencyScalingAttrInterface scaling =
      DefaultScalingAttr::get(parser.getContext());
  if (parser.parseLess() || parser.parseKeyword("dim") || parser.parseEqual() ||
      parser.parseInteger(dim))
    return {};
  bool mayHaveBase = true;
  while (succeeded(parser.parseOptionalComma())) {
    if (mayHaveBase && succeeded(parser.parseOptionalKeyword("base"))) {
      mayHaveBase = false;
      if (parser.parseEqual() || parser.parseFloat(base))
        return {};
      continue;
    }
    if (parser.parseKeyword("scaling") || parser.parseEqual() ||
        parser.parseAttribute(scaling))
      return {};
    break;
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<FrequenciesAttr>(parser.getContext(), dim,
                                            APFloat(base), scaling);
}

void FrequenciesAttr::print(AsmPrinter &printer) const {
  printer << "<dim = " << getDim();
  if (!isa<TableScalingAttr>(getScaling())) {
    printer << ", base = ";
    printer.printFloat(getBase());
  }
  if (!isa<DefaultScalingAttr>(getScaling()))
    printer << ", scaling = " << getScaling();
  printer << ">";
}

LogicalResult
FrequenciesAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                        int64_t dim, APFloat base,
                        FrequencyScalingAttrInterface scaling) {
  // C1
  if (dim <= 0 || dim % 2)
    return emitError() << "(C1) dim must be even and positive, got " << dim;
  if (dim > kMaxDim)
    return emitError() << "(C1) dim must be at most " << kMaxDim << ", got "
                       << dim;
  // C2
  double baseValue = base.convertToDouble();
  if (!(baseValue > 1.0 && baseValue <= 0x1p64))
    return emitError() << "(C2) base must be greater than 1 and at most 2^64, "
                       << "got " << baseValue;
  // C3
  return scaling.verifyScaling(emitError, dim, baseValue);
}

SmallVector<ExactReal>
FrequenciesAttr::getExact(std::optional<int64_t> sequenceLength) const {
  return getScaling().computeFrequencies(getDim(), getBase().convertToDouble(),
                                         sequenceLength);
}

SmallVector<APFloat>
FrequenciesAttr::getRounded(const llvm::fltSemantics &semantics,
                            std::optional<int64_t> sequenceLength) const {
  return llvm::map_to_vector(
      getExact(sequenceLength),
      [&](const ExactReal &frequency) { return frequency.round(semantics); });
}

SmallVector<ExactReal>
FrequenciesAttr::getTurns(std::optional<int64_t> sequenceLength) const {
  ExactReal turn = ExactReal::pi().scaleByPowerOfTwo(1);
  return llvm::map_to_vector(
      getExact(sequenceLength),
      [&](const ExactReal &frequency) { return frequency / turn; });
}

ExactReal FrequenciesAttr::getAttentionFactor(
    std::optional<int64_t> sequenceLength) const {
  return getScaling().computeAttentionFactor(
      getDim(), getBase().convertToDouble(), sequenceLength);
}
