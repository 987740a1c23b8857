//===- MmaProduct.cpp - Products of matrices on NVIDIA --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A warp of 32 threads multiplies A [16, 16] by B [16, 8] and adds C [16, 8].
// With g = thread / 4 and t = thread % 4 a thread has of
//
//   A, four words: rows g and g + 8 at columns 2 t, then at 2 t + 8,
//   B, two words:  column g at rows 2 t, then 2 t + 8,
//   C, four f32:   row g at columns 2 t and 2 t + 1, then row g + 8,
//
// where a word has an element and the next one of its row (A) or column (B):
// mma.m16n8k16 of the PTX ISA.
//
//===----------------------------------------------------------------------===//

#include "WarpProduct.h"

#include "WarpScratch.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
/// S and O out of single products.
class MmaProduct : public WarpProduct {
public:
  explicit MmaProduct(KernelBuilder &kernel)
      : WarpProduct(FragmentLayout::get(kernel.getModel())), kernel(kernel),
        builder(kernel.getBuilder()) {}

  Words loadQueries(SharedWords &shared, Value first, int64_t offset,
                    int64_t stride) override {
    auto getIndex = [&](Value of) {
      return kernel.add(first, getPlace(of, 16, 16, 2, stride));
    };
    return load(shared, getIndex, offset, /*count=*/4, /*transposed=*/false);
  }

  void multiplyKeys(ArrayRef<Value> queries, SharedWords &shared, int64_t place,
                    int64_t stride, MutableArrayRef<Value> sums) override {
    // Matrices of eight keys at eight lanes: the next lanes, then the next
    // keys.
    auto getIndex = [&](Value of) {
      Value key =
          kernel.add(kernel.multiply(getPart(of, 16, 2), 8), getPart(of, 1, 8));
      return kernel.add(kernel.multiply(key, stride),
                        kernel.multiply(getPart(of, 8, 2), 4));
    };
    Words words =
        load(shared, getIndex, place, /*count=*/4, /*transposed=*/false);
    for (int64_t i = 0; i < 2; ++i)
      add(queries, ArrayRef(words).slice(2 * i, 2), sums.slice(4 * i, 4));
  }

  void multiplyValues(ArrayRef<Value> weights, SharedWords &shared,
                      const SharedTile &values, int64_t key,
                      MutableArrayRef<Value> sums) override {
    // Matrices of eight keys at eight lanes: the next keys, then the next
    // lanes.
    auto getIndex = [&](Value of) {
      return getPlace(of, 16, 16, 2, values.stride);
    };
    int64_t lanes = getLanes(sums);
    int64_t place = values.first + key * values.stride;
    for (int64_t first = 0; first < lanes; first += 16) {
      int64_t parts = std::min<int64_t>(2, (lanes - first) / 8);
      Words words = load(shared, getIndex, place + first / 2,
                         /*count=*/2 * parts, /*transposed=*/true);
      for (int64_t i = 0; i < parts; ++i)
        add(weights, ArrayRef(words).slice(2 * i, 2),
            sums.slice(first / 2 + 4 * i, 4));
    }
  }

