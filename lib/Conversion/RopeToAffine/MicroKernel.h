//===- MicroKernel.h - A product of tiles in registers ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_MICROKERNEL_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_MICROKERNEL_H

#include "AttentionTile.h"

namespace mlir::rope {

/// sums[row + r, column + j] = sum_k left_rk right_kj for `rows` rows and
/// `vectors` vectors of columns.
class MicroKernel {
public:
  using LoadLeft = function_ref<Value(int64_t row, Value k)>;
  using LoadRight = function_ref<Value(Value k, int64_t vector)>;

  MicroKernel(const AttentionTile &tile, int64_t rows, int64_t vectors,
              LoadLeft loadLeft, LoadRight loadRight, Value sums, Value row,
              Value column)
      : tile(tile), rows(rows), vectors(vectors), loadLeft(loadLeft),
        loadRight(loadRight), sums(sums), row(row), column(column) {}

  using Bounds = ArrayRef<OpFoldResult>;
  /// Stores the sums for k in [max(lower), min(upper)).
  void emitProduct(Bounds lower, Bounds upper) const;
  /// Adds them to what is there, or only those whose entry of `left` is not 0.
  void emitSum(Bounds lower, Bounds upper, bool skipsZeros) const;

private:
  SmallVector<Value> emitSums(Bounds lower, Bounds upper, ValueRange inits,
                              bool skipsZeros) const;
  SmallVector<LaneIndex> placeOf(int64_t sum) const;
  SmallVector<Value> load() const;
  void store(ArrayRef<Value> totals) const;

  const AttentionTile &tile;
  int64_t rows, vectors;
  /// One entry, and one vector.
  LoadLeft loadLeft;
  LoadRight loadRight;
  Value sums, row, column;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_MICROKERNEL_H
