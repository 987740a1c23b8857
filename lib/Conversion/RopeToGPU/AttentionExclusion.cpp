//===- AttentionExclusion.cpp - The keys that a query may take ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

using namespace mlir;
using namespace mlir::rope;

LaneValue AttentionKernel::emitMasked(const Place &place, Value head,
                                      Value keyIndex, LaneValue score) {
  // Aligned from the right; what has one entry has it for all.
  ArrayRef<int64_t> shape = cast<MemRefType>(op.getMask().getType()).getShape();
  SmallVector<Value> indices{place.batch, head, place.query, keyIndex};
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

LaneValue AttentionKernel::emitBiased(const Place &place, Value head,
                                      Value keyIndex, LaneValue score) {
  // Keys whose score is excluded, besides those that are not walked.
  Value isTaken;
  auto require = [&](arith::CmpIPredicate predicate, Value bound) {
    Value holds = arith::CmpIOp::create(builder, predicate, keyIndex, bound);
    isTaken = isTaken ? arith::AndIOp::create(builder, isTaken, holds) : holds;
  };
  if (scores) {
    require(arith::CmpIPredicate::sge, place.allowed.first);
    require(arith::CmpIPredicate::slt, place.allowed.end);
  }
  bool hasMask = mask || bias;
  if (hasMask && numMasked != numKeys)
    require(arith::CmpIPredicate::slt, kernel.getIndex(numMasked));
  if (!isTaken)
    return hasMask ? emitMasked(place, head, keyIndex, score) : score;
  auto branch = scf::IfOp::create(builder, builder.getF32Type(), isTaken,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  LaneValue taken = hasMask ? emitMasked(place, head, keyIndex, score) : score;
  scf::YieldOp::create(builder, taken.get());
  builder.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(builder, emitF32(-kInfinity).get());
  return wrap(branch.getResult(0));
}
