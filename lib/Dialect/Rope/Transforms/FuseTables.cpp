//===- FuseTables.cpp - Tables made in the loop that reads them -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `rope-fuse-tables`: a rotation whose tables are computed a few rows at a time
// in a loop over positions, into a buffer that stays in the first-level cache.
// The rows are the ones of the whole table, bit for bit.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"

namespace mlir::rope {
#define GEN_PASS_DEF_ROPEFUSETABLES
#include "Rope/Dialect/Rope/Transforms/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;
using namespace mlir::rope;

/// Rows of the buffer where heads lie outside positions: 64 pairs in f32 make
/// 8 KiB, a quarter of a first-level cache. Also how many positions
/// RotateToAffine takes between two heads.
static constexpr int64_t kRows = 16;

/// Positions that a thread takes at a time: enough to be worth its buffer.
static constexpr int64_t kRowsOfThread = 64;

namespace {
/// The tables of one rope.sincos and everything that touches them.
struct Tables {
  SinCosOp sincos;
  memref::AllocOp cos, sin;
  SmallVector<RotateOp> rotations;
  SmallVector<memref::DeallocOp> deallocations;
};
} // namespace

static bool isStrided(Value buffer) {
  SmallVector<int64_t> strides;
  int64_t offset;
  auto type = dyn_cast<MemRefType>(buffer.getType());
  return !type || succeeded(type.getStridesAndOffset(strides, offset));
}

/// Adds the users of one table; returns why it cannot be fused if it cannot.
static std::optional<StringRef> addUsers(Tables &tables, Value table) {
  SinCosOp sincos = tables.sincos;
  for (OpOperand &use : table.getUses()) {
    Operation *user = use.getOwner();
    if (user == sincos)
      continue;
    if (user->getBlock() != sincos->getBlock())
      return "a table is used in another block";
    if (auto dealloc = dyn_cast<memref::DeallocOp>(user)) {
      tables.deallocations.push_back(dealloc);
      continue;
    }
    auto rotation = dyn_cast<RotateOp>(user);
    if (!rotation || rotation.getCos() != tables.cos ||
        rotation.getSin() != tables.sin ||
        (&use != &rotation.getCosMutable() &&
         &use != &rotation.getSinMutable()))
      return "a table is not only read by rotations";
    if (!sincos->isBeforeInBlock(rotation))
      return "a rotation stands before the table is made";
    if (!isStrided(rotation.getInput()) || !isStrided(rotation.getOutput()))
      return "the layout of a buffer is not strided";
    if (!llvm::is_contained(tables.rotations, rotation))
      tables.rotations.push_back(rotation);
  }
  return std::nullopt;
}

/// Finds what fusion would change; returns why there is no fusion if so.
static std::optional<StringRef> collect(Tables &tables) {
  SinCosOp sincos = tables.sincos;
  if (sincos.hasTensorSemantics())
    return "tensors have no buffers: bufferize first";
  tables.cos = sincos.getCosDest().getDefiningOp<memref::AllocOp>();
  tables.sin = sincos.getSinDest().getDefiningOp<memref::AllocOp>();
  if (!tables.cos || !tables.sin)
    return "the tables are not allocated for this op";
  if (sincos.getTableType().getRank() < 2)
    return "the tables have one row";
  if (sincos.getLength() && sincos.getFrequencies().hasAxes())
    return "positions with axes have a length";
  if (sincos.getSequenceLength())
    return "the frequencies are computed at run time, once for all positions";
  if (!isStrided(sincos.getPositions()))
    return "the layout of a buffer is not strided";
  for (memref::AllocOp table : {tables.cos, tables.sin})
    if (std::optional<StringRef> reason = addUsers(tables, table))
      return reason;
  if (tables.rotations.empty())
    return "nothing is rotated by the tables";
  return std::nullopt;
}

/// Whether threads would have nothing to share: a loop over positions is the
/// only one that becomes parallel.
static bool hasFewPositions(SinCosOp sincos) {
  int64_t last = sincos.getTableType().getShape().drop_back().back();
  return ShapedType::isStatic(last) && last < 2 * kRowsOfThread;
}

/// The cost model. Computing a row takes about as long as reading it from
/// memory, and much longer than reading it from a cache. A table that is read
/// once is never worth writing; one that several rotations (q and k, or layers)
/// read is.
static bool isWorthFusing(const Tables &tables) {
  return tables.rotations.size() == 1;
}

namespace {
/// Rewrites one rotation. Loops run over the leading dimensions of the tables;
/// the last of these is cut into tiles.
class FusedRotation {
public:
  /// `positions` holds what the op's positions held where it stands.
  FusedRotation(SinCosOp sincos, RotateOp rotation, Value positions,
                OpBuilder &rewriter)
      : sincos(sincos), rotation(rotation), positions(positions),
        builder(rotation.getLoc(), rewriter) {
    sizes =
        memref::getMixedSizes(builder, builder.getLoc(), sincos.getCosDest());
    pairs = sizes.pop_back_val();
    last = sizes.pop_back_val();
    tile = hasHeadsInside()
               ? 1
               : std::clamp<int64_t>(getConstantIntValue(last).value_or(kRows),
                                     1, kRows);
  }

