//===- SinCosKernel.cpp - Straight-line cosine and sine -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Phase, reduction and polynomials. docs/Numerics.md has the bound.
//
//===----------------------------------------------------------------------===//

#include "SinCosKernel.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::rope;

SinCosKernel::SinCosKernel(ImplicitLocOpBuilder &builder, FloatType type,
                           int64_t lanes)
    : builder(builder), type(type),
      bits(builder.getIntegerType(type.getWidth())), lanes(lanes) {}

Type SinCosKernel::getLanesType(Type element) const {
  return lanes ? Type(VectorType::get(lanes, element)) : element;
}

LaneValue SinCosKernel::emitSplat(Value scalar) {
  if (!lanes)
    return {builder, scalar};
  return {
      builder,
      vector::BroadcastOp::create(
          builder, cast<VectorType>(getLanesType(scalar.getType())), scalar)};
}

LaneValue SinCosKernel::emitConstants(Type element,
                                      ArrayRef<Attribute> elements) {
  TypedAttr value = cast<TypedAttr>(elements.front());
  if (lanes)
    value = DenseElementsAttr::get(cast<VectorType>(getLanesType(element)),
                                   elements);
  return {builder, arith::ConstantOp::create(builder, value)};
}

SinCosKernel::Position SinCosKernel::emitPosition(Value position) {
  Type i32 = builder.getI32Type();
  if (position.getType().isIndex())
    position = arith::IndexCastOp::create(builder, i32, position);
  else if (position.getType().getIntOrFloatBitWidth() < 32)
    position = arith::ExtSIOp::create(builder, i32, position);
  else if (position.getType().getIntOrFloatBitWidth() > 32)
    position = arith::TruncIOp::create(builder, i32, position);

  LaneValue p(builder, position);
  LaneValue isNegative = p.compare(arith::CmpIPredicate::slt, uint64_t(0));
  LaneValue n = isNegative.select(p.like(uint64_t(0)) - p, p);
  LaneValue sign = p & 0x80000000u;
  Position result;
  result.magnitudeAsF32 = emitSplat(n.toFloat(builder.getF32Type()).get());
  result.magnitudeAsFloat = emitSplat(n.toFloat(type).get());
  if (isF64()) {
    n = n.zeroExtend(bits);
    sign = sign.zeroExtend(bits) << 32;
  }
  result.magnitude = emitSplat(n.get());
  result.sign = emitSplat(sign.get());
  return result;
}

SinCosKernel::Frequency SinCosKernel::emitFrequency(ArrayRef<ExactReal> turns) {
  unsigned width = isF64() ? 128 : 96;
  int unit = isF64() ? 64 : 32;
  Frequency result;
  for (unsigned offset = width; offset; offset -= 32) {
    SmallVector<Attribute> word;
    for (const ExactReal &frequency : turns) {
      APInt fraction = frequency.roundToFractionBits(width).getFraction(width);
      word.push_back(builder.getIntegerAttr(
          bits, fraction.extractBits(32, offset - 32).zext(bits.getWidth())));
    }
    result.words.push_back(emitConstants(bits, word));
  }
  SmallVector<Attribute> residual;
  for (const ExactReal &frequency : turns) {
    ExactReal rest = frequency - frequency.roundToFractionBits(width);
    residual.push_back(builder.getFloatAttr(
        type, rest.scaleByPowerOfTwo(unit).round(type.getFloatSemantics())));
  }
  result.residual = emitConstants(type, residual);
  return result;
}

//===----------------------------------------------------------------------===//
// Reduction
//===----------------------------------------------------------------------===//

namespace {
/// 64-bit products of 32-bit lanes. Vectors keep the even and the odd lanes
/// apart, each in the low half of a 64-bit lane, which is how vector units
/// multiply; a scalar is one 64-bit integer. The bitcasts of the vector form
/// are for little-endian targets.
struct WideLanes {
  explicit WideLanes(LaneValue x) : narrow(x.getType()) {
    Type i64 = IntegerType::get(x.getType().getContext(), 64);
    auto vector = dyn_cast<VectorType>(narrow);
    if (!vector) {
      even = x.zeroExtend(i64);
      return;
    }
    wide = VectorType::get(vector.getNumElements() / 2, i64);
    LaneValue pairs = x.emit<vector::BitCastOp>(wide, x.get());
    even = pairs & 0xffffffffu;
    odd = pairs >> 32;
  }
  WideLanes operator*(const WideLanes &other) const {
    return apply([](LaneValue x, LaneValue y) { return x * y; }, other);
  }
  WideLanes operator+(const WideLanes &other) const {
    return apply([](LaneValue x, LaneValue y) { return x + y; }, other);
  }
  /// The high words, each as a wide lane again.
  WideLanes carry() const {
    WideLanes result = *this;
    result.even = even >> 32;
    if (odd)
      result.odd = odd >> 32;
    return result;
  }
  LaneValue low() const {
    return odd ? join(/*half=*/0) : even.truncate(narrow);
  }
  LaneValue high() const {
    return odd ? join(/*half=*/1) : (even >> 32).truncate(narrow);
  }

private:
  template <typename Fn>
  WideLanes apply(Fn &&fn, const WideLanes &other) const {
    WideLanes result = *this;
    result.even = fn(even, other.even);
    if (odd)
      result.odd = fn(odd, other.odd);
    return result;
  }
  /// The low or high halves of all lanes in their order. A shuffle, because
  /// LLVM folds a shift of a product into its constant and then needs all 64
  /// bits of both factors.
  LaneValue join(int64_t half) const {
    auto type = cast<VectorType>(narrow);
    SmallVector<int64_t> lanes;
    for (int64_t i = 0; i < type.getNumElements(); i += 2)
      llvm::append_values(lanes, i + half, i + half + type.getNumElements());
    LaneValue first = even.emit<vector::BitCastOp>(type, even.get());
    LaneValue second = odd.emit<vector::BitCastOp>(type, odd.get());
    return first.emit<vector::ShuffleOp>(first.get(), second.get(), lanes);
  }

