//===- PairPlace.cpp - Where a lane stands in its pair --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PairPlace.h"

using namespace mlir;
using namespace mlir::rope;

PairPlace::PairPlace(KernelBuilder &kernel, PairingKind pairing,
                     int64_t rotaryDim, Value lane) {
  ImplicitLocOpBuilder &builder = kernel.getBuilder();
  Value one = kernel.getConstant(1);
  if (pairing == PairingKind::Interleaved) {
    Value parity = arith::AndIOp::create(builder, lane, one);
    isFirst = arith::CmpIOp::create(builder, arith::CmpIPredicate::eq, parity,
                                    kernel.getConstant(0));
    pair = arith::ShRUIOp::create(builder, lane, one);
    partner = arith::XOrIOp::create(builder, lane, one);
    return;
  }
  Value half = kernel.getConstant(rotaryDim / 2);
  isFirst =
      arith::CmpIOp::create(builder, arith::CmpIPredicate::ult, lane, half);
  Value below = arith::SubIOp::create(builder, lane, half);
  pair = arith::SelectOp::create(builder, isFirst, lane, below);
  partner =
      arith::SelectOp::create(builder, isFirst, kernel.add(lane, half), below);
}
