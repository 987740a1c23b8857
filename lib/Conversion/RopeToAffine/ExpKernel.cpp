//===- ExpKernel.cpp - Straight-line exponentials -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "ExpKernel.h"

#include <cmath>

using namespace mlir;
using namespace mlir::rope;

/// (2^r - 1) / r on |r| <= 1/2 from the highest power on: least maximal
/// relative error of 2^r.
static constexpr double kPolynomialF32[] = {
    0.001326472731307149, 0.009671512991189957, 0.05550733581185341,
    0.24022242426872253, 0.6931470036506653};

namespace {
/// factor x = k + r: `scale` is 2^k, 0 for the lowest k, and `tail` is r q(r).
struct Split {
  LaneValue scale, tail;
};
} // namespace

/// The polynomial at r: in f64 the series of 2^r to its 13th power.
static LaneValue emitPolynomial(LaneValue r) {
  SmallVector<double> coefficients;
  if (r.getElementType().isF32()) {
    coefficients.assign(std::begin(kPolynomialF32), std::end(kPolynomialF32));
  } else {
    double power = 1.0;
    for (int n = 1; n <= 13; ++n) {
      power *= std::log(2.0) / n;
      coefficients.insert(coefficients.begin(), power);
    }
  }
  LaneValue sum = r.like(coefficients.front());
  for (double coefficient : ArrayRef(coefficients).drop_front())
    sum = sum.fma(r, coefficient);
  return sum;
}

/// `factor` x is within the exponents of the type; `scale` is 2^(k - less).
/// Added to 1.5 * 2^p + bias, p
/// the bits of the fraction, it is rounded to k + bias in the low bits of the
/// sum, from where a shift makes it an exponent. The product is never rounded
/// by itself.
static Split emitSplit(LaneValue x, double factor, int less = 0) {
  bool isF32 = x.getElementType().isF32();
  unsigned width = isF32 ? 32 : 64, fraction = isF32 ? 23 : 52;
  double shifter = 1.5 * std::pow(2.0, fraction) + (isF32 ? 127 : 1023) - less;
  LaneValue shifted = x.fma(factor, x.like(shifter));
  LaneValue r = x.fma(factor, x.like(shifter) - shifted);
  Type bits = IntegerType::get(x.getType().getContext(), width);
  LaneValue scale = (shifted.bitcast(bits) << static_cast<uint64_t>(fraction))
                        .bitcast(x.getElementType());
  return {scale, r * emitPolynomial(r)};
}

/// Where x is NaN, x: the instruction returns its second operand.
static LaneValue clampBelow(LaneValue x, double least) {
  return x.compare(arith::CmpFPredicate::OLT, least).select(x.like(least), x);
}

LaneValue rope::emitMaximum(LaneValue x, LaneValue bound) {
  return x.emit<arith::CmpFOp>(arith::CmpFPredicate::OGT, x.get(), bound.get())
      .select(x, bound);
}

LaneValue rope::emitExp(LaneValue x) {
  double least = x.getElementType().isF32() ? -127.0 : -1023.0;
  auto [scale, tail] =
      emitSplit(clampBelow(x, least * std::log(2.0)), 1.0 / std::log(2.0));
  return tail.fma(scale, scale);
}

static LaneValue clampAbove(LaneValue x, double most) {
  return x.compare(arith::CmpFPredicate::OGT, most).select(x.like(most), x);
}

LaneValue rope::emitExpOfAny(LaneValue x) {
  // Half of it, so that 2^k is a number where the result is one, for k up to
  // 128 or 1024.
  bool isF32 = x.getElementType().isF32();
  LaneValue y = clampBelow(x, (isF32 ? -126.0 : -1022.0) * std::log(2.0));
  auto [scale, tail] = emitSplit(clampAbove(y, isF32 ? 88.8 : 709.9),
                                 1.0 / std::log(2.0), /*less=*/1);
  return tail.fma(scale, scale) * 2.0;
}

LaneValue rope::emitTanh(LaneValue x) {
  // With e = exp(2x) - 1 = 2^k r q(r) + (2^k - 1), tanh(x) = e / (e + 2).
  // Beyond 20 nothing of 1 - tanh(x) is left in f64.
  double limit = 20.0;
  LaneValue y = clampBelow(x, -limit);
  auto [scale, tail] = emitSplit(clampAbove(y, limit), 2.0 / std::log(2.0));
  LaneValue e = tail.fma(scale, scale - scale.like(1.0));
  return e.emit<arith::DivFOp>(e.get(), (e + e.like(2.0)).get());
}
