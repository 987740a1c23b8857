//===- AttentionExclusion.cpp - The keys that a query may take ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"

using namespace mlir;
using namespace mlir::rope;

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
  if (mask && mask->getNumKeys() != numKeys)
    require(arith::CmpIPredicate::slt, kernel.getIndex(mask->getNumKeys()));
  auto emitMasked = [&] {
    return mask ? mask->emit(place.batch, head, place.query, keyIndex, score)
                : score;
  };
  if (!isTaken)
    return emitMasked();
  auto branch = scf::IfOp::create(builder, builder.getF32Type(), isTaken,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(builder, emitMasked().get());
  builder.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(builder, emitF32(-kInfinity).get());
  return wrap(branch.getResult(0));
}