  void emit(bool parallel) {
    OpBuilder::InsertionGuard guard(builder);
    SmallVector<Value> row;
    Value begin = getConstant(0);
    OpFoldResult end = last;
    if (parallel) {
      SmallVector<Value> lower(sizes.size() + 1, begin), upper, steps;
      for (OpFoldResult size : sizes) {
        upper.push_back(getValue(size));
        steps.push_back(getConstant(1));
      }
      upper.push_back(getValue(last));
      steps.push_back(getConstant(kRowsOfThread));
      auto loop = scf::ParallelOp::create(builder, lower, upper, steps);
      builder.setInsertionPointToStart(loop.getBody());
      row = loop.getInductionVars();
      begin = row.pop_back_val();
      AffineExpr first = builder.getAffineDimExpr(0);
      end = emitMin({first + kRowsOfThread, builder.getAffineDimExpr(1)},
                    {begin, last});
    }
    // Outside of the loops of a thread, so that they are made once.
    Value cos = emitBuffer(), sin = emitBuffer();
    emitLoops(row, begin, end, cos, sin);
    memref::DeallocOp::create(builder, cos);
    memref::DeallocOp::create(builder, sin);
  }

private:
  /// Whether the rows that share a row of the tables lie side by side: then one
  /// row of the tables at a time leaves the most of the caches to them.
  bool hasHeadsInside() {
    ArrayRef<int64_t> shape = rotation.getInputType().getShape();
    ArrayRef<int64_t> inside =
        shape.drop_back().drop_front(rotation.getAlong().back() + 1);
    return llvm::any_of(inside, [](int64_t size) { return size != 1; });
  }
  Value getConstant(int64_t value) {
    return arith::ConstantIndexOp::create(builder, value);
  }
  Value getValue(OpFoldResult size) {
    return getValueOrCreateConstantIndexOp(builder, builder.getLoc(), size);
  }
  OpFoldResult emitMin(ArrayRef<AffineExpr> terms,
                       ArrayRef<OpFoldResult> operands) {
    AffineMap map =
        AffineMap::get(operands.size(), 0, terms, builder.getContext());
    return affine::makeComposedFoldedAffineMin(builder, builder.getLoc(), map,
                                               operands);
  }

  /// One for the rows of a tile: all dimensions but the tile's are 1.
  Value emitBuffer() {
    SmallVector<int64_t> shape(sizes.size(), 1);
    llvm::append_values(shape, tile, sincos.getFrequencies().getDim() / 2);
    auto type = MemRefType::get(shape, sincos.getTableType().getElementType());
    return memref::AllocOp::create(builder, type,
                                   builder.getI64IntegerAttr(64));
  }

