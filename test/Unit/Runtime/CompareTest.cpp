//===- CompareTest.cpp - Element-wise comparison of arrays ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Runtime/Compare.h"

#include "gtest/gtest.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::rope;

static constexpr float kInf = std::numeric_limits<float>::infinity();
static constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// A vector of `kind` that holds `values` as they lie in memory.
template <typename T>
static NdArray makeVector(ElementKind kind, ArrayRef<T> values) {
  int64_t size = values.size() * sizeof(T) / getElementSize(kind);
  NdArray array(kind, {size});
  llvm::copy(values, array.as<T>().begin());
  return array;
}

template <typename T>
static Comparison compareValues(ElementKind kind, std::vector<T> got,
                                std::vector<T> expected,
                                Tolerance tolerance = {}) {
  return compare(makeVector<T>(kind, got), makeVector<T>(kind, expected),
                 tolerance);
}

static Comparison compareFloats(std::vector<float> got,
                                std::vector<float> expected,
                                Tolerance tolerance = {}) {
  return compareValues(ElementKind::F32, got, expected, tolerance);
}

TEST(Compare, AllowsAbsolutePlusRelativeError) {
  // 0.25 + 0.5 * |-2| = 1.25, on the boundary and just past it.
  EXPECT_TRUE(compareFloats({-0.75f}, {-2.0f}, {0.25, 0.5}).agrees());
  EXPECT_FALSE(compareFloats({-0.7499999f}, {-2.0f}, {0.25, 0.5}).agrees());
  // The expected value scales the tolerance, not the one that came out.
  EXPECT_TRUE(compareFloats({1.0f}, {2.0f}, {0.0, 0.5}).agrees());
  EXPECT_FALSE(compareFloats({2.0f}, {1.0f}, {0.0, 0.5}).agrees());
}

TEST(Compare, NanAgreesWithNanOnly) {
  EXPECT_TRUE(compareFloats({kNan}, {-kNan}).agrees());
  Comparison missing = compareFloats({1.0f}, {kNan}, {1e30, 1.0});
  EXPECT_FALSE(missing.agrees());
  EXPECT_TRUE(std::isinf(missing.worst->absoluteError));
  EXPECT_EQ(missing.worst->ulps, std::nullopt);
  EXPECT_FALSE(compareFloats({kNan}, {1.0f}, {1e30, 1.0}).agrees());
  EXPECT_FALSE(compareFloats({kNan}, {kInf}, {1e30, 1.0}).agrees());
}

TEST(Compare, InfinityAgreesWithItselfOnly) {
  Tolerance huge{std::numeric_limits<double>::infinity(), 1.0};
  EXPECT_TRUE(compareFloats({kInf, -kInf}, {kInf, -kInf}).agrees());
  EXPECT_FALSE(compareFloats({kInf}, {-kInf}, huge).agrees());
  EXPECT_FALSE(compareFloats({kInf}, {1.0f}, huge).agrees());
  EXPECT_FALSE(compareFloats({1.0f}, {kInf}, huge).agrees());
}

TEST(Compare, CountsUlpsInTheElementType) {
  float next = std::nextafter(1.0f, 2.0f);
  EXPECT_EQ(compareFloats({next}, {1.0f}).worst->ulps, 1u);
  EXPECT_EQ(compareFloats({-0.0f}, {0.0f}).worst->ulps, 0u);
  float tiny = std::numeric_limits<float>::denorm_min();
  EXPECT_EQ(compareFloats({-tiny}, {tiny}).worst->ulps, 2u);
  EXPECT_EQ(
      compareFloats({kInf}, {std::numeric_limits<float>::max()}).worst->ulps,
      1u);
  // 1 and its successor: 2^-7 in bf16, 2^-10 in f16, 2^-52 in f64.
  Comparison bf16 =
      compareValues<uint16_t>(ElementKind::BF16, {0x3f81}, {0x3f80});
  EXPECT_EQ(bf16.worst->ulps, 1u);
  EXPECT_EQ(bf16.worst->absoluteError, std::ldexp(1.0, -7));
  Comparison f16 =
      compareValues<uint16_t>(ElementKind::F16, {0x3c01}, {0x3c00});
  EXPECT_EQ(f16.worst->ulps, 1u);
  EXPECT_EQ(f16.worst->absoluteError, std::ldexp(1.0, -10));
  Comparison f64 = compareValues<double>(ElementKind::F64,
                                         {std::nextafter(1.0, 2.0)}, {1.0});
  EXPECT_EQ(f64.worst->ulps, 1u);
  EXPECT_EQ(f64.worst->got, "1.0000000000000002");
}

