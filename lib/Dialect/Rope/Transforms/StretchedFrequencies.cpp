//===- StretchedFrequencies.cpp - Frequencies of a base known at run time -===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fixed-point arithmetic of 320 fraction bits in wide integers of `arith`: the
// stretch s(n) of the base is exact but for the rounding of its slope, its root
// is found by an iteration without division, and the frequencies are a
// geometric series. docs/Numerics.md has the bound.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/Transforms/SequenceLength.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
/// Emits arithmetic on numbers x in [0, 2^64), kept as floor(x 2^320).
class FixedPointEmitter {
public:
  static constexpr unsigned kWidth = kStretchedBits + 64;

  explicit FixedPointEmitter(ImplicitLocOpBuilder &builder)
      : builder(builder), type(builder.getIntegerType(kWidth)),
        wide(builder.getIntegerType(2 * kWidth)) {}

  Value constant(const ExactReal &value) {
    unsigned more = kStretchedBits - ExactReal::kFractionBits;
    return constant(value.toFixedPoint(kWidth).shl(more));
  }
  Value constant(const APInt &bits) {
    return arith::ConstantOp::create(
        builder, builder.getIntegerAttr(
                     builder.getIntegerType(bits.getBitWidth()), bits));
  }
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(builder, value);
  }
  /// An index that is not negative, as an integer without fraction bits.
  Value toInteger(Value index) {
    return arith::IndexCastOp::create(builder, type, index);
  }
  /// x y, rounded down.
  Value multiply(Value x, Value y) {
    Value product =
        arith::MulIOp::create(builder, arith::ExtUIOp::create(builder, wide, x),
                              arith::ExtUIOp::create(builder, wide, y));
    APInt shift(2 * kWidth, kStretchedBits);
    product = arith::ShRUIOp::create(builder, product, constant(shift));
    return arith::TruncIOp::create(builder, type, product);
  }
  /// Loops `count` times over values.
  SmallVector<Value> repeat(
      int64_t count, ValueRange values,
      function_ref<SmallVector<Value>(Value index, ValueRange values)> body) {
    auto loop = scf::ForOp::create(
        builder, index(0), index(count), index(1), values,
        [&](OpBuilder &nested, Location loc, Value index, ValueRange values) {
          OpBuilder::InsertionGuard guard(builder);
          builder.setInsertionPoint(nested.getInsertionBlock(),
                                    nested.getInsertionPoint());
          scf::YieldOp::create(builder, body(index, values));
        });
    return loop.getResults();
  }

  Value stretch(const BaseStretch &stretch, Value sequenceLength);
  Value power(Value x, int64_t exponent);
  Value inverseRoot(Value x, int64_t degree, unsigned log2Bound);

private:
  ImplicitLocOpBuilder &builder;
  IntegerType type, wide;
};
} // namespace

/// s(n) = 1 + slope max(n - trainedLength, 0), n below 2^31.
Value FixedPointEmitter::stretch(const BaseStretch &stretch, Value length) {
  Value trained = index(stretch.trainedLength);
  length = arith::MaxSIOp::create(builder, length, trained);
  length = arith::MinSIOp::create(builder, length, index(INT32_MAX));
  Value beyond = arith::SubIOp::create(builder, length, trained);
  Value growth = arith::MulIOp::create(builder, constant(stretch.slope),
                                       toInteger(beyond));
  return arith::AddIOp::create(builder, constant(ExactReal(1)), growth);
}

/// x^exponent for x in [0, 1], by its bits.
Value FixedPointEmitter::power(Value x, int64_t exponent) {
  Value bits = index(exponent), one = index(1);
  return repeat(llvm::bit_width<uint64_t>(exponent),
                {constant(ExactReal(1)), x},
                [&](Value bit, ValueRange values) -> SmallVector<Value> {
                  Value rest = arith::ShRUIOp::create(builder, bits, bit);
                  Value isSet = arith::CmpIOp::create(
                      builder, arith::CmpIPredicate::eq,
                      arith::AndIOp::create(builder, rest, one), one);
                  Value product = multiply(values[0], values[1]);
                  return {arith::SelectOp::create(builder, isSet, product,
                                                  values[0]),
                          multiply(values[1], values[1])};
                })
      .front();
}

