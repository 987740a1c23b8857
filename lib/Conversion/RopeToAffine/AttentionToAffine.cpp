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
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"

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

/// Whether the keys of one block of queries would be cut into parts, and those
/// of a number that is not known are not.
static bool isUncutForQueries(AttentionOp op, const AttentionTiling &tiling,
                              const RopeToAffineOptions &options) {
  return op.getQueryType().isDynamicDim(op.getSequenceDimension()) &&
         tiling.keyParts == 1 &&
         AttentionTiling(op, options, tiling.blockQueries).keyParts != 1;
}

/// Packed keys and values of `slots` heads.
static PackedKeysAndValues allocatePacked(const AttentionTile &tile,
                                          OpFoldResult slots,
                                          Temporaries &temporaries) {
  const AttentionTiling &tiling = tile.tiling;
  AffineExpr n = tile.builder().getAffineDimExpr(0);
  auto inUnits = [&](int64_t unit, int64_t factor = 1) {
    return affine::makeComposedFoldedAffineApply(
        tile.builder(), tile.op.getLoc(), n.ceilDiv(unit) * factor, tile.keys);
  };
  Value areSpecial = temporaries.allocate({slots, inUnits(tiling.blockKeys)},
                                          tile.builder().getI1Type());
  if (tiling.arePairs()) {
    int64_t unit = tiling.getColumnUnit();
    OpFoldResult pairs = tile.constant(2 * tiling.lanes);
    SmallVector<Value> buffers = temporaries.allocateTogether(
        {{slots, inUnits(tiling.panelKeys, tiling.panelVectors),
          tile.constant(tiling.getQueryColumns(tile.op) / 2), pairs},
         {slots, tile.constant(tiling.getColumns() / tiling.lanes),
          inUnits(unit, unit / 2), pairs}},
        tile.builder().getBF16Type());
    return {buffers[0], {buffers[1]}, areSpecial};
  }
  SmallVector<SmallVector<OpFoldResult>> shapes{
      {slots, inUnits(tiling.panelKeys), tile.constant(tile.op.getHeadDim()),
       tile.constant(tiling.panelKeys)}};
  for (const PanelRun &run : tiling.valuePanels)
    shapes.push_back({slots, tile.constant(run.panels), tile.keys,
                      tile.constant(run.vectors * tiling.lanes)});
  SmallVector<Value> buffers =
      temporaries.allocateTogether(shapes, tiling.type);
  return {buffers.front(), SmallVector<Value>(llvm::drop_begin(buffers)),
          areSpecial};
}

/// A decoder asks with one query what is compiled for any number of them.
static bool needsBranchForOneQuery(AttentionOp op,
                                   const RopeToAffineOptions &options) {
  auto canBeOne = [](Value buffer, int64_t dim) {
    if (!buffer)
      return true;
    auto type = cast<MemRefType>(buffer.getType());
    // Where there are no keys, scores have no first row that could be taken.
    return type.isDynamicDim(dim < 0 ? type.getRank() + dim : dim) &&
           !llvm::is_contained(type.getShape(), 0);
  };
  // Of a mask, one row serves any number of queries.
  auto canMask = [](Value mask) {
    auto type = cast<MemRefType>(mask.getType());
    int64_t rank = type.getRank();
    return rank == 1 || type.isDynamicDim(rank - 2) ||
           type.getDimSize(rank - 2) == 1;
  };
  int64_t sequence = op.getSequenceDimension();
  return canBeOne(op.getQuery(), sequence) && canBeOne(op.getOut(), sequence) &&
         canBeOne(op.getLse(), sequence) && canBeOne(op.getScores(), 2) &&
         canBeOne(op.getQueryCos(), -2) && canBeOne(op.getOutputCos(), -2) &&
         (!op.getMask() || canMask(op.getMask())) && !op.getQueryStarts() &&
         AttentionTiling(op, options, /*queries=*/1).isDirect;
}

