//===- Compare.cpp - Element-wise comparison of arrays --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One loop over scalars, instantiated by how an element type is stored and
// read. A complex number is two scalars of one element.
//
//===----------------------------------------------------------------------===//

#include "Rope/Runtime/Compare.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <cassert>
#include <cmath>
#include <limits>
#include <type_traits>

using namespace mlir;
using namespace mlir::rope;

Tolerance rope::getDefaultTolerance(ElementKind kind) {
  switch (kind) {
  case ElementKind::F64:
    return {1e-10, 1e-10};
  case ElementKind::F32:
  case ElementKind::Complex64:
    return {1e-5, 1e-5};
  case ElementKind::F16:
    return {5e-3, 5e-3};
  case ElementKind::BF16:
    return {4e-2, 4e-2};
  default:
    return {0.0, 0.0};
  }
}

static double bf16ToDouble(uint16_t bits) {
  return llvm::bit_cast<float>(uint32_t(bits) << 16);
}
static double f16ToDouble(uint16_t bits) {
  return static_cast<double>(llvm::bit_cast<_Float16>(bits));
}
static double f32ToDouble(uint32_t bits) { return llvm::bit_cast<float>(bits); }
static double f64ToDouble(uint64_t bits) {
  return llvm::bit_cast<double>(bits);
}

namespace {
/// A floating-point scalar: its bits, its value (exact in double) and the
/// digits that identify it.
template <typename BitsT, int Digits, double (*ToDouble)(BitsT)>
struct FloatScalar {
  using Bits = BitsT;

  static double toDouble(Bits bits) { return ToDouble(bits); }

  static std::string format(Bits bits) {
    std::string text;
    llvm::raw_string_ostream(text)
        << llvm::format("%.*g", Digits, toDouble(bits));
    return text;
  }

  static double getError(Bits got, Bits expected) {
    double x = toDouble(got), y = toDouble(expected);
    if (std::isnan(x) && std::isnan(y))
      return 0.0;
    if (!std::isfinite(x) || !std::isfinite(y))
      return x == y ? 0.0 : std::numeric_limits<double>::infinity();
    return std::fabs(x - y);
  }

  /// Bit patterns in the order of their values: +0 and -0 share the middle.
  static std::optional<uint64_t> getUlps(Bits got, Bits expected) {
    if (std::isnan(toDouble(got)) || std::isnan(toDouble(expected)))
      return std::nullopt;
    constexpr uint64_t signBit = uint64_t(1) << (sizeof(Bits) * 8 - 1);
    uint64_t x = got & (signBit - 1), y = expected & (signBit - 1);
    if ((got & signBit) != (expected & signBit))
      return x + y;
    return x > y ? x - y : y - x;
  }
};

using BF16Scalar = FloatScalar<uint16_t, 5, bf16ToDouble>;
using F16Scalar = FloatScalar<uint16_t, 6, f16ToDouble>;
using F32Scalar = FloatScalar<uint32_t, 9, f32ToDouble>;
using F64Scalar = FloatScalar<uint64_t, 17, f64ToDouble>;

/// A whole number. Its error is computed without overflow.
template <typename T> struct WholeScalar {
  using Bits = T;

  static double toDouble(Bits value) { return static_cast<double>(value); }
  static std::string format(Bits value) { return std::to_string(value); }
  static double getError(Bits got, Bits expected) {
    uint64_t x = got, y = expected;
    return static_cast<double>(got > expected ? x - y : y - x);
  }
  static std::optional<uint64_t> getUlps(Bits, Bits) { return std::nullopt; }
};

/// The scalar with the largest error among those that rank highest: out of
/// tolerance before within.
struct Candidate {
  int64_t scalar = -1;
  bool mismatch = false;
  double error = -1.0;
};
} // namespace