  void addWeights(ArrayRef<Value> weights, Value ones,
                  MutableArrayRef<Value> sums) override {
    add(weights, {ones, ones}, sums);
  }

protected:
  /// A B + C.
  virtual Words multiply(ArrayRef<Value> a, ArrayRef<Value> b,
                         ArrayRef<Value> c) = 0;
  /// `count` matrices of 8 rows of 8 elements in shared memory, a word of each.
  /// Row r of matrix m lies at `offset` words from `getIndex(8 m + r)`. Row g
  /// of a matrix at columns 2 t and 2 t + 1; `transposed`: column g at rows 2 t
  /// and 2 t + 1.
  virtual Words load(SharedWords &shared,
                     function_ref<Value(Value thread)> getIndex, int64_t offset,
                     int64_t count, bool transposed) = 0;

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;

private:
  void add(ArrayRef<Value> a, ArrayRef<Value> b, MutableArrayRef<Value> sums) {
    llvm::copy(multiply(a, b, sums), sums.begin());
  }
  /// (of / by) % size
  Value getPart(Value of, int64_t by, int64_t size) {
    Value shifted =
        builder.createOrFold<arith::DivUIOp>(of, kernel.getConstant(by));
    return builder.createOrFold<arith::RemUIOp>(shifted,
                                                kernel.getConstant(size));
  }
  /// Unit of 16 bytes `of / rows` of row `of % rows`.
  Value getPlace(Value of, int64_t rows, int64_t by, int64_t units,
                 int64_t stride) {
    return kernel.add(kernel.multiply(getPart(of, 1, rows), stride),
                      kernel.multiply(getPart(of, by, units), 4));
  }
};

/// The instructions of NVIDIA from sm_80 on.
class NvidiaProduct : public MmaProduct {
public:
  NvidiaProduct(KernelBuilder &kernel, FloatType element, Value thread)
      : MmaProduct(kernel), element(element), thread(thread) {}

  Value exchange(Value scalar, int64_t mask) override {
    return gpu::ShuffleOp::create(builder, scalar, mask, /*width=*/32,
                                  gpu::ShuffleMode::XOR)
        .getShuffleResult();
  }

  void copy(DeviceBuffer &source, SharedWords &shared,
            const ValueUnit &unit) override {
    OpBuilder::InsertionGuard guard(builder);
    if (unit.isOwn)
      builder.setInsertionPointToStart(
          scf::IfOp::create(builder, unit.isOwn).thenBlock());
    Value pointer = LLVM::AddrSpaceCastOp::create(
        builder, LLVM::LLVMPointerType::get(builder.getContext(), 1),
        source.getPointer(unit.rows[0], unit.lane));
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantIntOp::create(builder, builder.getI32Type(), value);
    };
    Value bytes = arith::SelectOp::create(
        builder, unit.isInside[0], constant(kMaxAccessBytes), constant(0));
    NVVM::CpAsyncOp::create(builder, shared.getPointer(unit.index), pointer,
                            kMaxAccessBytes, NVVM::LoadCacheModifierKind::CG,
                            bytes);
  }

  void wait(SharedWords &) override {
    NVVM::CpAsyncCommitGroupOp::create(builder);
    NVVM::CpAsyncWaitGroupOp::create(builder, 0);
  }

protected:
  Words multiply(ArrayRef<Value> a, ArrayRef<Value> b,
                 ArrayRef<Value> c) override {
    NVVM::MMATypes type =
        element.isBF16() ? NVVM::MMATypes::bf16 : NVVM::MMATypes::f16;
    Value product = NVVM::MmaOp::create(
        builder, getStruct(builder.getF32Type(), 4), getOperands(a),
        getOperands(b), c, {16, 8, 16}, /*b1Op=*/std::nullopt,
        /*intOverflow=*/std::nullopt, std::array{type, type},
        std::array{NVVM::MMALayout::row, NVVM::MMALayout::col});
    return extract(product, 4);
  }

  Words load(SharedWords &shared, function_ref<Value(Value)> getIndex,
             int64_t offset, int64_t count, bool transposed) override {
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
    return extract(loaded, count);
  }

private:
  Type getStruct(Type type, int64_t count) {
    return LLVM::LLVMStructType::getLiteral(builder.getContext(),
                                            SmallVector<Type>(count, type));
  }
  Words extract(Value values, int64_t count) {
    Words words;
    for (int64_t i = 0; i < count; ++i)
      words.push_back(LLVM::ExtractValueOp::create(builder, values, i));
    return words;
  }
  /// Words of bf16 as they are, those of f16 as pairs.
  Words getOperands(ArrayRef<Value> words) {
    Words operands(words);
    if (element.isF16())
      for (Value &word : operands)
        word =
            LLVM::BitcastOp::create(builder, VectorType::get(2, element), word);
    return operands;
  }

  FloatType element;
  Value thread;
};

