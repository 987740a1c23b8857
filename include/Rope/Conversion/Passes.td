//===- Passes.td - Conversions from the rope dialect --------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_CONVERSION_PASSES
#define ROPE_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

#endif // ROPE_CONVERSION_PASSES
