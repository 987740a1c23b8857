//===- SinCosEntry.cpp - One entry of the reference tables ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Phase, series and their sums.
//
//===----------------------------------------------------------------------===//

#include "SinCosEntry.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;

Value SinCosEntry::scale(Value high, Value low, const ExactReal &factor) {
  if (factor == ExactReal(1))
    return low ? emit<arith::AddFOp>(high, low) : high;
  APFloat first = factor.round(APFloat::IEEEdouble());
  ExactReal rest = factor - ExactReal(first);
  Value scale = real(first.convertToDouble());
  Value small = emit<arith::MulFOp>(
      high, real(rest.round(APFloat::IEEEdouble()).convertToDouble()));
  return fma(high, scale, low ? fma(low, scale, small) : small);
}

Value SinCosEntry::emitTaylor(Value x, unsigned first) {
  // 0.617^10 / 20! is below 2^-67.
  constexpr unsigned kTerms = 10;
  SmallVector<double> terms;
  double factorial = 1.0;
  for (unsigned i = 2; i <= first; ++i)
    factorial *= i;
  for (unsigned i = first; terms.size() < kTerms; i += 2) {
    terms.push_back((terms.size() % 2 ? -1.0 : 1.0) / factorial);
    factorial *= (i + 1) * (i + 2);
  }
  Value sum = real(terms.back());
  for (double term : llvm::reverse(ArrayRef(terms).drop_back()))
    sum = fma(sum, x, real(term));
  return sum;
}

/// (A:B:C) = |p| (high:middle:low) modulo one turn, where A + 2^61 has the
/// nearest quarter turn q in its first two bits. With the rest r of |r| <= 1/8
/// turn as a sum of three f64, 2 pi |r| = a + t, z + z' = (a + t)^2 and
/// m + m' = a^3,
///     sin(a + t) = a - m/6 + (m z (1/5! - z/7! + ...) - m'/6 + t cos a),
///     cos(a + t) = 1 - z/2 + (z^2 (1/4! - z/6! + ...) + z' (z/12 - 1/2)),
/// where a - m/6 and 1 - z/2 are sums of two f64.
SinCosEntry::SinCos SinCosEntry::emitExact(Value position, ValueRange words,
                                           const ExactReal &factor) {
  Value high = words[0], middle = words[1], low = words[2];
  Value p = toI64(position), zero = integer(0);
  Value isNegative = isBitSet(p, uint64_t(1) << 63);
  Value n = arith::SelectOp::create(builder, isNegative,
                                    emit<arith::SubIOp>(zero, p), p);

  auto lowProduct = arith::MulUIExtendedOp::create(builder, n, low);
  auto middleProduct = arith::MulUIExtendedOp::create(builder, n, middle);
  Value phaseC = lowProduct.getLow();
  auto sum = arith::AddUIExtendedOp::create(builder, middleProduct.getLow(),
                                            lowProduct.getHigh());
  Value phaseB = sum.getSum();
  Value phaseA = emit<arith::AddIOp>(
      emit<arith::AddIOp>(emit<arith::MulIOp>(n, high),
                          middleProduct.getHigh()),
      arith::ExtUIOp::create(builder, i64, sum.getOverflow()));

  Value shifted = emit<arith::AddIOp>(phaseA, integer(uint64_t(1) << 61));
  Value quarter = emit<arith::ShRUIOp>(shifted, integer(62));
  Value rest = emit<arith::SubIOp>(
      emit<arith::AndIOp>(shifted, integer((uint64_t(1) << 62) - 1)),
      integer(uint64_t(1) << 61));
  // |r|: all bits flipped where r is negative, which is off by 2^-192.
  Value flip = emit<arith::ShRSIOp>(rest, integer(63));
  Value isRestNegative = isBitSet(rest, uint64_t(1) << 63);
  rest = emit<arith::XOrIOp>(rest, flip);
  phaseB = emit<arith::XOrIOp>(phaseB, flip);
  phaseC = emit<arith::XOrIOp>(phaseC, flip);

  // 53 + 53 + 63 bits; the first two are exact, and so is their sum s + e.
  Value x0 =
      toReal(emit<arith::AndIOp>(rest, integer(~uint64_t(0xff))), 0x1p-64);
  Value x1 = toReal(
      joinBits(emit<arith::AndIOp>(rest, integer(0xff)), 45, phaseB), 0x1p-109);
  Value x2 = toReal(
      joinBits(emit<arith::AndIOp>(phaseB, integer(0x7ffff)), 44, phaseC),
      0x1p-172);
  Value s = emit<arith::AddFOp>(x0, x1);
  Value e = emit<arith::AddFOp>(
      emit<arith::SubFOp>(x1, emit<arith::SubFOp>(s, x0)), x2);
  if (words.size() > 3) {
    s = emit<arith::MulFOp>(s, words[3]);
    e = emit<arith::MulFOp>(e, words[3]);
  }

  // 2 pi to 106 bits.
  Value turnHigh = real(0x1.921fb54442d18p+2);
  Value turnLow = real(0x1.1a62633145c07p-52);
  Value a = emit<arith::MulFOp>(s, turnHigh);
  Value t = fma(s, turnHigh, negate(a));
  t = fma(s, turnLow, t);
  t = fma(e, turnHigh, t);
  Value z = emit<arith::MulFOp>(a, a);
  Value squareRest = fma(a, a, negate(z));
  Value zRest = fma(emit<arith::AddFOp>(a, a), t, squareRest);
  Value one = real(1.0), half = real(-0.5);
  Value cosHigh = fma(z, half, one);
  Value cosLow = fma(z, half, emit<arith::SubFOp>(one, cosHigh));
  cosLow = fma(zRest, fma(z, real(1.0 / 12), half), cosLow);
  cosLow = fma(emit<arith::MulFOp>(z, z), emitTaylor(z, 4), cosLow);
  Value cosRest = scale(cosHigh, cosLow, factor);

  Value m = emit<arith::MulFOp>(a, z), sixth = real(-1.0 / 6);
  Value cosine = emit<arith::AddFOp>(cosHigh, cosLow);
  Value mRest = fma(a, squareRest, fma(a, z, negate(m)));
  Value sinLow = fma(mRest, sixth, emit<arith::MulFOp>(t, cosine));
  sinLow = fma(emit<arith::MulFOp>(m, z), emitTaylor(z, 5), sinLow);
  Value sinHigh = fma(m, sixth, a), loss = emit<arith::SubFOp>(a, sinHigh);
  sinLow = emit<arith::AddFOp>(fma(m, sixth, loss), sinLow);
  Value sinRest = negateIf(isRestNegative, scale(sinHigh, sinLow, factor));

  // Odd quarters exchange the two; the second bit of q or q + 1 is the sign.
  Value isOdd = isBitSet(quarter, 1);
  Value sin = arith::SelectOp::create(builder, isOdd, cosRest, sinRest);
  Value cos = arith::SelectOp::create(builder, isOdd, sinRest, cosRest);
  sin = negateIf(isNegative, negateIf(isBitSet(quarter, 2), sin));
  Value next = emit<arith::AddIOp>(quarter, integer(1));
  cos = negateIf(isBitSet(next, 2), cos);
  return {sin, cos};
}

