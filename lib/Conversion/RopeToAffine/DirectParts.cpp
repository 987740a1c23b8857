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
  UnfinishedRows rows(tile, {tile.batches, passes}, shared);
  rows.emitPasses([&](Value again) {
    emitItems(tile, {tile.batches, passes, tile.constant(parts)}, bounds, slots,
              isParallel, [&](DirectBlock &block, ValueRange item) {
                enter(block, item);
                rows.emitIfUnfinished(item.take_front(2),
                                      [&] { block.emitPart(item[2], again); });
              });
    emitItems(tile, {tile.batches, passes}, bounds, slots, isParallel,
              [&](DirectBlock &block, ValueRange item) {
                enter(block, item);
                rows.emitIfUnfinished(
                    item, [&] { block.finishParts(rows, item, again); });
              });
  });
  shared.deallocate();
}