/// The same of single threads.
class EmulatedMma : public MmaProduct {
public:
  EmulatedMma(KernelBuilder &kernel, FloatType element, Value thread,
              Value warp, int64_t numWarps)
      : MmaProduct(kernel),
        scratch(kernel, getLayout(), element, thread, warp, numWarps),
        row(scratch.divide(thread, 4)), column(scratch.remainder(thread, 4)) {}

  Value exchange(Value scalar, int64_t mask) override {
    return scratch.exchange(scalar, mask);
  }

  void copy(DeviceBuffer &source, SharedWords &shared,
            const ValueUnit &unit) override {
    Type i32 = builder.getI32Type();
    OpBuilder::InsertionGuard guard(builder);
    if (unit.isOwn)
      builder.setInsertionPointToStart(
          scf::IfOp::create(builder, unit.isOwn).thenBlock());
    auto branch = scf::IfOp::create(builder, SmallVector<Type>(4, i32),
                                    unit.isInside[0], /*withElseRegion=*/true);
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(branch.thenBlock());
      SmallVector<Value> units = source.loadUnits(unit.rows[0], unit.lane, 8);
      scf::YieldOp::create(builder, source.getWords(units));
      builder.setInsertionPointToStart(branch.elseBlock());
      Value zero = arith::ConstantIntOp::create(builder, i32, 0);
      scf::YieldOp::create(builder, SmallVector<Value>(4, zero));
    }
    shared.store(llvm::to_vector_of<Value>(branch.getResults()), unit.index);
  }

  void wait(SharedWords &) override {}

protected:
  Words multiply(ArrayRef<Value> a, ArrayRef<Value> b,
                 ArrayRef<Value> c) override {
    // Words of four steps of two products, at the elements from 0 and from 8.
    return scratch.multiply(
        a, b, c, [&](Value step, MutableArrayRef<Value> sums) {
          Value ofA = kernel.add(kernel.multiply(row, 4), step);
          Value ofB = kernel.add(kernel.multiply(column, 8), step);
          for (int64_t half = 0; half < 2; ++half)
            for (int64_t i = 0; i < 4; ++i) {
              auto [a0, a1] = scratch.load(ofA, 2 * half + i / 2);
              auto [b0, b1] = scratch.load(ofB, 4 + half, 4 * (i % 2));
              sums[i] = a1.fma(b1, a0.fma(b0, {builder, sums[i]})).get();
            }
        });
  }

  Words load(SharedWords &shared, function_ref<Value(Value)> getIndex,
             int64_t offset, int64_t count, bool transposed) override {
    auto getThread = [&](int64_t matrix, Value r) {
      return kernel.add(r, kernel.getConstant(8 * matrix));
    };
    Words words;
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
        LaneValue word(
            builder,
            shared.load(kernel.add(index, scratch.divide(row, 2)), offset));
        LaneValue shift(builder,
                        arith::IndexCastOp::create(
                            builder, builder.getI32Type(),
                            kernel.multiply(scratch.remainder(row, 2), 16)));
        LaneValue part = (word >> shift) & 0xFFFF;
        bits = i == 0 ? part : bits | (part << 16);
      }
      words.push_back(bits.get());
    }
    return words;
  }

private:
  WarpScratch scratch;
  Value row, column;
};
} // namespace

std::unique_ptr<WarpProduct> rope::createMmaProduct(KernelBuilder &kernel,
                                                    FloatType element,
                                                    Value thread, Value warp,
                                                    int64_t numWarps) {
  if (kernel.getModel().isEmulated())
    return std::make_unique<EmulatedMma>(kernel, element, thread, warp,
                                         numWarps);
  return std::make_unique<NvidiaProduct>(kernel, element, thread);
}
