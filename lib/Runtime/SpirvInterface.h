//===- SpirvInterface.h - What a SPIR-V kernel is bound to ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads the storage buffers of an entry point off its binary, so that a kernel
// needs no description beside it.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_RUNTIME_SPIRVINTERFACE_H
#define ROPE_LIB_RUNTIME_SPIRVINTERFACE_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

namespace mlir::rope {

/// A storage buffer of a kernel, at the binding of its place in the list.
struct SpirvBinding {
  /// Whether the kernel accesses it at all; if not, nothing else is known.
  bool isUsed = false;
  /// An array of run-time size, else one of scalars.
  bool isRuntimeArray = false;
  /// Bytes from one element to the next.
  uint32_t stride = 0;
};

/// The bindings of `entryPoint` in `words`, up to the last one that is used;
/// fails if there is no such entry point.
llvm::Expected<SmallVector<SpirvBinding>>
getSpirvBindings(ArrayRef<uint32_t> words, StringRef entryPoint);

} // namespace mlir::rope

#endif // ROPE_LIB_RUNTIME_SPIRVINTERFACE_H
