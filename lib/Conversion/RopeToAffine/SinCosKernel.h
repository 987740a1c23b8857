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
// floats, and a short polynomial does the rest. Within 0.92 ulp of f32 or f64.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_SINCOSKERNEL_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_SINCOSKERNEL_H

#include "LaneValue.h"
#include "Rope/Dialect/Rope/IR/ExactReal.h"

namespace mlir::rope {

class SinCosKernel {
public:
  /// Computes in `type`, f32 or f64, on `lanes` values at a time; 0 is a
  /// scalar.
  SinCosKernel(ImplicitLocOpBuilder &builder, FloatType type, int64_t lanes);

  /// A position in the forms that the equations take, in every lane.
  struct Position {
    LaneValue magnitude;        // |p|, an integer as wide as the computation
    LaneValue magnitudeAsFloat; // |p|, rounded to the type of the computation
    LaneValue magnitudeAsF32;   // |p|, rounded to f32
    LaneValue sign;             // the sign bit, in place for a float
  };
  /// `position` is one scalar integer or index, |p| < 2^31.
  Position emitPosition(Value position);

  /// A frequency in turns, by lane: its first 96 (f32) or 128 (f64) bits in
  /// 32-bit words from the most significant on, and what they leave in units of
  /// 2^-32 or 2^-64 turns.
  struct Frequency {
    SmallVector<LaneValue, 4> words;
    LaneValue residual;
  };
  /// One constant a lane.
  Frequency emitFrequency(ArrayRef<ExactReal> turns);

  struct Tables {
    Value cos, sin;
  };
  /// cos and sin of the real number p w. `deep` keeps 24 more bits of the
  /// distance to the quarter turn, for frequencies that come very close to one.
  Tables emitExact(const Position &position, const Frequency &frequency,
                   bool deep);

  /// cos and sin of fl32(fl32(p) fl32(w)), for one f32 frequency a lane.
  Tables emitF32Angle(const Position &position, ArrayRef<APFloat> frequencies);

private:
  /// An angle less `quadrant` quarter turns: high + low in radians.
  struct Reduced {
    LaneValue high, low, quadrant;
  };

  bool isF64() const { return type.isF64(); }
  Type getLanesType(Type element) const;
  LaneValue emitSplat(Value scalar);
  LaneValue emitConstants(Type element, ArrayRef<Attribute> elements);

  Reduced emitReduction(const Frequency &frequency, LaneValue n,
                        LaneValue nAsFloat, bool deep);
  Reduced emitReductionF32(const Frequency &frequency, LaneValue n,
                           LaneValue nAsFloat, bool deep);
  Reduced emitReductionF64(const Frequency &frequency, LaneValue n,
                           LaneValue nAsFloat);
  Tables emitPolynomials(const Reduced &angle, LaneValue sign);

  ImplicitLocOpBuilder &builder;
  FloatType type;
  /// As wide as `type`.
  IntegerType bits;
  int64_t lanes;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_SINCOSKERNEL_H
