//===- DirectParts.cpp - Passes over few rows and parts of keys -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DirectBlock.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"

using namespace mlir;
using namespace mlir::rope;

/// As AttentionBlock::repairSums, of all heads; keys of weight 0 are passed
/// over.
void DirectBlock::repairSums() {
  LoopEmitter &emitter = tile.emitter;
  Value zero = emitter.getValue(tile.constant(0));
  SmallVector<Value> checks = emitter.emitReduction(
      tile.constant(0), tile.constant(tile.tiling.directHeads), 1,
      tile.splat(0.0).get(), [&](Value head, ValueRange checks) {
        return checkSums(slots, getSlot(head, zero), checks);
      });
  emitIfSpecial(checks[0], [&] {
    forEachHead(zero, [&](Value) {
      packQueries();
      clearAllSums();
    });
    emitKeys(getKeys(), zero, Pass::Weights, /*skipsZeros=*/true);
  });
}

void DirectBlock::finishParts() {
  Value zero = tile.emitter.getValue(tile.constant(0));
  tile.emitter.emitFor(tile.constant(tile.tiling.directHeads), [&](Value head) {
    mergeParts(slots, getSlot(head, zero), tile.tiling.directHeads);
  });
  repairSums();
  forEachHead(zero, [&](Value) { finish(); });
}

/// Numbers of a batch, of a pass over its heads and of a part of its keys.
static void emitItems(AttentionTile &tile, ArrayRef<OpFoldResult> sizes,
                      AttentionBounds &bounds, const RowSlots &slots,
                      bool isParallel,
                      function_ref<void(DirectBlock &, ValueRange)> body) {
  // Iterations of a parallel loop have temporaries of their own.
  std::optional<Temporaries> own;
  std::optional<DirectBlock> block;
  auto allocate = [&] {
    own.emplace(tile);
    block.emplace(tile, bounds, slots, *own);
  };
  if (!isParallel)
    allocate();
  SmallVector<int64_t> steps(sizes.size(), 1);
  tile.emitter.emitNest(sizes, steps, isParallel, [&](ValueRange item) {
    if (isParallel)
      allocate();
    tile.batch = item[0];
    bounds.enterBatch();
    body(*block, item);
    if (isParallel)
      own->deallocate();
  });
  if (!isParallel)
    own->deallocate();
}

void rope::emitDirectAttention(AttentionTile &tile, AttentionBounds &bounds,
                               bool isParallel) {
  LoopEmitter &emitter = tile.emitter;
  int64_t kvHeads = tile.op.getNumKvHeads();
  int64_t heads = tile.tiling.directHeads, parts = tile.tiling.keyParts;
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  OpFoldResult passes = tile.constant(kvHeads / heads);
  Temporaries shared(tile);
  RowSlots slots(tile,
                 affine::makeComposedFoldedAffineApply(
                     tile.builder(), tile.op.getLoc(), a * (kvHeads * parts),
                     {tile.batches}),
                 shared);
  auto enter = [&](DirectBlock &block, ValueRange item) {
    Value head = emitter.apply(a * heads, OpFoldResult(item[1]));
    block.enter(head,
                emitter.apply((a * kvHeads + b) * parts, {item[0], head}));
  };
  emitItems(tile, {tile.batches, passes, tile.constant(parts)}, bounds, slots,
            isParallel, [&](DirectBlock &block, ValueRange item) {
              enter(block, item);
              block.emitPart(item[2]);
            });
  emitItems(tile, {tile.batches, passes}, bounds, slots, isParallel,
            [&](DirectBlock &block, ValueRange item) {
              enter(block, item);
              block.finishParts();
            });
  shared.deallocate();
}
