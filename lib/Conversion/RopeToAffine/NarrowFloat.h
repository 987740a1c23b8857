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

/// `value` rounded once to the narrower or equal type `narrow`. If that is
/// bf16, an f32 `value` must have no NaN but those that come from operands in
/// bf16 or after `quietNaNs`: others could carry into infinity or beyond.
LaneValue narrow(LaneValue value, FloatType narrow);

/// `value` with one quiet NaN for all, which operations hand on as it is.
LaneValue quietNaNs(LaneValue value);

/// `value` in any type of floats, rounded once where that is narrower.
LaneValue convertFloat(LaneValue value, FloatType type);

/// The even lanes and the odd lanes of 2n bf16 lanes, as n lanes of `wide`.
std::pair<LaneValue, LaneValue> splitBF16(LaneValue lanes, FloatType wide);

/// The inverse of `splitBF16`, each lane rounded once as by `narrow`.
LaneValue joinBF16(LaneValue even, LaneValue odd);

/// `value` in f32; f64 is rounded to odd, so that a second rounding to bf16 or
/// f16 is the only one that counts.
LaneValue toF32(LaneValue value);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_NARROWFLOAT_H