  void emitLoops(SmallVector<Value> row, Value begin, OpFoldResult end,
                 Value cos, Value sin) {
    OpBuilder::InsertionGuard guard(builder);
    auto emitFor = [&](Value lower, OpFoldResult upper, int64_t step) {
      auto loop = scf::ForOp::create(builder, lower, getValue(upper),
                                     getConstant(step));
      builder.setInsertionPointToStart(loop.getBody());
      return loop.getInductionVar();
    };
    for (size_t dim = row.size(); dim < sizes.size(); ++dim)
      row.push_back(emitFor(begin, sizes[dim], 1));
    Value first = emitFor(begin, end, tile);
    OpFoldResult count = builder.getIndexAttr(tile);
    if (getConstantIntValue(last).value_or(tile + 1) % tile != 0) {
      AffineExpr rest =
          builder.getAffineDimExpr(1) - builder.getAffineDimExpr(0);
      count =
          emitMin({builder.getAffineConstantExpr(tile), rest}, {first, end});
    }
    row.push_back(first);
    emitTile(row, count, cos, sin);
  }

  /// The rows from `row` on, `count` in its last dimension: tables, rotation.
  void emitTile(ArrayRef<Value> row, OpFoldResult count, Value cos, Value sin) {
    SmallVector<OpFoldResult> rowSizes(row.size(), builder.getIndexAttr(1));
    rowSizes.back() = count;
    SmallVector<OpFoldResult> tableSizes = rowSizes;
    tableSizes.push_back(pairs);
    SmallVector<OpFoldResult> origin(tableSizes.size(),
                                     builder.getIndexAttr(0));
    cos = emitView(cos, origin, tableSizes);
    sin = emitView(sin, origin, tableSizes);
    emitSinCos(row, rowSizes, cos, sin);

    auto emitRows = [&](Value buffer) {
      SmallVector<OpFoldResult> offsets(
          cast<MemRefType>(buffer.getType()).getRank(),
          builder.getIndexAttr(0));
      SmallVector<OpFoldResult> bufferSizes =
          memref::getMixedSizes(builder, builder.getLoc(), buffer);
      for (auto [dim, index, size] :
           llvm::zip_equal(rotation.getAlong(), row, rowSizes)) {
        offsets[dim] = index;
        bufferSizes[dim] = size;
      }
      return emitView(buffer, offsets, bufferSizes);
    };
    bool isInPlace = rotation.getInput() == rotation.getOutput();
    Value input = emitRows(rotation.getInput());
    Value output = isInPlace ? input : emitRows(rotation.getOutput());
    RotateOp::create(builder, TypeRange(), ValueRange{input, output, cos, sin},
                     rotation.getProperties(),
                     rotation->getDiscardableAttrDictionary().getValue());
  }

  void emitSinCos(ArrayRef<Value> row, ArrayRef<OpFoldResult> rowSizes,
                  Value cos, Value sin) {
    Value tilePositions = positions, length;
    if (sincos.getLength()) {
      // start[...] + first, with one row of tables behind `count`.
      length = getValue(rowSizes.back());
      if (isa<MemRefType>(positions.getType()))
        tilePositions = memref::LoadOp::create(
            builder, positions, row.take_front(sincos.getNumPositionDims()));
      if (!tilePositions.getType().isIndex())
        tilePositions = arith::IndexCastOp::create(
            builder, builder.getIndexType(), tilePositions);
      tilePositions = arith::AddIOp::create(builder, tilePositions, row.back());
      cos = emitOneSequence(cos, rowSizes.back());
      sin = emitOneSequence(sin, rowSizes.back());
    } else {
      SmallVector<OpFoldResult> offsets(row), viewSizes(rowSizes);
      if (sincos.getFrequencies().hasAxes()) {
        offsets.insert(offsets.begin(), builder.getIndexAttr(0));
        viewSizes.insert(
            viewSizes.begin(),
            memref::getMixedSize(builder, builder.getLoc(), positions, 0));
      }
      tilePositions = emitView(positions, offsets, viewSizes);
    }
    SinCosOp::create(builder, /*cos=*/Type(), /*sin=*/Type(), tilePositions,
                     length, sincos.getSequenceLength(), cos, sin,
                     sincos.getFrequencies(), sincos.getAccuracyAttr());
  }

  Value emitView(Value buffer, ArrayRef<OpFoldResult> offsets,
                 ArrayRef<OpFoldResult> viewSizes) {
    SmallVector<OpFoldResult> strides(offsets.size(), builder.getIndexAttr(1));
    return memref::SubViewOp::create(builder, buffer, offsets, viewSizes,
                                     strides);
  }

