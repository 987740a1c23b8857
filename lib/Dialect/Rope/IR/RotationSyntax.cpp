//===- RotationSyntax.cpp - A rotation of another op's operand ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parsing and printing of a rotation as a clause of an op.
//
//===----------------------------------------------------------------------===//

#include "RotationSyntax.h"

#include "TableTypes.h"

using namespace mlir;
using namespace mlir::rope;

/// `pairing<...> offset N rotary_dim N inverse`, each where it is not the
/// default; no attribute where all are.
static ParseResult parseLanes(OpAsmParser &parser, RotationAttr &lanes) {
  PairingAttr pairing;
  int64_t offset = 0, rotaryDim = 0;
  if (succeeded(parser.parseOptionalKeyword("pairing"))) {
    pairing = dyn_cast_or_null<PairingAttr>(PairingAttr::parse(parser, {}));
    if (!pairing)
      return failure();
  }
  if (succeeded(parser.parseOptionalKeyword("offset")) &&
      parser.parseInteger(offset))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("rotary_dim")) &&
      parser.parseInteger(rotaryDim))
    return failure();
  bool inverse = succeeded(parser.parseOptionalKeyword("inverse"));
  auto parsed = RotationAttr::get(
      parser.getContext(), pairing ? pairing.getValue() : PairingKind::Half,
      offset, rotaryDim, inverse);
  if (parsed != RotationAttr::getDefault(parser.getContext()))
    lanes = parsed;
  return success();
}

ParseResult
rope::parseRotation(OpAsmParser &parser, StringRef keyword,
                    std::optional<OpAsmParser::UnresolvedOperand> &cos,
                    std::optional<OpAsmParser::UnresolvedOperand> &sin,
                    Type &cosType, Type &sinType, RotationAttr &lanes) {
  if (failed(parser.parseOptionalKeyword(keyword)))
    return success();
  cos.emplace();
  sin.emplace();
  return failure(parser.parseLParen() || parser.parseOperand(*cos) ||
                 parser.parseComma() || parser.parseOperand(*sin) ||
                 parseLanes(parser, lanes) || parser.parseColon() ||
                 parseTableTypes(parser, cosType, sinType) ||
                 parser.parseRParen());
}

void rope::printRotation(OpAsmPrinter &printer, Operation *op,
                         StringRef keyword, Value cos, Value sin, Type cosType,
                         Type sinType, RotationAttr lanes) {
  if (!cos)
    return;
  printer << ' ' << keyword << '(' << cos << ", " << sin;
  if (lanes) {
    if (lanes.getPairing() != PairingKind::Half)
      printer << " pairing<" << lanes.getPairing() << '>';
    if (lanes.getOffset() != 0)
      printer << " offset " << lanes.getOffset();
    if (lanes.getRotaryDim() != 0)
      printer << " rotary_dim " << lanes.getRotaryDim();
    if (lanes.getInverse())
      printer << " inverse";
  }
  printer << " : ";
  printTableTypes(printer, op, cosType, sinType);
  printer << ')';
}
