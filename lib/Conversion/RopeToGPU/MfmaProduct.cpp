//===- MfmaProduct.cpp - Products of matrices on AMD ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A wave of 64 threads multiplies A [16, 16] by B [16, 16] and adds C [16, 16].
// With r = thread % 16 and g = thread / 16 a thread has of
//
//   A, four elements: row r at columns 4 g to 4 g + 3,
//   B, four elements: column r at rows 4 g to 4 g + 3,
//   C, four f32:      column r at rows 4 g to 4 g + 3,
//
// in words of two elements: v_mfma_f32_16x16x16 of the ISA. The fragment C of
// S^T, rounded, is the B of P^T, and A and B are adjacent elements of rows of
// keys and queries.
//
//===----------------------------------------------------------------------===//

#include "ValuePairs.h"
#include "WarpScratch.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
class MfmaProduct : public ValuePairs {
public:
  using ValuePairs::ValuePairs;

  Words loadQueries(SharedWords &shared, Value first, int64_t offset,
                    int64_t stride) override {
    return shared.loadWords(kernel.add(first, getElements(stride)), offset, 2);
  }

  void multiplyKeys(ArrayRef<Value> queries, SharedWords &shared, int64_t place,
                    int64_t stride, MutableArrayRef<Value> sums) override {
    add(shared.loadWords(getElements(stride), place, 2), queries, sums);
  }

  void multiplyValues(ArrayRef<Value> weights, SharedWords &shared,
                      const SharedTile &values, int64_t key,
                      MutableArrayRef<Value> sums) override {
    int64_t stride = values.stride, place = values.first + key / 2 * stride;
    Value index = kernel.add(kernel.multiply(group, 2 * stride), row);
    for (int64_t first = 0; first < getLanes(sums); first += 16)
      add({shared.load(index, place + first),
           shared.load(index, place + first + stride)},
          weights, sums.slice(first / 4, 4));
  }

  void addWeights(ArrayRef<Value> weights, Value ones,
                  MutableArrayRef<Value> sums) override {
    add({ones, ones}, weights, sums);
  }

private:
  /// Elements from 4 g on of row r.
  Value getElements(int64_t stride) {
    return kernel.add(kernel.multiply(row, stride), kernel.multiply(group, 2));
  }
};

/// The instructions of AMD's gfx90a, gfx942 and gfx950.
class AmdProduct : public MfmaProduct {
public:
  AmdProduct(KernelBuilder &kernel, FloatType element, Value thread)
      : MfmaProduct(kernel, thread), element(element) {}

  Value exchange(Value scalar, int64_t mask) override {
    return gpu::ShuffleOp::create(builder, scalar, mask, /*width=*/64,
                                  gpu::ShuffleMode::XOR)
        .getShuffleResult();
  }

protected:
  Words multiply(ArrayRef<Value> a, ArrayRef<Value> b,
                 ArrayRef<Value> c) override {
    Value zero = arith::ConstantIntOp::create(builder, builder.getI32Type(), 0);
    Value sums = getVector(c);
    SmallVector<Value> operands{getFactorOf(element, a),
                                getFactorOf(element, b),
                                sums,
                                zero,
                                zero,
                                zero};
    if (element.isBF16())
      return getEntries(ROCDL::mfma_f32_16x16x16bf16_1k::create(
          builder, sums.getType(), operands));
    return getEntries(
        ROCDL::mfma_f32_16x16x16f16::create(builder, sums.getType(), operands));
  }

private:
  FloatType element;
};

/// The same of single threads.
class EmulatedMfma : public MfmaProduct {
public:
  EmulatedMfma(KernelBuilder &kernel, FloatType element, Value thread,
               Value warp, int64_t numWarps)
      : MfmaProduct(kernel, thread),
        scratch(kernel, getLayout(), element, thread, warp, numWarps) {}

  Value exchange(Value scalar, int64_t mask) override {
    return scratch.exchange(scalar, mask);
  }

protected:
  Words multiply(ArrayRef<Value> a, ArrayRef<Value> b,
                 ArrayRef<Value> c) override {
    // Four steps of four elements: rows 4 g to 4 g + 3 of A, column r of B.
    return scratch.multiply(
        a, b, c, [&](Value step, MutableArrayRef<Value> sums) {
          Value of = kernel.multiply(step, 16);
          Value ofA = kernel.add(of, kernel.multiply(group, 4));
          Value ofB = kernel.add(of, row);
          for (int64_t word = 0; word < 2; ++word) {
            auto [b0, b1] = scratch.load(ofB, 2 + word);
            for (auto [i, sum] : llvm::enumerate(sums)) {
              auto [a0, a1] = scratch.load(ofA, word, i);
              sum = a1.fma(b1, a0.fma(b0, {builder, sum})).get();
            }
          }
        });
  }

private:
  WarpScratch scratch;
};
} // namespace

std::unique_ptr<WarpProduct> rope::createMfmaProduct(KernelBuilder &kernel,
                                                     FloatType element,
                                                     Value thread, Value warp,
                                                     int64_t numWarps) {
  if (kernel.getModel().isEmulated())
    return std::make_unique<EmulatedMfma>(kernel, element, thread, warp,
                                          numWarps);
  return std::make_unique<AmdProduct>(kernel, element, thread);
}
