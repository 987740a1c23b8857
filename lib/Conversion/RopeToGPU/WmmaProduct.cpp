//===- WmmaProduct.cpp - Products of matrices on AMD's gfx11 --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A wave of 32 threads multiplies A [16, 16] by B [16, 16] and adds C [16, 16].
// With r = thread % 16 and g = thread / 16 a thread has of
//
//   A, 16 elements: row r,
//   B, 16 elements: column r,
//   C, eight f32:   column r at rows g, g + 2, ..., g + 14,
//
// in words of two elements, of A and B the same in both halves of the wave:
// v_wmma_f32_16x16x16 of the ISA. Row r of A is that of number 8 (r % 2) + r /
// 2 of the keys or of the lanes of values: then C has eight of them side by
// side, from 8 g on. Rounded that is a half of the B of P^T; the other half
// comes from the other half of the wave.
//
//===----------------------------------------------------------------------===//

#include "ValuePairs.h"
#include "WarpScratch.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
class WmmaProduct : public ValuePairs {
public:
  WmmaProduct(KernelBuilder &kernel, Value thread)
      : ValuePairs(kernel, thread),
        rowOfA(
            kernel.add(kernel.multiply(remainder(row, 2), 8), divide(row, 2))),
        isFirst(arith::CmpIOp::create(builder, arith::CmpIPredicate::eq, group,
                                      kernel.getConstant(0))) {}

  Words loadQueries(SharedWords &shared, Value first, int64_t offset,
                    int64_t stride) override {
    return loadRow(shared, kernel.add(first, kernel.multiply(row, stride)),
                   offset);
  }

  void multiplyKeys(ArrayRef<Value> queries, SharedWords &shared, int64_t place,
                    int64_t stride, MutableArrayRef<Value> sums) override {
    add(loadRow(shared, kernel.multiply(rowOfA, stride), place), queries, sums);
  }

  Words getFactor(Words weights) override {
    Words others, factor;
    for (Value word : weights)
      others.push_back(exchangeWord(word));
    auto select = [&](ArrayRef<Value> first, ArrayRef<Value> second) {
      for (auto [lhs, rhs] : llvm::zip_equal(first, second))
        factor.push_back(arith::SelectOp::create(builder, isFirst, lhs, rhs));
    };
    select(weights, others);
    select(others, weights);
    return factor;
  }

  void multiplyValues(ArrayRef<Value> weights, SharedWords &shared,
                      const SharedTile &values, int64_t key,
                      MutableArrayRef<Value> sums) override {
    int64_t ofEight = FragmentLayout::getStrideOfEight(values.stride);
    Value index = kernel.add(kernel.multiply(remainder(row, 2), ofEight),
                             kernel.multiply(divide(row, 2), values.stride));
    int64_t place = values.first + key / 2;
    for (int64_t first = 0; first < getLanes(sums); first += 16)
      add(loadRow(shared, index, place + first / 8 * ofEight), weights,
          sums.slice(first / 2, 8));
  }

  void addWeights(ArrayRef<Value> weights, Value ones,
                  MutableArrayRef<Value> sums) override {
    add(Words(8, ones), weights, sums);
  }

protected:
  /// The word that the other half of the wave has.
  virtual Value exchangeWord(Value word) = 0;

private:
  /// The 16 elements of a row, eight words from `offset` behind `index` on.
  Words loadRow(SharedWords &shared, Value index, int64_t offset) {
    Words words = shared.loadWords(index, offset, 4);
    llvm::append_range(words, shared.loadWords(index, offset + 4, 4));
    return words;
  }

  Value rowOfA, isFirst;
};

/// The instructions of AMD's gfx11.
class AmdShortProduct : public WmmaProduct {
public:
  AmdShortProduct(KernelBuilder &kernel, FloatType element, Value thread)
      : WmmaProduct(kernel, thread), element(element) {}

  Value exchange(Value scalar, int64_t mask) override {
    assert(mask == 16 && "threads of a row are in the two halves");
    Value word =
        arith::BitcastOp::create(builder, builder.getI32Type(), scalar);
    return arith::BitcastOp::create(builder, builder.getF32Type(),
                                    exchangeWord(word));
  }

protected:
  Value exchangeWord(Value word) override {
    // Thread i of the other half, four bits each.
    Type i32 = builder.getI32Type();
    Value low = arith::ConstantIntOp::create(builder, i32, 0x76543210);
    Value high = arith::ConstantIntOp::create(builder, i32,
                                              static_cast<int32_t>(0xFEDCBA98));
    return ROCDL::PermlaneX16Op::create(builder, i32, word, word, low, high,
                                        /*fi=*/true, /*boundControl=*/false);
  }

  Words multiply(ArrayRef<Value> a, ArrayRef<Value> b,
                 ArrayRef<Value> c) override {
    Value sums = getVector(c);
    Value ofA = getFactorOf(element, a), ofB = getFactorOf(element, b);
    if (element.isBF16())
      return getEntries(ROCDL::wmma_f32_16x16x16_bf16::create(
          builder, sums.getType(), ofA, ofB, sums));
    return getEntries(ROCDL::wmma_f32_16x16x16_f16::create(
        builder, sums.getType(), ofA, ofB, sums));
  }

private:
  FloatType element;
};

/// The same of single threads.
class EmulatedWmma : public WmmaProduct {
public:
  EmulatedWmma(KernelBuilder &kernel, FloatType element, Value thread,
               Value warp, int64_t numWarps)
      : WmmaProduct(kernel, thread),
        scratch(kernel, getLayout(), element, thread, warp, numWarps) {}

  Value exchange(Value scalar, int64_t mask) override {
    return scratch.exchange(scalar, mask);
  }

protected:
  Value exchangeWord(Value word) override {
    Value scalar =
        arith::BitcastOp::create(builder, builder.getF32Type(), word);
    return arith::BitcastOp::create(builder, builder.getI32Type(),
                                    scratch.exchange(scalar, 16));
  }

  Words multiply(ArrayRef<Value> a, ArrayRef<Value> b,
                 ArrayRef<Value> c) override {
    // Four steps of two words, of which a step takes one from either half of
    // the wave: rows g + 2 i of A, column r of B.
    constexpr int64_t words = 8, threads = 32;
    return scratch.multiply(
        a, b, c, [&](Value step, MutableArrayRef<Value> sums) {
          Value of = kernel.multiply(step, 2 * threads);
          Value ofA = kernel.add(of, group), ofB = kernel.add(of, row);
          for (int64_t word = 0; word < 2; ++word) {
            auto [b0, b1] = scratch.load(ofB, words + word, 16 * word);
            for (auto [i, sum] : llvm::enumerate(sums)) {
              auto [a0, a1] = scratch.load(ofA, word, 16 * word + 2 * i);
              sum = a1.fma(b1, a0.fma(b0, {builder, sum})).get();
            }
          }
        });
  }

private:
  WarpScratch scratch;
};
} // namespace

std::unique_ptr<WarpProduct> rope::createWmmaProduct(KernelBuilder &kernel,
                                                     FloatType element,
                                                     Value thread, Value warp,
                                                     int64_t numWarps) {
  if (kernel.getModel().isEmulated())
    return std::make_unique<EmulatedWmma>(kernel, element, thread, warp,
                                          numWarps);
  return std::make_unique<AmdShortProduct>(kernel, element, thread);
}
