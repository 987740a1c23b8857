//===- HostMachine.h - Machines that LLVM compiles for ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_RUNTIME_HOSTMACHINE_H
#define ROPE_LIB_RUNTIME_HOSTMACHINE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace mlir::rope {

/// For code of this process: the host's CPU with all of its features.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createHostMachine(llvm::CodeGenOptLevel level);

/// For position-independent files: the host, or another CPU of its kind with
/// what LLVM knows it to have. Fails if there is none of that name.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createFileMachine(llvm::CodeGenOptLevel level, llvm::StringRef cpu);

/// LLVM prefers 256-bit vectors on most hosts with AVX-512; rope's loops are
/// written for the full width.
void preferFullVectors(llvm::Module &module,
                       const llvm::TargetMachine &machine);

} // namespace mlir::rope

#endif // ROPE_LIB_RUNTIME_HOSTMACHINE_H
