//===- AttentionScores.cpp - The scores of an attention -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

using namespace mlir;
using namespace mlir::rope;

void AttentionKernel::loadQuery(const Place &place) {
  Value row =
      query.getRow(getIndices(op, place.batch, place.head, place.query));
  auto loadLane = [&](LaneIndex lane) { return load(query, row, lane); };
  auto store = [&](LaneValue scalar, LaneIndex lane) {
    memref::StoreOp::create(builder, scalar.get(), sharedQuery, getLane(lane));
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

LaneValue AttentionKernel::emitProduct(const KeyPart &part, int64_t first,
                                       int64_t end, LaneValue sum) {
  if (first == end)
    return sum;
  int64_t step = part.buffer->getUnitLanes();
  auto loop = scf::ForOp::create(
      builder, kernel.getConstant((first - part.first) / step),
      kernel.getConstant((end - part.first) / step), kernel.getConstant(1),
      sum.get());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  LaneValue partial = wrap(loop.getRegionIterArg(0));
  LaneIndex unit(loop.getInductionVar(), step);
  for (auto [i, scalar] : llvm::enumerate(
           part.buffer->load(part.row, unit, step, builder.getF32Type()))) {
    Value lane = getLane(unit + part.first + i);
    partial = wrap(scalar).fma(wrap(loadShared(sharedQuery, lane)), partial);
  }
  scf::YieldOp::create(builder, partial.get());
  return wrap(loop.getResult(0));
}

LaneValue AttentionKernel::emitPart(const Place &place, Value keyIndex,
                                    const KeyPart &part, LaneValue sum) {
  if (!keyRotation || keyRotation->getBegin() < part.first ||
      keyRotation->getBegin() >= part.end)
    return emitProduct(part, part.first, part.end, sum);
  sum = emitProduct(part, part.first, keyRotation->getBegin(), sum);
  sum = emitProduct(part, keyRotation->getEnd(), part.end, sum);
  auto loop = scf::ForOp::create(builder, kernel.getConstant(0),
                                 kernel.getConstant(keyRotation->getNumPairs()),
                                 kernel.getConstant(1), sum.get());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value pair = loop.getInductionVar();
  auto [first, second] = keyRotation->getLanes(pair);
  auto loadKey = [&](LaneIndex lane) {
    return load(*part.buffer, part.row, lane + -part.first);
  };
  auto loadQueryLane = [&](LaneIndex lane) {
    return wrap(loadShared(sharedQuery, getLane(lane)));
  };
  auto [a, b] = keyRotation->rotate(loadKey(first), loadKey(second),
                                    place.batch, keyIndex, pair);
  LaneValue partial = wrap(loop.getRegionIterArg(0));
  partial = a.fma(loadQueryLane(first), partial);
  partial = b.fma(loadQueryLane(second), partial);
  scf::YieldOp::create(builder, partial.get());
  return wrap(loop.getResult(0));
}

void AttentionKernel::writeScore(const Place &place, Value keyIndex,
                                 LaneValue score) {
  Value row = scores->getRow({place.batch, place.head, place.query});
  scores->store(score.get(), row, LaneIndex(keyIndex));
}

LaneValue AttentionKernel::emitScore(const Place &place, Value keyIndex,
                                     bool isWritten) {
  auto stage = [&](ScoreKind kind, LaneValue score) {
    if (isWritten && op.getReturningScores() == kind)
      writeScore(place, keyIndex, score);
    return score;
  };
  int64_t own = op.getOwnKeyDim();
  Value row = key.getRow(getIndices(
      op, place.batch, getKvHead(builder, op, place.head), keyIndex));
  LaneValue sum = emitPart(place, keyIndex, {&key, row, 0, own}, emitF32(0));
  if (keyTail) {
    Value tail = keyTail->getRow(
        getIndices(op, place.batch, kernel.getConstant(0), keyIndex));
    sum = emitPart(place, keyIndex, {&*keyTail, tail, own, headDim}, sum);
  }
  LaneValue score = stage(ScoreKind::Raw, sum * op.getEffectiveScale());
  if (op.getSoftcap()) {
    double cap = op.getSoftcap()->convertToDouble();
    LaneValue ratio =
        score.emit<arith::DivFOp>(score.get(), emitF32(cap).get());
    score = emitNativeTanh(ratio) * cap;
  }
  stage(ScoreKind::Capped, score);
  score = stage(ScoreKind::Biased, emitBiased(place, keyIndex, score));
  if (std::optional<Type> precision = op.getSoftmaxPrecision())
    score = roundThrough(kernel, score, cast<FloatType>(*precision));
  return score;
}

LaneValue AttentionKernel::emitTileScore(const Place &place, Value tile,
                                         bool isWritten) {
  Value keyIndex = kernel.add(tile, thread);
  Value isInside = arith::CmpIOp::create(builder, arith::CmpIPredicate::slt,
                                         keyIndex, place.walked.end);
  auto branch = scf::IfOp::create(builder, builder.getF32Type(), isInside,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(builder, emitScore(place, keyIndex, isWritten).get());
  builder.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(builder, emitF32(-kInfinity).get());
  return wrap(branch.getResult(0));
}
