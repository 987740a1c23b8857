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
    keys.storeQuery(scalar, head, getLane(lane));
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

SmallVector<LaneValue> AttentionKernel::emitTileScores(const Place &place,
                                                       Value tile,
                                                       bool isWritten) {
  SmallVector<LaneValue> products = keys.emitProducts(
      place.batch, getKvHead(builder, op, place.heads.front()), tile,
      place.walked.end, thread, sharedScores);
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
  for (auto [head, product] : llvm::zip_equal(place.heads, products))
    product = emitScore(place, head, keyIndex, product, isWritten);
  yield(products);
  builder.setInsertionPointToStart(branch.elseBlock());
  yield(SmallVector<LaneValue>(headsOfBlock, emitF32(-kInfinity)));
  return llvm::map_to_vector(branch.getResults(),
                             [&](Value value) { return wrap(value); });
}
