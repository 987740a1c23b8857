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

#include "mlir/IR/Diagnostics.h"
#include "mlir/Support/LLVM.h"

namespace mlir {
class RewritePatternSet;

namespace rope {
class SinCosOp;

struct SinCosToAffineOptions {
  /// The width of the vectors that the loops compute with, in bits.
  int64_t vectorBits = 512;
  /// Whether the loops over positions are one `affine.parallel`.
  bool parallel = false;
};

/// Whether the lowering takes this op; if not, `emitError` is called once and
/// told why. A pass calls it for each op before it changes anything.
LogicalResult
verifySinCosToAffine(SinCosOp op, function_ref<InFlightDiagnostic()> emitError);

/// Adds the pattern that lowers the memref form of `rope.sincos`.
void populateSinCosToAffinePatterns(RewritePatternSet &patterns,
                                    const SinCosToAffineOptions &options);

} // namespace rope
} // namespace mlir

#endif // ROPE_CONVERSION_ROPETOAFFINE_SINCOSTOAFFINE_H
