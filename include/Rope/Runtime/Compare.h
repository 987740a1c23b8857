//===- Compare.h - Element-wise comparison of arrays ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An element agrees when |got - expected| <= atol + rtol * |expected|. NaN
// agrees with NaN only, an infinity with itself only. Complex numbers are
// compared per component; integers and bool exactly, whatever the tolerance.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_RUNTIME_COMPARE_H
#define ROPE_RUNTIME_COMPARE_H

#include "Rope/Runtime/NdArray.h"

namespace mlir::rope {

struct Tolerance {
  double absolute = 0.0;
  double relative = 0.0;
};

/// The tolerance of an element type when nothing else is said: room for the
/// roundings of a different order of the same operations on values near one.
///
///   f64                   1e-10 + 1e-10 * |expected|
///   f32, complex<f32>     1e-5  + 1e-5  * |expected|
///   f16                   5e-3  + 5e-3  * |expected|
///   bf16                  4e-2  + 4e-2  * |expected|
///   integers, bool        exact
Tolerance getDefaultTolerance(ElementKind kind);

/// The element that disagrees most; when all agree, the one with the largest
/// error.
struct WorstElement {
  SmallVector<int64_t> index;
  /// "re" or "im" for complex numbers, else empty.
  StringRef component;
  /// Both values, with digits enough to tell neighbours apart.
  std::string got, expected;
  /// |got - expected|; infinite where one is NaN or infinite and the other is
  /// not the same.
  double absoluteError = 0.0;
  /// How many representable values of the element type lie between, counted
  /// from either side of zero; none for whole numbers and where one is NaN.
  std::optional<uint64_t> ulps;
};

struct Comparison {
  Tolerance tolerance;
  int64_t numElements = 0;
  /// Elements out of tolerance; a complex number counts once.
  int64_t numMismatches = 0;
  /// Absent where the arrays are empty.
  std::optional<WorstElement> worst;

  bool agrees() const { return numMismatches == 0; }
};

/// Compares two arrays of the same kind and shape.
Comparison compare(const NdArray &got, const NdArray &expected,
                   Tolerance tolerance);

} // namespace mlir::rope

#endif // ROPE_RUNTIME_COMPARE_H
