//===- SequenceLength.h - Frequencies that follow the sequence --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What lowerings do with frequencies that depend on the length of the sequence:
// choose among tables, or compute them at run time in integers.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_TRANSFORMS_SEQUENCELENGTH_H
#define ROPE_DIALECT_ROPE_TRANSFORMS_SEQUENCELENGTH_H

#include "Rope/Dialect/Rope/IR/RopeDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir {
class RewritePatternSet;

namespace rope {

/// sincos(p, n) = n <= n_1 ? sincos(p; n_1) : n <= n_2 ? ..., where frequencies
/// are the same between steps of the length.
void populateSelectBySequenceLengthPatterns(RewritePatternSet &patterns);

/// Whether the base is stretched by the length of the sequence at run time.
inline bool isStretched(FrequenciesAttr frequencies) {
  return frequencies.dependsOnSequenceLength() &&
         frequencies.getScaling().getBaseStretch();
}

/// Emits the frequencies of a base that is stretched at run time, w_i / (2 pi)
/// for a sequence of `sequenceLength` tokens, off by less than 2^-224. `take`
/// gets the index i, the frequency in turns as an integer in units of
/// 2^-kStretchedBits, and the values that its last call returned, at first
/// `state`; the last ones are returned.
inline constexpr unsigned kStretchedBits = 320;
SmallVector<Value> emitStretchedTurns(
    ImplicitLocOpBuilder &builder, FrequenciesAttr frequencies,
    Value sequenceLength, ValueRange state,
    function_ref<SmallVector<Value>(Value index, Value turns, ValueRange state)>
        take);

} // namespace rope
} // namespace mlir

#endif // ROPE_DIALECT_ROPE_TRANSFORMS_SEQUENCELENGTH_H
