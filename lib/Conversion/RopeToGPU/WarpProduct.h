//===- WarpProduct.h - Products of matrices by a warp -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an attention needs of the instructions by which the threads of a warp (a
// wave of AMD) multiply matrices together:
//
//   S [16, 16] += Q [16, 16] K^T,    O [16, Dv] += P [16, 16] V,
//
// of 16 queries and 16 keys, at 16 lanes of both or at all lanes of the values.
// Each thread has a fragment of every matrix. Where it has which entries of S
// and O differs from chip to chip and is all that the kernel sees
// (FragmentLayout); P is S in words of two rounded entries.
//
// What a thread sees of memory and of the others is the same where single
// threads stand for the instruction, on a device without it: fragments are
// exchanged through shared memory there.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_WARPPRODUCT_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_WARPPRODUCT_H

#include "DeviceBuffer.h"
#include "SharedTile.h"
#include "SharedWords.h"

namespace mlir::rope {

/// Which entries of S and O a thread has. Fragments have 16 rows and `columns`
/// columns. Entry `entries` i + j of those of a thread is that of row `row` +
/// 8 i and column `column` + j.
struct FragmentLayout {
  static FragmentLayout get(const GpuModel &model);

  int64_t threads;
  int64_t columns;
  /// Adjacent columns of a thread.
  int64_t entries;
  /// Whether threads of adjacent numbers have adjacent rows, or share one.
  bool hasAdjacentRows;
  /// Keys of which a word of the values in shared memory has a lane; a word of
  /// one key has two lanes.
  int64_t keysOfWord;
  /// Threads that have the same elements of a factor.
  int64_t copies = 1;
  /// Whether the words of a lane lie side by side, in rows of lanes, of which
  /// there are gaps of 4 words behind each eight. Rows are of keys otherwise,
  /// or of as many as a word has.
  bool hasRowsOfLanes = false;

  /// Threads that share a row, of which each has `entries`.
  int64_t getThreadsOfRow() const { return columns / entries; }
  /// Entries of a thread in a fragment.
  int64_t getSize() const { return 16 * columns / threads; }
  /// Rows of a thread.
  int64_t getRows() const { return getSize() / entries; }
  /// Words of both factors that a thread has.
  int64_t getFactorWords() const {
    return copies * (16 * 16 + 16 * columns) / (2 * threads);
  }
  /// The number of the place of column `column` + j of fragment n in row i.
  int64_t getPlace(int64_t n, int64_t i, int64_t j) const {
    return getSize() * n + entries * i + j;
  }
  /// What the numbers of two threads that share a row differ by.
  SmallVector<int64_t> getRowMasks() const {
    SmallVector<int64_t> masks;
    for (int64_t mask = 1; mask < getThreadsOfRow(); mask *= 2)
      masks.push_back(hasAdjacentRows ? 16 * mask : mask);
    return masks;
  }
  /// Words from one row of values in shared memory to the next: threads of a
  /// product share no bank.
  int64_t getValueStride(int64_t keys, int64_t lanes) const {
    // Of 64 keys rows 0, 8, 1, 9, 2 ... are 0, 1, 2 ... units of 8 banks apart,
    // of 32 as many in the other direction.
    if (hasRowsOfLanes)
      return llvm::alignTo(keys / 2 + 8, 16) - 8;
    return keysOfWord == 1 ? SharedWords::getRowStride(lanes) : lanes + 8;
  }
  /// Words from eight rows of lanes to the next eight.
  static int64_t getStrideOfEight(int64_t stride) { return 8 * stride + 4; }
  /// Words of all values.
  int64_t getValueWords(int64_t keys, int64_t lanes) const {
    int64_t stride = getValueStride(keys, lanes);
    return hasRowsOfLanes ? lanes / 8 * getStrideOfEight(stride)
                          : keys / keysOfWord * stride;
  }
};

class WarpProduct {
public:
  using Words = SmallVector<Value>;

  explicit WarpProduct(const FragmentLayout &layout) : layout(layout) {}
  virtual ~WarpProduct() = default;

