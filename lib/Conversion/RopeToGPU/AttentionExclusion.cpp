//===- AttentionExclusion.cpp - The keys that a query may take ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

using namespace mlir;
using namespace mlir::rope;

void AttentionKernel::findSequence(const Place &place, Value &position,
                                   Value &first, Value &end) {
  // One sequence at most has the query; the others leave what is there.
  Value last = arith::SubIOp::create(builder, kernel.getIndex(numStarts),
                                     kernel.getConstant(1));
  Value none = arith::ConstantIntOp::create(builder, builder.getI64Type(), 0);
  auto loop =
      scf::ForOp::create(builder, kernel.getConstant(0), last,
                         kernel.getConstant(1), ValueRange{none, none, none});
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value sequence = loop.getInductionVar();
  Value next = kernel.add(sequence, kernel.getConstant(1));
  Value firstQuery = queryStarts->loadI64(sequence);
  Value endQuery = queryStarts->loadI64(next);
  Value firstKey = keyStarts->loadI64(sequence);
  Value endKey = keyStarts->loadI64(next);
  Value isBehind = arith::CmpIOp::create(builder, arith::CmpIPredicate::sge,
                                         position, firstQuery);
  Value isBefore = arith::CmpIOp::create(builder, arith::CmpIPredicate::slt,
                                         position, endQuery);
  Value isInside = arith::AndIOp::create(builder, isBehind, isBefore);
  Value offset = arith::SubIOp::create(builder, endKey, endQuery);
  Value found[] = {arith::AddIOp::create(builder, position, offset), firstKey,
                   endKey};
  SmallVector<Value> kept;
  for (auto [value, otherwise] :
       llvm::zip_equal(found, loop.getRegionIterArgs()))
    kept.push_back(
        arith::SelectOp::create(builder, isInside, value, otherwise));
  scf::YieldOp::create(builder, kept);
  position = loop.getResult(0);
  first = loop.getResult(1);
  end = loop.getResult(2);
}

AttentionKernel::Range AttentionKernel::emitRange(const Place &place) {
  // In 64 bits, which no sum of a position and a limit exceeds: an index may
  // have 32. Positions may lie before the first key.
  IntegerType i64 = builder.getI64Type();
  auto constant = [&](int64_t number) -> Value {
    return arith::ConstantIntOp::create(builder, i64, number);
  };
  auto widen = [&](Value index) -> Value {
    return arith::IndexCastOp::create(builder, i64, index);
  };
  auto add = [&](Value lhs, Value rhs) -> Value {
    return arith::AddIOp::create(builder, lhs, rhs);
  };
  auto least = [&](Value lhs, Value rhs) -> Value {
    return arith::MinSIOp::create(builder, lhs, rhs);
  };
  auto most = [&](Value lhs, Value rhs) -> Value {
    return arith::MaxSIOp::create(builder, lhs, rhs);
  };
  // Bounds are counted from the first key of the larger attention, if there is
  // one, then from the first key of this one.
  Value all = widen(kernel.getIndex(numKeys));
  Value first = constant(0), end = all, keyOrigin;
  Value position = widen(place.query);
  if (op.getQueryOrigin()) {
    position = add(position, widen(kernel.getIndex(op.getQueryOrigin())));
    keyOrigin = widen(kernel.getIndex(op.getKeyOrigin()));
    end = add(end, keyOrigin);
  }
  if (op.getPast())
    position = add(position, widen(kernel.getIndex(op.getPast())));
  if (lengths) {
    end = lengths->loadI64(place.batch);
    Value queries = widen(kernel.getIndex(numQueries));
    position = add(position, arith::SubIOp::create(builder, end, queries));
  }
  if (queryStarts)
    findSequence(place, position, first, end);
  auto limit = [&](int64_t reach) {
    end = least(end, add(add(position, constant(reach)), constant(1)));
  };
  if (op.getCausal())
    limit(0);
  if (op.getRightWindow() >= 0)
    limit(op.getRightWindow());
  if (int64_t reach = op.getLeftWindow(); reach >= 0)
    first = most(first, add(position, constant(-reach)));
  if (keyOrigin) {
    first = most(arith::SubIOp::create(builder, first, keyOrigin), constant(0));
    end = least(arith::SubIOp::create(builder, end, keyOrigin), all);
  }
  auto narrow = [&](Value key) -> Value {
    return arith::IndexCastOp::create(builder, builder.getIndexType(), key);
  };
  end = most(end, constant(0));
  return {narrow(least(first, end)), narrow(end)};
}

LaneValue AttentionKernel::emitMasked(const Place &place, Value keyIndex,
                                      LaneValue score) {
  // Aligned from the right; what has one entry has it for all.
  ArrayRef<int64_t> shape = cast<MemRefType>(op.getMask().getType()).getShape();
  SmallVector<Value> indices{place.batch, place.head, place.query, keyIndex};
  indices.erase(indices.begin(), indices.end() - shape.size());
  for (auto [index, size] : llvm::zip(indices, shape.drop_back()))
    if (size == 1)
      index = kernel.getConstant(0);
  LaneValue excluded = emitF32(-kInfinity);
  if (mask) {
    LaneValue takesPart =
        wrap(mask->load(indices)).compare(arith::CmpIPredicate::ne, 0);
    return takesPart.select(score, excluded);
  }
  // Not a sum where the bias is -inf: the score may be NaN or +inf.
  LaneValue summand = load(*bias, bias->getRow(ArrayRef(indices).drop_back()),
                           LaneIndex(keyIndex));
  return summand.compare(arith::CmpFPredicate::UNE, -kInfinity)
      .select(score + summand, excluded);
}

LaneValue AttentionKernel::emitBiased(const Place &place, Value keyIndex,
                                      LaneValue score) {
  // Keys whose score is excluded, besides those that are not walked.
  Value isTaken;
  auto require = [&](arith::CmpIPredicate predicate, Value bound) {
    Value holds = arith::CmpIOp::create(builder, predicate, keyIndex, bound);
    isTaken = isTaken ? arith::AndIOp::create(builder, isTaken, holds) : holds;
  };
  if (place.walked.end != place.allowed.end) {
    require(arith::CmpIPredicate::sge, place.allowed.first);
    require(arith::CmpIPredicate::slt, place.allowed.end);
  }
  bool hasMask = mask || bias;
  if (hasMask && numMasked != numKeys)
    require(arith::CmpIPredicate::slt, kernel.getIndex(numMasked));
  if (!isTaken)
    return hasMask ? emitMasked(place, keyIndex, score) : score;
  auto branch = scf::IfOp::create(builder, builder.getF32Type(), isTaken,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  LaneValue taken = hasMask ? emitMasked(place, keyIndex, score) : score;
  scf::YieldOp::create(builder, taken.get());
  builder.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(builder, emitF32(-kInfinity).get());
  return wrap(branch.getResult(0));
}
