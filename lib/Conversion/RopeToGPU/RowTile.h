//===- RowTile.h - Rows that a block rotates into shared memory -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile of queries or keys on its way from memory to shared memory, in
// elements of 16 bits. All threads of a block take part: each row and each
// table entry is read once a block. Between `load` and `store` what was loaded
// waits in registers, so that the next tile can be on its way during the
// products of this one.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_ROWTILE_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_ROWTILE_H

#include "DeviceBuffer.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "SharedTile.h"
#include "SharedWords.h"

namespace mlir::rope {

/// The work on the rows of a tile, `perRow` items a row, of a thread.
class RowItems {
public:
  RowItems(KernelBuilder &kernel, int64_t rows, int64_t perRow, Value thread,
           int64_t threads)
      : kernel(kernel), rows(rows), perRow(perRow), thread(thread),
        threads(threads) {}

  struct Item {
    Value row, place;
    /// Whether there is such an item; null where it is known to be.
    Value exists;
  };
  /// Numbers of rows are compared in 32 bits.
  static Value toI32(ImplicitLocOpBuilder &builder, Value index) {
    return arith::IndexCastUIOp::create(builder, builder.getI32Type(), index);
  }
  int64_t getNumItems() const {
    return llvm::divideCeil(rows * perRow, threads);
  }
  /// Item `i` of this thread; one that does not exist repeats the last row.
  Item get(int64_t i) const;

private:
  KernelBuilder &kernel;
  int64_t rows, perRow;
  Value thread;
  int64_t threads;
};

class RowTile {
public:
  /// Rows of `buffer`, [.., D] elements of 16 bits, `rows` a tile.
  RowTile(KernelBuilder &kernel, Value buffer, AttentionOp::Rotation rotation,
          int64_t rows, Value thread, int64_t threads);

  /// Elements that are accessed at a time: at least two, or no such tile can be
  /// loaded.
  static int64_t getUnitLanes(Value buffer, AttentionOp::Rotation rotation);
  /// Words of what a thread has loaded, an estimate of its registers.
  static int64_t getLoadedWords(Value buffer, AttentionOp::Rotation rotation,
                                int64_t rows, int64_t threads);

  /// Units of an item.
  struct Chunk {
    RowItems::Item item;
    SmallVector<Value> first, second, cosFirst, cosSecond, sinFirst, sinSecond;
  };
  struct Loaded {
    std::vector<Chunk> pairs, others;
  };
  /// The rows from `firstRow` on, counted from the one that has these leading
  /// indices in the buffer, of which the one of dimension `along` is its
  /// position. Rows behind `lastRow`, an i32, repeat it.
  Loaded load(ArrayRef<Value> indices, int64_t along, int64_t firstRow,
              Value lastRow);
  /// Rotates, rounds and stores the rows of `tile`.
  void store(const Loaded &loaded, SharedWords &shared, const SharedTile &tile);
  /// Zeros in the lanes of whole rows from D on to a multiple of 16.
  void storePadding(SharedWords &shared, const SharedTile &tile);

  DeviceBuffer &getBuffer() { return buffer; }

private:
  void addRotation(AttentionOp::Rotation rotation);
  RowItems::Item getOther(RowItems::Item item);
  void loadTables(Chunk &chunk, ArrayRef<Value> indices, Value row);
  void rotate(const Chunk &chunk, SharedWords &shared, const SharedTile &tile);
  /// Stores words at lanes of a row as wide as the units are.
  void storeLanes(ArrayRef<Value> words, SharedWords &shared,
                  const SharedTile &tile, Value row, LaneIndex lane);
  void emitIfExists(const RowItems::Item &item, function_ref<void()> body);

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;
  /// The pairs of a row, which chunks of `pairs` share; no chunks without a
  /// rotation.
  RotationAttr lanes;
  bool hasBatch = false, isPerLane = false;
  int64_t headDim, rotaryDim = 0, pairs = 8, chunks = 0;
  int64_t rows;
  Value thread;
  int64_t threads;
  DeviceBuffer buffer;
  std::optional<DeviceBuffer> cos, sin;
  /// Chunks of pairs, and units of the other lanes.
  std::vector<RowItems::Item> pairItems, otherItems;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_ROWTILE_H
