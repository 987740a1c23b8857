//===- WidenRotation.h - From part of a head to the head --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_WIDENROTATION_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_WIDENROTATION_H

#include "RotationRaiser.h"

namespace mlir::rope {

/// concat(x[..., :a], rotate(x[..., a:b]), x[..., b:]) = rotate(x) with offset
/// a and rotary dimension b - a. The new op, or null.
Operation *widenRotation(LaneEvaluator &evaluator, DominanceInfo &dominance,
                         OpBuilder &builder, const RotationCandidate &candidate,
                         ArrayRef<ExprId> lanes);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_WIDENROTATION_H
