//===- LaneValue.h - Arithmetic on a scalar or on lanes ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An SSA value, scalar or vector, whose C++ operators emit the ops of `arith`:
// a kernel written with it reads as its equations and serves both. No op
// carries fast-math flags, and integers are without sign.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_LANEVALUE_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_LANEVALUE_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/TypeUtilities.h"

namespace mlir::rope {

class LaneValue {
public:
  LaneValue() = default;
  LaneValue(ImplicitLocOpBuilder &builder, Value value)
      : builder(&builder), value(value) {}

  Value get() const { return value; }
  Type getType() const { return value.getType(); }
  explicit operator bool() const { return static_cast<bool>(value); }

  /// A constant of this value's type, the same in every lane.
  LaneValue like(uint64_t integer) const {
    Type element = getElementType();
    return constant(builder->getIntegerAttr(
        element, APInt(element.getIntOrFloatBitWidth(), integer)));
  }
  LaneValue like(double real) const {
    return constant(builder->getFloatAttr(getElementType(), real));
  }

  LaneValue operator+(LaneValue other) const {
    return isFloat() ? emit<arith::AddFOp>(value, other.value)
                     : emit<arith::AddIOp>(value, other.value);
  }
  LaneValue operator-(LaneValue other) const {
    return isFloat() ? emit<arith::SubFOp>(value, other.value)
                     : emit<arith::SubIOp>(value, other.value);
  }
  LaneValue operator*(LaneValue other) const {
    return isFloat() ? emit<arith::MulFOp>(value, other.value)
                     : emit<arith::MulIOp>(value, other.value);
  }
  LaneValue operator-() const { return emit<arith::NegFOp>(value); }
  LaneValue operator&(LaneValue other) const {
    return emit<arith::AndIOp>(value, other.value);
  }
  LaneValue operator|(LaneValue other) const {
    return emit<arith::OrIOp>(value, other.value);
  }
  LaneValue operator^(LaneValue other) const {
    return emit<arith::XOrIOp>(value, other.value);
  }
  LaneValue operator<<(LaneValue other) const {
    return emit<arith::ShLIOp>(value, other.value);
  }
  /// Shifts in zeros.
  LaneValue operator>>(LaneValue other) const {
    return emit<arith::ShRUIOp>(value, other.value);
  }

  LaneValue operator+(uint64_t other) const { return *this + like(other); }
  LaneValue operator-(uint64_t other) const { return *this - like(other); }
  LaneValue operator&(uint64_t other) const { return *this & like(other); }
  LaneValue operator|(uint64_t other) const { return *this | like(other); }
  LaneValue operator<<(uint64_t other) const { return *this << like(other); }
  LaneValue operator>>(uint64_t other) const { return *this >> like(other); }
  LaneValue operator*(double other) const { return *this * like(other); }

  /// this * factor + addend, rounded once.
  LaneValue fma(LaneValue factor, LaneValue addend) const {
    return emit<math::FmaOp>(value, factor.value, addend.value);
  }
  LaneValue fma(double factor, LaneValue addend) const {
    return fma(like(factor), addend);
  }
  LaneValue fma(LaneValue factor, double addend) const {
    return fma(factor, like(addend));
  }

  /// The conversions that keep the number of lanes.
  LaneValue toFloat(Type element) const {
    return emit<arith::SIToFPOp>(withElement(element), value);
  }
  LaneValue bitcast(Type element) const {
    return emit<arith::BitcastOp>(withElement(element), value);
  }
  LaneValue zeroExtend(Type element) const {
    return emit<arith::ExtUIOp>(withElement(element), value);
  }
  LaneValue truncate(Type element) const {
    return emit<arith::TruncIOp>(withElement(element), value);
  }

  /// This condition chooses `yes` where it holds.
  LaneValue select(LaneValue yes, LaneValue no) const {
    return emit<arith::SelectOp>(value, yes.value, no.value);
  }
  LaneValue compare(arith::CmpIPredicate predicate, uint64_t other) const {
    return emit<arith::CmpIOp>(predicate, value, like(other).value);
  }
  LaneValue compare(arith::CmpFPredicate predicate, double other) const {
    return emit<arith::CmpFOp>(predicate, value, like(other).value);
  }

  /// The type of this value with another type of its elements.
  Type withElement(Type element) const {
    if (auto vector = dyn_cast<VectorType>(getType()))
      return vector.clone(element);
    return element;
  }
  Type getElementType() const { return getElementTypeOrSelf(getType()); }

  template <typename OpTy, typename... Args>
  LaneValue emit(Args &&...args) const {
    return {*builder, OpTy::create(*builder, std::forward<Args>(args)...)};
  }

private:
  bool isFloat() const { return isa<FloatType>(getElementType()); }

  LaneValue constant(TypedAttr element) const {
    if (auto vector = dyn_cast<VectorType>(getType()))
      element = DenseElementsAttr::get(vector, element);
    return emit<arith::ConstantOp>(element);
  }

  ImplicitLocOpBuilder *builder = nullptr;
  Value value;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_LANEVALUE_H
