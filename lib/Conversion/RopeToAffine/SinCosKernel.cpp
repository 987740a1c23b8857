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
#include <cmath>

using namespace mlir;
using namespace mlir::rope;

SinCosKernel::SinCosKernel(ImplicitLocOpBuilder &builder, FloatType type,
                           int64_t lanes, const ExactReal &factor, bool isTight)
    : builder(builder), type(type),
      bits(builder.getIntegerType(type.getWidth())), lanes(lanes),
      factor(factor),
      isTight((isTight && !type.isF64()) || factor != ExactReal(1)) {}

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

Value SinCosKernel::emitAsI32(ImplicitLocOpBuilder &builder, Value position) {
  Type i32 = builder.getI32Type();
  if (position.getType().isIndex())
    return arith::IndexCastOp::create(builder, i32, position);
  if (position.getType().getIntOrFloatBitWidth() < 32)
    return arith::ExtSIOp::create(builder, i32, position);
  if (position.getType().getIntOrFloatBitWidth() > 32)
    return arith::TruncIOp::create(builder, i32, position);
  return position;
}

SinCosKernel::Position SinCosKernel::emitPosition(Value position) {
  LaneValue p(builder, emitAsI32(builder, position));
  LaneValue isNegative = p.compare(arith::CmpIPredicate::slt, uint64_t(0));
  LaneValue n = isNegative.select(p.like(uint64_t(0)) - p, p);
  LaneValue sign = p & 0x80000000u;
  // 2^31 is converted as a signed integer too.
  auto toMagnitude = [&](Type element) {
    LaneValue real = n.toFloat(element);
    return emitSplat(real.emit<math::AbsFOp>(real.get()).get());
  };
  Position result;
  result.magnitudeAsF32 = toMagnitude(builder.getF32Type());
  result.magnitudeAsFloat = toMagnitude(type);
  if (isF64()) {
    n = n.zeroExtend(bits);
    sign = sign.zeroExtend(bits) << 32;
  }
  result.magnitude = emitSplat(n.get());
  result.sign = emitSplat(sign.get());
  return result;
}

void SinCosKernel::emitUnits(Frequency &frequency, ArrayRef<PhasePlan> plans) {
  // 2 pi times 2^-32 to 2^-49.7, 2 pi times 2^-64 to 2^-107.
  double high = isF64() ? 0x1.921fb54442d18p-62 : 0x1.921fb6p-30;
  double low = isF64() ? 0x1.1a62633145c07p-116 : -0x1.777a5cp-55;
  SmallVector<Attribute> highs, lows;
  for (const PhasePlan &plan : plans) {
    int scale = plan.scale;
    highs.push_back(builder.getFloatAttr(type, std::ldexp(high, -scale)));
    lows.push_back(builder.getFloatAttr(type, std::ldexp(low, -scale)));
  }
  frequency.unitHigh = emitConstants(type, highs);
  frequency.unitLow = emitConstants(type, lows);
}

