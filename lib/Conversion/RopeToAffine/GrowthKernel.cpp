//===- GrowthKernel.cpp - Amplitudes that grow with the position ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The exponent |p| |g| in 128 fraction bits, its nearest integer as two powers
// of two, and the rest by the Taylor series of 2^f on |f| <= 1/2.
//
//===----------------------------------------------------------------------===//

#include "GrowthKernel.h"

using namespace mlir;
using namespace mlir::rope;

GrowthBits::GrowthBits(const ExactReal &growth) {
  bool isShrinking = growth < ExactReal();
  APInt bits = (isShrinking ? -growth : growth).getFraction(128);
  high = bits.extractBits(64, 64);
  low = bits.extractBits(64, 0);
  sign = isShrinking ? APInt::getSignMask(64) : APInt(64, 0);
}

/// The sum of the Taylor series of 2^f, |f| <= 1/2: of f32 to 2^-27, of f64 to
/// 2^-57.
static LaneValue emitFractionalPower(LaneValue f, FloatType type) {
  int degree = type.isF64() ? 13 : 7;
  SmallVector<ExactReal> terms = {ExactReal(1)};
  for (int64_t j = 1; j <= degree; ++j)
    terms.push_back(terms.back() * ExactReal::ln2() / ExactReal(j));
  auto round = [&](const ExactReal &term) {
    return term.round(type.getFloatSemantics()).convertToDouble();
  };
  LaneValue sum = f.like(round(terms.back()));
  for (const ExactReal &term : llvm::reverse(ArrayRef(terms).drop_back()))
    sum = sum.fma(f, round(term));
  return sum;
}

/// 2^k as a float, for an exponent of the normal range.
static LaneValue emitPowerOfTwo(LaneValue k, FloatType type) {
  unsigned mantissa = type.getFPMantissaWidth() - 1;
  uint64_t bias = type.isF64() ? 1023 : 127;
  LaneValue image = (k + bias) << uint64_t(mantissa);
  if (!type.isF64())
    image = image.truncate(IntegerType::get(type.getContext(), 32));
  return image.bitcast(type);
}

GrowthKernel::GrowthKernel(ImplicitLocOpBuilder &builder, FloatType type,
                           LaneValue magnitude, LaneValue sign,
                           const Growth &growth) {
  Type i64 = builder.getI64Type();
  LaneValue n = magnitude, isNegative = sign;
  if (!type.isF64()) {
    n = n.zeroExtend(i64);
    isNegative = isNegative.zeroExtend(i64) << 32;
  }
  auto high =
      arith::MulUIExtendedOp::create(builder, n.get(), growth.high.get());
  auto low = arith::MulUIExtendedOp::create(builder, n.get(), growth.low.get());
  auto sum =
      arith::AddUIExtendedOp::create(builder, high.getLow(), low.getHigh());
  LaneValue rest(builder, sum.getSum());
  LaneValue carry = LaneValue(builder, sum.getOverflow()).zeroExtend(i64);
  LaneValue k = LaneValue(builder, high.getHigh()) + carry + (rest >> 63);
  // Twice the exponents of the type: what is beyond is zero or infinite.
  LaneValue limit = k.like(uint64_t(type.isF64() ? 2040 : 250));
  k = k.emit<arith::MinUIOp>(k.get(), limit.get());
  LaneValue f = rest.toFloat(type) * 0x1p-64;

  LaneValue down =
      (isNegative ^ growth.sign).compare(arith::CmpIPredicate::ne, 0);
  f = down.select(-f, f);
  k = down.select(k.like(uint64_t(0)) - k, k);
  LaneValue half = k.emit<arith::ShRSIOp>(k.get(), k.like(uint64_t(1)).get());
  fraction = emitFractionalPower(f, type);
  firstPower = emitPowerOfTwo(half, type);
  secondPower = emitPowerOfTwo(k - half, type);
}
