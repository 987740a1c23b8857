//===- KeyRanges.cpp - The keys that a query may take ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyRanges.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::rope;

KeyRanges::KeyRanges(KernelBuilder &kernel, AttentionOp op)
    : kernel(kernel), builder(kernel.getBuilder()), op(op) {
  ImplicitLocOpBuilder &host = kernel.getHost();
  auto add = [&](std::optional<IntegerBuffer> &buffer, Value given) {
    if (given)
      buffer.emplace(kernel, given);
  };
  add(lengths, op.getKvLengths());
  add(queryStarts, op.getQueryStarts());
  add(keyStarts, op.getKeyStarts());
  auto getSize = [&](Value buffer, int64_t dim) {
    return memref::getMixedSize(host, host.getLoc(), buffer, dim);
  };
  numKeys = getSize(op.getKey(), op.getSequenceDimension());
  numQueries = getSize(op.getQuery(), op.getSequenceDimension());
  if (op.getQueryStarts())
    numStarts = getSize(op.getQueryStarts(), 0);
  if (Value mask = op.getMask())
    numMasked = getSize(mask, cast<MemRefType>(mask.getType()).getRank() - 1);
}

void KeyRanges::findSequence(Value &position, Value &first, Value &end) {
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

KeyRanges::Range KeyRanges::emit(Value batch, Value query) {
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
  Value position = widen(query);
  if (op.getQueryOrigin()) {
    position = add(position, widen(kernel.getIndex(op.getQueryOrigin())));
    keyOrigin = widen(kernel.getIndex(op.getKeyOrigin()));
    end = add(end, keyOrigin);
  }
  if (op.getPast())
    position = add(position, widen(kernel.getIndex(op.getPast())));
  if (lengths) {
    end = lengths->loadI64(batch);
    Value queries = widen(kernel.getIndex(numQueries));
    position = add(position, arith::SubIOp::create(builder, end, queries));
  }
  if (queryStarts)
    findSequence(position, first, end);
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
  if (numMasked && numMasked != numKeys)
    end = least(end, widen(kernel.getIndex(numMasked)));
  auto narrow = [&](Value key) -> Value {
    return arith::IndexCastOp::create(builder, builder.getIndexType(), key);
  };
  end = most(end, constant(0));
  return {narrow(least(first, end)), narrow(end)};
}
