//===- StretchedWords.cpp - Frequencies of the run time -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StretchedWords.h"

#include "LaneValue.h"
#include "Rope/Dialect/Rope/Transforms/SequenceLength.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;

StretchedWords StretchedWords::emit(ImplicitLocOpBuilder &builder, SinCosOp op,
                                    const PhasePlan &plan,
                                    FloatType computation) {
  unsigned numWords = plan.words;
  auto bits = builder.getIntegerType(computation.getWidth());
  int64_t width = op.getFrequencies().getDim() / 2;
  Value words = memref::AllocOp::create(
      builder, MemRefType::get({numWords, width}, bits));
  Value residual;
  if (plan.hasResidual())
    residual =
        memref::AllocOp::create(builder, MemRefType::get({width}, computation));
  emitStretchedTurns(
      builder, op.getFrequencies(), op.getSequenceLength(), /*state=*/{},
      [&](Value index, Value turns, ValueRange) -> SmallVector<Value> {
        LaneValue all(builder, turns);
        uint64_t low = kStretchedBits;
        for (unsigned word = 0; word < numWords; ++word) {
          low -= 32;
          LaneValue value = (all >> low).truncate(builder.getI32Type());
          if (computation.isF64())
            value = value.zeroExtend(bits);
          Value row = arith::ConstantIndexOp::create(builder, word);
          memref::StoreOp::create(builder, value.get(), words,
                                  ValueRange{row, index});
        }
        if (!residual)
          return {};
        // 53 more bits, in units of 2^-64 turns.
        low -= 53;
        LaneValue rest = (all >> low).truncate(builder.getI64Type()) &
                         ((uint64_t(1) << 53) - 1);
        LaneValue real =
            rest.toFloat(computation) * std::ldexp(1.0, 64 - 53 - 128);
        memref::StoreOp::create(builder, real.get(), residual, index);
        return {};
      });
  return {words, residual};
}

void StretchedWords::emitEnd(ImplicitLocOpBuilder &builder) const {
  for (Value buffer : {words, residual})
    if (buffer)
      memref::DeallocOp::create(builder, buffer);
}