/// The multi-index of the element at row-major position `element`.
static SmallVector<int64_t> delinearize(int64_t element,
                                        ArrayRef<int64_t> shape) {
  SmallVector<int64_t> index(shape.size());
  for (size_t dim = shape.size(); dim-- > 0; element /= shape[dim])
    index[dim] = element % shape[dim];
  return index;
}

template <typename Scalar>
static Comparison compareScalars(const NdArray &got, const NdArray &expected,
                                 Tolerance tolerance, int64_t components) {
  using Bits = typename Scalar::Bits;
  ArrayRef<Bits> gotBits = got.as<Bits>(), expectedBits = expected.as<Bits>();
  Comparison result;
  result.tolerance = tolerance;
  result.numElements = got.getNumElements();

  Candidate worst;
  int64_t lastMismatch = -1;
  for (int64_t i = 0, e = gotBits.size(); i < e; ++i) {
    double error = Scalar::getError(gotBits[i], expectedBits[i]);
    double magnitude = std::fabs(Scalar::toDouble(expectedBits[i]));
    // rtol * inf would allow everything, and rtol * NaN nothing.
    double allowed = tolerance.absolute;
    if (std::isfinite(magnitude))
      allowed += tolerance.relative * magnitude;
    bool mismatch = std::isinf(error) || !(error <= allowed);
    if (mismatch && i / components != lastMismatch) {
      lastMismatch = i / components;
      ++result.numMismatches;
    }
    if (std::pair(mismatch, error) > std::pair(worst.mismatch, worst.error))
      worst = {i, mismatch, error};
  }
  if (worst.scalar < 0)
    return result;

  static constexpr const char *kComponents[] = {"re", "im"};
  Bits gotWorst = gotBits[worst.scalar];
  Bits expectedWorst = expectedBits[worst.scalar];
  result.worst = WorstElement{
      delinearize(worst.scalar / components, got.getShape()),
      components == 1 ? "" : kComponents[worst.scalar % components],
      Scalar::format(gotWorst),
      Scalar::format(expectedWorst),
      worst.error,
      Scalar::getUlps(gotWorst, expectedWorst)};
  return result;
}

Comparison rope::compare(const NdArray &got, const NdArray &expected,
                         Tolerance tolerance) {
  assert(got.getKind() == expected.getKind() &&
         got.getShape() == expected.getShape() && "arrays must be alike");
  if (isExactKind(got.getKind()))
    tolerance = {};
  switch (got.getKind()) {
  case ElementKind::Bool:
  case ElementKind::U8:
    return compareScalars<WholeScalar<uint8_t>>(got, expected, tolerance, 1);
  case ElementKind::I8:
    return compareScalars<WholeScalar<int8_t>>(got, expected, tolerance, 1);
  case ElementKind::I16:
    return compareScalars<WholeScalar<int16_t>>(got, expected, tolerance, 1);
  case ElementKind::I32:
    return compareScalars<WholeScalar<int32_t>>(got, expected, tolerance, 1);
  case ElementKind::I64:
    return compareScalars<WholeScalar<int64_t>>(got, expected, tolerance, 1);
  case ElementKind::U16:
    return compareScalars<WholeScalar<uint16_t>>(got, expected, tolerance, 1);
  case ElementKind::U32:
    return compareScalars<WholeScalar<uint32_t>>(got, expected, tolerance, 1);
  case ElementKind::U64:
    return compareScalars<WholeScalar<uint64_t>>(got, expected, tolerance, 1);
  case ElementKind::BF16:
    return compareScalars<BF16Scalar>(got, expected, tolerance, 1);
  case ElementKind::F16:
    return compareScalars<F16Scalar>(got, expected, tolerance, 1);
  case ElementKind::F32:
    return compareScalars<F32Scalar>(got, expected, tolerance, 1);
  case ElementKind::F64:
    return compareScalars<F64Scalar>(got, expected, tolerance, 1);
  case ElementKind::Complex64:
    return compareScalars<F32Scalar>(got, expected, tolerance, 2);
  }
  llvm_unreachable("unknown element kind");
}
