//===- MergeToGPU.h - Merges as kernels -------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_MERGETOGPU_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_MERGETOGPU_H

#include "KernelBuilder.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

/// Why the op cannot become a kernel; nothing if it can.
std::optional<std::string> getMergeToGPUObstacle(MergeOp op);

/// Replaces the memref form of `rope.merge` by launches.
void lowerMerge(RewriterBase &rewriter, gpu::GPUModuleOp module, MergeOp op,
                const GpuModel &model);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_MERGETOGPU_H
