//===- LoopFacts.h - What is known of a loop --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How often the body of a loop runs, and what it does to the values it carries.
// Iterations are numbered from 0, whatever the loop counts.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_ANALYSIS_LOOPFACTS_H
#define ROPE_ANALYSIS_LOOPFACTS_H

#include "Rope/Analysis/CarriedValues.h"
#include "Rope/Analysis/IndexExpr.h"

namespace mlir::rope {

/// Iteration t writes nothing but elements whose index of dimension `dim` is in
/// [start + width * t, start + width * (t + 1)).
struct IterationTiles {
  int64_t dim = 0;
  IndexId start = 0;
  int64_t width = 1;

  /// The only iteration that can write an element with this index.
  IndexId getWriter(IndexContext &indices, IndexId index) const {
    return indices.floorDiv(indices.sub(index, start),
                            indices.getConstant(width));
  }
};

/// What a loop does to a value that it carries.
struct CarriedFact {
  enum class Kind : uint8_t {
    Unknown,
    Invariant, ///< it stays what it was
    Counter,   ///< an integer to which `step` is added
    Written,   ///< each iteration writes a tile of its own
  } kind = Kind::Unknown;
  int64_t step = 0;
  IterationTiles tiles = {};

  /// What a counter that starts at `init` is before an iteration. None where a
  /// number of the type would wrap.
  std::optional<IndexId> count(IndexContext &indices, IndexId init,
                               IndexId iteration, Type type) const;
};

/// One dimension of the iterations of a loop: t stands for lower + step * t
/// where 0 <= t < numIterations.
struct IterationRange {
  IndexId lower = 0;
  int64_t step = 1;
  IndexId numIterations = 0;
};

struct LoopFacts {
  /// Whether the budget ended while they were learnt.
  bool isPartial = false;
  /// One of scf.for and scf.while, one for each dimension of scf.forall; none
  /// where nobody knows how often the loop runs.
  SmallVector<IterationRange, 1> ranges;
  /// The iteration that facts are learnt from, a symbol for each range.
  SmallVector<IndexId, 1> symbols;
  /// The number of the first of them; those of loops in this one are larger.
  int64_t firstSymbol = 0;
  /// Of scf.for and scf.while.
  std::optional<CarriedValues> carried;
  SmallVector<CarriedFact> facts;
  /// Of each result of scf.forall a tile for each range, none where that has
  /// one iteration only; empty where iterations may write the same elements.
  SmallVector<SmallVector<std::optional<IterationTiles>, 1>> tilesOfResult;
};

} // namespace mlir::rope

#endif // ROPE_ANALYSIS_LOOPFACTS_H
