//===- PastSyntax.h - The sums a recurrence starts at -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_IR_PASTSYNTAX_H
#define ROPE_LIB_DIALECT_ROPE_IR_PASTSYNTAX_H

#include "mlir/IR/OpImplementation.h"

namespace mlir::rope {

/// `past(%state : T)` or `past(%state, %normalizer : T, U)`, if it is there.
ParseResult parsePast(OpAsmParser &parser,
                      std::optional<OpAsmParser::UnresolvedOperand> &state,
                      std::optional<OpAsmParser::UnresolvedOperand> &normalizer,
                      Type &stateType, Type &normalizerType);
void printPast(OpAsmPrinter &printer, Operation *op, Value state,
               Value normalizer, Type stateType, Type normalizerType);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_IR_PASTSYNTAX_H
