//===- AttentionTail.h - Lanes of keys that heads share ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONTAIL_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONTAIL_H

#include "LaneMaterializer.h"
#include "Rope/Analysis/AttentionMatcher.h"

namespace mlir::rope {

/// Makes two products of the one of `match` where heads share some lanes of the
/// key, and the key is only put together for `candidate`:
///
///   q . [k, t] = q_1 . k + q_2 . t,
///
/// as multi-head latent attention repeats its rotary lanes.
void splitSharedLanes(
    LaneEvaluator &evaluator, AttentionMatch &match,
    function_ref<std::optional<NamedTensor>(ArrayRef<ExprId>)> getName,
    Operation *candidate);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ATTENTIONTAIL_H
