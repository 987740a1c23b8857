//===- PartialTypes.h - Syntax of the types of partials ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_IR_PARTIALTYPES_H
#define ROPE_LIB_DIALECT_ROPE_IR_PARTIALTYPES_H

#include "mlir/IR/OpImplementation.h"

namespace mlir::rope {

/// `T, L`, then `and T, L` where the second partial has other types, then
/// `into T, L` where there are destinations.
ParseResult parsePartialTypes(OpAsmParser &parser, Type &lhs, Type &lhsLse,
                              Type &rhs, Type &rhsLse, Type &output,
                              Type &lseOutput);
void printPartialTypes(OpAsmPrinter &printer, Operation *op, Type lhs,
                       Type lhsLse, Type rhs, Type rhsLse, Type output,
                       Type lseOutput);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_IR_PARTIALTYPES_H
