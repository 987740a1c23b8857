//===- RotationSyntax.h - A rotation of another op's operand ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `rotate_query(%cos, %sin pairing<interleaved> offset 64 : tensor<?x32xf32>)`:
// the tables of a rotation, and its lanes in the words of `rope.rotate`.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_IR_ROTATIONSYNTAX_H
#define ROPE_LIB_DIALECT_ROPE_IR_ROTATIONSYNTAX_H

#include "Rope/Dialect/Rope/IR/RopeDialect.h"
#include "mlir/IR/OpImplementation.h"

namespace mlir::rope {

/// Parses the clause if it is there.
ParseResult parseRotation(OpAsmParser &parser, StringRef keyword,
                          std::optional<OpAsmParser::UnresolvedOperand> &cos,
                          std::optional<OpAsmParser::UnresolvedOperand> &sin,
                          Type &cosType, Type &sinType, RotationAttr &lanes);

/// Prints the clause if there are tables.
void printRotation(OpAsmPrinter &printer, Operation *op, StringRef keyword,
                   Value cos, Value sin, Type cosType, Type sinType,
                   RotationAttr lanes);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_IR_ROTATIONSYNTAX_H
