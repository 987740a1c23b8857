//===- ExpKernel.h - Straight-line exponentials -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exponentials and what is made of them, on scalars or vectors of f32 or f64:
// no call, no branch. With log2(e) x = k + r, k an integer and |r| <= 1/2,
//
//     exp(x) = 2^k (1 + r q(r)),
//
// q a polynomial: the relative error is below 1.7e-7 + 1.4e-8 |x| in f32
// (degree 4) and 4e-16 + 1.5e-17 |x| in f64 (degree 12), where |x| comes from
// log2(e) as it is rounded to the type.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_EXPKERNEL_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_EXPKERNEL_H

#include "LaneValue.h"

namespace mlir::rope {

/// e^x for x <= 0; what would be a denormal number is 0, and NaN stays NaN.
LaneValue emitExp(LaneValue x);

/// e^x for any x; what would be below 1.5 times the smallest normal number is
/// 0, what is above the normal numbers infinity, and NaN stays NaN.
LaneValue emitExpOfAny(LaneValue x);

/// tanh(x), within a few ulp also next to 0.
LaneValue emitTanh(LaneValue x);

/// The larger of both, and `bound` where x is NaN.
LaneValue emitMaximum(LaneValue x, LaneValue bound);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_EXPKERNEL_H
