//===- ValuePairs.h - Products whose values lie in pairs of keys *- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// AMD's products are of transposed matrices, S^T = K Q^T and O^T = V^T P^T, so
// that a thread has several keys of one query, rounded its part of P^T. Values
// lie in shared memory in words of a lane of two keys, which are the words of
// V^T; they come through registers, in rows of keys.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_VALUEPAIRS_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_VALUEPAIRS_H

#include "WarpProduct.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::rope {

class ValuePairs : public WarpProduct {
public:
  ValuePairs(KernelBuilder &kernel, Value thread)
      : WarpProduct(FragmentLayout::get(kernel.getModel())), kernel(kernel),
        builder(kernel.getBuilder()), row(builder.createOrFold<arith::RemUIOp>(
                                          thread, kernel.getConstant(16))),
        group(builder.createOrFold<arith::DivUIOp>(thread,
                                                   kernel.getConstant(16))) {}

  void copy(DeviceBuffer &source, SharedWords &,
            const ValueUnit &unit) override {
    Copy &copy = copies.emplace_back();
    copy.index = unit.index;
    copy.stride = unit.stride;
    Value zero = arith::ConstantIntOp::create(builder, builder.getI32Type(), 0);
    for (auto [row, isInside, words] :
         llvm::zip_equal(unit.rows, unit.isInside, copy.words)) {
      words = source.getWords(source.loadUnits(row, unit.lane, 8));
      for (Value &word : words)
        word = arith::SelectOp::create(builder, isInside, word, zero);
    }
  }

  void wait(SharedWords &shared) override {
    for (const Copy &copy : copies) {
      Words words;
      for (auto [first, second] :
           llvm::zip_equal(copy.words[0], copy.words[1])) {
        LaneValue of(builder, first), ofNext(builder, second);
        words.push_back(((of & 0xFFFF) | (ofNext << 16)).get());
        words.push_back(((of >> 16) | (ofNext & 0xFFFF0000)).get());
      }
      if (getLayout().hasRowsOfLanes) {
        for (auto [lane, word] : llvm::enumerate(words))
          shared.store(word, copy.index, lane * copy.stride);
        continue;
      }
      shared.store(ArrayRef(words).take_front(4), copy.index);
      shared.store(ArrayRef(words).drop_front(4), copy.index, 4);
    }
    copies.clear();
  }

  SmallVector<Value> pack(ArrayRef<Value> sums) override {
    if (!kernel.getModel().hasPointers())
      return WarpProduct::pack(sums);
    SmallVector<Value> vectors;
    for (; !sums.empty(); sums = sums.drop_front(getLayout().getSize()))
      vectors.push_back(getVector(sums.take_front(getLayout().getSize())));
    return vectors;
  }
  SmallVector<Value> unpack(ValueRange carried) override {
    if (!kernel.getModel().hasPointers())
      return WarpProduct::unpack(carried);
    SmallVector<Value> sums;
    for (Value vector : carried)
      llvm::append_range(sums, getEntries(vector));
    return sums;
  }
  void fence() override {
    if (kernel.getModel().hasPointers())
      ROCDL::SchedBarrier::create(builder, 0);
  }

protected:
  /// A B + C.
  virtual Words multiply(ArrayRef<Value> a, ArrayRef<Value> b,
                         ArrayRef<Value> c) = 0;
  void add(ArrayRef<Value> a, ArrayRef<Value> b, MutableArrayRef<Value> sums) {
    llvm::copy(multiply(a, b, sums), sums.begin());
  }

  /// Words as a vector of the elements of a factor; those of bf16 are integers
  /// to the instructions.
  Value getFactorOf(FloatType element, ArrayRef<Value> words) {
    int64_t size = words.size();
    Type type = element;
    if (element.isBF16())
      type = builder.getIntegerType(16);
    Value all = vector::FromElementsOp::create(
        builder, VectorType::get(size, builder.getI32Type()), words);
    return LLVM::BitcastOp::create(builder, VectorType::get(2 * size, type),
                                   all);
  }
  Value getVector(ArrayRef<Value> sums) {
    int64_t size = sums.size();
    return vector::FromElementsOp::create(
        builder, VectorType::get(size, builder.getF32Type()), sums);
  }
  Words getEntries(Value vector) {
    Words entries;
    for (int64_t i = 0; i < cast<VectorType>(vector.getType()).getDimSize(0);
         ++i)
      entries.push_back(vector::ExtractOp::create(builder, vector, i));
    return entries;
  }

  Value divide(Value index, int64_t by) {
    return builder.createOrFold<arith::DivUIOp>(index, kernel.getConstant(by));
  }
  Value remainder(Value index, int64_t by) {
    return builder.createOrFold<arith::RemUIOp>(index, kernel.getConstant(by));
  }

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;
  /// r = thread % 16 and g = thread / 16.
  Value row, group;

private:
  /// Values of two keys on their way to shared memory.
  struct Copy {
    Value index;
    int64_t stride;
    std::array<Words, 2> words;
  };
  SmallVector<Copy> copies;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_VALUEPAIRS_H
