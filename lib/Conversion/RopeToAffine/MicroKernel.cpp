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

SmallVector<LaneIndex> MicroKernel::placeOf(int64_t sum) const {
  return {LaneIndex(row, 1, sum / vectors),
          LaneIndex(column, 1, sum % vectors * tile.tiling.lanes)};
}

SmallVector<Value> MicroKernel::load() const {
  SmallVector<Value> before;
  for (int64_t sum = 0; sum < rows * vectors; ++sum)
    before.push_back(tile.emitter.load(sums, placeOf(sum), tile.tiling.lanes));
  return before;
}

void MicroKernel::store(ArrayRef<Value> totals) const {
  for (auto [sum, total] : llvm::enumerate(totals))
    tile.emitter.store(total, sums, placeOf(sum));
}

SmallVector<Value> MicroKernel::emitSums(Bounds lower, Bounds upper,
                                         ValueRange inits,
                                         bool skipsZeros) const {
  return tile.emitter.emitReduction(
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
}

void MicroKernel::emitProduct(Bounds lower, Bounds upper) const {
  SmallVector<Value> zeros(rows * vectors, tile.splat(0.0).get());
  store(emitSums(lower, upper, zeros, /*skipsZeros=*/false));
}

void MicroKernel::emitSum(Bounds lower, Bounds upper, bool skipsZeros) const {
  store(emitSums(lower, upper, load(), skipsZeros));
}

/// Whether an element of these vectors is not finite: 0 times it is NaN.
