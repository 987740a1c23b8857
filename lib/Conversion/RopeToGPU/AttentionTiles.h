//===- AttentionTiles.h - When and how attention has tiles ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which attentions the kernel with products of matrices takes, and the model
// of what a block of it needs:
//
//   registers a thread  Dv/2 + 4 + D/4 + 3/4 Bk + prefetch + 36
//   shared words        Bk Dv/2 + max(Bk D/2, Bq Bk/2) or Bq max(D, Dv)/2
//
// with Bq queries, 16 a warp of 32 threads, and Bk keys a tile: sums of the
// output, queries, scores and weights of a tile, and the keys and table entries
// of the next. A wave of 64 threads has half of the sums, queries and scores in
// each, but the values of the tile, too. On gfx11 factors are in two threads
// each, and scores are there until all weights are:
//
//   registers a thread  Dv/2 + 4 + D/2 + 3/2 Bk + prefetch + 36
//
// Where warpgroups multiply, 64 queries each, these stay in shared memory:
//
//   registers a thread  Dv/2 + 4 + 3/4 Bk + prefetch + 36
//   shared words        Bk Dv/2 + max(Bk D/2, Bq Bk/2) + Bq D/2 + 256
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_ATTENTIONTILES_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_ATTENTIONTILES_H

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "SharedTile.h"
#include "WarpProduct.h"

namespace mlir::rope {

struct AttentionTiles {
  /// The tiles that the model has for `op`, or those that it was given.
  static AttentionTiles get(AttentionOp op, const GpuModel &model);

  /// Why no kernel with products of matrices takes `op`; nothing if one does.
  static std::optional<std::string> getObstacle(AttentionOp op,
                                                const GpuModel &model);

  /// Why warpgroups do not multiply for it although the model has them; nothing
  /// if they do or if the kernel above is not taken at all.
  static std::optional<std::string> getWarpgroupObstacle(AttentionOp op,
                                                         const GpuModel &model);

  static constexpr int64_t kRowsOfWarp = 16;

  int64_t getWarps() const { return queries / kRowsOfWarp; }
  int64_t getThreads() const { return getWarps() * layout.threads; }
  int64_t getRegisters(AttentionOp op) const;
  /// That a thread of such a block can have.
  int64_t getMaxRegisters(const GpuModel &model) const;

  /// Keys and the values behind them; queries where the keys are later, or
  /// behind the values, with ones behind them. Signs of weights of `queries`
  /// rows take the place of keys, the output that of all.
  int64_t getSharedWords(AttentionOp op) const;
  SharedTile getQueries(AttentionOp op) const;
  SharedTile getKeys(AttentionOp op) const;
  SharedTile getValues(AttentionOp op) const;
  int64_t getOnes(AttentionOp op) const;

  int64_t queries, keys;
  FragmentLayout layout;
  /// Whether four warps multiply together.
  bool hasWarpgroups = false;

private:
  static AttentionTiles get(AttentionOp op, const GpuModel &model,
                            bool hasWarpgroups);
  std::optional<std::string> getLimit(AttentionOp op,
                                      const GpuModel &model) const;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_ATTENTIONTILES_H
