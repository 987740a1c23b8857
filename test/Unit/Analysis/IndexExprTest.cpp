//===- IndexExprTest.cpp - Normal forms of index arithmetic ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/IndexExpr.h"
#include "gtest/gtest.h"

using namespace mlir::rope;

namespace {
class IndexExpr : public testing::Test {
protected:
  IndexId constant(int64_t value) { return indices.getConstant(value); }
  IndexId symbol(unsigned position, int64_t size) {
    return indices.getSymbol(position, constant(size));
  }

  IndexContext indices;
};
} // namespace

TEST_F(IndexExpr, EqualPolynomialsHaveEqualIds) {
  IndexId i = symbol(0, 6), j = symbol(1, 4);
  EXPECT_EQ(indices.add(i, j), indices.add(j, i));
  EXPECT_EQ(indices.sub(indices.add(i, j), j), i);
  EXPECT_EQ(indices.mul(indices.add(i, j), i),
            indices.add(indices.mul(i, i), indices.mul(i, j)));
  EXPECT_NE(symbol(0, 6), symbol(0, 7));
  EXPECT_NE(i, j);
}

TEST_F(IndexExpr, ADimensionOfOneElementHasTheIndexZero) {
  EXPECT_EQ(symbol(3, 1), constant(0));
}

TEST_F(IndexExpr, CollapseThenExpandIsTheIdentity) {
  IndexId i = symbol(0, 6), j = symbol(1, 4);
  IndexId linear = indices.add(indices.scale(i, 4), j);
  EXPECT_EQ(indices.floorDiv(linear, constant(4)), i);
  EXPECT_EQ(indices.mod(linear, constant(4)), j);
  // Another split of the same positions is not the identity.
  EXPECT_NE(indices.floorDiv(linear, constant(3)), i);
  EXPECT_NE(indices.mod(linear, constant(8)), j);
}

TEST_F(IndexExpr, ADynamicSizeDividesWhatItBounds) {
  IndexId size = indices.getFunction("size", {});
  IndexId other = indices.getFunction("other", {});
  IndexId i = symbol(0, 6), j = indices.getSymbol(1, size);
  IndexId linear = indices.add(indices.mul(i, size), j);
  EXPECT_EQ(indices.floorDiv(linear, size), i);
  EXPECT_EQ(indices.mod(linear, size), j);
  EXPECT_NE(indices.floorDiv(linear, other), i);
}

TEST_F(IndexExpr, ConstantsRoundDown) {
  EXPECT_EQ(indices.floorDiv(constant(-1), constant(4)), constant(-1));
  EXPECT_EQ(indices.mod(constant(-1), constant(4)), constant(3));
  EXPECT_EQ(indices.floorDiv(constant(7), constant(4)), constant(1));
}

TEST_F(IndexExpr, RangesFollowFromSizes) {
  IndexId i = symbol(0, 6);
  IndexRange range =
      indices.getRange(indices.add(indices.scale(i, -2), constant(3)));
  EXPECT_EQ(range.lower, -7);
  EXPECT_EQ(range.upper, 3);
  EXPECT_FALSE(indices.getRange(indices.getFunction("data", {})).isBounded());
}

TEST_F(IndexExpr, WhatAQuotientLeavesIsARemainder) {
  IndexId i = symbol(0, 12), three = constant(3);
  IndexId tile = indices.scale(indices.floorDiv(i, three), 3);
  IndexRange rest = indices.getRange(indices.sub(i, tile));
  EXPECT_EQ(rest.lower, 0);
  EXPECT_EQ(rest.upper, 2);
  // Another multiple leaves more.
  IndexId half = indices.scale(indices.floorDiv(i, three), 2);
  EXPECT_GT(indices.getRange(indices.sub(i, half)).upper, 2);
  // Alone it is bounded as a quotient.
  EXPECT_EQ(indices.getRange(tile).lower, 0);
  EXPECT_EQ(indices.getRange(tile).upper, 9);
}

TEST_F(IndexExpr, AQuotientIsBelowTheNumberOfTilesThatCoverWhatIsDivided) {
  IndexId size = indices.getFunction("size", {});
  IndexId i = indices.getSymbol(0, size), four = constant(4);
  IndexId tiles = indices.floorDiv(indices.add(size, constant(3)), four);
  EXPECT_EQ(indices.isWithin(indices.floorDiv(i, four), tiles), true);
  // The last tile may be left out, or there is one element more.
  EXPECT_EQ(
      indices.isWithin(indices.floorDiv(i, four), indices.floorDiv(size, four)),
      std::nullopt);
  EXPECT_EQ(indices.isWithin(
                indices.floorDiv(indices.add(i, constant(1)), four), tiles),
            std::nullopt);
  EXPECT_EQ(indices.isWithin(indices.floorDiv(i, constant(2)), tiles),
            std::nullopt);
}

