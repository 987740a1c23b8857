//===- SinCosBlocks.cpp - Tables of consecutive positions -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Blocks of rows, and the rows that are in none.
//
//===----------------------------------------------------------------------===//

#include "SinCosBlocks.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::rope;

/// A block has rows p + kAnchors r + k, with an anchor for each k and a step
/// for each r: many steps, for which an anchor is little work, and a few
/// anchors, since a step that is loaded, a kilobyte for 64 frequencies, should
/// serve more than one row before it leaves the nearest cache.
static constexpr int64_t kSteps = 32, kAnchors = 4;
static constexpr int64_t kRowsInBlock = kSteps * kAnchors;
/// One buffer for anchors serves so many rows, one block after another.
static constexpr int64_t kRowsInChunk = 4 * kRowsInBlock;
/// Rows are asked for so early that they come in time, and stay.
static constexpr int64_t kRowsAhead = 32;
/// What the steps cost pays off with fewer rows.
static constexpr int64_t kMinRows = 512;

/// An index that is a constant.
static LaneIndex at(int64_t index) {
  return {/*loop=*/Value(), /*scale=*/0, index};
}

/// Memory whose vectors begin with a cache line.
static Value allocate(ImplicitLocOpBuilder &builder, ArrayRef<int64_t> shape,
                      Type element) {
  return memref::AllocOp::create(builder, MemRefType::get(shape, element),
                                 builder.getI64IntegerAttr(64));
}

/// A vector of frequencies is worth a block if none of them is slow: the sine
/// of such a one is close to zero at many positions, here at 2^14.
static bool isFast(const ExactReal &turns) {
  ExactReal magnitude = turns < ExactReal(0) ? -turns : turns;
  return !(magnitude < ExactReal(1).scaleByPowerOfTwo(-26));
}

SinCosBlocks::SinCosBlocks(SinCosOp op, SinCosRows &rows,
                           ArrayRef<OpFoldResult> sizes, bool parallel)
    : op(op), rows(rows), sizes(sizes), parallel(parallel),
      lanes(rows.getLanes()) {
  ArrayRef<ExactReal> turns = rows.getPlainTurns();
  if (sizes.empty() || turns.empty() || lanes == 1 ||
      op.getFrequencies().hasAxes() || !hasUnitStrideLanes(op.getCosDest()) ||
      !hasUnitStrideLanes(op.getSinDest()))
    return;
  std::optional<int64_t> numRows = getConstantIntValue(sizes.back());
  if (numRows && *numRows < kMinRows)
    return;
  ArrayRef<PhasePlan> plans = rows.getPlans();
  plan = plans.front();
  for (; width + lanes <= rows.getWidth(); width += lanes) {
    if (!llvm::all_of(turns.slice(width, lanes), isFast))
      break;
    for (const PhasePlan &other : plans.slice(width, lanes))
      plan.join(other);
  }
}

