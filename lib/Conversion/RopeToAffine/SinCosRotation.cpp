//===- SinCosRotation.cpp - Cosine and sine of a sum of angles ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of the kernel that rotates the cosine and sine of one angle, the
// anchor, by another, the step. Both are sums of two floats, whose high parts
// have so few bits that
//     C c - S s and S c + C s
// are exact in f32: multiples of 2^-23 that are below 2. The rest is small, and
// its roundings with it.
//
//===----------------------------------------------------------------------===//

#include "SinCosKernel.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::rope;

/// What the high parts of anchors and of steps are multiples of.
static constexpr double kAnchorUnit = 0x1p-11, kStepUnit = 0x1p-12;
/// Below it results are off by more than 0.92 ulp.
static constexpr double kNearZero = 0x1p-9;

/// x y as a sum of two floats.
static SinCosKernel::Sum emitProduct(SinCosKernel::Sum x, SinCosKernel::Sum y) {
  LaneValue product = x.high * y.high;
  LaneValue rest = x.high.fma(y.high, -product);
  if (y.low)
    rest = x.high.fma(y.low, rest);
  return {product, x.low.fma(y.high, rest)};
}

/// c + x y as a sum of two floats, for |c| > |x y|.
static SinCosKernel::Sum emitSum(SinCosKernel::Sum c, SinCosKernel::Sum x,
                                 SinCosKernel::Sum y) {
  SinCosKernel::Sum product = emitProduct(x, y);
  LaneValue sum = c.high + product.high;
  return {sum, (product.high - (sum - c.high)) + c.low + product.low};
}

/// c_n + z (... + z y), the coefficients exact to 2^-48.
static SinCosKernel::Sum emitSums(SinCosKernel::Sum z, SinCosKernel::Sum y,
                                  ArrayRef<double> coefficients) {
  for (double coefficient : coefficients) {
    double high = static_cast<float>(coefficient);
    y = emitSum({z.high.like(high), z.high.like(coefficient - high)}, z, y);
  }
  return y;
}

/// Taylor's series, the terms that need it with the roundings of their sums:
/// off by less than 2^-41.
std::pair<SinCosKernel::Sum, SinCosKernel::Sum>
SinCosKernel::emitSums(const Reduced &angle) {
  LaneValue a = angle.high, t = angle.low;
  LaneValue square = a * a;
  Sum z{square, (a + a).fma(t, a.fma(a, -square))};
  LaneValue sinRest = square.like(1. / 6227020800).fma(square, -1. / 39916800);
  sinRest = sinRest.fma(square, 1. / 362880);
  LaneValue cosRest = square.like(1. / 479001600).fma(square, -1. / 3628800);
  cosRest = cosRest.fma(square, 1. / 40320);

  Sum sin =
      ::emitSums(z, {sinRest, LaneValue()}, {-1. / 5040, 1. / 120, -1. / 6});
  sin = emitSum({a, t}, {a, t}, emitProduct(z, sin));
  Sum cos =
      ::emitSums(z, {cosRest, LaneValue()}, {-1. / 720, 1. / 24, -0.5, 1.});
  return {sin, cos};
}

/// A sum as a multiple of `unit` below 2 and a float, and rounded to one float.
SinCosKernel::Split SinCosKernel::emitSplit(const Sum &sum, double unit) {
  LaneValue rounded = sum.high + sum.low;
  // Numbers around it are multiples of the unit.
  LaneValue shift = rounded.like(0x1.8p23 * unit);
  LaneValue high = (rounded + shift) - shift;
  return {high, (sum.high - high) + sum.low, rounded};
}

std::pair<SinCosKernel::Split, SinCosKernel::Split>
SinCosKernel::emitSplits(const Position &position, const Frequency &frequency,
                         double unit) {
  Reduced angle =
      emitReduction(frequency, position.magnitude, position.magnitudeAsFloat);
  auto [sinRest, cosRest] = emitSums(angle);
  auto [isOdd, sinSign, cosSign] = emitQuadrant(angle.quadrant, position.sign);
  auto emitPart = [&, isOdd = isOdd](LaneValue even, LaneValue odd,
                                     LaneValue sign) {
    return (isOdd.select(odd, even).bitcast(bits) ^ sign).bitcast(type);
  };
  Sum cos{emitPart(cosRest.high, sinRest.high, cosSign),
          emitPart(cosRest.low, sinRest.low, cosSign)};
  Sum sin{emitPart(sinRest.high, cosRest.high, sinSign),
          emitPart(sinRest.low, cosRest.low, sinSign)};
  return {emitSplit(cos, unit), emitSplit(sin, unit)};
}

SinCosKernel::Anchor SinCosKernel::emitAnchor(const Position &position,
                                              const Frequency &frequency) {
  auto [cos, sin] = emitSplits(position, frequency, kAnchorUnit);
  return {{cos.high, cos.low, cos.rounded, sin.high, sin.low, sin.rounded}};
}

SinCosKernel::Step SinCosKernel::emitStep(const Position &position,
                                          const Frequency &frequency) {
  auto [cos, sin] = emitSplits(position, frequency, kStepUnit);
  return {{cos.high, cos.low, sin.high, sin.low}};
}

/// With C = C1 + C2 and so on, C c = C1 c1 + (C2 c1 + C c2), the smallest
/// first.
SinCosKernel::Tables SinCosKernel::emitRotated(const Anchor &anchor,
                                               const Step &step) {
  auto [cosHigh, cosLow, cos, sinHigh, sinLow, sin] = anchor.parts;
  auto [c1, c2, s1, s2] = step.parts;
  LaneValue cosFirst = (-sinHigh).fma(s1, cosHigh * c1);
  LaneValue cosRest = (-sin).fma(s2, cos * c2);
  cosRest = (-sinLow).fma(s1, cosLow.fma(c1, cosRest));
  LaneValue sinFirst = cosHigh.fma(s1, sinHigh * c1);
  LaneValue sinRest = cos.fma(s2, sin * c2);
  sinRest = cosLow.fma(s1, sinLow.fma(c1, sinRest));
  return {(cosFirst + cosRest).get(), (sinFirst + sinRest).get()};
}

/// One factor of the product is below 1: the other is not less than it.
Value SinCosKernel::emitIsAnyNearZero(const Tables &tables) {
  LaneValue product =
      LaneValue(builder, tables.cos) * LaneValue(builder, tables.sin);
  LaneValue isNear = product.emit<math::AbsFOp>(product.get())
                         .compare(arith::CmpFPredicate::OLT, kNearZero);
  return vector::ReductionOp::create(builder, vector::CombiningKind::OR,
                                     isNear.get());
}
