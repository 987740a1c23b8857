//===- NarrowFloat.h - Widening and rounding of lanes -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Between the element type of a buffer and the type of the computation. bf16 is
// the upper half of an f32: it is widened by a shift, and rounded in integers
// to the nearest, ties to even, because the vector instructions that would do
// it flush subnormals.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_NARROWFLOAT_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_NARROWFLOAT_H

#include "LaneValue.h"

namespace mlir::rope {

/// `value` in the wider or equal type `wide`.
LaneValue widen(LaneValue value, FloatType wide);

/// `value` rounded once to the narrower or equal type `narrow`.
LaneValue narrow(LaneValue value, FloatType narrow);

/// The even lanes and the odd lanes of 2n bf16 lanes, as n lanes of `wide`.
std::pair<LaneValue, LaneValue> splitBF16(LaneValue lanes, FloatType wide);

/// The inverse of `splitBF16`, each lane rounded once.
LaneValue joinBF16(LaneValue even, LaneValue odd);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_NARROWFLOAT_H
