//===- TableTypes.cpp - What the ops with cos/sin tables share ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TableTypes.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

ParseResult rope::parseTableTypes(OpAsmParser &parser, Type &cos, Type &sin) {
  if (parser.parseType(cos))
    return failure();
  sin = cos;
  if (succeeded(parser.parseOptionalComma()))
    return parser.parseType(sin);
  return success();
}

void rope::printTableTypes(OpAsmPrinter &printer, Operation *, Type cos,
                           Type sin) {
  printer << cos;
  if (sin != cos)
    printer << ", " << sin;
}

ParseResult rope::parseDestinationOrResultTypes(OpAsmParser &parser,
                                                Type &cosDest, Type &sinDest,
                                                Type &cos, Type &sin) {
  Type first, second;
  if (parseTableTypes(parser, first, second))
    return failure();
  bool isMemRef = isa<BaseMemRefType>(first);
  (isMemRef ? cosDest : cos) = first;
  (isMemRef ? sinDest : sin) = second;
  return success();
}

void rope::printDestinationOrResultTypes(OpAsmPrinter &printer, Operation *op,
                                         Type cosDest, Type sinDest, Type cos,
                                         Type sin) {
  printTableTypes(printer, op, cosDest ? cosDest : cos,
                  sinDest ? sinDest : sin);
}

LogicalResult rope::verifySameTables(Operation *op, StringRef constraint,
                                     Type cos, Type sin) {
  auto cosType = cast<ShapedType>(cos);
  auto sinType = cast<ShapedType>(sin);
  if (isa<TensorType>(cos) != isa<TensorType>(sin) ||
      cosType.getElementType() != sinType.getElementType() ||
      failed(verifyCompatibleShape(cos, sin)))
    return op->emitOpError("(") << constraint
                                << ") cos and sin must have one shape and "
                                   "element type, got "
                                << cos << " and " << sin;
  return success();
}

void rope::getDestinationFormEffects(
    Operation *op, MutableOperandRange destinations,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  llvm::SmallPtrSet<OpOperand *, 2> written;
  for (OpOperand &destination : destinations) {
    written.insert(&destination);
    effects.emplace_back(MemoryEffects::Write::get(), &destination);
  }
  for (OpOperand &operand : op->getOpOperands())
    if (isa<BaseMemRefType>(operand.get().getType()) &&
        !written.contains(&operand))
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
}

Speculation::Speculatability
rope::getStaticShapeSpeculatability(Operation *op) {
  bool allStatic = llvm::all_of(op->getOperandTypes(), [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.hasStaticShape();
  });
  return allStatic ? Speculation::Speculatable : Speculation::NotSpeculatable;
}
