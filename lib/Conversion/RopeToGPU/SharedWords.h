//===- SharedWords.h - Words that the threads of a block share --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_SHAREDWORDS_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_SHAREDWORDS_H

#include "KernelBuilder.h"

namespace mlir::rope {

/// Shared memory as words of 32 bits from a multiple of 16 bytes on, or of
/// 1024 if it `isDynamic`, of which a block may have more. Places are an index,
/// and a constant that becomes the offset of an access.
class SharedWords {
public:
  SharedWords(KernelBuilder &kernel, int64_t size, bool isDynamic = false);

  Value load(Value index, int64_t offset = 0);
  /// Words side by side, at a multiple of their number as `store`.
  SmallVector<Value> loadWords(Value index, int64_t offset, int64_t count);
  /// Stores words side by side at a multiple of their number, a power of two
  /// of at most 4.
  void store(ArrayRef<Value> words, Value index, int64_t offset = 0);
  /// The address of a word, in targets that have pointers.
  Value getPointer(Value index, int64_t offset = 0);

  /// Words from one row of `lanes` elements of 16 bits to the next: an odd
  /// number of units of 16 bytes, so that units of eight successive rows share
  /// no bank.
  static int64_t getRowStride(int64_t lanes) {
    return 4 * (llvm::divideCeil(lanes, 8) | 1);
  }

private:
  KernelBuilder &kernel;
  Value words;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_SHAREDWORDS_H
