//===- WarpProduct.cpp - Products of matrices by a warp -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WarpProduct.h"

#include "WordPair.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
/// The instructions of NVIDIA from sm_80 on.
class NvidiaProduct : public WarpProduct {
public:
  NvidiaProduct(KernelBuilder &kernel, FloatType element, Value thread)
      : builder(kernel.getBuilder()), element(element), thread(thread) {}

  SmallVector<Value> multiply(ArrayRef<Value> a, ArrayRef<Value> b,
                              ArrayRef<Value> c) override {
    NVVM::MMATypes type =
        element.isBF16() ? NVVM::MMATypes::bf16 : NVVM::MMATypes::f16;
    Value product = NVVM::MmaOp::create(
        builder, getStruct(builder.getF32Type(), 4), getOperands(a),
        getOperands(b), c, {16, 8, 16}, /*b1Op=*/std::nullopt,
        /*intOverflow=*/std::nullopt, std::array{type, type},
        std::array{NVVM::MMALayout::row, NVVM::MMALayout::col});
    return unpack(product, 4);
  }

  SmallVector<Value> load(SharedWords &shared,
                          function_ref<Value(Value)> getIndex, int64_t offset,
                          int64_t count, bool transposed) override {
    Value loaded = NVVM::LdMatrixOp::create(
        builder, getStruct(builder.getI32Type(), count),
        shared.getPointer(getIndex(thread), offset),
        builder.getI32IntegerAttr(static_cast<int32_t>(count)),
        NVVM::MMALayoutAttr::get(builder.getContext(),
                                 transposed ? NVVM::MMALayout::col
                                            : NVVM::MMALayout::row),
        NVVM::LdStMatrixShapeAttr::get(builder.getContext(), 8, 8),
        NVVM::LdStMatrixEltTypeAttr::get(builder.getContext(),
                                         NVVM::LdStMatrixEltType::B16));
    return unpack(loaded, count);
  }

  Value exchange(Value scalar, int64_t mask) override {
    return gpu::ShuffleOp::create(builder, scalar, mask, /*width=*/32,
                                  gpu::ShuffleMode::XOR)
        .getShuffleResult();
  }

  void copy(DeviceBuffer &source, Value row, LaneIndex lane,
            SharedWords &shared, Value index, Value isInside) override {
    Value pointer = LLVM::AddrSpaceCastOp::create(
        builder, LLVM::LLVMPointerType::get(builder.getContext(), 1),
        source.getPointer(row, lane));
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantIntOp::create(builder, builder.getI32Type(), value);
    };
    Value bytes = arith::SelectOp::create(
        builder, isInside, constant(kMaxAccessBytes), constant(0));
    NVVM::CpAsyncOp::create(builder, shared.getPointer(index), pointer,
                            kMaxAccessBytes, NVVM::LoadCacheModifierKind::CG,
                            bytes);
  }

  void wait() override {
    NVVM::CpAsyncCommitGroupOp::create(builder);
    NVVM::CpAsyncWaitGroupOp::create(builder, 0);
  }

private:
  Type getStruct(Type type, int64_t count) {
    return LLVM::LLVMStructType::getLiteral(builder.getContext(),
                                            SmallVector<Type>(count, type));
  }
  SmallVector<Value> unpack(Value values, int64_t count) {
    SmallVector<Value> unpacked;
    for (int64_t i = 0; i < count; ++i)
      unpacked.push_back(LLVM::ExtractValueOp::create(builder, values, i));
    return unpacked;
  }
  /// Words of bf16 as they are, those of f16 as pairs.
  SmallVector<Value> getOperands(ArrayRef<Value> words) {
    SmallVector<Value> operands(words);
    if (element.isF16())
      for (Value &word : operands)
        word =
            LLVM::BitcastOp::create(builder, VectorType::get(2, element), word);
    return operands;
  }

  ImplicitLocOpBuilder &builder;
  FloatType element;
  Value thread;
};

/// The same of single threads, which all of a block must reach together.
class EmulatedProduct : public WarpProduct {
public:
  EmulatedProduct(KernelBuilder &kernel, FloatType element, Value thread,
                  Value warp, int64_t numWarps)
      : kernel(kernel), builder(kernel.getBuilder()), element(element),
        thread(thread), row(divide(thread, 4)), column(remainder(thread, 4)),
        scratch(kernel, numWarps * kScratchWords),
        base(kernel.multiply(warp, kScratchWords)) {}

  static constexpr int64_t kWarp = 32;
  static constexpr int64_t kScratchWords = 6 * kWarp;

