//===- LowerToLLVM.h - Parts that pipelines share ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#ifndef ROPE_LIB_PIPELINES_LOWERTOLLVM_H
#define ROPE_LIB_PIPELINES_LOWERTOLLVM_H

namespace mlir {
class OpPassManager;

namespace rope {
struct GpuPipelineOptions;

/// Tensors to buffers: entry points keep their arguments as they are unless
/// these are marked writable, and hand over the ownership of their results.
void addBufferization(OpPassManager &pm);

/// Linalg on buffers and loops to the LLVM dialect; if `hasLaunches`, those of
/// `gpu.launch_func` that become calls when LLVM IR is made.
void addLowerToLLVM(OpPassManager &pm, bool parallel = false,
                    bool hasLaunches = false);

/// Every `gpu.module` to a `gpu.binary`.
void addKernelsToBinary(OpPassManager &pm, const GpuPipelineOptions &options);

} // namespace rope
} // namespace mlir

#endif // ROPE_LIB_PIPELINES_LOWERTOLLVM_H