TEST_F(IndexExpr, TheLastTileMayBeSmaller) {
  IndexId size = indices.getFunction("size", {});
  IndexId i = indices.getSymbol(0, size), four = constant(4);
  IndexId start = indices.scale(indices.floorDiv(i, four), 4);
  IndexId row = indices.sub(i, start);
  IndexId tile = indices.min(four, indices.sub(size, start));
  EXPECT_EQ(tile, indices.min(indices.sub(size, start), four));
  EXPECT_EQ(indices.getRange(tile).upper, 4);
  EXPECT_EQ(indices.isWithin(row, tile), true);
  EXPECT_EQ(indices.isWithin(indices.add(row, constant(1)), tile),
            std::nullopt);
  EXPECT_EQ(indices.isWithin(indices.add(row, four), tile), false);
  EXPECT_EQ(indices.min(constant(3), four), constant(3));
  EXPECT_EQ(indices.min(indices.mod(i, four), four), indices.mod(i, four));
}

TEST_F(IndexExpr, QuotientAndRemainderAreWhatWasDivided) {
  IndexId i = symbol(0, 12), j = symbol(1, 7), three = constant(3);
  IndexId quotient = indices.floorDiv(i, three), rest = indices.mod(i, three);
  auto combine = [&](int64_t factor, int64_t other) {
    return indices.add(j, indices.add(indices.scale(quotient, factor),
                                      indices.scale(rest, other)));
  };
  EXPECT_EQ(combine(3, 1), indices.add(i, j));
  EXPECT_EQ(combine(-6, -2), indices.sub(j, indices.scale(i, 2)));
  EXPECT_NE(combine(3, 2), indices.add(i, j));
  EXPECT_NE(combine(2, 1), indices.add(i, j));
  // A divisor that is no number.
  IndexId size = indices.getFunction("size", {});
  EXPECT_EQ(indices.add(indices.mul(size, indices.floorDiv(i, size)),
                        indices.mod(i, size)),
            i);
}

TEST_F(IndexExpr, RangesSaturate) {
  IndexId i = symbol(0, int64_t(1) << 40);
  IndexRange range = indices.getRange(indices.mul(i, i));
  EXPECT_EQ(range.lower, 0);
  EXPECT_FALSE(range.isBounded());
}

TEST_F(IndexExpr, IsWithinIsCertainImpossibleOrUnknown) {
  IndexId i = symbol(0, 6);
  IndexId size = indices.getFunction("size", {});
  EXPECT_EQ(indices.isWithin(i, constant(6)), true);
  EXPECT_EQ(indices.isWithin(i, constant(5)), std::nullopt);
  EXPECT_EQ(indices.isWithin(indices.add(i, constant(6)), constant(6)), false);
  EXPECT_EQ(indices.isWithin(indices.sub(i, constant(6)), constant(6)), false);
  EXPECT_EQ(indices.isWithin(indices.getSymbol(1, size), size), true);
  EXPECT_EQ(indices.isWithin(i, size), std::nullopt);
}

TEST_F(IndexExpr, DifferencesAreConstantWhereTheRestIsEqual) {
  IndexId i = symbol(0, 6), j = symbol(1, 4);
  IndexId sum = indices.add(i, j);
  EXPECT_EQ(indices.getConstantDifference(indices.add(sum, constant(7)), sum),
            7);
  EXPECT_EQ(indices.getConstantDifference(sum, indices.add(sum, constant(7))),
            -7);
  EXPECT_EQ(indices.getConstantDifference(constant(2000), constant(3)), 1997);
  EXPECT_EQ(indices.getConstantDifference(i, j), std::nullopt);
  // 4 floor(x / 4) + x mod 4 = x.
  IndexId x = indices.getDim(mlir::Value(), 0), four = constant(4);
  IndexId quotient = indices.scale(indices.floorDiv(x, four), 4);
  EXPECT_EQ(indices.getConstantDifference(indices.add(quotient, constant(5)),
                                          indices.sub(x, indices.mod(x, four))),
            5);
}
