//===- SinCosToAffine.h - CPU lowering of rope.sincos -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `rope.sincos` on memrefs as affine loops over positions around vectors of
// frequencies.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_CONVERSION_ROPETOAFFINE_SINCOSTOAFFINE_H
#define ROPE_CONVERSION_ROPETOAFFINE_SINCOSTOAFFINE_H

#include <optional>
#include <string>

namespace mlir {
class RewritePatternSet;

namespace rope {
class SinCosOp;

struct SinCosToAffineOptions {
  /// The width of the vectors that the loops compute with, in bits.
  int64_t vectorBits = 512;
  /// Whether the loops over positions are one `affine.parallel`.
  bool parallel = false;
  /// Whether f32 tables are within 0.54 ulp instead of 0.92.
  bool isTight = false;
};

/// Why the lowering cannot take this op; nothing if it can. A pass asks for
/// each op before it changes anything, and makes an error of the answer.
std::optional<std::string> getSinCosToAffineObstacle(SinCosOp op);

/// Adds the pattern that lowers the memref form of `rope.sincos`.
void populateSinCosToAffinePatterns(RewritePatternSet &patterns,
                                    const SinCosToAffineOptions &options);

} // namespace rope
} // namespace mlir

#endif // ROPE_CONVERSION_ROPETOAFFINE_SINCOSTOAFFINE_H
