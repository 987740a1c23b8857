//===- MicroKernel.h - A product of tiles in registers ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_MICROKERNEL_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_MICROKERNEL_H

#include "AttentionTile.h"

namespace mlir::rope {

/// sums[row + r, column + j] (+)= sum_k left_rk right_kj for `groupRows` rows
/// and `vectors` vectors of columns.
struct MicroKernel {
  const AttentionTile &tile;
  int64_t vectors;
  /// One entry, and one vector.
  function_ref<Value(int64_t row, Value k)> loadLeft;
  function_ref<Value(Value k, int64_t vector)> loadRight;
  Value sums, row, column;
  /// Adds to what is there.
  bool accumulates;
  /// Entries of `left` that are 0 add nothing, whatever `right` is.
  bool skipsZeros = false;

  /// For k in [max(lower), min(upper)).
  void emit(ArrayRef<OpFoldResult> lower, ArrayRef<OpFoldResult> upper) const;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_MICROKERNEL_H