  SmallVector<Value> multiply(ArrayRef<Value> a, ArrayRef<Value> b,
                              ArrayRef<Value> c) override {
    Value own = kernel.add(base, thread);
    SmallVector<Value> words(a);
    llvm::append_range(words, b);
    for (auto [i, word] : llvm::enumerate(words))
      scratch.store(word, own, i * kWarp);
    gpu::BarrierOp::create(builder);
    // Words of four steps of two products, at the elements from 0 and from 8.
    auto loop =
        scf::ForOp::create(builder, kernel.getConstant(0),
                           kernel.getConstant(4), kernel.getConstant(1), c);
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(loop.getBody());
      Value step = loop.getInductionVar();
      Value ofA = kernel.add(base, kernel.add(kernel.multiply(row, 4), step));
      Value ofB =
          kernel.add(base, kernel.add(kernel.multiply(column, 8), step));
      SmallVector<Value> sums(loop.getRegionIterArgs());
      for (int64_t half = 0; half < 2; ++half)
        for (int64_t i = 0; i < 4; ++i) {
          auto [a0, a1] = loadPair(ofA, (2 * half + i / 2) * kWarp);
          auto [b0, b1] = loadPair(ofB, (4 + half) * kWarp + 4 * (i % 2));
          sums[i] = a1.fma(b1, a0.fma(b0, {builder, sums[i]})).get();
        }
      scf::YieldOp::create(builder, sums);
    }
    gpu::BarrierOp::create(builder);
    return loop.getResults();
  }

  SmallVector<Value> load(SharedWords &shared,
                          function_ref<Value(Value)> getIndex, int64_t offset,
                          int64_t count, bool transposed) override {
    auto getThread = [&](int64_t matrix, Value r) {
      return kernel.add(r, kernel.getConstant(8 * matrix));
    };
    SmallVector<Value> words;
    for (int64_t matrix = 0; matrix < count; ++matrix) {
      if (!transposed) {
        Value index = getIndex(getThread(matrix, row));
        words.push_back(shared.load(kernel.add(index, column), offset));
        continue;
      }
      // Column `row` of the rows 2 t and 2 t + 1, from either half of a word.
      LaneValue bits;
      for (int64_t i = 0; i < 2; ++i) {
        Value r = kernel.add(kernel.multiply(column, 2), kernel.getConstant(i));
        Value index = getIndex(getThread(matrix, r));
        LaneValue word(builder,
                       shared.load(kernel.add(index, divide(row, 2)), offset));
        LaneValue shift(builder, arith::IndexCastOp::create(
                                     builder, builder.getI32Type(),
                                     kernel.multiply(remainder(row, 2), 16)));
        LaneValue part = (word >> shift) & 0xFFFF;
        bits = i == 0 ? part : bits | (part << 16);
      }
      words.push_back(bits.get());
    }
    return words;
  }

  Value exchange(Value scalar, int64_t mask) override {
    Type i32 = builder.getI32Type(), f32 = builder.getF32Type();
    scratch.store(arith::BitcastOp::create(builder, i32, scalar).getResult(),
                  kernel.add(base, thread));
    gpu::BarrierOp::create(builder);
    Value other =
        arith::XOrIOp::create(builder, thread, kernel.getConstant(mask));
    Value word = scratch.load(kernel.add(base, other));
    gpu::BarrierOp::create(builder);
    return arith::BitcastOp::create(builder, f32, word);
  }

  void copy(DeviceBuffer &source, Value row, LaneIndex lane,
            SharedWords &shared, Value index, Value isInside) override {
    Type i32 = builder.getI32Type();
    auto branch = scf::IfOp::create(builder, SmallVector<Type>(4, i32),
                                    isInside, /*withElseRegion=*/true);
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(branch.thenBlock());
      SmallVector<Value> units = source.loadUnits(row, lane, 8);
      scf::YieldOp::create(builder, source.getWords(units));
      builder.setInsertionPointToStart(branch.elseBlock());
      Value zero = arith::ConstantIntOp::create(builder, i32, 0);
      scf::YieldOp::create(builder, SmallVector<Value>(4, zero));
    }
    shared.store(llvm::to_vector_of<Value>(branch.getResults()), index);
  }

  void wait() override {}

private:
  Value divide(Value index, int64_t by) {
    return builder.createOrFold<arith::DivUIOp>(index, kernel.getConstant(by));
  }
  Value remainder(Value index, int64_t by) {
    return builder.createOrFold<arith::RemUIOp>(index, kernel.getConstant(by));
  }
  std::pair<LaneValue, LaneValue> loadPair(Value index, int64_t offset) {
    return widenPair({builder, scratch.load(index, offset)}, element);
  }

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;
  FloatType element;
  Value thread, row, column;
  SharedWords scratch;
  Value base;
};
} // namespace

int64_t WarpProduct::getScratchWords(const GpuModel &model) {
  return model.products == MatrixProducts::Emulated
             ? EmulatedProduct::kScratchWords
             : 0;
}

std::unique_ptr<WarpProduct> WarpProduct::create(KernelBuilder &kernel,
                                                 FloatType element,
                                                 Value thread, Value warp,
                                                 int64_t numWarps) {
  if (kernel.getModel().products == MatrixProducts::Emulated)
    return std::make_unique<EmulatedProduct>(kernel, element, thread, warp,
                                             numWarps);
  return std::make_unique<NvidiaProduct>(kernel, element, thread);
}