SinCosKernel::Frequency SinCosKernel::emitFrequency(ArrayRef<ExactReal> turns,
                                                    ArrayRef<PhasePlan> plans) {
  PhasePlan joined = plans.front();
  SmallVector<ExactReal> scaled;
  for (auto [frequency, plan] : llvm::zip_equal(turns, plans)) {
    joined.join(plan);
    scaled.push_back(frequency.scaleByPowerOfTwo(plan.scale));
  }
  Frequency result;
  result.pieces = joined.pieces;
  emitUnits(result, plans);
  unsigned width = 32 * joined.words;
  for (unsigned offset = width; offset; offset -= 32) {
    SmallVector<Attribute> word;
    for (const ExactReal &frequency : scaled) {
      APInt fraction = frequency.roundToFractionBits(width).getFraction(width);
      word.push_back(builder.getIntegerAttr(
          bits, fraction.extractBits(32, offset - 32).zext(bits.getWidth())));
    }
    result.words.push_back(emitConstants(bits, word));
  }
  if (!joined.hasResidual())
    return result;
  SmallVector<Attribute> residual;
  for (const ExactReal &frequency : scaled) {
    ExactReal rest = frequency - frequency.roundToFractionBits(width);
    residual.push_back(
        builder.getFloatAttr(type, rest.scaleByPowerOfTwo(isF64() ? 64 : 32)
                                       .round(type.getFloatSemantics())));
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
  WideLanes() = default;
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

/// `count` bits of a number from bit `first` on, bit 0 being the sign bit of
/// its first word; at most two words have them.
static LaneValue extractBits(ArrayRef<LaneValue> words, unsigned first,
                             unsigned count) {
  unsigned offset = first % 32, end = offset + count;
  LaneValue word = words[first / 32];
  LaneValue rest = offset ? word & (~uint32_t(0) >> offset) : word;
  if (end <= 32)
    return end < 32 ? rest >> (32 - end) : rest;
  return (rest << (end - 32)) | (words[first / 32 + 1] >> (64 - end));
}

/// n times the words modulo one turn. An eighth of a turn more, and the nearest
/// quadrant is in the first two bits; of the rest, 22 + 24 + ... + 31 bits
/// become floats, the first one signed: a small negative rest is -256 and
/// almost 256. Each sum but the last is kept exactly, since what is summed so
/// far is zero or at least a unit of its last bit.
SinCosKernel::Reduced SinCosKernel::emitReductionF32(const Frequency &frequency,
                                                     LaneValue n,
                                                     LaneValue nAsFloat) {
  WideLanes wideN(n), product;
  SmallVector<LaneValue, 7> phase;
  for (LaneValue word : llvm::reverse(ArrayRef(frequency.words).drop_front())) {
    WideLanes next = wideN * WideLanes(word);
    product = phase.empty() ? next : next + product.carry();
    phase.push_back(product.low());
  }
  LaneValue first = n * frequency.words.front() + product.high();
  phase.push_back(first + (uint64_t(1) << 29));
  std::reverse(phase.begin(), phase.end());

  LaneValue h = (phase.front() & 0x3fffff00u) - (uint64_t(1) << 29);
  LaneValue s = h.toFloat(type), e;
  unsigned bit = 24, lastBit = 32 * phase.size();
  double unit = 0x1p8;
  for (unsigned piece = 0; piece < frequency.pieces; ++piece, bit += 24) {
    unit *= 0x1p-24;
    LaneValue c = extractBits(phase, bit, 24).toFloat(type);
    LaneValue sum = c.fma(unit, s), error = c.fma(unit, s - sum);
    s = sum;
    e = e ? error + e : error;
  }
  if (unsigned count = std::min(31u, lastBit - bit)) {
    unit = std::ldexp(unit, -int(count));
    e = extractBits(phase, bit, count).toFloat(type).fma(unit, e);
  }
  if (frequency.residual)
    e = nAsFloat.fma(frequency.residual, e);
  return emitAngle(frequency, s, e, phase.front() >> 30);
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
  LaneValue c0 = h.toFloat(type), c1 = m1.toFloat(type);
  LaneValue s = c1.fma(0x1p-42, c0), e = c1.fma(0x1p-42, c0 - s);
  e = m2.toFloat(type).fma(0x1p-64, e);
  if (frequency.residual)
    e = nAsFloat.fma(frequency.residual, e);
  return emitAngle(frequency, s, e, u >> 62);
}

SinCosKernel::Reduced SinCosKernel::emitAngle(const Frequency &frequency,
                                              LaneValue s, LaneValue e,
                                              LaneValue quadrant) {
  LaneValue high = s * frequency.unitHigh;
  LaneValue low = s.fma(frequency.unitHigh, -high);
  low = s.fma(frequency.unitLow, low);
  low = e.fma(frequency.unitHigh, low);
  return {high, low, quadrant};
}

SinCosKernel::Reduced SinCosKernel::emitReduction(const Frequency &frequency,
                                                  LaneValue n,
                                                  LaneValue nAsFloat) {
  return isF64() ? emitReductionF64(frequency, n, nAsFloat)
                 : emitReductionF32(frequency, n, nAsFloat);
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

/// The factor comes before the last rounding, as a sum of two floats.
LaneValue SinCosKernel::emitRounded(Sum value) {
  auto [high, low] = value;
  if (factor == ExactReal(1))
    return high + low;
  APFloat first = factor.round(type.getFloatSemantics());
  ExactReal rest = factor - ExactReal(first);
  double second = rest.round(type.getFloatSemantics()).convertToDouble();
  double scale = first.convertToDouble();
  return high.fma(scale, low.fma(scale, high * second));
}

/// S and C in sin = a + a z S, cos = 1 + z C, fitted for |a| <= pi/4. Relative
/// errors are 2^-32.5 and 2^-33 for f32, 2^-63.2 and 2^-63.9 for f64.
static constexpr double sinF32[] = {0x1.7c2c4ep-19, -0x1.a05954p-13,
                                    0x1.111174p-7, -0x1.555556p-3};
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

/// sin and cos, with z = (a + t)^2 and polynomials S, C of z:
///     sin = a + (t + a z S), cos = 1 + z (C z - 1/2).
/// The sine of f32 has one term less, fitted to 2^-27.9.
std::pair<LaneValue, LaneValue> SinCosKernel::emitShort(const Reduced &angle) {
  static constexpr double sinShort[] = {-0x1.9953fep-13, 0x1.110778p-7,
                                        -0x1.555546p-3};
  LaneValue a = angle.high, t = angle.low;
  LaneValue z = a.fma(a, (a + a) * t);
  ArrayRef<double> sinTerms = isF64() ? ArrayRef(sinF64) : ArrayRef(sinShort);
  ArrayRef<double> cosTerms = isF64() ? ArrayRef(cosF64) : ArrayRef(cosF32);
  return {a + (a * z).fma(emitHorner(z, sinTerms), t),
          z.fma(emitHorner(z, cosTerms), 1.0)};
}

/// sin and cos with the terms that matter as sums of two floats: with
/// m + m' = a^3 and u + w = 1 - z/2 exactly,
///     sin = a + (-m/6 + m z Q - m'/6 + t cos a),
///     cos = u + (w + z^2 C + (z/12 - 1/2) ((a + t)^2 - z)), z = a^2.
std::pair<LaneValue, LaneValue> SinCosKernel::emitTight(const Reduced &angle) {
  ArrayRef<double> sinTerms = isF64() ? ArrayRef(sinF64) : ArrayRef(sinF32);
  ArrayRef<double> cosTerms = isF64() ? ArrayRef(cosF64) : ArrayRef(cosF32);
  const double sixth = sinTerms.back(), twelfth = 1.0 / 12;
  sinTerms = sinTerms.drop_back();
  cosTerms = cosTerms.drop_back();
  LaneValue a = angle.high, t = angle.low;
  LaneValue z = a * a, squareRest = a.fma(a, -z);
  LaneValue zRest = (a + a).fma(t, squareRest);

  LaneValue u = z.fma(-0.5, z.like(1.0));
  LaneValue w = z.fma(-0.5, z.like(1.0) - u);
  w = z.fma(twelfth, z.like(-0.5)).fma(zRest, w);
  LaneValue cosRest = (z * z).fma(emitHorner(z, cosTerms), w);

  LaneValue m = a * z;
  LaneValue mRest = a.fma(squareRest, a.fma(z, -m));
  LaneValue high = m.fma(sixth, a);
  LaneValue low =
      (m * z).fma(emitHorner(z, sinTerms), mRest.fma(sixth, t * (u + cosRest)));
  return {emitRounded({high, m.fma(sixth, a - high) + low}),
          emitRounded({u, cosRest})};
}

SinCosKernel::Tables SinCosKernel::emitPolynomials(const Reduced &angle,
                                                   LaneValue sign) {
  auto [sinRest, cosRest] = isTight ? emitTight(angle) : emitShort(angle);
  auto [isOdd, sinSign, cosSign] = emitQuadrant(angle.quadrant, sign);
  LaneValue sin = isOdd.select(cosRest, sinRest).bitcast(bits) ^ sinSign;
  LaneValue cos = isOdd.select(sinRest, cosRest).bitcast(bits) ^ cosSign;
  return {cos.bitcast(type).get(), sin.bitcast(type).get()};
}

/// Odd quadrants exchange the two; the second bit of q or q + 1 is the sign.
std::tuple<LaneValue, LaneValue, LaneValue>
SinCosKernel::emitQuadrant(LaneValue q, LaneValue sign) {
  unsigned toSign = type.getWidth() - 2;
  return {(q & 1).compare(arith::CmpIPredicate::ne, 0),
          ((q & 2) << toSign) ^ sign, ((q + 1) & 2) << toSign};
}

SinCosKernel::Frequency SinCosKernel::makeFrequency(ArrayRef<LaneValue> words,
                                                    LaneValue residual,
                                                    const PhasePlan &plan) {
  Frequency frequency;
  frequency.words.assign(words.begin(), words.end());
  frequency.residual = residual;
  frequency.pieces = plan.pieces;
  emitUnits(frequency,
            SmallVector<PhasePlan>(std::max<int64_t>(lanes, 1), plan));
  return frequency;
}

SinCosKernel::Tables SinCosKernel::emitExact(const Position &position,
                                             const Frequency &frequency) {
  return emitPolynomials(
      emitReduction(frequency, position.magnitude, position.magnitudeAsFloat),
      position.sign);
}

SinCosKernel::Tables SinCosKernel::emitExact(const Position &position,
                                             ArrayRef<ExactReal> turns,
                                             ArrayRef<PhasePlan> plans) {
  return emitExact(position, emitFrequency(turns, plans));
}

SinCosKernel::Tables SinCosKernel::emitExact(const Position &position,
                                             ArrayRef<LaneValue> words,
                                             LaneValue residual,
                                             const PhasePlan &plan,
                                             LaneValue unscale) {
  Frequency frequency = makeFrequency(words, residual, plan);
  if (unscale) {
    frequency.unitHigh = frequency.unitHigh * unscale;
    frequency.unitLow = frequency.unitLow * unscale;
  }
  return emitExact(position, frequency);
}
