//===- Patterns.h - Rules of the algebra of rotations -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rules that `rope-optimize` applies (docs/Algebra.md), for passes that mix
// them with their own. Each applies only where it lowers the cost.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_TRANSFORMS_PATTERNS_H
#define ROPE_DIALECT_ROPE_TRANSFORMS_PATTERNS_H

#include <cstdint>

namespace mlir {
class RewritePatternSet;

namespace rope {

/// Rotations past slices, repetitions, transpositions and reshapes: every bit
/// stays.
void populateMoveRotationPatterns(RewritePatternSet &patterns);

/// Concatenations of rotations: every bit stays.
void populateConcatRotationPatterns(RewritePatternSet &patterns);

/// Contractions with rotation matrices, known to be or constants that are, and
/// products and transposes of such matrices: the same products of elements,
/// summed without the zeros.
void populateRotationMatrixPatterns(RewritePatternSet &patterns);

/// Rotations of rotations. Results are rounded elsewhere than before.
/// `maxPosition` bounds the magnitude of positions that nothing else bounds.
void populateComposeRotationPatterns(RewritePatternSet &patterns,
                                     int64_t maxPosition);

/// Products of two rotated values depend on the difference of their positions
/// only. With `algebraic`, also where that rounds differently.
void populateRelativePositionPatterns(RewritePatternSet &patterns,
                                      bool algebraic, int64_t maxPosition);

/// Rotations that `rope.attention` does itself: every bit stays.
void populateFoldIntoAttentionPatterns(RewritePatternSet &patterns);

/// Factors of the tables of `rope.attention` into its scale. Results are
/// rounded elsewhere than before.
void populateScaleIntoAttentionPatterns(RewritePatternSet &patterns);

} // namespace rope
} // namespace mlir

#endif // ROPE_DIALECT_ROPE_TRANSFORMS_PATTERNS_H
