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
  auto emitMasked = [&] {
    return mask ? mask->emit(place.batch, head, place.query, keyIndex, score)
                : score;
  };
  if (!scores)
    return emitMasked();
  // Keys that are walked for their scores only.
  Value isBehind = arith::CmpIOp::create(builder, arith::CmpIPredicate::sge,
                                         keyIndex, place.allowed.first);
  Value isBefore = arith::CmpIOp::create(builder, arith::CmpIPredicate::slt,
                                         keyIndex, place.allowed.end);
  Value isTaken = arith::AndIOp::create(builder, isBehind, isBefore);
  auto branch = scf::IfOp::create(builder, builder.getF32Type(), isTaken,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(builder, emitMasked().get());
  builder.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(builder, emitF32(-kInfinity).get());
  return wrap(branch.getResult(0));
}
