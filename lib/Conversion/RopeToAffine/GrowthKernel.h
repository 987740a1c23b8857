//===- GrowthKernel.h - Amplitudes that grow with the position --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits 2^(p g) for positions p and the growth g of each lane, |g| < 1: what
// `#rope.xpos` multiplies cosines and sines by. The exponent is exact in
// integers; a polynomial takes its fraction.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_GROWTHKERNEL_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_GROWTHKERNEL_H

#include "LaneValue.h"
#include "Rope/Dialect/Rope/IR/ExactReal.h"

namespace mlir::rope {

/// A growth g: |g| in 128 fraction bits, and the sign of g in the top bit.
struct GrowthBits {
  explicit GrowthBits(const ExactReal &growth);

  APInt high, low, sign;
};

class GrowthKernel {
public:
  /// `GrowthBits` of each lane.
  struct Growth {
    LaneValue high, low, sign;
  };

  /// The factors of the lanes that `magnitude` = |p| and `sign`, p's sign bit
  /// in the place of a float's, are for.
  GrowthKernel(ImplicitLocOpBuilder &builder, FloatType type,
               LaneValue magnitude, LaneValue sign, const Growth &growth);

  /// value 2^(p g): three factors, so that none leaves the range first.
  LaneValue emitProduct(LaneValue value) const {
    return value * fraction * firstPower * secondPower;
  }

private:
  LaneValue fraction, firstPower, secondPower;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_GROWTHKERNEL_H
