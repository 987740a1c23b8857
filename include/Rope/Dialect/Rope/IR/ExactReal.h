//===- ExactReal.h - Real numbers of 256 fraction bits ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The arithmetic of frequencies at compile time: integers only, so that every
// host computes the same bits.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_IR_EXACTREAL_H
#define ROPE_DIALECT_ROPE_IR_EXACTREAL_H

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APInt.h"

namespace mlir::rope {

/// A real number of magnitude below 2^64, kept as an integer multiple of
/// 2^-256. Sums are exact, products and quotients off by less than 2^-256, `ln`
/// and `exp` by less than 2^-240 (for exp(x), x <= 0). That settles the
/// rounding to f64 of any frequency, and its fraction of a turn to 192 bits.
class ExactReal {
public:
  static constexpr unsigned kFractionBits = 256;

  ExactReal(int64_t value = 0);
  /// The value of `value` itself, which must be finite with
  /// `isExact(value)`.
  explicit ExactReal(const llvm::APFloat &value);
  /// Whether `value` is finite and a multiple of 2^-256 below 2^64.
  static bool isExact(const llvm::APFloat &value);

  /// fraction / 2^bits, for at most 256 bits.
  static ExactReal fromFraction(const llvm::APInt &fraction, unsigned bits);

  static const ExactReal &pi();
  static const ExactReal &ln2();

  ExactReal operator-() const { return ExactReal(-raw); }
  ExactReal operator+(const ExactReal &other) const {
    return ExactReal(raw + other.raw);
  }
  ExactReal operator-(const ExactReal &other) const {
    return ExactReal(raw - other.raw);
  }
  ExactReal operator*(const ExactReal &other) const;
  ExactReal operator/(const ExactReal &other) const;
  /// This times 2^exponent.
  ExactReal scaleByPowerOfTwo(int exponent) const;

  bool operator==(const ExactReal &other) const { return raw == other.raw; }
  bool operator!=(const ExactReal &other) const { return raw != other.raw; }
  bool operator<(const ExactReal &other) const { return raw.slt(other.raw); }
  bool isZero() const { return raw.isZero(); }

  /// The natural logarithm of a positive number.
  ExactReal ln() const;
  /// e to this power, which must be below 64 ln 2.
  ExactReal exp() const;
  /// The square root of a number that is not negative, rounded down.
  ExactReal sqrt() const;

  /// The greatest integer that is not above.
  int64_t floor() const { return raw.ashr(kFractionBits).getSExtValue(); }
  /// The nearest multiple of 2^-bits.
  ExactReal roundToFractionBits(unsigned bits) const;
  /// The first `bits` bits after the point of the number modulo one, the first
  /// one most significant.
  llvm::APInt getFraction(unsigned bits) const;
  /// The number times 2^256 in two's complement, if it has that many bits.
  llvm::APInt toFixedPoint(unsigned width) const { return raw.trunc(width); }
  /// Rounds once to nearest, ties to even.
  llvm::APFloat round(const llvm::fltSemantics &semantics) const;

private:
  /// Room for the product of two numbers, its sign and some guard bits.
  static constexpr unsigned kWidth = 704;

  explicit ExactReal(llvm::APInt raw) : raw(std::move(raw)) {}

  static ExactReal computePi();
  static ExactReal computeLn2();

  /// The number times 2^256.
  llvm::APInt raw;
};

} // namespace mlir::rope

#endif // ROPE_DIALECT_ROPE_IR_EXACTREAL_H
