//===- AttentionScores.cpp - The scores of an attention -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

using namespace mlir;
using namespace mlir::rope;

void AttentionKernel::loadQuery(const Place &place, int64_t head) {
  Value row =
      query.getRow(getIndices(op, place.batch, place.heads[head], place.query));
  auto loadLane = [&](LaneIndex lane) { return load(query, row, lane); };
  auto store = [&](LaneValue scalar, LaneIndex lane) {
    memref::StoreOp::create(builder, scalar.get(), sharedQuery,
                            getShared(head, headDim, getLane(lane)));
  };
  auto forEach = [&](int64_t begin, int64_t end, auto body) {
    if (begin < end)
      kernel.emitFor(kernel.add(thread, kernel.getConstant(begin)),
                     kernel.getConstant(end), kernel.getConstant(threads),
                     body);
  };
  auto copy = [&](Value lane) { store(loadLane(lane), lane); };
  if (!queryRotation)
    return forEach(0, headDim, copy);
  forEach(0, queryRotation->getNumPairs(), [&](Value pair) {
    auto [first, second] = queryRotation->getLanes(pair);
    auto [a, b] = queryRotation->rotate(loadLane(first), loadLane(second),
                                        place.batch, place.query, pair);
    store(a, first);
    store(b, second);
  });
  forEach(0, queryRotation->getBegin(), copy);
  forEach(queryRotation->getEnd(), headDim, copy);
}

SmallVector<LaneValue> AttentionKernel::emitLoopOfSums(
    int64_t first, int64_t end, ArrayRef<LaneValue> sums,
    function_ref<void(Value i, MutableArrayRef<LaneValue> sums)> body) {
  SmallVector<Value> inits;
  for (LaneValue sum : sums)
    inits.push_back(sum.get());
  auto loop =
      scf::ForOp::create(builder, kernel.getConstant(first),
                         kernel.getConstant(end), kernel.getConstant(1), inits);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  auto wrapAll = [&](ValueRange values) {
    return llvm::map_to_vector(values,
                               [&](Value value) { return wrap(value); });
  };
  SmallVector<LaneValue> partials = wrapAll(loop.getRegionIterArgs());
  body(loop.getInductionVar(), partials);
  scf::YieldOp::create(builder,
                       llvm::map_to_vector(partials, [](LaneValue partial) {
                         return partial.get();
                       }));
  return wrapAll(loop.getResults());
}

void AttentionKernel::addProducts(MutableArrayRef<LaneValue> sums,
                                  LaneValue scalar, LaneIndex lane) {
  Value index = getLane(lane);
  for (auto [head, sum] : llvm::enumerate(sums))
    sum = scalar.fma(
        wrap(loadShared(sharedQuery, getShared(head, headDim, index))), sum);
}

SmallVector<LaneValue> AttentionKernel::emitProducts(const KeyLanes &part,
                                                     int64_t first, int64_t end,
                                                     ArrayRef<LaneValue> sums) {
  if (first == end)
    return SmallVector<LaneValue>(sums);
  int64_t step = part.buffer->getUnitLanes();
  return emitLoopOfSums(
      (first - part.first) / step, (end - part.first) / step, sums,
      [&](Value i, MutableArrayRef<LaneValue> partials) {
        LaneIndex unit(i, step);
        for (auto [lane, scalar] : llvm::enumerate(
                 part.buffer->load(part.row, unit, step, builder.getF32Type())))
          addProducts(partials, wrap(scalar), unit + part.first + lane);
      });
}

