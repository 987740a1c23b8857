//===- MicroKernel.cpp - A product of tiles in registers ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All sums are carried by the loop, and so stay in registers: each step loads
// the vectors of the right side once and broadcasts one entry for each row.
//
//===----------------------------------------------------------------------===//

#include "MicroKernel.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::rope;

void MicroKernel::emit(ArrayRef<OpFoldResult> lower,
                       ArrayRef<OpFoldResult> upper) const {
  LoopEmitter &emitter = tile.emitter;
  int64_t rows = tile.tiling.groupRows, lanes = tile.tiling.lanes;
  auto place = [&](int64_t r, int64_t j) -> SmallVector<LaneIndex> {
    return {LaneIndex(row, 1, r), LaneIndex(column, 1, j * lanes)};
  };
  SmallVector<Value> inits;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t j = 0; j < vectors; ++j)
      inits.push_back(accumulates ? emitter.load(sums, place(r, j), lanes)
                                  : tile.splat(0.0).get());
  SmallVector<Value> totals = emitter.emitReduction(
      lower, upper, 1, inits, [&](Value k, ValueRange carried) {
        SmallVector<Value> right;
        for (int64_t j = 0; j < vectors; ++j)
          right.push_back(loadRight(k, j));
        SmallVector<Value> next;
        for (int64_t r = 0; r < rows; ++r) {
          Value entry = loadLeft(r, k);
          Value left = tile.broadcast(entry).get();
          Value isZero;
          if (skipsZeros)
            isZero =
                arith::CmpFOp::create(tile.builder(), arith::CmpFPredicate::OEQ,
                                      entry, tile.scalar(0.0).get());
          for (int64_t j = 0; j < vectors; ++j) {
            Value before = carried[r * vectors + j];
            Value sum =
                vector::FMAOp::create(tile.builder(), left, right[j], before);
            if (skipsZeros)
              sum =
                  arith::SelectOp::create(tile.builder(), isZero, before, sum);
            next.push_back(sum);
          }
        }
        return next;
      });
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t j = 0; j < vectors; ++j)
      emitter.store(totals[r * vectors + j], sums, place(r, j));
}
