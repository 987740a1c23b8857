//===- OpsToGPU.h - What lowers an op to kernels ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For each op why it cannot become a kernel, nothing if it can, where there is
// something besides its buffers; and what replaces its memref form by launches.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_OPSTOGPU_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_OPSTOGPU_H

#include "KernelBuilder.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

std::optional<std::string> getAttentionToGPUObstacle(AttentionOp op,
                                                     const GpuModel &model);
void lowerAttention(RewriterBase &rewriter, gpu::GPUModuleOp module,
                    AttentionOp op, const GpuModel &model);

std::optional<std::string>
getLinearAttentionToGPUObstacle(LinearAttentionOp op, const GpuModel &model);
void lowerLinearAttention(RewriterBase &rewriter, gpu::GPUModuleOp module,
                          LinearAttentionOp op, const GpuModel &model);

std::optional<std::string> getMergeToGPUObstacle(MergeOp op);
void lowerMerge(RewriterBase &rewriter, gpu::GPUModuleOp module, MergeOp op,
                const GpuModel &model);

void lowerRotationMatrix(RewriterBase &rewriter, gpu::GPUModuleOp module,
                         RotationMatrixOp op, const GpuModel &model);

std::optional<std::string> getSinCosToGPUObstacle(SinCosOp op);
void lowerSinCos(RewriterBase &rewriter, gpu::GPUModuleOp module, SinCosOp op,
                 const GpuModel &model);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_OPSTOGPU_H
