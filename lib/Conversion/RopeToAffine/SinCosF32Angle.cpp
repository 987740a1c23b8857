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

LaneValue SinCosKernel::emitMagnitudes(ArrayRef<APFloat> factors) {
  Type f32 = builder.getF32Type();
  SmallVector<Attribute> magnitudes;
  for (const APFloat &factor : factors)
    magnitudes.push_back(builder.getFloatAttr(f32, abs(factor)));
  return emitConstants(f32, magnitudes);
}

SinCosKernel::Tables SinCosKernel::emitF32Angle(const Position &position,
                                                ArrayRef<APFloat> frequencies) {
  // Less than a zero has.
  int exponent = -127;
  for (const APFloat &frequency : frequencies)
    if (!frequency.isZero())
      exponent = std::max(exponent, ilogb(frequency));
  LaneValue angle = position.magnitudeAsF32 * emitMagnitudes(frequencies);
  return emitAngles(position, frequencies, angle, exponent);
}

SinCosKernel::Tables
SinCosKernel::emitF32Quotient(const Position &position,
                              ArrayRef<APFloat> timescales) {
  int exponent = -127;
  for (const APFloat &timescale : timescales)
    if (timescale.isFinite())
      exponent = std::max(exponent, -ilogb(timescale));
  LaneValue divisor = emitMagnitudes(timescales);
  LaneValue angle =
      divisor.emit<arith::DivFOp>(position.magnitudeAsF32.get(), divisor.get());
  return emitAngles(position, timescales, angle, exponent);
}

/// The angle is n 2^(E-150) with n of 24 bits, so its phase is n times a window
/// of the bits of 1/(2 pi) that starts E - 150 bits after the point:
/// `emitExact` with the window as the frequency. Angles below pi/4 need no
/// reduction.
SinCosKernel::Tables SinCosKernel::emitAngles(const Position &position,
                                              ArrayRef<APFloat> factors,
                                              LaneValue angle, int exponent) {
  Type i32 = builder.getI32Type();
  SmallVector<Attribute> signs;
  for (const APFloat &factor : factors) {
    uint64_t sign = uint64_t(factor.isNegative()) << (type.getWidth() - 1);
    signs.push_back(builder.getIntegerAttr(bits, APInt(type.getWidth(), sign)));
  }
  LaneValue sign = position.sign ^ emitConstants(bits, signs);

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
  emitUnits(frequency, SmallVector<PhasePlan>(factors.size()));
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