TEST(Compare, ReportsTheWorstMismatchAndItsIndex) {
  NdArray got(ElementKind::F32, {2, 3}), expected(ElementKind::F32, {2, 3});
  got.as<float>()[1] = 2e-3f;
  got.as<float>()[5] = 0.5f;
  // The largest error of all, but allowed.
  got.as<float>()[3] = 101.0f;
  expected.as<float>()[3] = 100.0f;
  Comparison comparison = compare(got, expected, {1e-3, 0.1});
  EXPECT_EQ(comparison.numElements, 6);
  EXPECT_EQ(comparison.numMismatches, 2);
  EXPECT_EQ(comparison.worst->index, SmallVector<int64_t>({1, 2}));
  EXPECT_EQ(comparison.worst->got, "0.5");
  EXPECT_EQ(comparison.worst->expected, "0");
  EXPECT_EQ(comparison.worst->absoluteError, 0.5);
  // When all agree, the largest error.
  EXPECT_EQ(compare(got, expected, {1.0, 0.1}).worst->index,
            SmallVector<int64_t>({1, 0}));
}

TEST(Compare, ComparesComplexNumbersPerComponent) {
  Comparison comparison = compareValues<float>(
      ElementKind::Complex64, {1, 2, 3, 4}, {1, 2, 3.5, 3}, {0.1, 0.0});
  EXPECT_EQ(comparison.numElements, 2);
  EXPECT_EQ(comparison.numMismatches, 1);
  EXPECT_EQ(comparison.worst->index, SmallVector<int64_t>({1}));
  EXPECT_EQ(comparison.worst->component, "im");
  EXPECT_EQ(comparison.worst->absoluteError, 1.0);
}

TEST(Compare, ComparesWholeNumbersExactly) {
  Tolerance huge{1e30, 1.0};
  EXPECT_FALSE(
      compareValues<int32_t>(ElementKind::I32, {5}, {6}, huge).agrees());
  EXPECT_FALSE(
      compareValues<uint8_t>(ElementKind::Bool, {1}, {0}, huge).agrees());
  // Neighbours that are one double.
  Comparison large = compareValues<int64_t>(
      ElementKind::I64, {(int64_t(1) << 62) + 1}, {int64_t(1) << 62}, huge);
  EXPECT_EQ(large.numMismatches, 1);
  EXPECT_EQ(large.worst->absoluteError, 1.0);
  EXPECT_EQ(large.tolerance.absolute, 0.0);
  Comparison extremes =
      compareValues<int64_t>(ElementKind::I64, {INT64_MIN}, {INT64_MAX}, huge);
  EXPECT_EQ(extremes.worst->absoluteError, std::ldexp(1.0, 64));
  Comparison unsignedOnes = compareValues<uint64_t>(
      ElementKind::U64, {UINT64_MAX}, {UINT64_MAX}, huge);
  EXPECT_TRUE(unsignedOnes.agrees());
  EXPECT_EQ(unsignedOnes.worst->got, "18446744073709551615");
}

TEST(Compare, EmptyArraysAgree) {
  Comparison comparison = compareFloats({}, {});
  EXPECT_TRUE(comparison.agrees());
  EXPECT_FALSE(comparison.worst.has_value());
}