/// sin and cos of fl(fl(p) fl(w)) or fl(fl(p) / fl(1/w)).
template <typename AngleOp>
SinCosEntry::SinCos SinCosEntry::emitF32Angle(Value position, Value angleFactor,
                                              const ExactReal &factor) {
  Value p =
      arith::SIToFPOp::create(builder, builder.getF32Type(), toI64(position));
  Value angle =
      arith::ExtFOp::create(builder, f64, emit<AngleOp>(p, angleFactor));
  return {scale(math::SinOp::create(builder, angle), /*low=*/Value(), factor),
          scale(math::CosOp::create(builder, angle), /*low=*/Value(), factor)};
}

/// With g = g1 + g2 + g3, where p g1 is exact: k is the integer next to p g,
/// and the rest of it, whose sum is exact but for its last term, the power of
/// what `math.exp2` is.
SinCosEntry::SinCos SinCosEntry::emitGrown(SinCos values, Value position,
                                           ValueRange growth) {
  Value p = arith::SIToFPOp::create(builder, f64, toI64(position));
  Value first = emit<arith::MulFOp>(p, growth[0]);
  Value second = emit<arith::MulFOp>(p, growth[1]);
  Value k =
      math::RoundEvenOp::create(builder, emit<arith::AddFOp>(first, second));
  Value error = fma(p, growth[1], negate(second));
  Value rest = emit<arith::AddFOp>(
      emit<arith::AddFOp>(emit<arith::SubFOp>(first, k), second),
      fma(p, growth[2], error));
  Value fraction = math::Exp2Op::create(builder, rest);
  Value power = math::Exp2Op::create(builder, k);
  auto grow = [&](Value value) {
    return emit<arith::MulFOp>(emit<arith::MulFOp>(value, fraction), power);
  };
  return {grow(values.sin), grow(values.cos)};
}

template SinCosEntry::SinCos
SinCosEntry::emitF32Angle<arith::MulFOp>(Value, Value, const ExactReal &);
template SinCosEntry::SinCos
SinCosEntry::emitF32Angle<arith::DivFOp>(Value, Value, const ExactReal &);
