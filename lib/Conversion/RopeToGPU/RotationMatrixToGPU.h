//===- RotationMatrixToGPU.h - Rotation matrices ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_ROTATIONMATRIXTOGPU_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_ROTATIONMATRIXTOGPU_H

#include "KernelBuilder.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

/// Replaces the memref form of `rope.rotation_matrix` by a launch.
void lowerRotationMatrix(RewriterBase &rewriter, gpu::GPUModuleOp module,
                         RotationMatrixOp op, const GpuModel &model);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_ROTATIONMATRIXTOGPU_H
