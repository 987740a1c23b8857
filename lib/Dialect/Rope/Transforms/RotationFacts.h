//===- RotationFacts.h - What rules ask of a rotation -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ROTATIONFACTS_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ROTATIONFACTS_H

#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

/// Whether each row of the tables is that of one element of a tensor of
/// positions, by frequencies that are known.
bool isByPosition(SinCosOp op);

/// The op that makes both tables of `op`, row by position, or null.
SinCosOp getSinCos(RotateOp op);

/// Whether c^2 + s^2 = 1 up to the rounding of the tables, which is not
/// coarser than that of the rotated elements: the tables are those of
/// `rope.sincos`, with one entry a pair and without an attention factor.
bool isPure(RotateOp op);

/// The same rotation, in its lanes, of another value by other tables.
RotateOp rotateLike(OpBuilder &builder, RotateOp op, Value input, Value cos,
                    Value sin, ArrayRef<int64_t> along);

/// A structured op that does nothing but copy its only input.
struct CopyLoops {
  /// For each dimension of the input the dimension of the result that it is, or
  /// -1 where only its first element is read.
  SmallVector<int64_t> loops;
  size_t numLoops;
};
std::optional<CopyLoops> getCopyLoops(Operation *op);

/// The permutation of a transposition, named or generic: dimension i of the
/// result is dimension `permutation[i]` of the only input.
std::optional<SmallVector<int64_t>> getPermutation(Operation *op);

/// `permutation`, of `value`.
Value makeTranspose(OpBuilder &builder, Location loc, Value value,
                    ArrayRef<int64_t> permutation);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ROTATIONFACTS_H
