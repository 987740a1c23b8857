//===- SharedTile.h - Where rows lie in shared memory -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_SHAREDTILE_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_SHAREDTILE_H

#include "../RopeToAffine/LoopEmitter.h"
#include "KernelBuilder.h"

namespace mlir::rope {

/// Rows of elements of 16 bits in shared memory, in words of two.
///
/// Rows are whole, or cut into panels of 64 lanes, 128 bytes, as `wgmma` reads
/// them with its widest swizzle: unit u of 16 bytes of row r of a panel lies
/// where unit u xor (r mod 8) would, so that neither eight units of a row nor a
/// unit of eight rows share a bank. Panels start at multiples of 1024 bytes.
struct SharedTile {
  /// The word of the first row, and words from row to row.
  int64_t first = 0, stride = 0;
  /// Words from panel to panel; 0 where rows are whole.
  int64_t panel = 0;

  static constexpr int64_t kPanelLanes = 64, kPanelStride = kPanelLanes / 2;

  static SharedTile getSwizzled(int64_t first, int64_t rows) {
    return {first, kPanelStride, rows * kPanelStride};
  }

  /// A word: an index, and a constant that becomes the offset of an access.
  struct Place {
    Value index;
    int64_t offset;
  };
  /// That of a lane of a row. Of a whole row a lane that is a multiple of two,
  /// as is what the index of the lane is scaled by.
  Place getPlace(KernelBuilder &kernel, Value row, LaneIndex lane) const;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_SHAREDTILE_H
