//===- RaiseAttentions.h - Raise the attentions of a function ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_RAISEATTENTIONS_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_RAISEATTENTIONS_H

#include "Rope/Dialect/Rope/Transforms/Passes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::rope {

/// Replaces softmax attentions by rope.attention. `ownsModule` says that no
/// other thread changes the functions beside this one.
void raiseAttentions(FunctionOpInterface function,
                     const RopeRaiseOptions &options, bool ownsModule);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_RAISEATTENTIONS_H
