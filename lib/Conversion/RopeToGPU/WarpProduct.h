//===- WarpProduct.h - Products of matrices by a warp -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A warp of 32 threads multiplies A [16, 16] by B [16, 8] and adds C [16, 8].
// Each thread has a fragment of each: with g = thread / 4 and t = thread % 4
//
//   A, four words: rows g and g + 8 at columns 2 t, then at 2 t + 8,
//   B, two words:  column g at rows 2 t, then 2 t + 8,
//   C, four f32:   row g at columns 2 t and 2 t + 1, then row g + 8,
//
// where a word has an element and the next one of its row (A) or column (B):
// mma.m16n8k16 of the PTX ISA. What a thread sees of memory and of the others
// is the same in both classes here: on a device without the instruction, words
// of the fragments are exchanged in shared memory.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_WARPPRODUCT_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_WARPPRODUCT_H

#include "DeviceBuffer.h"
#include "SharedWords.h"

namespace mlir::rope {

class WarpProduct {
public:
  virtual ~WarpProduct() = default;

  /// A B + C.
  virtual SmallVector<Value> multiply(ArrayRef<Value> a, ArrayRef<Value> b,
                                      ArrayRef<Value> c) = 0;

  /// `count` matrices of 8 rows of 8 elements in shared memory, a word of each.
  /// Row r of matrix m lies at `offset` words from `getIndex(8 m + r)`. Row g
  /// of a matrix at columns 2 t and 2 t + 1; `transposed`: column g at rows 2 t
  /// and 2 t + 1.
  virtual SmallVector<Value> load(SharedWords &shared,
                                  function_ref<Value(Value thread)> getIndex,
                                  int64_t offset, int64_t count,
                                  bool transposed) = 0;

  /// What the thread of number `thread ^ mask` has in `scalar`, an f32.
  virtual Value exchange(Value scalar, int64_t mask) = 0;

  /// Starts to copy a unit of 16 bytes to shared memory, zeros if not
  /// `isInside`, and nothing is read then. `wait` ends all copies of this
  /// thread.
  virtual void copy(DeviceBuffer &source, Value row, LaneIndex lane,
                    SharedWords &shared, Value index, Value isInside) = 0;
  virtual void wait() = 0;

  /// Words of shared memory that a warp needs for itself.
  static int64_t getScratchWords(const GpuModel &model);

  /// What the target of the kernel has. `thread` is that of the warp.
  static std::unique_ptr<WarpProduct> create(KernelBuilder &kernel,
                                             FloatType element, Value thread,
                                             Value warp, int64_t numWarps);
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_WARPPRODUCT_H
