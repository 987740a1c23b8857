//===- SinCosGoal.h - What is asked of rope.sincos --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The goal that phases are planned for, of loops and of kernels, and whether
// there are such plans.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_SINCOSGOAL_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_SINCOSGOAL_H

#include "Rope/Conversion/RopeToAffine/SinCosBound.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include <optional>
#include <string>

namespace mlir::rope {

/// What the cosines and sines of an op must be, before an attention factor.
SinCosGoal getSinCosGoal(SinCosOp op, bool isTight = false);

/// Why the angles of an op cannot be computed; nothing if they can.
std::optional<std::string> getAngleObstacle(SinCosOp op);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_SINCOSGOAL_H
