//===- LaunchSymbols.h - Functions that launch kernels ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions that upstream's lowering of `gpu.launch_func` calls, for
// kernels in SPIR-V on a Vulkan device.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_RUNTIME_LAUNCHSYMBOLS_H
#define ROPE_LIB_RUNTIME_LAUNCHSYMBOLS_H

#include "llvm/Support/Error.h"

namespace mlir {
class ExecutionEngine;

namespace rope {

/// Opens the device for the rest of the process; fails where there is none.
llvm::Error openLaunchDevice();

/// If the device is open, makes known to the engine's code: mgpuModuleLoad,
/// mgpuModuleUnload, mgpuModuleGetFunction, mgpuLaunchKernel, mgpuStreamCreate,
/// mgpuStreamDestroy and mgpuStreamSynchronize. A launch that fails ends the
/// process with code 2 and one line on stderr: code in the middle of a function
/// cannot go on.
void registerLaunchSymbols(ExecutionEngine &engine);

} // namespace rope
} // namespace mlir

#endif // ROPE_LIB_RUNTIME_LAUNCHSYMBOLS_H
