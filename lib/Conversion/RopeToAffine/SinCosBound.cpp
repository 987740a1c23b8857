//===- SinCosBound.cpp - Proof that the kernel is exact -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Best approximations by continued fractions, in integers.
//
//===----------------------------------------------------------------------===//

#include "Rope/Conversion/RopeToAffine/SinCosBound.h"

using namespace llvm;
using namespace mlir::rope;

/// By the best-approximation theorem the minimum is taken at a convergent of
/// 4 turns. Euclid's remainders of (1, 4 turns) are the distances at the
/// denominators q_k = a_k q_(k-1) + q_(k-2).
ExactReal mlir::rope::getDistanceToQuarterTurn(const ExactReal &turns,
                                               uint64_t maxPosition) {
  const unsigned width = ExactReal::kFractionBits + 1;
  APInt before = APInt::getOneBitSet(width, ExactReal::kFractionBits);
  APInt distance = turns.scaleByPowerOfTwo(2)
                       .getFraction(ExactReal::kFractionBits)
                       .zext(width);
  if (turns.isZero())
    return ExactReal(1).scaleByPowerOfTwo(-2);
  APInt denominatorBefore(width, 0), denominator(width, 1);
  while (!distance.isZero()) {
    APInt quotient, remainder;
    APInt::udivrem(before, distance, quotient, remainder);
    // A quotient above maxPosition ends the search; below it nothing overflows.
    if (quotient.ugt(maxPosition))
      break;
    APInt next = quotient * denominator + denominatorBefore;
    if (next.ugt(maxPosition))
      break;
    denominatorBefore = std::exchange(denominator, next);
    before = std::exchange(distance, remainder);
  }
  return ExactReal::fromFraction(distance, ExactReal::kFractionBits)
      .scaleByPowerOfTwo(-2);
}

/// The first two pieces of a distance end at 2^-48 turns (f32; 2^-72 if deep;
/// 2^-106 for f64). Three bits above, what is behind them contributes 1/8 of
/// its rounding errors, and the residual less than 2^-3 ulp.
PhaseDepth mlir::rope::getPhaseDepth(const ExactReal &turns, bool isF64) {
  ExactReal distance = getDistanceToQuarterTurn(turns, (1u << 31) - 1), one(1);
  if (isF64)
    return distance < one.scaleByPowerOfTwo(-95) ? PhaseDepth::None
                                                 : PhaseDepth::Plain;
  if (distance < one.scaleByPowerOfTwo(-62))
    return PhaseDepth::None;
  return distance < one.scaleByPowerOfTwo(-45) ? PhaseDepth::Deep
                                               : PhaseDepth::Plain;
}
