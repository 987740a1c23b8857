//===- ExactRealTest.cpp - Real numbers of 256 fraction bits --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Expected digits are from mpmath 1.3 at 600 bits.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/ExactReal.h"
#include "llvm/ADT/SmallString.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlir::rope;

/// The first 240 bits after the point: the bits that ln and exp promise.
static std::string getHex(const ExactReal &value) {
  SmallString<64> digits;
  value.getFraction(240).toString(digits, 16, /*Signed=*/false,
                                  /*formatAsCLiteral=*/false,
                                  /*UpperCase=*/false);
  return std::string(60 - digits.size(), '0') + digits.str().str();
}

TEST(ExactReal, ConstantsHaveTheirDigits) {
  EXPECT_EQ(getHex(ExactReal::pi()),
            "243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e");
  EXPECT_EQ(getHex(ExactReal::ln2()),
            "b17217f7d1cf79abc9e3b39803f2f6af40f343267298b62d8a0d175b8baa");
}

TEST(ExactReal, LogarithmHasItsDigits) {
  EXPECT_EQ(getHex(ExactReal(10000).ln()),
            "35d8dddaaa8ac16ea56d62b82d30a28e28fecf9da5df90e83c61e8201f02");
  EXPECT_EQ(getHex(ExactReal(500000).ln()),
            "1f5334d02e00a87a2e40607c3fd5fd25fc8af4460636a32ed085c4d4a2d9");
  EXPECT_EQ(getHex(-ExactReal(APFloat(0.75)).ln()),
            "49a58844d36e49e0efadd9db02aa70a8c3d243732d50de6ad6823fccc60c");
  EXPECT_TRUE(ExactReal(1).ln().isZero());
}

TEST(ExactReal, ExponentialHasItsDigits) {
  EXPECT_EQ(getHex(ExactReal(-1).exp()),
            "5e2d58d8b3bcdf1abadec7829054f90dda9805aab56c77333024b9d0a507");
  EXPECT_EQ(getHex(ExactReal(APFloat(-20.5)).exp()),
            "000000055e8ebfbb402ad3f4d19cefc8aaa11a1ba9245aedd0c58dc4a321");
  EXPECT_EQ(getHex(ExactReal(APFloat(2.5)).exp()),
            "2eb7ec98f05d8ea6f61a6f424fca73b0c7428e7dfa224439c1bd40eb2415");
  EXPECT_EQ(ExactReal().exp(), ExactReal(1));
  EXPECT_TRUE(ExactReal(-1000).exp().isZero());
}

TEST(ExactReal, SquareRootHasItsDigits) {
  EXPECT_EQ(getHex(ExactReal(2).sqrt()),
            "6a09e667f3bcc908b2fb1366ea957d3e3adec17512775099da2f590b0667");
  EXPECT_EQ(ExactReal(APFloat(0x1p-100)).sqrt(), ExactReal(APFloat(0x1p-50)));
  EXPECT_EQ(ExactReal(9).sqrt(), ExactReal(3));
  EXPECT_TRUE(ExactReal().sqrt().isZero());
}

TEST(ExactReal, FloorIsBelow) {
  EXPECT_EQ(ExactReal(APFloat(2.75)).floor(), 2);
  EXPECT_EQ(ExactReal(APFloat(-2.25)).floor(), -3);
  EXPECT_EQ(ExactReal(-3).floor(), -3);
}

TEST(ExactReal, ReadsFloatsExactlyOrNotAtAll) {
  EXPECT_EQ(ExactReal(APFloat(-2.5)) * ExactReal(2), ExactReal(-5));
  EXPECT_EQ(ExactReal(APFloat(0x1p-128f)).scaleByPowerOfTwo(128), ExactReal(1));
  EXPECT_TRUE(ExactReal::isExact(APFloat(0x1.fffffffffffffp63)));
  EXPECT_TRUE(ExactReal::isExact(APFloat(-0.0)));
  EXPECT_FALSE(ExactReal::isExact(APFloat(0x1p65)));
  EXPECT_FALSE(ExactReal::isExact(APFloat(0x1p-300)));
  EXPECT_FALSE(ExactReal::isExact(APFloat::getInf(APFloat::IEEEdouble())));
  EXPECT_FALSE(ExactReal::isExact(APFloat::getNaN(APFloat::IEEEsingle())));
}

TEST(ExactReal, RoundsOnceToNearestTiesToEven) {
  const fltSemantics &f32 = APFloat::IEEEsingle();
  ExactReal one(1), half = one.scaleByPowerOfTwo(-24),
                    little = one.scaleByPowerOfTwo(-250);
  EXPECT_EQ((one + half).round(f32).convertToFloat(), 1.0f);
  EXPECT_EQ((one + half + little).round(f32).convertToFloat(), 0x1.000002p0f);
  EXPECT_EQ((one + half + half + half).round(f32).convertToFloat(),
            0x1.000004p0f);
  EXPECT_EQ((-one - half - little).round(f32).convertToFloat(), -0x1.000002p0f);
  // A subnormal result is rounded once as well.
  ExactReal tiny = (ExactReal(3) + little).scaleByPowerOfTwo(-2);
  EXPECT_EQ(
      tiny.scaleByPowerOfTwo(-24).round(APFloat::IEEEhalf()).convertToDouble(),
      0x1p-24);
  EXPECT_TRUE(ExactReal().round(f32).isPosZero());
}

TEST(ExactReal, TakesTheFractionOfNegativeNumbersModuloOne) {
  EXPECT_EQ(ExactReal(APFloat(2.75)).getFraction(8), APInt(8, 0xc0));
  EXPECT_EQ(ExactReal(APFloat(-0.25)).getFraction(8), APInt(8, 0xc0));
  ExactReal value = ExactReal(APFloat(0x1.8p-9));
  EXPECT_EQ(value.roundToFractionBits(9), ExactReal(APFloat(0x1p-8)));
  EXPECT_EQ(value - value.roundToFractionBits(9), ExactReal(APFloat(-0x1p-10)));
}
