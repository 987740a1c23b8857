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
#include <cmath>

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

double SinCosGoal::getPolynomialBound() const { return isTight ? 0.54 : 0.92; }

void PhasePlan::join(const PhasePlan &other) {
  words = std::max(words, other.words);
  pieces = std::max(pieces, other.pieces);
  log2Distance = std::min(log2Distance, other.log2Distance);
  ulps = std::max(ulps, other.ulps);
}

/// log2 of a positive number, of 2^-256 for zero.
static double getLog2(const ExactReal &value) {
  if (value.isZero())
    return -double(ExactReal::kFractionBits);
  return std::log2(value.round(APFloat::IEEEdouble()).convertToDouble());
}

/// The rounding errors of a phase in turns, as they stand in Numerics.md.
/// Behind the exact pieces, which end `end` bits after the point, follow a
/// conversion and two products with sums, each rounded in units of what is
/// left; then what the words leave of the frequency, times the position: as a
/// float, or lost.
static double getPhaseError(const PhasePlan &plan, const SinCosGoal &goal) {
  int digits = goal.isF64 ? 53 : 24;
  int end = goal.isF64 ? 106 : 24 + 24 * int(plan.pieces);
  int frequencyEnd = 32 * plan.words + (plan.hasResidual() ? digits - 1 : 1);
  return std::ldexp(1.0, -(end + digits - 1)) +
         std::ldexp(double(goal.maxPosition), -frequencyEnd);
}

/// Next to a zero the polynomials only round their result; an error of the
/// phase counts as often as the distance is small. Results that are below half
/// of the least f32 round to zero.
static bool reachesGoal(PhasePlan &plan, const SinCosGoal &goal) {
  int digits = goal.isF64 ? 53 : 24;
  double log2Distance = std::max(plan.log2Distance, goal.isF64 ? -256. : -152.);
  double near =
      0.501 + std::exp2(digits - log2Distance) * getPhaseError(plan, goal);
  plan.ulps = std::max(goal.getPolynomialBound(), near);
  return near <= goal.getPolynomialBound();
}

/// The power of two that takes a frequency which never leaves the first eighth
/// of a turn close to that; none for a frequency that words without it serve.
static unsigned getScale(const ExactReal &turns, uint64_t maxPosition) {
  ExactReal one(1), magnitude = turns < ExactReal(0) ? -turns : turns;
  if (turns.isZero() || !(magnitude < one.scaleByPowerOfTwo(-40)))
    return 0;
  ExactReal farthest = magnitude * ExactReal(int64_t(maxPosition));
  unsigned scale = 0;
  while (farthest.scaleByPowerOfTwo(scale) < one.scaleByPowerOfTwo(-4))
    ++scale;
  return scale;
}

std::optional<PhasePlan> mlir::rope::planPhase(const ExactReal &turns,
                                               const SinCosGoal &goal) {
  PhasePlan plan;
  plan.scale = getScale(turns, goal.maxPosition);
  plan.log2Distance = getLog2(getDistanceToQuarterTurn(
      turns.scaleByPowerOfTwo(plan.scale), goal.maxPosition));
  if (goal.isF64) {
    plan.words = 4;
    plan.pieces = 1;
    return reachesGoal(plan, goal) ? std::optional(plan) : std::nullopt;
  }
  // Up to what makes even a phase that meets a quarter turn exact enough.
  for (plan.words = 2; plan.words <= 7; ++plan.words)
    for (plan.pieces = 1; 24 + 24 * plan.pieces < 32 * plan.words;
         ++plan.pieces)
      if (reachesGoal(plan, goal))
        return plan;
  return std::nullopt;
}

PhasePlan mlir::rope::planUnknownPhase(const SinCosGoal &goal) {
  if (!goal.isF64)
    return *planPhase(ExactReal(1).scaleByPowerOfTwo(-2), goal);
  PhasePlan plan;
  plan.words = 4;
  plan.pieces = 1;
  return plan;
}
