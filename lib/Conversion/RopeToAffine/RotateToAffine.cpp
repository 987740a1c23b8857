//===- RotateToAffine.cpp - rope.rotate as loops of vectors ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops around the kernel of a row. Positions are outside and heads inside,
// so that the vectors of a table row are loaded once for all heads. Where heads
// are outside positions in memory ([batch, head, position, lane]), positions
// are cut into tiles and the heads stand between the tiles and the positions:
// the table rows of a tile stay in the first-level cache.
//
//===----------------------------------------------------------------------===//

#include "LoopEmitter.h"
#include "Rope/Conversion/RopeToAffine/RopeToAffine.h"
#include "RotateKernel.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::rope;

/// Table rows of 64 pairs in f32: 8 KiB, with their tile of x half of a
/// first-level cache.
static constexpr int64_t kPositionTile = 16;

namespace {
/// Which loop a leading dimension becomes.
struct LoopOrder {
  /// Around the tables' loads, in this order; `tiled` is the last of them if
  /// there is one.
  SmallVector<unsigned> outer;
  /// Inside: they share the table row, or the tile of rows.
  SmallVector<unsigned> inner;
  std::optional<unsigned> tiled;
};
} // namespace

static LoopOrder getLoopOrder(RotateOp op, ArrayRef<OpFoldResult> sizes) {
  auto isPosition = [&](unsigned dim) {
    return llvm::is_contained(op.getAlong(), dim);
  };
  auto isOne = [&](unsigned dim) { return isConstantIntValue(sizes[dim], 1); };
  // The last position that moves; what lies inside of it shares its row.
  std::optional<unsigned> last;
  for (unsigned dim = 0; dim < sizes.size(); ++dim)
    if (isPosition(dim) && !isOne(dim))
      last = dim;

  LoopOrder order;
  for (unsigned dim = 0; dim < sizes.size(); ++dim) {
    bool isInside = !isPosition(dim) && (!last || dim > *last);
    (isInside ? order.inner : order.outer).push_back(dim);
  }
  if (!order.inner.empty() || !last)
    return order;
  // No head inside: the nearest one outside moves in, between the tiles.
  for (unsigned dim = *last; dim-- > 0;) {
    if (isPosition(dim) || isOne(dim))
      continue;
    llvm::erase(order.outer, dim);
    llvm::erase(order.outer, *last);
    order.outer.push_back(*last);
    order.inner.push_back(dim);
    order.tiled = last;
    break;
  }
  return order;
}

/// The sizes of the leading dimensions, from whichever type knows them.
static SmallVector<OpFoldResult> getLeadingSizes(OpBuilder &builder,
                                                 RotateOp op) {
  SmallVector<OpFoldResult> sizes =
      memref::getMixedSizes(builder, op.getLoc(), op.getInput());
  sizes.pop_back();
  auto output = cast<MemRefType>(op.getOutput().getType());
  for (auto [dim, size] : llvm::enumerate(sizes)) {
    SmallVector<int64_t> known{output.getDimSize(dim)};
    for (auto [tableDim, along] : llvm::enumerate(op.getAlong()))
      if (along == static_cast<int64_t>(dim))
        known.push_back(op.getTableType().getDimSize(tableDim));
    for (int64_t other : known)
      if (!getConstantIntValue(size) && ShapedType::isStatic(other))
        size = builder.getIndexAttr(other);
  }
  return sizes;
}

namespace {
/// for positions: load c, s; for heads: y = rotate(x, c, s).
struct RotateToAffine final : OpRewritePattern<RotateOp> {
  RotateToAffine(MLIRContext *context, const RopeToAffineOptions &options)
      : OpRewritePattern(context), options(options) {}

  LogicalResult matchAndRewrite(RotateOp op,
                                PatternRewriter &rewriter) const override {
    if (std::optional<std::string> obstacle = getMemoryObstacle(op))
      return rewriter.notifyMatchFailure(op, *obstacle);
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    SmallVector<OpFoldResult> sizes = getLeadingSizes(builder, op);
    SmallVector<OpFoldResult> elements(sizes);
    elements.push_back(builder.getIndexAttr(op.getHeadDim()));
    LoopOrder order = getLoopOrder(op, sizes);
    LoopEmitter emitter(builder);
    RotateKernel kernel(op, emitter, options);

    SmallVector<OpFoldResult> outerSizes, innerSizes;
    SmallVector<int64_t> steps;
    for (unsigned dim : order.outer) {
      outerSizes.push_back(sizes[dim]);
      steps.push_back(dim == order.tiled ? kPositionTile : 1);
    }
    for (unsigned dim : order.inner)
      innerSizes.push_back(sizes[dim]);
    SmallVector<int64_t> unitSteps(innerSizes.size(), 1);

    SmallVector<Value> row(sizes.size());
    auto setRow = [&](ArrayRef<unsigned> dims, ValueRange loops) {
      for (auto [dim, loop] : llvm::zip_equal(dims, loops))
        row[dim] = loop;
    };
    emitter.emitNest(
        outerSizes, steps, options.parallel && isWorthThreads(elements),
        [&](ValueRange outer) {
          setRow(order.outer, outer);
          if (!order.tiled)
            return emitRows(op, emitter, kernel, row, [&](auto body) {
              emitter.emitNest(innerSizes, unitSteps, /*parallel=*/false,
                               [&](ValueRange inner) {
                                 setRow(order.inner, inner);
                                 body();
                               });
            });
          Value tile = outer.back();
          emitter.emitNest(
              innerSizes, unitSteps, /*parallel=*/false, [&](ValueRange inner) {
                setRow(order.inner, inner);
                emitter.emitTile(tile, kPositionTile, sizes[*order.tiled],
                                 [&](Value position) {
                                   row[*order.tiled] = position;
                                   emitRows(op, emitter, kernel, row,
                                            [](auto body) { body(); });
                                 });
              });
        });
    rewriter.eraseOp(op);
    return success();
  }

private:
  /// The kernel on the rows that `forEachRow` makes loops for, with the tables
  /// loaded before these loops.
  template <typename ForEachRow>
  static void emitRows(RotateOp op, LoopEmitter &emitter, RotateKernel &kernel,
                       SmallVector<Value> &row, ForEachRow forEachRow) {
    SmallVector<Value> tableRow;
    for (int64_t dim : op.getAlong())
      tableRow.push_back(row[dim]);
    kernel.forEachChunk([&](const RotateKernel::Chunk &chunk, bool isLast) {
      auto tables = kernel.loadTables(tableRow, chunk);
      forEachRow([&] {
        kernel.rotate(row, chunk, tables);
        if (isLast)
          kernel.copyOtherLanes(row);
      });
    });
  }

  RopeToAffineOptions options;
};
} // namespace

void rope::populateRotateToAffinePatterns(RewritePatternSet &patterns,
                                          const RopeToAffineOptions &options) {
  patterns.add<RotateToAffine>(patterns.getContext(), options);
}
