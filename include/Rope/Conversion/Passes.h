//===- Passes.h - Conversions from the rope dialect -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Creation and registration of the conversion passes.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_CONVERSION_PASSES_H
#define ROPE_CONVERSION_PASSES_H

#include "Rope/Conversion/RopeToAffine/RopeToAffine.h"
#include "Rope/Conversion/RopeToGPU/RopeToGPU.h"
#include "mlir/Pass/Pass.h"

namespace mlir::rope {

#define GEN_PASS_DECL
#include "Rope/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "Rope/Conversion/Passes.h.inc"

} // namespace mlir::rope

#endif // ROPE_CONVERSION_PASSES_H
