//===- PairLanesTest.cpp - Which lanes form a pair ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "gtest/gtest.h"

using namespace mlir::rope;
using Lanes = std::pair<int64_t, int64_t>;

TEST(PairLanes, HalfPairsTheTwoHalvesOfTheRotaryRange) {
  EXPECT_EQ(RotateOp::getPairLanes(PairingKind::Half, 4, 8, 0), Lanes(4, 8));
  EXPECT_EQ(RotateOp::getPairLanes(PairingKind::Half, 4, 8, 3), Lanes(7, 11));
}

TEST(PairLanes, InterleavedPairsNeighbours) {
  EXPECT_EQ(RotateOp::getPairLanes(PairingKind::Interleaved, 4, 8, 0),
            Lanes(4, 5));
  EXPECT_EQ(RotateOp::getPairLanes(PairingKind::Interleaved, 4, 8, 3),
            Lanes(10, 11));
}