  Type narrow;
  VectorType wide;
  LaneValue even, odd;
};
} // namespace

/// (A:B:C) = n (f2:f1:f0) modulo one turn. A + 2^29 has the quadrant in its
/// first two bits; of the rest, 22 + 24 + 31 bits become floats, the first one
/// signed: a small negative rest is -256 and almost 256, whose sum is exact.
SinCosKernel::Reduced SinCosKernel::emitReductionF32(const Frequency &frequency,
                                                     LaneValue n,
                                                     LaneValue nAsFloat,
                                                     bool deep) {
  WideLanes wideN(n);
  WideLanes t0 = wideN * WideLanes(frequency.words[2]);
  WideLanes t1 = wideN * WideLanes(frequency.words[1]) + t0.carry();
  LaneValue a = n * frequency.words[0] + t1.high();
  LaneValue b = t1.low(), c = t0.low();

  LaneValue u = a + (uint64_t(1) << 29);
  LaneValue h = (u & 0x3fffff00u) - (uint64_t(1) << 29);
  LaneValue m1 = ((u & 0xffu) << 16) | (b >> 16);
  LaneValue c0 = h.toFloat(type), c1 = m1.toFloat(type) * 0x1p-16;
  LaneValue s = c0 + c1, e = c1 - (s - c0);
  if (deep) {
    // 24 + 24 bits: one more exact sum before the bits that may be rounded.
    LaneValue m2 = ((b & 0xffffu) << 8) | (c >> 24), m3 = c & 0xffffffu;
    LaneValue c2 = m2.toFloat(type) * 0x1p-40, s0 = s;
    s = s0 + c2;
    e = (c2 - (s - s0)) + e;
    e = m3.toFloat(type).fma(0x1p-64, e);
  } else {
    LaneValue m2 = ((b & 0xffffu) << 15) | (c >> 17);
    e = m2.toFloat(type).fma(0x1p-47, e);
  }
  if (frequency.residual)
    e = nAsFloat.fma(frequency.residual, e);

  // 2 pi 2^-32 = kHigh + kLow to 2^-49.7.
  const double kHigh = 0x1.921fb6p-30, kLow = -0x1.777a5cp-55;
  LaneValue high = s * kHigh;
  LaneValue low = s.fma(kHigh, -high);
  low = s.fma(kLow, low);
  low = e.fma(kHigh, low);
  return {high, low, u >> 30};
}

/// The same in four words, pieces of 51 + 53 + 22 bits.
SinCosKernel::Reduced SinCosKernel::emitReductionF64(const Frequency &frequency,
                                                     LaneValue n,
                                                     LaneValue nAsFloat) {
  ArrayRef<LaneValue> f = frequency.words;
  LaneValue t0 = n * f[3];
  LaneValue t1 = n * f[2] + (t0 >> 32);
  LaneValue t2 = n * f[1] + (t1 >> 32);
  LaneValue t3 = n * f[0] + (t2 >> 32);
  LaneValue lowHalf = (t1 << 32) | (t0 & 0xffffffffu);
  LaneValue u = ((t3 << 32) | (t2 & 0xffffffffu)) + (uint64_t(1) << 61);

  LaneValue h = (u & 0x3ffffffffffff800u) - (uint64_t(1) << 61);
  LaneValue m1 = ((u & 0x7ffu) << 42) | (lowHalf >> 22);
  LaneValue m2 = lowHalf & 0x3fffffu;
  LaneValue c0 = h.toFloat(type), c1 = m1.toFloat(type) * 0x1p-42;
  LaneValue s = c0 + c1, e = c1 - (s - c0);
  e = m2.toFloat(type).fma(0x1p-64, e);
  if (frequency.residual)
    e = nAsFloat.fma(frequency.residual, e);

  const double kHigh = 0x1.921fb54442d18p-62, kLow = 0x1.1a62633145c07p-116;
  LaneValue high = s * kHigh;
  LaneValue low = s.fma(kHigh, -high);
  low = s.fma(kLow, low);
  low = e.fma(kHigh, low);
  return {high, low, u >> 62};
}