SmallVector<LaneValue>
AttentionKernel::emitRotatedProducts(const Place &place, Value keyIndex,
                                     const KeyLanes &part,
                                     ArrayRef<LaneValue> sums) {
  if (!keyRotation || keyRotation->getBegin() < part.first ||
      keyRotation->getBegin() >= part.end)
    return emitProducts(part, part.first, part.end, sums);
  SmallVector<LaneValue> others =
      emitProducts(part, part.first, keyRotation->getBegin(), sums);
  others = emitProducts(part, keyRotation->getEnd(), part.end, others);
  return emitLoopOfSums(
      0, keyRotation->getNumPairs(), others,
      [&](Value pair, MutableArrayRef<LaneValue> partials) {
        auto [first, second] = keyRotation->getLanes(pair);
        auto loadKey = [&](LaneIndex lane) {
          return load(*part.buffer, part.row, lane + -part.first);
        };
        auto [a, b] = keyRotation->rotate(loadKey(first), loadKey(second),
                                          place.batch, keyIndex, pair);
        addProducts(partials, a, first);
        addProducts(partials, b, second);
      });
}

void AttentionKernel::writeScore(const Place &place, Value head, Value keyIndex,
                                 LaneValue score) {
  Value row = scores->getRow({place.batch, head, place.query});
  scores->store(score.get(), row, LaneIndex(keyIndex));
}

LaneValue AttentionKernel::emitScore(const Place &place, Value head,
                                     Value keyIndex, LaneValue product,
                                     bool isWritten) {
  auto stage = [&](ScoreKind kind, LaneValue score) {
    if (isWritten && op.getReturningScores() == kind)
      writeScore(place, head, keyIndex, score);
    return score;
  };
  LaneValue score = stage(ScoreKind::Raw, product * op.getEffectiveScale());
  if (op.getSoftcap()) {
    double cap = op.getSoftcap()->convertToDouble();
    LaneValue ratio =
        score.emit<arith::DivFOp>(score.get(), emitF32(cap).get());
    score = emitNativeTanh(ratio) * cap;
  }
  stage(ScoreKind::Capped, score);
  score = stage(ScoreKind::Biased, emitBiased(place, head, keyIndex, score));
  if (std::optional<Type> precision = op.getSoftmaxPrecision())
    score = roundThrough(kernel, score, cast<FloatType>(*precision));
  return score;
}

SmallVector<LaneValue> AttentionKernel::emitScores(const Place &place,
                                                   Value keyIndex,
                                                   bool isWritten) {
  int64_t own = op.getOwnKeyDim();
  Value row = key.getRow(getIndices(
      op, place.batch, getKvHead(builder, op, place.heads.front()), keyIndex));
  SmallVector<LaneValue> products(headsOfBlock, emitF32(0));
  products =
      emitRotatedProducts(place, keyIndex, {&key, row, 0, own}, products);
  if (keyTail) {
    Value tail = keyTail->getRow(
        getIndices(op, place.batch, kernel.getConstant(0), keyIndex));
    products = emitRotatedProducts(place, keyIndex,
                                   {&*keyTail, tail, own, headDim}, products);
  }
  for (auto [head, product] : llvm::zip_equal(place.heads, products))
    product = emitScore(place, head, keyIndex, product, isWritten);
  return products;
}

SmallVector<LaneValue> AttentionKernel::emitTileScores(const Place &place,
                                                       Value tile,
                                                       bool isWritten) {
  Value keyIndex = kernel.add(tile, thread);
  Value isInside = arith::CmpIOp::create(builder, arith::CmpIPredicate::slt,
                                         keyIndex, place.walked.end);
  SmallVector<Type> types(headsOfBlock, builder.getF32Type());
  auto branch =
      scf::IfOp::create(builder, types, isInside, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  auto yield = [&](ArrayRef<LaneValue> values) {
    scf::YieldOp::create(builder,
                         llvm::map_to_vector(values, [](LaneValue value) {
                           return value.get();
                         }));
  };
  builder.setInsertionPointToStart(branch.thenBlock());
  yield(emitScores(place, keyIndex, isWritten));
  builder.setInsertionPointToStart(branch.elseBlock());
  yield(SmallVector<LaneValue>(headsOfBlock, emitF32(-kInfinity)));
  return llvm::map_to_vector(branch.getResults(),
                             [&](Value value) { return wrap(value); });
}
