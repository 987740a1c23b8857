//===- SinCosKernel.h - Straight-line cosine and sine -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits cos and sin of position times frequency in ops of `arith` and
// `math.fma` on scalars or vectors: no call, no branch, no table, no f64 for
// f32 results.
//
// A frequency is a fixed-point fraction of a turn in 32-bit words and a float
// residual. The product with the integer position modulo one turn is exact, its
// distance to the nearest quarter turn becomes an unevaluated sum of two
// floats, and a short polynomial does the rest: within 0.92 ulp of f32 or f64,
// or within 0.54 ulp. No sum here may be simplified, and no product
// that is rounded meets a sum other than in an explicit fma: neither fast-math
// flags around it nor contraction by a backend change a bit.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_SINCOSKERNEL_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_SINCOSKERNEL_H

#include "LaneValue.h"
#include "Rope/Conversion/RopeToAffine/SinCosBound.h"
#include "Rope/Dialect/Rope/IR/ExactReal.h"

namespace mlir::rope {

/// What an f32 angle is below, for positions of 32 bits, as an exponent less
/// 32: of products with `frequencies`, or of quotients by `timescales`.
int getF32AngleExponent(ArrayRef<APFloat> frequencies);
int getF32QuotientExponent(ArrayRef<APFloat> timescales);

class SinCosKernel {
public:
  /// Computes in `type`, f32 or f64, on `lanes` values at a time; 0 is a
  /// scalar. `isTight` asks for 0.54 ulp of f32. Results are multiplied by
  /// `factor` before their last rounding; if it is not 1, they are computed as
  /// exactly for every type, since what they lost counts up to twice as much.
  SinCosKernel(ImplicitLocOpBuilder &builder, FloatType type, int64_t lanes,
               const ExactReal &factor, bool isTight);

  /// A number as the unevaluated sum of two floats.
  struct Sum {
    LaneValue high, low;
  };

  /// `position` as an i32; of wider ones the low 32 bits count.
  static Value emitAsI32(ImplicitLocOpBuilder &builder, Value position);

  /// A position in the forms that the equations take, in every lane.
  struct Position {
    LaneValue magnitude;        // |p|, an integer as wide as the computation
    LaneValue magnitudeAsFloat; // |p|, rounded to the type of the computation
    LaneValue magnitudeAsF32;   // |p|, rounded to f32
    LaneValue sign;             // the sign bit, in place for a float
  };
  /// `position` is one scalar integer or index; of wider ones than i32 the
  /// low 32 bits count.
  Position emitPosition(Value position);

  struct Tables {
    Value cos, sin;
  };
  /// cos and sin of the real number p w, for one w / (2 pi) and its plan a
  /// lane.
  Tables emitExact(const Position &position, ArrayRef<ExactReal> turns,
                   ArrayRef<PhasePlan> plans);

  /// A frequency in turns, by lane: 32-bit words of its fraction from the most
  /// significant on, what they leave in units of 2^-32 (f64: 2^-64) turns, and
  /// such a unit in radians as a sum of two floats.
  struct Frequency {
    SmallVector<LaneValue, 6> words;
    LaneValue residual;
    LaneValue unitHigh, unitLow;
    /// See PhasePlan.
    unsigned pieces = 1;
  };
  Frequency emitFrequency(ArrayRef<ExactReal> turns, ArrayRef<PhasePlan> plans);
  Frequency makeFrequency(ArrayRef<LaneValue> words, LaneValue residual,
                          const PhasePlan &plan);
  Tables emitExact(const Position &position, const Frequency &frequency);