  const FragmentLayout &getLayout() const { return layout; }

  /// The fragment of 16 rows of Q, `stride` words apart in shared memory, of
  /// which the first lies `offset` words behind `first`.
  virtual Words loadQueries(SharedWords &shared, Value first, int64_t offset,
                            int64_t stride) = 0;
  /// Adds Q K^T to `sums`, the fragments of S. Keys are `stride` words apart
  /// from `place` on.
  virtual void multiplyKeys(ArrayRef<Value> queries, SharedWords &shared,
                            int64_t place, int64_t stride,
                            MutableArrayRef<Value> sums) = 0;
  /// P of 16 keys as a factor, of what this thread has of it in words.
  virtual Words getFactor(Words weights) { return weights; }
  /// Adds P V to `sums`, the fragments of O, for a factor P of the 16 keys from
  /// `key` on.
  virtual void multiplyValues(ArrayRef<Value> weights, SharedWords &shared,
                              const SharedTile &values, int64_t key,
                              MutableArrayRef<Value> sums) = 0;
  /// Adds the sums of rows of a factor P to all entries of a fragment; `ones`
  /// is a word of two ones.
  virtual void addWeights(ArrayRef<Value> weights, Value ones,
                          MutableArrayRef<Value> sums) = 0;

  /// Fragments of O as loops and branches carry them, and back: scalars, or the
  /// vectors that the instruction takes, which are registers side by side.
  virtual SmallVector<Value> pack(ArrayRef<Value> sums) {
    return llvm::to_vector(sums);
  }
  virtual SmallVector<Value> unpack(ValueRange carried) {
    return llvm::to_vector(carried);
  }
  /// Where a schedule must not move loads ahead of what came before them: they
  /// would all wait in registers.
  virtual void fence() {}

  /// What the thread of number `thread ^ mask` has in `scalar`, an f32.
  virtual Value exchange(Value scalar, int64_t mask) = 0;

  /// A unit of 16 bytes of the values of each key of a word.
  struct ValueUnit {
    SmallVector<Value> rows;
    /// Whether there is such a key; zeros otherwise, for which nothing behind
    /// the buffer is read.
    SmallVector<Value> isInside;
    LaneIndex lane;
    /// Where the unit goes in shared memory; words from lane to lane if rows
    /// are those of lanes.
    Value index;
    int64_t stride;
    /// Whether this thread has the unit to itself; null where it does. If not,
    /// another copies the same.
    Value isOwn;
  };
  /// Starts a copy to shared memory. `wait` ends all copies of this thread.
  virtual void copy(DeviceBuffer &source, SharedWords &shared,
                    const ValueUnit &unit) = 0;
  virtual void wait(SharedWords &shared) = 0;

  /// Words of shared memory that a warp needs for itself.
  static int64_t getScratchWords(const GpuModel &model);

  /// What the target of the kernel has. `thread` is that of the warp.
  static std::unique_ptr<WarpProduct> create(KernelBuilder &kernel,
                                             FloatType element, Value thread,
                                             Value warp, int64_t numWarps);

protected:
  /// Lanes of values of which `sums` has the sums.
  int64_t getLanes(ArrayRef<Value> sums) const {
    return layout.columns * sums.size() / layout.getSize();
  }

private:
  FragmentLayout layout;
};

/// The products of NVIDIA (sm_80 and later) and of AMD (gfx90a, gfx942, gfx950;
/// gfx11), or threads in their place.
std::unique_ptr<WarpProduct> createMmaProduct(KernelBuilder &kernel,
                                              FloatType element, Value thread,
                                              Value warp, int64_t numWarps);
std::unique_ptr<WarpProduct> createMfmaProduct(KernelBuilder &kernel,
                                               FloatType element, Value thread,
                                               Value warp, int64_t numWarps);
std::unique_ptr<WarpProduct> createWmmaProduct(KernelBuilder &kernel,
                                               FloatType element, Value thread,
                                               Value warp, int64_t numWarps);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_WARPPRODUCT_H
