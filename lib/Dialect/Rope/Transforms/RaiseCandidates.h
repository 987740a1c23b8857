//===- RaiseCandidates.h - Where rotations are looked for -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_RAISECANDIDATES_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_RAISECANDIDATES_H

#include "RotationRaiser.h"

namespace mlir::rope {

/// Where the lanes of a candidate are, in the order in which it is tried.
enum class LanePlace {
  LastDim,     ///< the usual layout
  LastTwoDims, ///< pairs in a dimension of their own
  OtherDim,    ///< transposed before or by the rotation
  Body,        ///< a value that exists only in the body of a structured op
};

/// Whether an op can bring lanes together. Pure movement cannot: what it moves
/// is a candidate itself.
bool combinesLanes(Operation *op);

/// The candidates that an op makes.
SmallVector<RotationCandidate> getCandidates(LaneEvaluator &evaluator,
                                             Operation *op, LanePlace place);

/// The expressions of all lanes, or none as soon as one of them is neither one
/// nor two products; with `expandsProducts` after products are distributed over
/// sums.
std::optional<SmallVector<ExprId>> evaluateLanes(LaneEvaluator &evaluator,
                                                 RotationCandidate &candidate,
                                                 bool expandsProducts = false);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_RAISECANDIDATES_H
