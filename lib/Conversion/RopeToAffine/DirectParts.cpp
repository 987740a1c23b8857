//===- DirectParts.cpp - Passes over few rows and parts of keys -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DirectBlock.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"

using namespace mlir;
using namespace mlir::rope;

void DirectBlock::finishParts(UnfinishedRows &rows, ValueRange item,
                              Value again) {
  LoopEmitter &emitter = tile.emitter;
  int64_t heads = tile.tiling.directHeads;
  Value zero = emitter.getValue(tile.constant(0));
  SmallVector<Value> checks = emitter.emitReduction(
      tile.constant(0), tile.constant(heads), 1, tile.splat(0.0).get(),
      [&](Value head, ValueRange checks) {
        mergeParts(slots, getSlot(head, zero), heads);
        return checkSums(slots, getSlot(head, zero), checks);
      });
  rows.emitEnd(
      item, isSpecial(checks[0]), again,
      [&] { forEachHead(zero, [&](Value) { finish(); }); },
      [&] {
        emitter.emitFor(tile.constant(heads), [&](Value head) {
          shareMaxima(slots, getSlot(head, zero), heads);
        });
      });
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
  UnfinishedRows rows(tile, {tile.batches, passes}, shared);
  std::optional<DirectBlock> serial;
  if (!isParallel)
    serial.emplace(tile, bounds, slots, shared);
  // Numbers of a batch, of a pass over its heads and of a part of its keys.
  auto emitItems = [&](ArrayRef<OpFoldResult> sizes, auto body) {
    SmallVector<int64_t> steps(sizes.size(), 1);
    emitter.emitNest(sizes, steps, isParallel, [&](ValueRange item) {
      // Iterations of a parallel loop have temporaries of their own.
      Temporaries own(tile);
      std::optional<DirectBlock> block = serial;
      if (isParallel)
        block.emplace(tile, bounds, slots, own);
      tile.batch = item[0];
      bounds.enterBatch();
      Value head = emitter.apply(a * heads, OpFoldResult(item[1]));
      block->enter(head,
                   emitter.apply((a * kvHeads + b) * parts, {item[0], head}));
      rows.emitIfUnfinished(item.take_front(2), [&] { body(*block, item); });
      own.deallocate();
    });
  };
  rows.emitPasses([&](Value again) {
    emitItems({tile.batches, passes, tile.constant(parts)},
              [&](DirectBlock &block, ValueRange item) {
                block.emitPart(item[2], again);
              });
    emitItems({tile.batches, passes}, [&](DirectBlock &block, ValueRange item) {
      block.finishParts(rows, item, again);
    });
  });
  shared.deallocate();
}
