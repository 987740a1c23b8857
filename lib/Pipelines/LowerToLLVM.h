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

/// Tensors to buffers: entry points keep their arguments as they are unless
/// these are marked writable, and hand over the ownership of their results.
void addBufferization(OpPassManager &pm);

/// Linalg on buffers and loops to the LLVM dialect.
void addLowerToLLVM(OpPassManager &pm, bool parallel = false);

} // namespace rope
} // namespace mlir

#endif // ROPE_LIB_PIPELINES_LOWERTOLLVM_H