  /// A table of one sequence without its dimensions of 1.
  Value emitOneSequence(Value table, OpFoldResult count) {
    auto type = cast<MemRefType>(table.getType());
    SmallVector<OpFoldResult> origin(type.getRank(), builder.getIndexAttr(0));
    SmallVector<OpFoldResult> strides(type.getRank(), builder.getIndexAttr(1));
    SmallVector<OpFoldResult> viewSizes(type.getRank(),
                                        builder.getIndexAttr(1));
    viewSizes[type.getRank() - 2] = count;
    viewSizes.back() = pairs;
    auto reduced = memref::SubViewOp::inferRankReducedResultType(
        type.getShape().take_back(2), type, origin, viewSizes, strides);
    return memref::SubViewOp::create(builder, reduced, table, origin, viewSizes,
                                     strides);
  }

  SinCosOp sincos;
  RotateOp rotation;
  Value positions;
  ImplicitLocOpBuilder builder;
  /// Of the tables: leading dimensions, the one with tiles, lanes.
  SmallVector<OpFoldResult> sizes;
  OpFoldResult last, pairs;
  int64_t tile;
};

struct RopeFuseTables : rope::impl::RopeFuseTablesBase<RopeFuseTables> {
  using RopeFuseTablesBase::RopeFuseTablesBase;

  void runOnOperation() override {
    if (angles == AnglePlacement::Table)
      return;
    SmallVector<SinCosOp> ops;
    getOperation()->walk([&](SinCosOp op) { ops.push_back(op); });
    for (SinCosOp op : ops) {
      Tables tables{op, {}, {}, {}, {}};
      std::optional<StringRef> reason = collect(tables);
      if (!reason && angles == AnglePlacement::Auto && !isWorthFusing(tables))
        reason = "several rotations share the tables";
      if (!reason && parallel && hasFewPositions(op))
        reason = "too few positions for threads";
      remark::RemarkOpts options =
          remark::RemarkOpts::name("FuseTables").category("rope");
      if (reason)
        remark::missed(op.getLoc(), options)
            << ("the tables are kept: " + *reason).str();
      else
        remark::passed(op.getLoc(), options)
            << "the tables are made in the loop of their rotation";
      if (!reason)
        fuse(tables);
    }
  }

private:
  void fuse(Tables &tables) {
    // Something may write the positions before the rotations read them.
    SinCosOp sincos = tables.sincos;
    IRRewriter rewriter(sincos);
    Value positions = sincos.getPositions();
    bool isBuffer = isa<MemRefType>(positions.getType());
    if (isBuffer) {
      auto type = cast<MemRefType>(positions.getType());
      SmallVector<OpFoldResult> sizes =
          memref::getMixedSizes(rewriter, sincos.getLoc(), positions);
      auto [staticSizes, dynamicSizes] = decomposeMixedValues(sizes);
      Value copy = memref::AllocOp::create(
          rewriter, sincos.getLoc(),
          MemRefType::get(staticSizes, type.getElementType()), dynamicSizes);
      memref::CopyOp::create(rewriter, sincos.getLoc(), positions, copy);
      positions = copy;
    }
    llvm::sort(tables.rotations, [](RotateOp first, RotateOp second) {
      return first->isBeforeInBlock(second);
    });
    for (RotateOp rotation : tables.rotations) {
      rewriter.setInsertionPoint(rotation);
      FusedRotation(sincos, rotation, positions, rewriter).emit(parallel);
    }
    if (isBuffer) {
      rewriter.setInsertionPointAfter(tables.rotations.back());
      memref::DeallocOp::create(rewriter, sincos.getLoc(), positions);
    }
    for (RotateOp rotation : tables.rotations)
      rewriter.eraseOp(rotation);
    for (memref::DeallocOp dealloc : tables.deallocations)
      rewriter.eraseOp(dealloc);
    rewriter.eraseOp(sincos);
    // What is left asks for sizes only.
    for (memref::AllocOp alloc : {tables.cos, tables.sin})
      if (alloc->use_empty())
        rewriter.eraseOp(alloc);
  }
};
} // namespace
