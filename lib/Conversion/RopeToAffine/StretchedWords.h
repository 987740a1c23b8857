//===- StretchedWords.h - Frequencies of the run time -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_STRETCHEDWORDS_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_STRETCHEDWORDS_H

#include "Rope/Conversion/RopeToAffine/SinCosBound.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::rope {

/// The frequencies of a base that is stretched by the length of the sequence,
/// in the form that `SinCosKernel::emitExact` takes.
struct StretchedWords {
  /// [words, frequencies], integers as wide as the computation.
  Value words;
  /// [frequencies], null where the plan has no float.
  Value residual;

  /// Computes them for an op whose plan is `plan`.
  static StretchedWords emit(ImplicitLocOpBuilder &builder, SinCosOp op,
                             const PhasePlan &plan, FloatType computation);
  /// Frees them.
  void emitEnd(ImplicitLocOpBuilder &builder) const;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_STRETCHEDWORDS_H
