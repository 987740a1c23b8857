//===- RotatedPair.h - Products of two rotated values -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ROTATEDPAIR_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ROTATEDPAIR_H

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::rope {

/// One dimension of a rotated operand: the loop of the contraction that it is,
/// or the place it has in a group of dimensions that is collapsed to a loop.
using LoopPart = std::pair<int64_t, int64_t>;

/// A rotation that a contraction reads, through transpositions and reshapes.
struct RotatedOperand {
  RotateOp rotate;
  /// Of each dimension of the rotation.
  SmallVector<LoopPart> loops;
  /// The ops between the contraction and the rotation, the first one nearest to
  /// the contraction.
  SmallVector<Operation *> path;

  SmallVector<LoopPart> getTableLoops() {
    return llvm::map_to_vector(rotate.getAlong(),
                               [&](int64_t dim) { return loops[dim]; });
  }
};

/// q and k of a contraction over the lanes of both, and nothing else.
struct RotatedPair {
  linalg::LinalgOp op;
  RotatedOperand q, k;
};

/// Reads `op` as q . k; a failure is notified.
FailureOr<RotatedPair> getRotatedPair(linalg::LinalgOp op,
                                      PatternRewriter &rewriter);

/// Gives the contraction `value` in place of the rotation of its operand
/// `number`.
void replaceRotation(PatternRewriter &rewriter, linalg::LinalgOp op,
                     unsigned number, RotatedOperand &operand, Value value);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ROTATEDPAIR_H
