//===- CallFrame.h - One call through the C interface -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The memory of one call: copies of the arguments, memref descriptors of any
// rank, and room for the results.
//
// A descriptor of rank r is the words {allocated, aligned, offset, sizes[r],
// strides[r]}. The C interface passes buffers by pointer to a descriptor and
// scalars by value. One scalar result is returned; anything else (a buffer, a
// complex number, several results in one struct) goes through a hidden first
// pointer argument. The execution engine wraps that in void(void **), whose
// argument holds a pointer to each argument, then one to the returned value.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_RUNTIME_CALLFRAME_H
#define ROPE_LIB_RUNTIME_CALLFRAME_H

#include "Rope/Runtime/Signature.h"
#include <chrono>
#include <vector>

namespace mlir::rope {

class CallFrame {
public:
  CallFrame(const Signature &signature, ArrayRef<NamedArray> arguments);

  /// Frees the buffers that the call returned, each once, and never memory of
  /// the arguments or of a constant.
  ~CallFrame();

  CallFrame(const CallFrame &) = delete;
  CallFrame &operator=(const CallFrame &) = delete;

  /// Calls the packed function, once, and says how long that took. An abort of
  /// the function ends the process with code 2.
  std::chrono::duration<double> call(void (*entry)(void **));

  /// Copies the results of the call out, whatever their strides.
  llvm::Expected<std::vector<NdArray>> getResults() const;

private:
  /// Where the result at this offset lies: a descriptor, or a scalar, which
  /// need not be aligned as words are.
  const intptr_t *getResultWords(size_t offset) const {
    return reinterpret_cast<const intptr_t *>(
        reinterpret_cast<const char *>(resultStorage.data()) + offset);
  }

  /// Whether a returned allocation is the caller's to free: neither memory of
  /// the arguments nor a constant.
  bool ownsAllocation(const void *pointer) const;

  const Signature &signature;
  std::vector<NdArray> copies;
  std::vector<std::vector<intptr_t>> descriptors;
  /// Pointers to descriptors, where a packed argument needs their address.
  std::vector<void *> pointers;
  /// The returned struct or scalar; words, for their alignment.
  std::vector<intptr_t> resultStorage;
  void *resultPointer = nullptr;
  SmallVector<size_t> resultOffsets;
  std::vector<void *> packed;
  SmallVector<void *> returnedAllocations;
};

/// Whether the results go through the hidden pointer argument.
bool hasHiddenResult(const Signature &signature);

} // namespace mlir::rope

#endif // ROPE_LIB_RUNTIME_CALLFRAME_H
