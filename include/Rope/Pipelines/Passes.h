//===- Passes.h - Passes of the pipelines -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Creation and registration of the passes that only the pipelines need.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_PIPELINES_PASSES_H
#define ROPE_PIPELINES_PASSES_H

#include "Rope/Conversion/RopeToGPU/RopeToGPU.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Pass/Pass.h"

namespace mlir::rope {

#define GEN_PASS_DECL
#include "Rope/Pipelines/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "Rope/Pipelines/Passes.h.inc"

} // namespace mlir::rope

#endif // ROPE_PIPELINES_PASSES_H
