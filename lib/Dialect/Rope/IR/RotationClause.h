//===- RotationClause.h - Rotations of other ops' operands ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_IR_ROTATIONCLAUSE_H
#define ROPE_LIB_DIALECT_ROPE_IR_ROTATIONCLAUSE_H

#include "Rope/Dialect/Rope/IR/RopeDialect.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"

namespace mlir::rope {

/// What a rotation must fit: `numLanes` of each row of a type [B, ...] with its
/// positions in dimension `sequence`.
struct Rotated {
  ShapedType type;
  int64_t sequence, numLanes;
};

/// Checks the clause `rotate_<name>` of an op, which may be absent;
/// `constraint` is the number it has in the op's description.
LogicalResult verifyRotationClause(Operation *op, StringRef constraint,
                                   StringRef name, Value cos, Value sin,
                                   RotationAttr lanes, Rotated rotated);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_IR_ROTATIONCLAUSE_H