/// An op for one query, if there is one, and builds into the other branch.
static void branchForOneQuery(AttentionOp op, ImplicitLocOpBuilder &builder,
                              OpFoldResult queries) {
  Value isOne = arith::CmpIOp::create(
      builder, arith::CmpIPredicate::eq,
      getValueOrCreateConstantIndexOp(builder, op.getLoc(), queries),
      arith::ConstantIndexOp::create(builder, 1));
  auto branch = scf::IfOp::create(builder, isOne, /*withElseRegion=*/true);
  builder.setInsertionPoint(branch.thenBlock()->getTerminator());
  Operation *single = builder.clone(*op);
  // Its first row along `dim`. No cast of a type: one from a buffer that turns
  // out to have another number of rows, in a branch that is not taken, is
  // folded before the branch is and then does not verify.
  auto narrow = [&](Value buffer, int64_t dim) {
    if (!buffer)
      return;
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(single);
    SmallVector<OpFoldResult> sizes =
        memref::getMixedSizes(builder, op.getLoc(), buffer);
    SmallVector<OpFoldResult> offsets(sizes.size(), builder.getIndexAttr(0));
    SmallVector<OpFoldResult> strides(sizes.size(), builder.getIndexAttr(1));
    sizes[dim] = builder.getIndexAttr(1);
    single->replaceUsesOfWith(
        buffer,
        memref::SubViewOp::create(builder, buffer, offsets, sizes, strides));
  };
  int64_t sequence = op.getSequenceDimension();
  narrow(op.getQuery(), sequence);
  if (op.getOut() != op.getQuery())
    narrow(op.getOut(), sequence);
  narrow(op.getLse(), sequence);
  narrow(op.getScores(), 2);
  builder.setInsertionPoint(branch.elseBlock()->getTerminator());
}

namespace {
/// out = softmax(scale rotate(q) rotate(k)^T + exclusion) rotate(v), in tiles.
struct AttentionToAffine final : OpRewritePattern<AttentionOp> {
  AttentionToAffine(MLIRContext *context, const RopeToAffineOptions &options)
      : OpRewritePattern(context), options(options) {
    // The op for one query, of any number, is not branched for again.
    setHasBoundedRewriteRecursion();
  }

  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    if (std::optional<std::string> obstacle = getMemoryObstacle(op))
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
    if (options.bf16Products != BF16Products::Widen && !tiling.arePairs()) {
      std::string text;
      llvm::raw_string_ostream(text)
          << "is computed without pairs of bf16: "
          << getPairObstacle(op).value_or("few rows read them where they are");
      remark::missed(op.getLoc(),
                     remark::RemarkOpts::name("PairProducts").category("rope"))
          << text;
    }
    if (needsBranchForOneQuery(op, options))
      branchForOneQuery(op, builder, tile.queries);
    AttentionBounds bounds(tile);
    bounds.prepare();
    bool isParallel = options.parallel && isWorthThreads(tile);
    if (!isParallel && options.keyParts == 0)
      tiling.keyParts = 1;
    if (isParallel && isUncutForQueries(op, tiling, options))
      remark::missed(op.getLoc(),
                     remark::RemarkOpts::name("KeyParts").category("rope"))
          << "keys are not cut into parts for threads: the number of queries "
             "is not known, and key-parts is not given";
    if (tiling.isDirect)
      emitDirectAttention(tile, bounds, isParallel);
    else if (isParallel || tiling.keyParts != 1)
      emitItems(tile, bounds, isParallel);
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
    AffineExpr a = tile.builder().getAffineDimExpr(0);
    tile.emitter.emitFor(tile.batches, [&](Value batch) {
      tile.batch = batch;
      bounds.enterBatch();
      tile.emitter.emitFor(
          tile.constant(tile.op.getNumKvHeads()), [&](Value head) {
            tile.kvHead = head;
            OpFoldResult end = getPackedEnd(tile, bounds);
            tile.emitter.emitBlocks(
                zero, end, tile.tiling.blockKeys, [&](Value block) {
                  Value key = tile.emitter.apply(a * tile.tiling.blockKeys,
                                                 OpFoldResult(block));
                  packing.packBlock(packed, key, end);
                });
            tile.emitter.emitRange(zero, tile.queries, tile.tiling.blockQueries,
                                   [&](Value query) { block.emit(query); });
          });
    });
    temporaries.deallocate();
  }

