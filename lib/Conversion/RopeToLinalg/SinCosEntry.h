//===- SinCosEntry.h - One entry of the reference tables --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The exact angle is taken modulo one turn in integers of 192 bits; sine and
// cosine of what is left are their Taylor series in f64. An f32 angle is
// `math.sin` and `math.cos` of it.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOLINALG_SINCOSENTRY_H
#define ROPE_LIB_CONVERSION_ROPETOLINALG_SINCOSENTRY_H

#include "Rope/Dialect/Rope/IR/ExactReal.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::rope {

/// The scalar arithmetic of one table entry.
class SinCosEntry {
public:
  explicit SinCosEntry(ImplicitLocOpBuilder &builder)
      : builder(builder), i64(builder.getI64Type()), f64(builder.getF64Type()) {
  }

  struct SinCos {
    Value sin, cos;
  };
  /// `words` are the fraction's, and 2^-scale where it is scaled.
  SinCos emitExact(Value position, ValueRange words, const ExactReal &factor);
  /// `AngleOp` makes the angle of a position and a factor.
  template <typename AngleOp>
  SinCos emitF32Angle(Value position, Value angleFactor,
                      const ExactReal &factor);
  /// Both times 2^(p g), where `growth` are numbers that sum to g.
  SinCos emitGrown(SinCos values, Value position, ValueRange growth);

private:
  Value integer(uint64_t value) {
    return arith::ConstantIntOp::create(builder, i64, value);
  }
  Value real(double value) {
    return arith::ConstantOp::create(builder, builder.getF64FloatAttr(value));
  }
  template <typename OpTy> Value emit(Value lhs, Value rhs) {
    return OpTy::create(builder, lhs, rhs);
  }
  /// value << left | next >> (64 - left), of `next` the high bits.
  Value joinBits(Value value, unsigned left, Value next) {
    return emit<arith::OrIOp>(emit<arith::ShLIOp>(value, integer(left)),
                              emit<arith::ShRUIOp>(next, integer(64 - left)));
  }
  /// An unsigned integer below 2^63 times a power of two.
  Value toReal(Value value, double unit) {
    return emit<arith::MulFOp>(arith::SIToFPOp::create(builder, f64, value),
                               real(unit));
  }
  Value fma(Value x, Value y, Value z) {
    return math::FmaOp::create(builder, x, y, z);
  }
  /// (high + low) * factor, rounded once but for errors of `low`.
  Value scale(Value high, Value low, const ExactReal &factor);
  /// 1/first! - x (1/(first + 2)! - x (...)): the alternating series.
  Value emitTaylor(Value x, unsigned first);
  Value negate(Value x) { return arith::NegFOp::create(builder, x); }
  Value negateIf(Value condition, Value value) {
    return arith::SelectOp::create(builder, condition, negate(value), value);
  }
  /// The low 32 bits of a position with their sign.
  Value toI64(Value position) {
    Type i32 = builder.getI32Type();
    if (position.getType().isIndex())
      position = arith::IndexCastOp::create(builder, i32, position);
    else if (position.getType().getIntOrFloatBitWidth() > 32)
      position = arith::TruncIOp::create(builder, i32, position);
    return arith::ExtSIOp::create(builder, i64, position);
  }
  Value isBitSet(Value value, uint64_t bit) {
    return arith::CmpIOp::create(builder, arith::CmpIPredicate::ne,
                                 emit<arith::AndIOp>(value, integer(bit)),
                                 integer(0));
  }

  ImplicitLocOpBuilder &builder;
  Type i64, f64;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOLINALG_SINCOSENTRY_H
