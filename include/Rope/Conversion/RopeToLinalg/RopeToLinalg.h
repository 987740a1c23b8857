//===- RopeToLinalg.h - The reference lowering ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Patterns of `convert-rope-to-linalg`, for use in other conversions.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_CONVERSION_ROPETOLINALG_ROPETOLINALG_H
#define ROPE_CONVERSION_ROPETOLINALG_ROPETOLINALG_H

namespace mlir {
class RewritePatternSet;

namespace rope {

/// Lowers `rope.linear_attention`, both forms, to `rope.rotate` and stock ops.
void populateLinearAttentionToLinalgPatterns(RewritePatternSet &patterns);

/// Lowers `rope.merge`, both forms.
void populateMergeToLinalgPatterns(RewritePatternSet &patterns);

/// Lowers `rope.rotate`, both forms.
void populateRotateToLinalgPatterns(RewritePatternSet &patterns);

/// Lowers `rope.rotation_matrix`, both forms.
void populateRotationMatrixToLinalgPatterns(RewritePatternSet &patterns);

/// Lowers every op of the dialect.
void populateRopeToLinalgPatterns(RewritePatternSet &patterns);

} // namespace rope
} // namespace mlir

#endif // ROPE_CONVERSION_ROPETOLINALG_ROPETOLINALG_H
