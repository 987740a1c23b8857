//===- LaneContraction.h - Contractions with a matrix of lanes --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_LANECONTRACTION_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_LANECONTRACTION_H

#include "RotationCost.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::rope {

/// y[.., n, ..] = out[.., n, ..] + sum_k M[..., n, k] x[.., k, ..]: a
/// contraction, named or generic, of which one operand is a matrix of lanes.
struct LaneContraction {
  linalg::LinalgOp op;
  Value x;
  /// What it adds to.
  Value init;
  /// M is transposed: its row is k.
  bool isTransposed;
  /// Dimensions of x, and of y after its lanes, in the order in which a
  /// rotation needs them, that is, lanes last.
  SmallVector<int64_t> toRows, fromRows;
  /// The dimensions of the rows that index the leading dimensions of M.
  SmallVector<int64_t> along;

  /// Reads `op` as a contraction with its operand `matrix`, of rank at least
  /// two. A failure is notified.
  static FailureOr<LaneContraction>
  match(linalg::LinalgOp op, OpOperand &matrix, PatternRewriter &rewriter);

  /// Whether `init` is something else than zeros.
  bool accumulates() const;
  /// The rows, lanes last: x or its transposition.
  Value makeRows(OpBuilder &builder) const;
  /// In place of the contraction: `rows` transposed back, plus what the
  /// contraction accumulates into if that is not zero.
  void replaceBy(PatternRewriter &rewriter, Value rows) const;
  /// Of `makeRows` and `replaceBy`.
  RotationCost getMovementCost(CostModel &model) const;
};

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_LANECONTRACTION_H