void SinCosBlocks::emit(LoopEmitter &loops) {
  if (!width)
    return emitRows(loops, /*start=*/0);
  ImplicitLocOpBuilder &builder = loops.getBuilder();
  auto emitAll = [&] {
    emitBlocks(loops);
    emitRows(loops, width);
  };
  if (getConstantIntValue(sizes.back()))
    return emitAll();
  Value isLong = arith::CmpIOp::create(
      builder, arith::CmpIPredicate::sge, loops.getValue(sizes.back()),
      arith::ConstantIndexOp::create(builder, kMinRows));
  auto choice = scf::IfOp::create(builder, isLong, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(choice.thenBlock());
  emitAll();
  builder.setInsertionPointToStart(choice.elseBlock());
  emitRows(loops, /*start=*/0);
}

void SinCosBlocks::emitRows(LoopEmitter &loops, int64_t start) {
  SmallVector<int64_t> ones(sizes.size(), 1);
  for (; start < rows.getWidth(); start += rows.getPiece())
    loops.emitNest(sizes, ones, parallel,
                   [&](ValueRange row) { rows.emitPiece(loops, row, start); });
}

void SinCosBlocks::emitBlocks(LoopEmitter &loops) {
  ImplicitLocOpBuilder &builder = loops.getBuilder();
  emitConstants(loops);
  emitSteps(loops);
  SmallVector<int64_t> chunks(sizes.size(), 1);
  chunks.back() = kRowsInChunk;
  loops.emitNest(sizes, chunks, parallel, [&](ValueRange chunk) {
    Value anchors =
        allocate(builder, {kAnchors, SinCosKernel::Anchor::kNumParts, width},
                 builder.getF32Type());
    Value first = chunk.back();
    OpFoldResult end = loops.apply(builder.getAffineDimExpr(0) + kRowsInChunk,
                                   OpFoldResult(first));
    SmallVector<Value> row(chunk);
    loops.emitRange(
        OpFoldResult(first), {end, sizes.back()}, kRowsInBlock,
        [&](Value block) {
          row.back() = block;
          Value position = emitPosition(loops, row);
          auto choice =
              scf::IfOp::create(builder, emitIsBlock(loops, row, position),
                                /*withElseRegion=*/true);
          OpBuilder::InsertionGuard guard(builder);
          builder.setInsertionPointToStart(choice.thenBlock());
          emitBlock(loops, row, position, anchors);
          builder.setInsertionPointToStart(choice.elseBlock());
          for (int64_t start = 0; start < width; start += rows.getPiece())
            loops.emitTile(block, kRowsInBlock, sizes.back(), [&](Value one) {
              SmallVector<Value> single(row);
              single.back() = one;
              rows.emitPiece(loops, single, start);
            });
        });
    memref::DeallocOp::create(builder, anchors);
  });
  emitEnd(loops);
}

//===----------------------------------------------------------------------===//
// What all blocks share
//===----------------------------------------------------------------------===//

void SinCosBlocks::emitVectors(LoopEmitter &loops,
                               function_ref<void(LaneIndex)> body) {
  loops.emitFor(loops.getBuilder().getIndexAttr(width / lanes),
                [&](Value vector) { body(LaneIndex(vector, lanes)); });
}

void SinCosBlocks::emitConstants(LoopEmitter &loops) {
  ImplicitLocOpBuilder &builder = loops.getBuilder();
  words = allocate(builder, {plan.words, width}, builder.getI32Type());
  if (plan.hasResidual())
    residual = allocate(builder, {width}, builder.getF32Type());
  SinCosKernel kernel = rows.makeKernel(builder);
  SmallVector<PhasePlan> plans(lanes, plan);
  for (int64_t first = 0; first < width; first += lanes) {
    LaneIndex lane = at(first);
    SinCosKernel::Frequency frequency =
        kernel.emitFrequency(rows.getPlainTurns().slice(first, lanes), plans);
    for (auto [i, word] : llvm::enumerate(frequency.words))
      loops.store(word.get(), words, {at(i), lane});
    if (residual)
      loops.store(frequency.residual.get(), residual, ArrayRef(lane));
  }
}

SinCosKernel::Frequency SinCosBlocks::emitFrequency(LoopEmitter &loops,
                                                    LaneIndex first) {
  ImplicitLocOpBuilder &builder = loops.getBuilder();
  SmallVector<LaneValue> fraction;
  for (unsigned word = 0; word < plan.words; ++word)
    fraction.emplace_back(builder, loops.load(words, {at(word), first}, lanes));
  LaneValue rest;
  if (residual)
    rest = {builder, loops.load(residual, ArrayRef(first), lanes)};
  return rows.makeKernel(builder).makeFrequency(fraction, rest, plan);
}

/// cos and sin of kAnchors r w.
void SinCosBlocks::emitSteps(LoopEmitter &loops) {
  ImplicitLocOpBuilder &builder = loops.getBuilder();
  steps = allocate(builder, {kSteps, SinCosKernel::Step::kNumParts, width},
                   builder.getF32Type());
  loops.emitFor(builder.getIndexAttr(kSteps), [&](Value r) {
    SinCosKernel kernel = rows.makeKernel(builder);
    SinCosKernel::Position position =
        kernel.emitPosition(loops.getIndex(LaneIndex(r, kAnchors)));
    emitVectors(loops, [&](LaneIndex first) {
      SinCosKernel::Step step =
          kernel.emitStep(position, emitFrequency(loops, first));
      for (auto [i, part] : llvm::enumerate(step.parts))
        loops.store(part.get(), steps, {r, at(i), first});
    });
  });
}

void SinCosBlocks::emitEnd(LoopEmitter &loops) {
  for (Value buffer : {words, residual, steps})
    if (buffer)
      memref::DeallocOp::create(loops.getBuilder(), buffer);
}

//===----------------------------------------------------------------------===//
// One block
//===----------------------------------------------------------------------===//

Value SinCosBlocks::emitPosition(LoopEmitter &loops, ValueRange row) {
  ImplicitLocOpBuilder &builder = loops.getBuilder();
  return SinCosKernel::emitAsI32(builder,
                                 rows.emitPosition(loops, row, /*axis=*/0));
}

/// All rows are there, no position is beyond 2^31 - 1, and they follow each
/// other.
Value SinCosBlocks::emitIsBlock(LoopEmitter &loops, ValueRange row,
                                Value position) {
  ImplicitLocOpBuilder &builder = loops.getBuilder();
  Value end = loops.apply(builder.getAffineDimExpr(0) + kRowsInBlock,
                          OpFoldResult(row.back()));
  Value isWhole = arith::CmpIOp::create(builder, arith::CmpIPredicate::sle, end,
                                        loops.getValue(sizes.back()));
  Value last = arith::ConstantIntOp::create(
      builder, std::numeric_limits<int32_t>::max() - (kRowsInBlock - 1), 32);
  Value isInRange =
      arith::CmpIOp::create(builder, arith::CmpIPredicate::sle, position, last);
  Value isBlock = arith::AndIOp::create(builder, isWhole, isInRange);
  if (op.getLength())
    return isBlock;
  auto choice =
      scf::IfOp::create(builder, TypeRange(builder.getI1Type()), isBlock,
                        /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(choice.elseBlock());
  scf::YieldOp::create(builder, isBlock);
  builder.setInsertionPointToStart(choice.thenBlock());
  Value zero = arith::ConstantIntOp::create(builder, 0, 32);
  auto compare = [&](Value r, ValueRange carried) -> SmallVector<Value> {
    Value expected = arith::AddIOp::create(builder, position,
                                           SinCosKernel::emitAsI32(builder, r));
    Value other = arith::XOrIOp::create(
        builder, emitPosition(loops, getRow(loops, row, r)), expected);
    return {arith::OrIOp::create(builder, carried.front(), other)};
  };
  Value difference =
      loops
          .emitReduction(OpFoldResult(builder.getIndexAttr(0)),
                         OpFoldResult(builder.getIndexAttr(kRowsInBlock)),
                         /*step=*/1, zero, compare)
          .front();
  Value areConsecutive = arith::CmpIOp::create(
      builder, arith::CmpIPredicate::eq, difference, zero);
  scf::YieldOp::create(builder, areConsecutive);
  return choice.getResult(0);
}

void SinCosBlocks::emitBlock(LoopEmitter &loops, ValueRange row, Value position,
                             Value anchors) {
  ImplicitLocOpBuilder &builder = loops.getBuilder();
  SinCosKernel kernel = rows.makeKernel(builder);
  auto add = [&](Value index) {
    return arith::AddIOp::create(builder, position,
                                 SinCosKernel::emitAsI32(builder, index));
  };
  loops.emitFor(builder.getIndexAttr(kAnchors), [&](Value k) {
    SinCosKernel::Position start = kernel.emitPosition(add(k));
    emitVectors(loops, [&](LaneIndex first) {
      SinCosKernel::Anchor anchor =
          kernel.emitAnchor(start, emitFrequency(loops, first));
      for (auto [i, part] : llvm::enumerate(anchor.parts))
        loops.store(part.get(), anchors, {k, at(i), first});
    });
  });
  AffineExpr d0, d1;
  bindDims(op.getContext(), d0, d1);
  loops.emitFor(builder.getIndexAttr(kSteps), [&](Value r) {
    loops.emitFor(builder.getIndexAttr(kAnchors), [&](Value k) {
      Value index = loops.apply(d0 * kAnchors + d1, {r, k});
      SmallVector<Value> one = getRow(loops, row, index);
      emitVectors(loops, [&](LaneIndex first) {
        emitPrefetch(loops, one, first);
        emitVector(loops, one, add(index), anchors, r, k, first);
      });
    });
  });
}

SmallVector<Value> SinCosBlocks::getRow(LoopEmitter &loops, ValueRange row,
                                        Value r) {
  AffineExpr d0, d1;
  bindDims(op.getContext(), d0, d1);
  SmallVector<Value> result(row);
  result.back() = loops.apply(d0 + d1, {row.back(), r});
  return result;
}

/// Asks for memory that is written soon, or the last row: tables are
/// larger than caches, and while anchors are computed nothing is stored.
void SinCosBlocks::emitPrefetch(LoopEmitter &loops, ValueRange row,
                                LaneIndex first) {
  ImplicitLocOpBuilder &builder = loops.getBuilder();
  SmallVector<Value> ahead(row);
  AffineExpr d0 = builder.getAffineDimExpr(0);
  ahead.back() = arith::MinSIOp::create(
      builder, loops.apply(d0 + kRowsAhead, OpFoldResult(row.back())),
      loops.apply(d0 - 1, sizes.back()));
  ahead.push_back(loops.getIndex(first));
  for (Value table : {op.getCosDest(), op.getSinDest()})
    memref::PrefetchOp::create(builder, table, ahead, /*isWrite=*/true,
                               /*localityHint=*/3, /*isDataCache=*/true);
}

void SinCosBlocks::emitVector(LoopEmitter &loops, ValueRange row,
                              Value position, Value anchors, Value r, Value k,
                              LaneIndex first) {
  ImplicitLocOpBuilder &builder = loops.getBuilder();
  SinCosKernel kernel = rows.makeKernel(builder);
  SinCosKernel::Anchor anchor;
  for (auto [i, part] : llvm::enumerate(anchor.parts))
    part = {builder, loops.load(anchors, {k, at(i), first}, lanes)};
  SinCosKernel::Step step;
  for (auto [i, part] : llvm::enumerate(step.parts))
    part = {builder, loops.load(steps, {r, at(i), first}, lanes)};
  SinCosKernel::Tables near = kernel.emitRotated(anchor, step);
  auto choice = scf::IfOp::create(
      builder, TypeRange{near.cos.getType(), near.sin.getType()},
      kernel.emitIsAnyNearZero(near), /*withElseRegion=*/true);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(choice.elseBlock());
    scf::YieldOp::create(builder, ValueRange{near.cos, near.sin});
    builder.setInsertionPointToStart(choice.thenBlock());
    SinCosKernel::Tables exact = kernel.emitExact(kernel.emitPosition(position),
                                                  emitFrequency(loops, first));
    scf::YieldOp::create(builder, ValueRange{exact.cos, exact.sin});
  }
  rows.emitStore(loops, {choice.getResult(0), choice.getResult(1)}, row, first);
}
