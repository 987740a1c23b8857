//===- SinCosBoundTest.cpp - Proof that the kernel is exact ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Conversion/RopeToAffine/SinCosBound.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace llvm;
using namespace mlir::rope;

static ExactReal getTurns(double frequency) {
  return ExactReal(APFloat(frequency)) / (ExactReal::pi() * ExactReal(2));
}

static double getDistance(const ExactReal &turns, uint64_t maxPosition) {
  return getDistanceToQuarterTurn(turns, maxPosition)
      .round(APFloat::IEEEdouble())
      .convertToDouble();
}

/// The minimum over every position, in long double.
static double findDistance(double frequency, uint64_t maxPosition) {
  long double quarters = frequency / 1.57079632679489661923132169163975144L;
  long double least = 1;
  for (uint64_t p = 1; p <= maxPosition; ++p) {
    long double phase = p * quarters;
    least = std::min(least, std::abs(phase - std::nearbyint(phase)));
  }
  return static_cast<double>(least / 4);
}

TEST(SinCosBound, DistanceIsTheMinimumOverAllPositions) {
  for (double frequency : {1.0, 0.37, 0.0123, 1.7, 6.2, 100.0, -0.8})
    for (uint64_t maxPosition : {1, 2, 10, 1000, 20000})
      EXPECT_NEAR(getDistance(getTurns(frequency), maxPosition),
                  findDistance(frequency, maxPosition), 1e-13)
          << frequency << " up to " << maxPosition;
}

TEST(SinCosBound, ZeroStaysAway) {
  EXPECT_EQ(getDistance(ExactReal(), 100), 0.25);
}

TEST(SinCosBound, RationalTurnsMeetAQuarter) {
  EXPECT_EQ(getDistance(ExactReal(APFloat(0.0625)), 3), 0.0625);
  EXPECT_EQ(getDistance(ExactReal(APFloat(0.0625)), 4), 0.0);
}

TEST(SinCosBound, DepthFollowsTheDistance) {
  EXPECT_EQ(getPhaseDepth(getTurns(1.0), /*isF64=*/false), PhaseDepth::Plain);
  EXPECT_EQ(getPhaseDepth(ExactReal(), false), PhaseDepth::Plain);
  // The double next to pi/2: 6e-17 from a quarter turn at position 1.
  EXPECT_EQ(getPhaseDepth(getTurns(0x1.921fb54442d18p+0), false),
            PhaseDepth::Deep);
  EXPECT_EQ(getPhaseDepth(getTurns(0x1.921fb54442d18p+0), true),
            PhaseDepth::Plain);
  EXPECT_EQ(getPhaseDepth(getTurns(1e-19), false), PhaseDepth::None);
  EXPECT_EQ(getPhaseDepth(getTurns(1e-19), true), PhaseDepth::Plain);
  EXPECT_EQ(getPhaseDepth(getTurns(1e-30), true), PhaseDepth::None);
}
