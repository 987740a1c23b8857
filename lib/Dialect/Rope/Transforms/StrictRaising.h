//===- StrictRaising.h - Raising that keeps every bit -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_STRICTRAISING_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_STRICTRAISING_H

#include "Rope/Analysis/RotationMatcher.h"

namespace mlir::rope {

/// Why the bits of rope.rotate would not be those of the program, which must
/// round each of two products and their sum in f32 or f64 as the op does.
std::optional<std::string> getInexactness(LaneEvaluator &evaluator,
                                          RotationMatcher &matcher,
                                          const RotationMatch &match,
                                          ArrayRef<ExprId> lanes);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_STRICTRAISING_H