SinCosKernel::Reduced SinCosKernel::emitReduction(const Frequency &frequency,
                                                  LaneValue n,
                                                  LaneValue nAsFloat,
                                                  bool deep) {
  return isF64() ? emitReductionF64(frequency, n, nAsFloat)
                 : emitReductionF32(frequency, n, nAsFloat, deep);
}

//===----------------------------------------------------------------------===//
// Polynomials
//===----------------------------------------------------------------------===//

/// The value of the polynomial whose first coefficient belongs to the highest
/// power, by Horner's rule.
static LaneValue emitHorner(LaneValue z, ArrayRef<double> coefficients) {
  LaneValue value = z.like(coefficients.front());
  for (double coefficient : coefficients.drop_front())
    value = value.fma(z, coefficient);
  return value;
}

/// With z = (a + t)^2: sin = a + (t + a z S(z)), cos = 1 + z (C(z) z - 1/2).
/// Coefficients are fitted for |a| <= pi/4; relative errors 2^-27.9 and 2^-33
/// for f32, 2^-63.2 and 2^-63.9 for f64.
SinCosKernel::Tables SinCosKernel::emitPolynomials(const Reduced &angle,
                                                   LaneValue sign) {
  static constexpr double sinF32[] = {-0x1.9953fep-13, 0x1.110778p-7,
                                      -0x1.555546p-3};
  static constexpr double cosF32[] = {0x1.99e80cp-16, -0x1.6c0c28p-10,
                                      0x1.55554ap-5, -0.5};
  static constexpr double sinF64[] = {
      -0x1.9ffd0f8fd2e7fp-41, 0x1.6109bce796ac6p-33,  -0x1.ae642c5125acdp-26,
      0x1.71de3a33a5472p-19,  -0x1.a01a019ffe522p-13, 0x1.1111111111069p-7,
      -0x1.5555555555555p-3};
  static constexpr double cosF64[] = {-0x1.8fa65eaba5538p-37,
                                      0x1.1ee9db8e5152cp-29,
                                      -0x1.27e4f7f1412acp-22,
                                      0x1.a01a019c8ed08p-16,
                                      -0x1.6c16c16c15013p-10,
                                      0x1.555555555554bp-5,
                                      -0.5};
  LaneValue a = angle.high, t = angle.low, q = angle.quadrant;
  LaneValue z = a.fma(a, (a + a) * t);
  ArrayRef<double> sinTerms = isF64() ? ArrayRef(sinF64) : ArrayRef(sinF32);
  ArrayRef<double> cosTerms = isF64() ? ArrayRef(cosF64) : ArrayRef(cosF32);
  LaneValue sinRest = a + (a * z).fma(emitHorner(z, sinTerms), t);
  LaneValue cosRest = z.fma(emitHorner(z, cosTerms), 1.0);

  // Odd quadrants exchange the two; the second bit of q or q + 1 is the sign.
  unsigned toSign = type.getWidth() - 2;
  LaneValue isOdd = (q & 1).compare(arith::CmpIPredicate::ne, 0);
  LaneValue sin = isOdd.select(cosRest, sinRest).bitcast(bits);
  LaneValue cos = isOdd.select(sinRest, cosRest).bitcast(bits);
  sin = sin ^ ((q & 2) << toSign) ^ sign;
  cos = cos ^ (((q + 1) & 2) << toSign);
  return {cos.bitcast(type).get(), sin.bitcast(type).get()};
}

SinCosKernel::Tables SinCosKernel::emitExact(const Position &position,
                                             const Frequency &frequency,
                                             bool deep) {
  return emitPolynomials(emitReduction(frequency, position.magnitude,
                                       position.magnitudeAsFloat, deep),
                         position.sign);
}

//===----------------------------------------------------------------------===//
// Angles of f32
//===----------------------------------------------------------------------===//

/// The angle is n 2^(E-150) with n of 24 bits, so its phase is n times a window
/// of the bits of 1/(2 pi) that starts E - 150 bits after the point:
/// `emitExact` with the window as the frequency. Angles below pi/4 need no
/// reduction.
SinCosKernel::Tables SinCosKernel::emitF32Angle(const Position &position,
                                                ArrayRef<APFloat> frequencies) {
  Type i32 = builder.getI32Type(), f32 = builder.getF32Type();
  SmallVector<Attribute> magnitudes, signs;
  APFloat largest = APFloat::getZero(APFloat::IEEEsingle());
  for (const APFloat &frequency : frequencies) {
    APFloat magnitude = abs(frequency);
    largest = maximum(largest, magnitude);
    magnitudes.push_back(builder.getFloatAttr(f32, magnitude));
    uint64_t sign = uint64_t(frequency.isNegative()) << (type.getWidth() - 1);
    signs.push_back(builder.getIntegerAttr(bits, APInt(type.getWidth(), sign)));
  }
  LaneValue angle = position.magnitudeAsF32 * emitConstants(f32, magnitudes);
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
  int lastStart = largest.isZero() ? 0 : ilogb(largest) + 32 + 127 - 118;
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
  Reduced reduced =
      emitReduction(frequency, n, /*nAsFloat=*/LaneValue(), /*deep=*/false);

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
