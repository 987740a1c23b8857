//===- AttentionOperands.h - Queries, keys and values -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An operand of an attention is a tensor of the program, a view of one, or
// computed from some. Rotations are done last, in the layout of the attention:
// rope-optimize can fold them then, whatever the program does in between.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONOPERANDS_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONOPERANDS_H

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "SymbolViews.h"

namespace mlir::rope {

/// A product that rotates one of its factors: what is rotated, by whose tables.
struct RotatedProduct {
  RotateOp rotation;
  /// The product before the rotation, times `coefficient`.
  SmallVector<ExprId> factors;
  double coefficient = 1.0;
  /// The row of the tables, and the lane of the rotation that is the first
  /// here.
  SmallVector<IndexId> row;
  int64_t firstLane = 0;
};

/// `factors` as a rotation of something, if one of them is a rotation and the
/// others are the same for all lanes, whose symbols are the bits `lanes`.
std::optional<RotatedProduct> getRotatedProduct(LaneEvaluator &evaluator,
                                                ArrayRef<ExprId> factors,
                                                uint64_t lanes);

/// Whether nothing needs `value` once `candidate` is computed without it.
bool isDeadWithout(Value value, Operation *candidate);

/// Lanes of an operand, and the rotation that they still need.
struct OperandPart {
  Value value;
  std::optional<RotatedProduct> rotation = std::nullopt;
  /// The dimensions that the rows of its tables are along.
  SmallVector<int64_t> along = {};
};

/// The lanes of all parts, one after the other, with their rotations done.
Value joinParts(ArrayRef<OperandPart> parts, LaneMaterializer &materializer,
                OpBuilder &builder);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONOPERANDS_H
