//===- SinCosF32Angle.cpp - Cosine and sine of f32 angles -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of the kernel that takes an angle which was rounded to f32: its
// phase is an integer times a window of the bits of 1/(2 pi).
//
//===----------------------------------------------------------------------===//

#include "SinCosKernel.h"

using namespace mlir;
using namespace mlir::rope;

// Less than a zero has.
static constexpr int kLeastExponent = -127;

int rope::getF32AngleExponent(ArrayRef<APFloat> frequencies) {
  int exponent = kLeastExponent;
  for (const APFloat &frequency : frequencies)
    if (!frequency.isZero())
      exponent = std::max(exponent, ilogb(frequency));
  return exponent;
}

int rope::getF32QuotientExponent(ArrayRef<APFloat> timescales) {
  int exponent = kLeastExponent;
  for (const APFloat &timescale : timescales)
    if (timescale.isFinite())
      exponent = std::max(exponent, -ilogb(timescale));
  return exponent;
}

SinCosKernel::Factors SinCosKernel::emitFactors(ArrayRef<APFloat> factors) {
  Type f32 = builder.getF32Type();
  SmallVector<Attribute> magnitudes, signs;
  for (const APFloat &factor : factors) {
    magnitudes.push_back(builder.getFloatAttr(f32, abs(factor)));
    uint64_t sign = uint64_t(factor.isNegative()) << (type.getWidth() - 1);
    signs.push_back(builder.getIntegerAttr(bits, APInt(type.getWidth(), sign)));
  }
  return {emitConstants(f32, magnitudes), emitConstants(bits, signs)};
}

SinCosKernel::Tables SinCosKernel::emitF32Angle(const Position &position,
                                                const Factors &frequencies,
                                                int exponent) {
  LaneValue angle = position.magnitudeAsF32 * frequencies.magnitude;
  return emitAngles(position, frequencies.sign, angle, exponent);
}

SinCosKernel::Tables SinCosKernel::emitF32Quotient(const Position &position,
                                                   const Factors &timescales,
                                                   int exponent) {
  LaneValue divisor = timescales.magnitude;
  LaneValue angle =
      divisor.emit<arith::DivFOp>(position.magnitudeAsF32.get(), divisor.get());
  return emitAngles(position, timescales.sign, angle, exponent);
}

/// The angle is n 2^(E-150) with n of 24 bits, so its phase is n times a window
/// of the bits of 1/(2 pi) that starts E - 150 bits after the point:
/// `emitExact` with the window as the frequency. Angles below pi/4 need no
/// reduction.
SinCosKernel::Tables SinCosKernel::emitAngles(const Position &position,
                                              LaneValue factorSign,
                                              LaneValue angle, int exponent) {
  Type i32 = builder.getI32Type();
  LaneValue sign = position.sign ^ factorSign;

  LaneValue image = angle.bitcast(i32);
  LaneValue n = (image & 0x7fffffu) | 0x800000u;
  // One zero word ahead of the point: windows start at bit E - 118 of them.
  LaneValue start = (image >> 23) - 118;
  start =
      start.emit<arith::MaxSIOp>(start.get(), start.like(uint64_t(0)).get());
  LaneValue shift = start & 31u;
  const ExactReal turn = ExactReal::pi().scaleByPowerOfTwo(1);
  APInt digits = (ExactReal(1) / turn).getFraction(256);
  auto getDigits = [&](unsigned word) {
    return word ? digits.extractBitsAsZExtValue(32, 256 - 32 * word) : 0;
  };
  // |p| rounds to at most 2^31.
  int lastStart = std::max(exponent + 32 + 127 - 118, 0);
  unsigned numWords = isF64() ? 4 : 3;
  SmallVector<LaneValue, 5> window;
  for (unsigned word = 0; word <= numWords; ++word)
    window.push_back(start.like(getDigits(word)));
  for (int skipped = 1; skipped <= lastStart / 32; ++skipped) {
    LaneValue isBehind =
        start.compare(arith::CmpIPredicate::uge, uint64_t(32 * skipped));
    for (unsigned word = 0; word <= numWords; ++word)
      window[word] =
          isBehind.select(start.like(getDigits(skipped + word)), window[word]);
  }
  Frequency frequency;
  for (unsigned word = 0; word < numWords; ++word) {
    LaneValue bitsOfWord =
        (window[word] << shift) |
        ((window[word + 1] >> 1) >> (shift.like(uint64_t(31)) - shift));
    frequency.words.push_back(isF64() ? bitsOfWord.zeroExtend(bits)
                                      : bitsOfWord);
  }
  if (isF64())
    n = n.zeroExtend(bits);
  emitUnits(frequency, SmallVector<PhasePlan>(std::max<int64_t>(lanes, 1)));
  Reduced reduced = emitReduction(frequency, n, /*nAsFloat=*/LaneValue());

  LaneValue isSmall =
      angle.compare(arith::CmpFPredicate::OLT, double(0x1.921fb4p-1f));
  if (isF64())
    angle = angle.emit<arith::ExtFOp>(getLanesType(type), angle.get());
  reduced.high = isSmall.select(angle, reduced.high);
  reduced.low = isSmall.select(angle.like(0.0), reduced.low);
  reduced.quadrant =
      isSmall.select(reduced.quadrant.like(uint64_t(0)), reduced.quadrant);
  return emitPolynomials(reduced, sign);
}
