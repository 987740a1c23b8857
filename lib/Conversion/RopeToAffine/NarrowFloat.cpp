//===- NarrowFloat.cpp - Widening and rounding of lanes -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "NarrowFloat.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;
using namespace mlir::rope;

static constexpr uint64_t kUpperHalf = 0xFFFF0000;

static Type getI32(LaneValue value) {
  return IntegerType::get(value.getType().getContext(), 32);
}
static Type getI16(LaneValue value) {
  return IntegerType::get(value.getType().getContext(), 16);
}
static Type getF32(LaneValue value) {
  return Float32Type::get(value.getType().getContext());
}

/// The bits of an f32 rounded to bf16 in the upper half; the lower half is not
/// cleared. Adding half a unit, less one when the result would be even already,
/// carries into the upper half exactly when it must.
static LaneValue roundToUpperHalf(LaneValue value) {
  LaneValue bits = value.bitcast(getI32(value));
  LaneValue isOdd = (bits & 0x10000).compare(arith::CmpIPredicate::ne, 0);
  return bits +
         isOdd.select(bits.like(uint64_t(0x8000)), bits.like(uint64_t(0x7FFF)));
}

LaneValue rope::quietNaNs(LaneValue value) {
  LaneValue isNaN = value.emit<arith::CmpFOp>(arith::CmpFPredicate::UNO,
                                              value.get(), value.get());
  return isNaN.select(value.like(std::numeric_limits<double>::quiet_NaN()),
                      value);
}

LaneValue rope::convertFloat(LaneValue value, FloatType type) {
  if (cast<FloatType>(value.getElementType()).getWidth() <= type.getWidth())
    return widen(value, type);
  return narrow(type.isBF16() ? quietNaNs(value) : value, type);
}

LaneValue rope::toF32(LaneValue value) {
  if (value.getElementType().isF32())
    return value;
  LaneValue nearest = value.emit<arith::TruncFOp>(
      value.withElement(getF32(value)), value.get());
  LaneValue bits = nearest.bitcast(getI32(value));
  LaneValue back = widen(nearest, cast<FloatType>(value.getElementType()));
  LaneValue inexact = value.emit<arith::CmpFOp>(arith::CmpFPredicate::ONE,
                                                back.get(), value.get());
  LaneValue tooLarge = value.emit<arith::CmpFOp>(
      arith::CmpFPredicate::OGT, back.emit<math::AbsFOp>(back.get()).get(),
      value.emit<math::AbsFOp>(value.get()).get());
  LaneValue isEven = (bits & 1).compare(arith::CmpIPredicate::eq, 0);
  LaneValue neighbour = tooLarge.select(bits - 1, bits + 1);
  LaneValue odd = (inexact & isEven).select(neighbour, bits);
  return quietNaNs(odd.bitcast(getF32(value)));
}

LaneValue rope::widen(LaneValue value, FloatType wide) {
  Type element = value.getElementType();
  if (element == wide)
    return value;
  // Of vectors LLVM makes the same shift. A scalar may be part of a kernel for
  // SPIR-V, which does not know bf16.
  if (element.isBF16() && !isa<VectorType>(value.getType())) {
    LaneValue bits = value.bitcast(getI16(value)).zeroExtend(getI32(value));
    return widen((bits << 16).bitcast(getF32(value)), wide);
  }
  if (element.isBF16() && !wide.isF32())
    value = widen(value, cast<FloatType>(getF32(value)));
  return value.emit<arith::ExtFOp>(value.withElement(wide), value.get());
}

LaneValue rope::narrow(LaneValue value, FloatType narrow) {
  if (value.getElementType() == narrow)
    return value;
  if (narrow.isBF16())
    return (roundToUpperHalf(toF32(value)) >> 16)
        .truncate(getI16(value))
        .bitcast(narrow);
  if (narrow.isF16())
    value = toF32(value);
  return value.emit<arith::TruncFOp>(value.withElement(narrow), value.get());
}

/// The same bits with elements of another width.
static LaneValue reinterpret(LaneValue value, Type element, int64_t lanes) {
  return value.emit<vector::BitCastOp>(VectorType::get(lanes, element),
                                       value.get());
}

std::pair<LaneValue, LaneValue> rope::splitBF16(LaneValue lanes,
                                                FloatType wide) {
  int64_t pairs = cast<VectorType>(lanes.getType()).getNumElements() / 2;
  LaneValue bits = reinterpret(lanes, getI32(lanes), pairs);
  return {widen((bits << 16).bitcast(getF32(lanes)), wide),
          widen((bits & kUpperHalf).bitcast(getF32(lanes)), wide)};
}

LaneValue rope::joinBF16(LaneValue even, LaneValue odd) {
  int64_t pairs = cast<VectorType>(even.getType()).getNumElements();
  LaneValue bits = (roundToUpperHalf(toF32(even)) >> 16) |
                   (roundToUpperHalf(toF32(odd)) & kUpperHalf);
  return reinterpret(bits, BFloat16Type::get(even.getType().getContext()),
                     2 * pairs);
}
