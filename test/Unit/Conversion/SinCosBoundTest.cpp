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

/// The words and pieces of the cheapest plan; {0, 0} if there is none.
static std::pair<unsigned, unsigned> getPlan(const ExactReal &turns,
                                             const SinCosGoal &goal) {
  std::optional<PhasePlan> plan = planPhase(turns, goal);
  if (!plan)
    return {0, 0};
  EXPECT_LE(plan->ulps, goal.getPolynomialBound());
  return {plan->words, plan->pieces};
}

using Plan = std::pair<unsigned, unsigned>;

TEST(SinCosBound, BitsFollowTheDistanceAndThePositions) {
  SinCosGoal goal;
  EXPECT_EQ(getPlan(getTurns(1.0), goal), Plan(3, 1));
  EXPECT_EQ(getPlan(ExactReal(), goal), Plan(2, 1));
  goal.maxPosition = 1 << 15;
  EXPECT_EQ(getPlan(getTurns(1.0), goal), Plan(2, 1));
  // The double next to pi/2: 6e-17 from a quarter turn at position 1.
  EXPECT_EQ(getPlan(getTurns(0x1.921fb54442d18p+0), goal), Plan(3, 2));
}

TEST(SinCosBound, TightNeedsMoreWhereAPhaseIsClose) {
  // 2^-43 turns from a quarter at position 1, and nowhere closer.
  ExactReal turns =
      ExactReal(APFloat(0.25)) + ExactReal(1).scaleByPowerOfTwo(-43);
  SinCosGoal goal{/*isF64=*/false, /*isTight=*/false, /*maxPosition=*/3};
  EXPECT_EQ(getPlan(turns, goal), Plan(2, 1));
  goal.isTight = true;
  EXPECT_EQ(getPlan(turns, goal), Plan(3, 2));
}

TEST(SinCosBound, EveryFrequencyHasAPlanForF32) {
  for (bool isTight : {false, true})
    for (int exponent : {2, 40, 60, 90, 120, 150, 200, 255}) {
      SinCosGoal goal{/*isF64=*/false, isTight};
      ExactReal close = ExactReal(1).scaleByPowerOfTwo(-exponent);
      for (const ExactReal &turns : {close, ExactReal(APFloat(0.25)) + close})
        EXPECT_NE(getPlan(turns, goal), Plan(0, 0)) << exponent;
    }
}

TEST(SinCosBound, SlowFrequenciesAreScaledNotGivenMoreWords) {
  SinCosGoal goal;
  std::optional<PhasePlan> plan = planPhase(getTurns(1e-30), goal);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->words, 3u);
  EXPECT_GT(plan->scale, 60u);
  goal.isF64 = true;
  EXPECT_TRUE(planPhase(getTurns(1e-30), goal));
}

TEST(SinCosBound, F64GivesUpNextToAQuarterTurn) {
  SinCosGoal goal{/*isF64=*/true};
  ExactReal quarter(APFloat(0.25));
  EXPECT_TRUE(planPhase(quarter + ExactReal(1).scaleByPowerOfTwo(-90),
                        {true, false, 1}));
  EXPECT_FALSE(planPhase(quarter + ExactReal(1).scaleByPowerOfTwo(-130), goal));
}
