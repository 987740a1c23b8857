//===- KeyParts.h - Keys of an attention in parts ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where there are few queries, blocks share the keys of one. Each leaves in
// memory of part p the largest score m_p, l_p and o_p, both relative to m_p,
// and another kernel merges them: with m the largest m_p,
//
//   l = sum_p l_p e^(m_p - m),   out = sum_p o_p e^(m_p - m) / l.
//
// That is `rope.merge` of all parts at once; m_p and l_p apart keep the digits
// that a log-sum-exp of large scores has not. A part without keys has m_p =
// -inf, and a sink is merged as one with m_p the sink, l_p 1 and o_p 0.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_KEYPARTS_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_KEYPARTS_H

#include "KernelBuilder.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

/// Weights that are results or are rounded need m and l of all keys at first.
inline bool needsTwoPasses(AttentionOp op) {
  return op.getReturningScores() == ScoreKind::Weights ||
         (op.getSoftmaxPrecision() && !op.getSoftmaxPrecision()->isF32());
}

/// An attention and where its parts are, if there are any.
struct KeyParts {
  AttentionOp op;
  /// Of the keys of each query.
  OpFoldResult count;
  /// o: parts x batches x heads x queries x lanes of f32.
  Value sums;
  /// m and l: parts x batches x heads x queries x 2 of f32.
  Value statistics;

  explicit operator bool() const { return bool(sums); }
};

/// Parts of the keys of each query, as a size on the host: `key-parts`, else as
/// many as make enough blocks for the chip, if a part has enough keys to be
/// worth its merge. `blocks` blocks a query and batch take all of its keys.
OpFoldResult getNumKeyParts(ImplicitLocOpBuilder &host, AttentionOp op,
                            int64_t blocks, const GpuModel &model);

/// Memory for `count` parts.
KeyParts allocateKeyParts(ImplicitLocOpBuilder &host, AttentionOp op,
                          OpFoldResult count);

/// Launches the kernel that makes the results of parts, and frees them.
void mergeKeyParts(RewriterBase &rewriter, gpu::GPUModuleOp module,
                   const KeyParts &parts, const GpuModel &model);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_KEYPARTS_H
