//===- LinearAttentionToGPU.h - As kernels ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_LINEARATTENTIONTOGPU_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_LINEARATTENTIONTOGPU_H

#include "KernelBuilder.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

/// Why the op cannot become a kernel; nothing if it can.
std::optional<std::string>
getLinearAttentionToGPUObstacle(LinearAttentionOp op, const GpuModel &model);

/// Replaces the memref form of `rope.linear_attention` by a launch.
void lowerLinearAttention(RewriterBase &rewriter, gpu::GPUModuleOp module,
                          LinearAttentionOp op, const GpuModel &model);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_LINEARATTENTIONTOGPU_H