  /// cos and sin of an angle, each as a high part of few bits, a low part and,
  /// of an anchor, their rounded sum.
  struct Anchor {
    static constexpr int64_t kNumParts = 6;
    std::array<LaneValue, kNumParts> parts;
  };
  struct Step {
    static constexpr int64_t kNumParts = 4;
    std::array<LaneValue, kNumParts> parts;
  };
  /// These take vectors of f32 and plans without a scale.
  Anchor emitAnchor(const Position &position, const Frequency &frequency);
  Step emitStep(const Position &position, const Frequency &frequency);
  /// cos and sin of the sum of both angles, within 0.92 ulp where it is not
  /// near zero.
  Tables emitRotated(const Anchor &anchor, const Step &step);
  /// Whether one lane of the two is so near to zero that it can be farther off.
  Value emitIsAnyNearZero(const Tables &tables);

  /// The same for a frequency that is computed at run time: 32-bit words of its
  /// fraction of a turn from the most significant on and, where the plan has a
  /// float, what they leave in its unit. They are of the frequency times
  /// 2^scale, of which `unscale` is the inverse where it is not 1.
  Tables emitExact(const Position &position, ArrayRef<LaneValue> words,
                   LaneValue residual, const PhasePlan &plan,
                   LaneValue unscale = LaneValue());

  /// The f32 frequencies or timescales of the lanes.
  struct Factors {
    LaneValue magnitude; // in f32
    LaneValue sign;      // the sign bit, in place for a float
  };
  Factors emitFactors(ArrayRef<APFloat> factors);

  /// cos and sin of fl32(fl32(p) fl32(w)), for one f32 frequency a lane. Angles
  /// are below 2^(32 + exponent).
  Tables emitF32Angle(const Position &position, const Factors &frequencies,
                      int exponent);

  /// cos and sin of fl32(fl32(p) / t), for one f32 timescale t a lane. Angles
  /// are below 2^(32 + exponent).
  Tables emitF32Quotient(const Position &position, const Factors &timescales,
                         int exponent);

private:
  /// cos and sin of the f32 angles of |p|, whose sine is negative where that of
  /// the position and the lane's factor differ.
  Tables emitAngles(const Position &position, LaneValue factorSign,
                    LaneValue angle, int exponent);

  /// An angle less `quadrant` quarter turns: high + low in radians.
  struct Reduced {
    LaneValue high, low, quadrant;
  };
  bool isF64() const { return type.isF64(); }
  Type getLanesType(Type element) const;
  LaneValue emitSplat(Value scalar);
  LaneValue emitConstants(Type element, ArrayRef<Attribute> elements);
  /// The unit of a phase in radians, divided by 2^scale.
  void emitUnits(Frequency &frequency, ArrayRef<PhasePlan> plans);

  Reduced emitReduction(const Frequency &frequency, LaneValue n,
                        LaneValue nAsFloat);
  Reduced emitReductionF32(const Frequency &frequency, LaneValue n,
                           LaneValue nAsFloat);
  Reduced emitReductionF64(const Frequency &frequency, LaneValue n,
                           LaneValue nAsFloat);
  /// 2 pi (s + e) as a sum of two floats.
  Reduced emitAngle(const Frequency &frequency, LaneValue s, LaneValue e,
                    LaneValue quadrant);
  LaneValue emitRounded(Sum value);
  std::pair<LaneValue, LaneValue> emitShort(const Reduced &angle);
  std::pair<LaneValue, LaneValue> emitTight(const Reduced &angle);
  Tables emitPolynomials(const Reduced &angle, LaneValue sign);

  /// Whether sine and cosine change places, and their sign bits, in place.
  std::tuple<LaneValue, LaneValue, LaneValue> emitQuadrant(LaneValue quadrant,
                                                           LaneValue sign);
  struct Split {
    LaneValue high, low, rounded;
  };
  /// sin and cos of a reduced angle.
  std::pair<Sum, Sum> emitSums(const Reduced &angle);
  Split emitSplit(const Sum &sum, double unit);
  /// cos and sin of p w.
  std::pair<Split, Split> emitSplits(const Position &position,
                                     const Frequency &frequency, double unit);

  ImplicitLocOpBuilder &builder;
  FloatType type;
  /// As wide as `type`.
  IntegerType bits;
  int64_t lanes;
  ExactReal factor;
  bool isTight;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_SINCOSKERNEL_H
