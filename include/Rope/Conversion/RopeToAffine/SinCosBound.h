//===- SinCosBound.h - Proof that the kernel is exact -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How close the phases of a frequency come to a quarter turn, where sine or
// cosine vanish and an absolute error of the phase becomes a relative one, and
// how many bits of the frequency the kernel needs because of it.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_CONVERSION_ROPETOAFFINE_SINCOSBOUND_H
#define ROPE_CONVERSION_ROPETOAFFINE_SINCOSBOUND_H

#include "Rope/Dialect/Rope/IR/ExactReal.h"
#include <optional>

namespace mlir::rope {

/// The least distance of p * turns to a multiple of 1/4 over 0 < p <=
/// maxPosition, where zero turns count as 1/4.
ExactReal getDistanceToQuarterTurn(const ExactReal &turns,
                                   uint64_t maxPosition);

/// What is asked of the kernel.
struct SinCosGoal {
  bool isF64 = false;
  /// Half a unit and as little as possible.
  bool isTight = false;
  /// The largest |p|, at most 2^31.
  uint64_t maxPosition = uint64_t(1) << 31;

  /// The polynomials' bound in ulp, which no phase may exceed.
  double getPolynomialBound() const;
};

/// How the kernel keeps the phases of a frequency, and what is proven of it.
struct PhasePlan {
  /// The fraction of a turn in 32-bit words, besides a float.
  unsigned words = 0;
  /// The floats of 24 bits (53 in f64) behind the first one whose sum is kept
  /// exactly.
  unsigned pieces = 0;
  /// A slow frequency is kept times 2^scale: its leading zeros are not.
  unsigned scale = 0;
  /// The least distance to a quarter turn, scaled, as a power of two.
  double log2Distance = 0;
  /// No result is farther off than this, or than 2^-148 in f32.
  double ulps = 0;

  /// Whether a float behind the words is no denormal.
  bool hasResidual() const { return words <= 4; }
  /// Adds what another frequency needs, but its scale.
  void join(const PhasePlan &other);
};

/// The cheapest plan that reaches the goal; nothing if none does.
std::optional<PhasePlan> planPhase(const ExactReal &turns,
                                   const SinCosGoal &goal);

/// The plan for a frequency that is not known: one whose phases meet a quarter
/// turn in f32; the usual one in f64, where nothing is proven next to a zero.
PhasePlan planUnknownPhase(const SinCosGoal &goal);

} // namespace mlir::rope

#endif // ROPE_CONVERSION_ROPETOAFFINE_SINCOSBOUND_H
