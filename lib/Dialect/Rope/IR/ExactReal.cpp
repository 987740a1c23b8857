//===- ExactReal.cpp - Real numbers of 256 fraction bits ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fixed-point arithmetic on APInt; series with small integer divisors for pi,
// ln 2, ln and exp.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/ExactReal.h"
#include "llvm/ADT/APSInt.h"

using namespace llvm;
using namespace mlir::rope;

ExactReal::ExactReal(int64_t value)
    : raw(APInt(kWidth, value, /*isSigned=*/true).shl(kFractionBits)) {}

/// Sets `raw` to value * 2^256 and says whether that is exact and in range.
static bool convertExactly(const APFloat &value, unsigned fractionBits,
                           unsigned width, APInt &raw) {
  if (!value.isFinite())
    return false;
  APSInt integer(width, /*isUnsigned=*/false);
  bool exact = false;
  // Exponents of quad reach every scaled value of the types of an attribute.
  APFloat scaled = value;
  bool losesInfo;
  scaled.convert(APFloat::IEEEquad(), APFloat::rmNearestTiesToEven, &losesInfo);
  scaled = scalbn(scaled, fractionBits, APFloat::rmNearestTiesToEven);
  APFloat::opStatus status =
      scaled.convertToInteger(integer, APFloat::rmTowardZero, &exact);
  raw = integer;
  return status == APFloat::opOK && !losesInfo;
}

bool ExactReal::isExact(const APFloat &value) {
  APInt raw;
  return convertExactly(value, kFractionBits, kWidth, raw) &&
         raw.abs().getActiveBits() <= kFractionBits + 64;
}

ExactReal::ExactReal(const APFloat &value) {
  [[maybe_unused]] bool exact =
      convertExactly(value, kFractionBits, kWidth, raw);
  assert(exact && "not a multiple of 2^-256");
}

ExactReal ExactReal::fromFraction(const APInt &fraction, unsigned bits) {
  assert(bits <= kFractionBits && "bits would be lost");
  return ExactReal(fraction.zext(kWidth).shl(kFractionBits - bits));
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

ExactReal ExactReal::operator*(const ExactReal &other) const {
  return ExactReal((raw * other.raw).ashr(kFractionBits));
}

ExactReal ExactReal::operator/(const ExactReal &other) const {
  return ExactReal(raw.shl(kFractionBits).sdiv(other.raw));
}

ExactReal ExactReal::scaleByPowerOfTwo(int exponent) const {
  return ExactReal(exponent < 0 ? raw.ashr(-exponent) : raw.shl(exponent));
}

//===----------------------------------------------------------------------===//
// Constants and functions
//===----------------------------------------------------------------------===//

/// The sum over odd j of sign^((j-1)/2) z^j / j: atanh for sign 1, atan for -1.
static ExactReal sumOddPowers(const ExactReal &z, bool alternating) {
  ExactReal square = z * z, power = z, sum;
  for (int64_t j = 1; !power.isZero(); j += 2, power = power * square) {
    ExactReal term = power / ExactReal(j);
    sum = alternating && j % 4 == 3 ? sum - term : sum + term;
  }
  return sum;
}

/// Machin: pi = 16 atan(1/5) - 4 atan(1/239).
ExactReal ExactReal::computePi() {
  ExactReal fifth = sumOddPowers(ExactReal(1) / ExactReal(5), true);
  ExactReal small = sumOddPowers(ExactReal(1) / ExactReal(239), true);
  return fifth.scaleByPowerOfTwo(4) - small.scaleByPowerOfTwo(2);
}

/// ln 2 = 2 atanh(1/3).
ExactReal ExactReal::computeLn2() {
  return sumOddPowers(ExactReal(1) / ExactReal(3), false).scaleByPowerOfTwo(1);
}

const ExactReal &ExactReal::pi() {
  static const ExactReal value = computePi();
  return value;
}

const ExactReal &ExactReal::ln2() {
  static const ExactReal value = computeLn2();
  return value;
}

/// ln(y 2^k) = 2 atanh((y - 1) / (y + 1)) + k ln 2, y in [1, 2).
ExactReal ExactReal::ln() const {
  assert(raw.isStrictlyPositive() &&
         "logarithm of a number that is not positive");
  int exponent = static_cast<int>(raw.logBase2()) - int(kFractionBits);
  ExactReal y = scaleByPowerOfTwo(-exponent), one(1);
  ExactReal series = sumOddPowers((y - one) / (y + one), false);
  return series.scaleByPowerOfTwo(1) + ExactReal(exponent) * ln2();
}

/// exp(r + k ln 2) = 2^k exp(r), r in [0, ln 2), by its Taylor series.
ExactReal ExactReal::exp() const {
  int64_t exponent = (raw.sdiv(ln2().raw)).getSExtValue();
  ExactReal rest = *this - ExactReal(exponent) * ln2();
  if (rest.raw.isNegative()) {
    --exponent;
    rest = rest + ln2();
  }
  assert(exponent < 64 && "result is out of range");
  if (exponent < -int64_t(kFractionBits) - 1)
    return ExactReal();
  ExactReal term(1), sum;
  for (int64_t j = 1; !term.isZero(); ++j) {
    sum = sum + term;
    term = term * rest / ExactReal(j);
  }
  return sum.scaleByPowerOfTwo(exponent);
}

/// The root of raw 2^256 has 256 fraction bits: one bit at a time from above.
ExactReal ExactReal::sqrt() const {
  assert(!raw.isNegative() && "square root of a negative number");
  APInt square = raw.shl(kFractionBits), root(kWidth, 0);
  for (unsigned bit = (square.getActiveBits() + 1) / 2; bit-- > 0;) {
    APInt candidate = root | APInt::getOneBitSet(kWidth, bit);
    if ((candidate * candidate).ule(square))
      root = candidate;
  }
  return ExactReal(root);
}

//===----------------------------------------------------------------------===//
// Rounding
//===----------------------------------------------------------------------===//

ExactReal ExactReal::roundToFractionBits(unsigned bits) const {
  assert(bits < kFractionBits && "nothing to round");
  unsigned dropped = kFractionBits - bits;
  APInt half = APInt::getOneBitSet(kWidth, dropped - 1);
  return ExactReal((raw + half).ashr(dropped).shl(dropped));
}

APInt ExactReal::getFraction(unsigned bits) const {
  return raw.extractBits(bits, kFractionBits - bits);
}

APFloat ExactReal::round(const fltSemantics &semantics) const {
  // All bits but the first 112 become one sticky bit, so that the quad is exact
  // but for what no narrower type can see; the conversion is the one rounding.
  APInt magnitude = raw.abs();
  unsigned active = magnitude.getActiveBits();
  unsigned dropped = active > 112 ? active - 112 : 0;
  bool sticky = dropped && magnitude.countr_zero() < dropped;
  magnitude = magnitude.lshr(dropped).shl(1) | APInt(kWidth, sticky);
  APFloat value(APFloat::IEEEquad());
  value.convertFromAPInt(magnitude, /*IsSigned=*/false,
                         APFloat::rmNearestTiesToEven);
  value = scalbn(value, int(dropped) - 1 - int(kFractionBits),
                 APFloat::rmNearestTiesToEven);
  if (raw.isNegative())
    value.changeSign();
  bool losesInfo;
  value.convert(semantics, APFloat::rmNearestTiesToEven, &losesInfo);
  return value;
}
