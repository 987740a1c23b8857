//===- RotateToGPU.h - Rotations as kernels ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_ROTATETOGPU_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_ROTATETOGPU_H

#include "KernelBuilder.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

/// The leading dimension whose rows share a row of the tables and lie closest
/// to each other; none if every leading dimension has its own positions.
std::optional<int64_t> getHeadsDim(RotateOp op);

/// Whether one launch can do the work of both: they rotate different heads by
/// the same tables, and neither touches what the other writes. With
/// `distinctArguments` the arguments of a function do not overlap.
bool canShareLaunch(RotateOp first, RotateOp second, bool distinctArguments);

/// Replaces rotations that share a launch by that launch.
void lowerRotations(RewriterBase &rewriter, gpu::GPUModuleOp module,
                    ArrayRef<RotateOp> rotations, const GpuModel &model);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_ROTATETOGPU_H
