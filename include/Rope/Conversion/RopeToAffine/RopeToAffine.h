//===- RopeToAffine.h - Lowering to loops of vectors ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Patterns of `convert-rope-to-affine`, for use in other conversions.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_CONVERSION_ROPETOAFFINE_ROPETOAFFINE_H
#define ROPE_CONVERSION_ROPETOAFFINE_ROPETOAFFINE_H

namespace mlir {
class RewritePatternSet;

namespace rope {

/// How the loops are made; the options of the pass of the same names.
struct RopeToAffineOptions {
  unsigned vectorBits = 512;
  bool contract = true;
  bool parallel = false;
};

/// Lowers the memref form of `rope.rotate`.
void populateRotateToAffinePatterns(RewritePatternSet &patterns,
                                    const RopeToAffineOptions &options);

/// Lowers the memref form of `rope.rotation_matrix`.
void populateRotationMatrixToAffinePatterns(RewritePatternSet &patterns,
                                            const RopeToAffineOptions &options);

} // namespace rope
} // namespace mlir

#endif // ROPE_CONVERSION_ROPETOAFFINE_ROPETOAFFINE_H
