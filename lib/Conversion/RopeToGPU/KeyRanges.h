//===- KeyRanges.h - The keys that a query may take -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `causal`, `window`, `past`, `kv_lengths`, `starts`, `origin` and the end
// of a mask leave of the keys.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_KEYRANGES_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_KEYRANGES_H

#include "IntegerBuffer.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

class KeyRanges {
public:
  KeyRanges(KernelBuilder &kernel, AttentionOp op);

  /// Keys [first, end), 0 <= first <= end <= N.
  struct Range {
    Value first, end;
  };
  /// Those of a query. Neither bound falls from a query to the next, unless
  /// there are `starts`.
  Range emit(Value batch, Value query);

  OpFoldResult getNumKeys() const { return numKeys; }
  OpFoldResult getNumQueries() const { return numQueries; }
  /// Keys that there is a mask for; those behind take no part.
  OpFoldResult getNumMasked() const { return numMasked; }

private:
  /// The position of a query, and where the keys of its sequence are, in 64
  /// bits.
  void findSequence(Value &position, Value &first, Value &end);

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;
  AttentionOp op;
  std::optional<IntegerBuffer> lengths, queryStarts, keyStarts;
  OpFoldResult numKeys, numQueries, numStarts, numMasked;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_KEYRANGES_H
