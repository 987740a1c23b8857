//===- SinCosBound.h - Proof that the kernel is exact -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How close the phases of a frequency come to a quarter turn, where sine or
// cosine vanish and an absolute error of the phase becomes a relative one.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_CONVERSION_ROPETOAFFINE_SINCOSBOUND_H
#define ROPE_CONVERSION_ROPETOAFFINE_SINCOSBOUND_H

#include "Rope/Dialect/Rope/IR/ExactReal.h"

namespace mlir::rope {

/// The least distance of p * turns to a multiple of 1/4 over 0 < p <=
/// maxPosition, where zero turns count as 1/4.
ExactReal getDistanceToQuarterTurn(const ExactReal &turns,
                                   uint64_t maxPosition);

/// The form of the kernel that stays within 0.92 ulp for |p| < 2^31.
enum class PhaseDepth { Plain, Deep, None };
PhaseDepth getPhaseDepth(const ExactReal &turns, bool isF64);

} // namespace mlir::rope

#endif // ROPE_CONVERSION_ROPETOAFFINE_SINCOSBOUND_H
