//===- UnfinishedRows.h - Rows whose sums are made again --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A key of weight 0 adds nothing even if its value is NaN, but a weight that is
// 0 only beside a larger maximum, of another part or of a later key, has been
// in a sum, and 0 times NaN is NaN. Rows whose sums are not finite meet their
// keys once more, now with the maxima of whole rows, by the same code:
//
//     again = false
//     do {
//       every unfinished item of work makes its sums;
//       those that are not finite stay unfinished, unless `again`;
//       again = true
//     } while (an item is unfinished)
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_UNFINISHEDROWS_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_UNFINISHEDROWS_H

#include "AttentionTile.h"

namespace mlir::rope {

class UnfinishedRows {
public:
  /// Rows in items of work that have two numbers.
  UnfinishedRows(const AttentionTile &tile, ArrayRef<OpFoldResult> sizes,
                 Temporaries &temporaries);

  /// The loop. `body` gets whether items are made again.
  void emitPasses(function_ref<void(Value again)> body);
  void emitIfUnfinished(ValueRange item, function_ref<void()> body);
  /// Ends an item, or has it made again with the sums that are not finite.
  void emitEnd(ValueRange item, Value isSpecial, Value again,
               function_ref<void()> finish, function_ref<void()> prepareAgain);

private:
  Value load(ValueRange item);
  void store(Value isUnfinished, ValueRange item);

  const AttentionTile &tile;
  SmallVector<OpFoldResult, 2> sizes;
  /// [item]
  Value flags;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_UNFINISHEDROWS_H
