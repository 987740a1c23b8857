//===- AttentionToLinalg.h - Reference lowering of attention ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `rope.attention` on tensors as a chain of `linalg.generic`, one a stage.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_CONVERSION_ROPETOLINALG_ATTENTIONTOLINALG_H
#define ROPE_CONVERSION_ROPETOLINALG_ATTENTIONTOLINALG_H

#include <optional>
#include <string>

namespace mlir {
class RewritePatternSet;

namespace rope {
class AttentionOp;

/// Why the lowering cannot take this op; nothing if it can.
std::optional<std::string> getAttentionToLinalgObstacle(AttentionOp op);

/// Adds the pattern that lowers the tensor form of `rope.attention`.
void populateAttentionToLinalgPatterns(RewritePatternSet &patterns);

} // namespace rope
} // namespace mlir

#endif // ROPE_CONVERSION_ROPETOLINALG_ATTENTIONTOLINALG_H
