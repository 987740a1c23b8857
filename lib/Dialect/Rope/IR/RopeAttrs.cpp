//===- RopeAttrs.cpp - Attributes of the rope dialect ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Syntax and verification of the frequencies and their scalings.
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
// Scalings
//===----------------------------------------------------------------------===//

LogicalResult
DefaultScalingAttr::verifyScaling(function_ref<InFlightDiagnostic()>, int64_t,
                                  double) const {
  return success();
}

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

LogicalResult LinearScalingAttr::verifyScaling(
    function_ref<InFlightDiagnostic()> emitError, int64_t, double) const {
  if (!getFactor().isFinite() || getFactor().isNegative() ||
      getFactor().isZero())
    return emitError() << "(C3) linear scaling needs a positive finite factor, "
                       << "got " << getFactor().convertToDouble();
  return success();
}

LogicalResult TableScalingAttr::verifyScaling(
    function_ref<InFlightDiagnostic()> emitError, int64_t dim,
    double base) const {
  ShapedType type = getValues().getType();
  if (type.getRank() != 1 || type.getDimSize(0) != dim / 2)
    return emitError() << "(C3) a table for dim = " << dim << " needs "
                       << dim / 2 << " values in one dimension, got " << type;
  if (!type.getElementType().isF32() && !type.getElementType().isF64())
    return emitError() << "(C3) a table holds f32 or f64, got " << type;
  if (base != FrequenciesAttr::kDefaultBase)
    return emitError() << "(C3) a base has no meaning beside a table";
  for (APFloat value : getValues().getValues<APFloat>())
    if (!value.isFinite())
      return emitError() << "(C3) a table holds finite values only";
  return success();
}

//===----------------------------------------------------------------------===//
// FrequenciesAttr
//===----------------------------------------------------------------------===//

Attribute FrequenciesAttr::parse(AsmParser &parser, Type) {
  int64_t dim;
  double base = kDefaultBase;
  FrequencyScalingAttrInterface scaling =
      DefaultScalingAttr::get(parser.getContext());
  if (parser.parseLess() || parser.parseKeyword("dim") ||
      parser.parseEqual() || parser.parseInteger(dim))
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
  // C2
  if (!base.isFinite() || !(base > APFloat(1.0)))
    return emitError() << "(C2) base must be finite and greater than 1, got "
                       << base.convertToDouble();
  // C3
  return scaling.verifyScaling(emitError, dim, base.convertToDouble());
}
