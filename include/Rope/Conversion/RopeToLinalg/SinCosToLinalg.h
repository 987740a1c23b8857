//===- SinCosToLinalg.h - Reference lowering of rope.sincos -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `rope.sincos` on tensors as one `linalg.generic`: phase in integers, sine and
// cosine in f64 from libm.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_CONVERSION_ROPETOLINALG_SINCOSTOLINALG_H
#define ROPE_CONVERSION_ROPETOLINALG_SINCOSTOLINALG_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/Support/LLVM.h"

namespace mlir {
class RewritePatternSet;

namespace rope {
class SinCosOp;

/// Whether the reference lowering takes this op; if not, `emitError` is called
/// once and told why. A pass calls it for each op before it changes anything.
LogicalResult
verifySinCosToLinalg(SinCosOp op, function_ref<InFlightDiagnostic()> emitError);

/// Adds the pattern that lowers the tensor form of `rope.sincos`.
void populateSinCosToLinalgPatterns(RewritePatternSet &patterns);

} // namespace rope
} // namespace mlir

#endif // ROPE_CONVERSION_ROPETOLINALG_SINCOSTOLINALG_H
