//===- PositionAxes.h - Positions that differ by lane -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Embeddings of several axes (time, height, width) turn each pair by the
// position on one of them: which pair has which, as `sections` of
// `#rope.frequencies` say it.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_POSITIONAXES_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_POSITIONAXES_H

#include "LaneMaterializer.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

struct PositionAxes {
  /// One of each axis.
  SmallVector<IndexId, 3> positions;
  /// None where there is one axis.
  SmallVector<int64_t, 3> sections;
  SectionKind kind = SectionKind::Contiguous;
  /// The integer tensor whose first dimension are the axes, if the program has
  /// one.
  Value stacked = {};

  bool operator==(const PositionAxes &other) const {
    return positions == other.positions && sections == other.sections &&
           kind == other.kind;
  }
};

/// The axes of the position of each pair; none where sections cannot say which
/// pair has which.
std::optional<PositionAxes> getPositionAxes(LaneEvaluator &evaluator,
                                            ArrayRef<IndexId> positions);

/// The leading dimensions that positions depend on; those that index a tensor
/// of positions in order, with dimensions of one element among them, if there
/// is one.
SmallVector<int64_t> getPositionDims(LaneEvaluator &evaluator,
                                     const PositionAxes &axes,
                                     ArrayRef<LeadingDim> leadingDims);

/// The positions over `dims`, axes in front. Null where they cannot be computed
/// there.
Value makePositions(LaneMaterializer &materializer, OpBuilder &builder,
                    Location loc, const PositionAxes &axes,
                    ArrayRef<LeadingDim> dims);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_POSITIONAXES_H
