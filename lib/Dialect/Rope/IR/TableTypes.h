//===- TableTypes.h - What the ops with cos/sin tables share ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Syntax of a pair of equal types, and the effects of an op that has a tensor
// form and a memref form.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_IR_TABLETYPES_H
#define ROPE_LIB_DIALECT_ROPE_IR_TABLETYPES_H

#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::rope {

/// `T` for cos and sin of one type, `T, U` where only their layouts differ.
ParseResult parseTableTypes(OpAsmParser &parser, Type &cos, Type &sin);
void printTableTypes(OpAsmPrinter &printer, Operation *op, Type cos, Type sin);

/// The same for a pair that is either results (tensors) or destinations
/// (memrefs).
ParseResult parseDestinationOrResultTypes(OpAsmParser &parser, Type &cosDest,
                                          Type &sinDest, Type &cos, Type &sin);
void printDestinationOrResultTypes(OpAsmPrinter &printer, Operation *op,
                                   Type cosDest, Type sinDest, Type cos,
                                   Type sin);

/// Checks that two tables have one shape and element type; `constraint` is the
/// number it has in the op's description.
LogicalResult verifySameTables(Operation *op, StringRef constraint, Type cos,
                               Type sin);

/// A memref form reads its memref operands and writes its destinations; a
/// tensor form has no effects.
void getDestinationFormEffects(
    Operation *op, MutableOperandRange destinations,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects);

/// The tensor form may be speculated when its shapes are static: run-time
/// sizes could disagree.
Speculation::Speculatability getStaticShapeSpeculatability(Operation *op);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_IR_TABLETYPES_H
