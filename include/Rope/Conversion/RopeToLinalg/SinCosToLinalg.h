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

#include <optional>
#include <string>

namespace mlir {
class RewritePatternSet;

namespace rope {
class SinCosOp;

/// Why the lowering cannot take this op; nothing if it can. A pass asks for
/// each op before it changes anything, and makes an error of the answer.
std::optional<std::string> getSinCosToLinalgObstacle(SinCosOp op);

/// Adds the pattern that lowers the tensor form of `rope.sincos`.
void populateSinCosToLinalgPatterns(RewritePatternSet &patterns);

} // namespace rope
} // namespace mlir

#endif // ROPE_CONVERSION_ROPETOLINALG_SINCOSTOLINALG_H
