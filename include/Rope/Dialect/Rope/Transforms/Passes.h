//===- Passes.h - Passes on the rope dialect --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_DIALECT_ROPE_TRANSFORMS_PASSES_H
#define ROPE_DIALECT_ROPE_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir::rope {

/// Where tables of rope.sincos are computed: in the loop of the rotation that
/// reads them, in one piece before it, or where the cost model wants it.
enum class AnglePlacement { Auto, OnTheFly, Table };

#define GEN_PASS_DECL
#include "Rope/Dialect/Rope/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "Rope/Dialect/Rope/Transforms/Passes.h.inc"

} // namespace mlir::rope

#endif // ROPE_DIALECT_ROPE_TRANSFORMS_PASSES_H
