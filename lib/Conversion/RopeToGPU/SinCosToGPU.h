//===- SinCosToGPU.h - Tables of cosines and sines as kernels ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_SINCOSTOGPU_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_SINCOSTOGPU_H

#include "KernelBuilder.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

/// Why the op cannot become a kernel; nothing if it can.
std::optional<std::string> getSinCosToGPUObstacle(SinCosOp op);

/// Replaces the memref form of `rope.sincos` by a launch.
void lowerSinCos(RewriterBase &rewriter, gpu::GPUModuleOp module, SinCosOp op,
                 const GpuModel &model);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_SINCOSTOGPU_H