/// x^(-1/k) for x in [1, 2^log2Bound). With r = 1 - x y^k in [0, 1/2] at the
/// start, Newton's y (1 + r/k) has 1 - (1 - r)(1 + r/k)^k in [0, r^2]: nine
/// steps leave nothing of 2^-320.
Value FixedPointEmitter::inverseRoot(Value x, int64_t degree,
                                     unsigned log2Bound) {
  ExactReal inverse = ExactReal(1) / ExactReal(degree);
  Value one = constant(ExactReal(1));
  Value zero = constant(ExactReal());
  // y = 2^(-(m+1)/k), m = floor(log2 x).
  Value halfRoot = constant((-ExactReal::ln2() * inverse).exp());
  Value start = repeat(log2Bound, one,
                       [&](Value bit, ValueRange y) -> SmallVector<Value> {
                         Value power = arith::ShLIOp::create(builder, one,
                                                             toInteger(bit));
                         Value isAbove = arith::CmpIOp::create(
                             builder, arith::CmpIPredicate::uge, x, power);
                         return {arith::SelectOp::create(
                             builder, isAbove, multiply(y[0], halfRoot), y[0])};
                       })
                    .front();
  Value inverseDegree = constant(inverse);
  return repeat(9, start,
                [&](Value, ValueRange y) -> SmallVector<Value> {
                  Value rest = arith::SubIOp::create(
                      builder, one, multiply(x, power(y[0], degree)));
                  rest = arith::MaxSIOp::create(builder, rest, zero);
                  Value step = multiply(multiply(y[0], rest), inverseDegree);
                  return {arith::AddIOp::create(builder, y[0], step)};
                })
      .front();
}

/// w_i = (base^(-2/dim) s^(-1/(dim/2-1)))^i.
SmallVector<Value> rope::emitStretchedTurns(
    ImplicitLocOpBuilder &builder, FrequenciesAttr frequencies,
    Value sequenceLength, ValueRange state,
    function_ref<SmallVector<Value>(Value, Value, ValueRange)> take) {
  FixedPointEmitter fixed(builder);
  BaseStretch stretch = *frequencies.getScaling().getBaseStretch();
  Value factor = fixed.stretch(stretch, sequenceLength);
  int64_t bound = stretch.at(INT32_MAX).floor();
  unsigned log2Bound = llvm::bit_width<uint64_t>(bound);
  ExactReal logBase = ExactReal(frequencies.getBase()).ln();
  ExactReal perTurn = ExactReal(1) / ExactReal::pi().scaleByPowerOfTwo(1);
  SmallVector<Value> values(state);
  for (auto [first, dim] : frequencies.getSeries()) {
    Value root = fixed.inverseRoot(factor, dim / 2 - 1, log2Bound);
    ExactReal ratioOfBase =
        (-logBase.scaleByPowerOfTwo(1) / ExactReal(dim)).exp();
    Value ratio = fixed.multiply(fixed.constant(ratioOfBase), root);
    Value firstIndex = fixed.index(first);
    values.insert(values.begin(), fixed.constant(ExactReal(1)));
    values = fixed.repeat(
        dim / 2, values, [&](Value i, ValueRange values) -> SmallVector<Value> {
          Value index = arith::AddIOp::create(builder, i, firstIndex);
          Value turns = fixed.multiply(values.front(), fixed.constant(perTurn));
          SmallVector<Value> next = take(index, turns, values.drop_front());
          next.insert(next.begin(), fixed.multiply(values.front(), ratio));
          return next;
        });
    values.erase(values.begin());
  }
  return values;
}
