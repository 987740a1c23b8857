//===- HostProducts.h - Products of bf16 of this machine --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_RUNTIME_HOSTPRODUCTS_H
#define ROPE_LIB_RUNTIME_HOSTPRODUCTS_H

#include "Rope/Conversion/RopeToAffine/RopeToAffine.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

namespace mlir::rope {

/// The fastest products of bf16 that this process can run.
BF16Products getHostProducts();

/// Fails if a module in the LLVM dialect has instructions for products of bf16
/// that this process cannot run.
llvm::Error checkHostProducts(ModuleOp module);

} // namespace mlir::rope

#endif // ROPE_LIB_RUNTIME_HOSTPRODUCTS_H
