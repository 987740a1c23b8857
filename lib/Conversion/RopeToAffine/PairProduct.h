//===- PairProduct.h - Products of matrices in bf16 -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Instructions that multiply bf16 and add f32 take the entries of a row of the
// left side in pairs, and of the right side words of 32 bits: word n of pair p
// holds entries 2p and 2p + 1 of column n.
//
//     sums[m, n] += left[m, 2p] right[p, 2n] + left[m, 2p+1] right[p, 2n+1]
//
// - vdpbf16ps (avx512_bf16) takes one pair of a row and a vector of words; the
//   sums stay in registers, as in MicroKernel.h.
// - tdpbf16ps (AMX) takes tiles of 16 rows, each of 64 bytes. Of its eight
//   tiles four hold sums of 2 x 2, and two each hold rows of the left side and
//   pairs of the right one: a load for each product.
//
// Both take subnormal numbers for 0 and round to nearest even.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_PAIRPRODUCT_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_PAIRPRODUCT_H

#include "AttentionTile.h"

namespace mlir::rope {

/// Rows of a tile, words of one of its rows, and entries of bf16 in such a row.
inline constexpr int64_t kTileRows = 16, kTileWords = 16, kTileEntries = 32;

struct PairProduct {
  const AttentionTile &tile;
  /// [row, k] in bf16: `tiling.productRows` rows from `leftRow` on.
  Value left;
  LaneIndex leftRow;
  /// [slot, panel, pair, 2 * lanes] in bf16: `panels` panels from `rightPanel`
  /// on; entry k of the left side meets entry `firstEntry` + k.
  Value right;
  LaneIndex rightPanel;
  int64_t panels;
  OpFoldResult firstEntry;
  /// [row, column] in f32
  Value sums;
  LaneIndex row, column;

  using Bounds = ArrayRef<OpFoldResult>;
  /// Stores the sums over k in [max(lower), min(upper)), which are multiples of
  /// `tiling.depth`, times a factor.
  void emitProduct(Bounds lower, Bounds upper, double factor) const;
  /// Adds them to what is there.
  void emitUpdate(Bounds lower, Bounds upper) const;
  /// The same without those whose entry of `left` is 0, whatever `right` is.
  void emitUpdateWithoutZeros(Bounds lower, Bounds upper) const;

private:
  Value getPair(Value k) const;
  SmallVector<Value> emitDots(Bounds lower, Bounds upper,
                              ValueRange inits) const;
  SmallVector<Value> emitTiles(Bounds lower, Bounds upper,
                               ValueRange inits) const;
  /// Sums in registers or in tiles, row by row.
  int64_t getNumSums() const;
  SmallVector<LaneIndex> placeOf(int64_t sum) const;
  SmallVector<Value> load() const;
  void store(ArrayRef<Value> totals) const;
  void scaleSums(double factor) const;
  bool areTiles() const { return tile.tiling.products == BF16Products::Tiles; }
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_PAIRPRODUCT_H