  /// Heads, blocks of queries and parts of keys are items of work.
  static void emitItems(AttentionTile &tile, AttentionBounds &bounds,
                        bool isParallel) {
    Temporaries shared(tile);
    const AttentionTiling &tiling = tile.tiling;
    OpFoldResult heads = tile.constant(tile.op.getNumKvHeads());
    PackedKeysAndValues packed = allocatePacked(tile, heads, shared);
    std::optional<RowSlots> slots;
    std::optional<UnfinishedRows> rows;
    AffineExpr a, b, c;
    bindDims(tile.builder().getContext(), a, b, c);
    AffineExpr blocks = a.ceilDiv(tiling.blockQueries) * tiling.keyParts;
    auto ofQueries = [&](AffineExpr expr) {
      return affine::makeComposedFoldedAffineApply(
          tile.builder(), tile.op.getLoc(), expr, {tile.queries});
    };
    if (tiling.keyParts != 1) {
      slots.emplace(tile, ofQueries(blocks * tile.op.getNumKvHeads()), shared);
      rows.emplace(tile,
                   ArrayRef<OpFoldResult>{
                       heads, ofQueries(a.ceilDiv(tiling.blockQueries))},
                   shared);
    }
    auto getFirstSlot = [&](Value query) {
      return tile.emitter.apply(blocks * b + c.floorDiv(tiling.blockQueries) *
                                                 tiling.keyParts,
                                {tile.queries, tile.kvHead, query});
    };
    auto getItem = [&](Value query) -> SmallVector<Value, 2> {
      return {tile.kvHead, tile.emitter.apply(a.floorDiv(tiling.blockQueries),
                                              OpFoldResult(query))};
    };
    tile.emitter.emitFor(tile.batches, [&](Value batch) {
      tile.batch = batch;
      bounds.enterBatch();
      OpFoldResult end = getPackedEnd(tile, bounds);
      // Each iteration has its own temporaries beside the packed heads.
      auto emitNest = [&](ArrayRef<OpFoldResult> sizes, ArrayRef<int64_t> steps,
                          auto body) {
        tile.emitter.emitNest(sizes, steps, isParallel, [&](ValueRange loops) {
          tile.kvHead = loops[0];
          tile.slot = loops[0];
          Temporaries own(tile);
          body(loops.drop_front(), own);
          own.deallocate();
        });
      };
      auto emitBlocks = [&](auto body) {
        emitNest({heads, tile.queries}, {1, tiling.blockQueries},
                 [&](ValueRange loops, Temporaries &own) {
                   AttentionBlock block(tile, bounds, &packed, own);
                   body(block, loops[0]);
                 });
      };
      emitNest({heads, end}, {1, tiling.blockKeys},
               [&](ValueRange loops, Temporaries &own) {
                 AttentionPacking(tile, own).packBlock(packed, loops[0], end);
               });
      if (!slots)
        return emitBlocks(
            [](AttentionBlock &block, Value query) { block.emit(query); });
      rows->emitPasses([&](Value again) {
        emitNest({heads, tile.queries, tile.constant(tiling.keyParts)},
                 {1, tiling.blockQueries, 1},
                 [&](ValueRange loops, Temporaries &own) {
                   Value query = loops[0], part = loops[1];
                   AttentionBlock block(tile, bounds, &packed, own);
                   rows->emitIfUnfinished(getItem(query), [&] {
                     Value slot =
                         tile.emitter.apply(a + b, {getFirstSlot(query), part});
                     block.emitPart(query, part, *slots, slot, again);
                   });
                 });
        emitBlocks([&](AttentionBlock &block, Value query) {
          SmallVector<Value, 2> item = getItem(query);
          rows->emitIfUnfinished(item, [&] {
            block.finishParts(query, *slots, getFirstSlot(query), *rows, item,
                              again);
          });
        });
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
