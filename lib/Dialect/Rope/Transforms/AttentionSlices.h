//===- AttentionSlices.h - Parts of an attention ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops of `rope.attention` and what a tile of them needs and makes: for
// the tiling of its batches, heads and queries and for the split of its keys.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONSLICES_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONSLICES_H

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Tiles.h"

namespace mlir::rope::attention {

enum Loop : int64_t {
  Batch,
  /// A head of keys and values with its group of query heads.
  KvHead,
  Query,
  Key,
  NumLoops
};

/// The cuts of the dimensions of a result or destination.
SmallVector<Cut> getResultCuts(AttentionOp op, unsigned number);

/// Whether the iterations take all queries or all keys.
bool takesAll(AttentionOp op, Loop sequence, Iterations iterations);

/// The part of a result.
FailureOr<Part> getResultPart(OpBuilder &builder, AttentionOp op,
                              unsigned number, Iterations iterations);

/// An error where an operand is known to have no elements: a slice of an empty
/// dimension does not verify.
LogicalResult verifyNotEmpty(AttentionOp op);

/// The attention of these iterations, with the results of `op`: slices of the
/// operands, and an origin where the exclusion of keys asks for one. An error
/// where a tile has no static number of heads or an operand no elements.
FailureOr<TilingResult> buildTile(OpBuilder &builder, AttentionOp op,
                                  Iterations iterations);

} // namespace mlir::rope::attention

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONSLICES_H
