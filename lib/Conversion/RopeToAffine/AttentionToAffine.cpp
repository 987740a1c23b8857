//===- AttentionToAffine.cpp - rope.attention as loops of vectors ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For each batch, keys and values are packed, then blocks of queries meet them;
// both are parallel over heads and blocks. What is allocated: packed keys and
// values of a batch (without parallel loops, of a head), and a block of rows
// with the scores of one group.
//
//===----------------------------------------------------------------------===//

#include "AttentionBlock.h"
#include "DirectBlock.h"
#include "Rope/Conversion/RopeToAffine/RopeToAffine.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::rope;

/// Fewer products than this are not worth the start of threads.
static constexpr int64_t kMinParallelProducts = 1 << 20;

static bool isWorthThreads(const AttentionTile &tile) {
  int64_t products =
      tile.op.getNumHeads() *
      (tile.op.getHeadDim() + tile.op.getValueType().getDimSize(3));
  for (OpFoldResult size : {tile.batches, tile.queries, tile.keys}) {
    std::optional<int64_t> constant = getConstantIntValue(size);
    if (!constant)
      return true;
    products *= *constant;
  }
  return products >= kMinParallelProducts;
}

/// Packed keys and values of `slots` heads.
static PackedKeysAndValues allocatePacked(const AttentionTile &tile,
                                          OpFoldResult slots,
                                          Temporaries &temporaries) {
  const AttentionTiling &tiling = tile.tiling;
  AffineExpr n = tile.builder().getAffineDimExpr(0);
  auto inUnits = [&](int64_t unit) {
    return affine::makeComposedFoldedAffineApply(
        tile.builder(), tile.op.getLoc(), n.ceilDiv(unit), tile.keys);
  };
  PackedKeysAndValues packed;
  packed.keys = temporaries.allocate({slots, inUnits(tiling.panelKeys),
                                      tile.constant(tile.op.getHeadDim()),
                                      tile.constant(tiling.panelKeys)},
                                     tiling.type);
  for (int64_t vectors : tiling.valuePanels)
    packed.values.push_back(temporaries.allocate(
        {slots, tile.keys, tile.constant(vectors * tiling.lanes)},
        tiling.type));
  return packed;
}

std::optional<std::string> rope::getAttentionToAffineObstacle(AttentionOp op) {
  return getMemoryObstacle(op);
}

namespace {
/// out = softmax(scale rotate(q) rotate(k)^T + exclusion) rotate(v), in tiles.
struct AttentionToAffine final : OpRewritePattern<AttentionOp> {
  AttentionToAffine(MLIRContext *context, const RopeToAffineOptions &options)
      : OpRewritePattern(context), options(options) {}

  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    if (std::optional<std::string> obstacle = getAttentionToAffineObstacle(op))
      return rewriter.notifyMatchFailure(op, *obstacle);
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    LoopEmitter emitter(builder);
    AttentionTiling tiling(op, options);
    AttentionTile tile(op, emitter, tiling);
    // Nothing to compute: loops that are known to be empty do not verify.
    if (isConstantIntValue(tile.batches, 0) ||
        isConstantIntValue(tile.queries, 0)) {
      rewriter.eraseOp(op);
      return success();
    }
    AttentionBounds bounds(tile);
    bounds.prepare();
    bool isParallel = options.parallel && isWorthThreads(tile);
    if (tiling.isDirect)
      emitDirectAttention(tile, bounds, isParallel);
    else if (isParallel)
      emitParallel(tile, bounds);
    else
      emitSerial(tile, bounds);
    bounds.release();
    rewriter.eraseOp(op);
    return success();
  }

private:
  /// Where the keys that are packed end: scores that are returned are those of
  /// all keys.
  static OpFoldResult getPackedEnd(const AttentionTile &tile,
                                   const AttentionBounds &bounds) {
    return tile.op.getReturningScores() ? tile.keys : bounds.getEnd();
  }

  static void emitSerial(AttentionTile &tile, AttentionBounds &bounds) {
    Temporaries temporaries(tile);
    PackedKeysAndValues packed =
        allocatePacked(tile, tile.constant(1), temporaries);
    AttentionPacking packing(tile, temporaries);
    AttentionBlock block(tile, bounds, &packed, temporaries);
    tile.slot = tile.constant(0);
    OpFoldResult zero = tile.constant(0);
    tile.emitter.emitFor(tile.batches, [&](Value batch) {
      tile.batch = batch;
      bounds.enterBatch();
      tile.emitter.emitFor(
          tile.constant(tile.op.getNumKvHeads()), [&](Value head) {
            tile.kvHead = head;
            OpFoldResult end = getPackedEnd(tile, bounds);
            tile.emitter.emitRange(
                zero, end, tile.tiling.blockKeys,
                [&](Value key) { packing.packBlock(packed, key, end); });
            tile.emitter.emitRange(zero, tile.queries, tile.tiling.blockQueries,
                                   [&](Value query) { block.emit(query); });
          });
    });
    temporaries.deallocate();
  }

  static void emitParallel(AttentionTile &tile, AttentionBounds &bounds) {
    Temporaries shared(tile);
    OpFoldResult heads = tile.constant(tile.op.getNumKvHeads());
    PackedKeysAndValues packed = allocatePacked(tile, heads, shared);
    tile.emitter.emitFor(tile.batches, [&](Value batch) {
      tile.batch = batch;
      bounds.enterBatch();
      OpFoldResult end = getPackedEnd(tile, bounds);
      // Each iteration has its own temporaries beside the packed heads.
      auto emitItems = [&](OpFoldResult size, int64_t step, auto body) {
        tile.emitter.emitNest({heads, size}, {1, step}, /*parallel=*/true,
                              [&](ValueRange loops) {
                                tile.kvHead = loops[0];
                                tile.slot = loops[0];
                                Temporaries own(tile);
                                body(loops[1], own);
                                own.deallocate();
                              });
      };
      emitItems(end, tile.tiling.blockKeys, [&](Value key, Temporaries &own) {
        AttentionPacking(tile, own).packBlock(packed, key, end);
      });
      emitItems(tile.queries, tile.tiling.blockQueries,
                [&](Value query, Temporaries &own) {
                  AttentionBlock(tile, bounds, &packed, own).emit(query);
                });
    });
    shared.deallocate();
  }

  RopeToAffineOptions options;
};
} // namespace

void rope::populateAttentionToAffinePatterns(
    RewritePatternSet &patterns, const RopeToAffineOptions &options) {
  patterns.add<AttentionToAffine>(patterns.getContext(), options);
}
