//===- WarpgroupProduct.cpp - Products of four warps ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WarpgroupProduct.h"

#include "WordPair.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::rope;

/// Of rows with a swizzle; the PTX ISA takes it to be a unit.
static constexpr int64_t kUnusedLeading = 16;

WarpgroupProduct::WarpgroupProduct(KernelBuilder &kernel, FloatType element,
                                   SharedWords &shared, Value warp)
    : kernel(kernel), builder(kernel.getBuilder()), element(element),
      shared(shared), warp(builder.createOrFold<arith::RemUIOp>(
                          warp, kernel.getConstant(kWarps))),
      group(builder.createOrFold<arith::DivUIOp>(warp,
                                                 kernel.getConstant(kWarps))) {}

void WarpgroupProduct::storeOnes(int64_t place, Value thread, int64_t threads) {
  LaneValue one(builder, arith::ConstantOp::create(
                             builder, builder.getF32FloatAttr(1.0)));
  Value ones = narrowPair(kernel, one, one, element).get();
  kernel.emitFor(thread, kernel.getConstant(kOnesWords),
                 kernel.getConstant(threads),
                 [&](Value index) { shared.store(ones, index, place); });
}

WarpgroupProduct::Matrix
WarpgroupProduct::getRows(Value index, const SharedTile &tile, int64_t step) {
  int64_t steps = SharedTile::kPanelLanes / 16;
  return {index, tile.first + step / steps * tile.panel + step % steps * 8,
          kUnusedLeading, /*stride=*/8 * 4 * tile.stride,
          /*isTransposed=*/false};
}

WarpgroupProduct::Words
WarpgroupProduct::multiplyKeys(const SharedTile &queries,
                               const SharedTile &keys, int64_t lanes,
                               int64_t numKeys) {
  Value ofGroup = kernel.multiply(group, kRows * queries.stride);
  Words sums;
  begin({});
  for (int64_t step = 0; step < lanes / 16; ++step)
    sums = multiply(getRows(ofGroup, queries, step),
                    getRows(Value(), keys, step), numKeys, sums);
  commit();
  wait(sums);
  return sums;
}

void WarpgroupProduct::multiplyValues(Words weights, const SharedTile &values,
                                      int64_t ones, int64_t lanes,
                                      MutableArrayRef<Value> sums) {
  int64_t stride = 8 * 4 * values.stride;
  auto add = [&](ArrayRef<Value> factors, const Matrix &matrix, int64_t columns,
                 MutableArrayRef<Value> sums) {
    llvm::copy(multiply(factors, matrix, columns, sums), sums.begin());
  };
  Words registers(weights);
  llvm::append_range(registers, sums);
  begin(registers);
  llvm::copy(ArrayRef(registers).take_front(weights.size()), weights.begin());
  llvm::copy(ArrayRef(registers).drop_front(weights.size()), sums.begin());
  for (int64_t i = 0; i < static_cast<int64_t>(weights.size()); i += 4) {
    ArrayRef<Value> factors = ArrayRef(weights).slice(i, 4);
    add(factors,
        {Value(), values.first + 4 * i * values.stride, 4 * values.panel,
         stride, /*isTransposed=*/true},
        lanes, sums.take_front(lanes / 2));
    add(factors,
        {Value(), ones, kUnusedLeading, stride, /*isTransposed=*/false},
        /*columns=*/8, sums.drop_front(lanes / 2));
  }
  commit();
}

namespace {
/// The instructions of sm_90a.
class NvidiaWarpgroup : public WarpgroupProduct {
public:
  using WarpgroupProduct::WarpgroupProduct;

  void publish() override {
    NVVM::FenceProxyOp::create(
        builder, NVVM::ProxyKind::async_shared,
        NVVM::SharedSpaceAttr::get(builder.getContext(),
                                   NVVM::SharedSpace::shared_cta));
  }

  void wait(MutableArrayRef<Value> sums) override {
    // The sums go through it: nothing that takes them comes before.
    llvm::copy(
        emitAssembly("wgmma.wait_group.sync.aligned 0;", /*operands=*/{}, sums),
        sums.begin());
  }

protected:
  void begin(MutableArrayRef<Value> registers) override {
    if (registers.empty()) {
      NVVM::WgmmaFenceAlignedOp::create(builder);
      return;
    }
    // They go through it: nothing that makes them comes behind.
    llvm::copy(
        emitAssembly("wgmma.fence.sync.aligned;", /*operands=*/{}, registers),
        registers.begin());
  }
  void commit() override { NVVM::WgmmaGroupSyncAlignedOp::create(builder); }

  Words multiply(const Matrix &a, const Matrix &b, int64_t columns,
                 ArrayRef<Value> sums) override {
    MLIRContext *context = builder.getContext();
    Type type = getStruct(columns / 2);
    Value before = LLVM::PoisonOp::create(builder, type);
    for (auto [i, sum] : llvm::enumerate(sums))
      before = LLVM::InsertValueOp::create(builder, before, sum, i);
    NVVM::WGMMATypes factors =
        element.isBF16() ? NVVM::WGMMATypes::bf16 : NVVM::WGMMATypes::f16;
    Value product = NVVM::WgmmaMmaAsyncOp::create(
        builder, type, before, emitDescriptor(a), emitDescriptor(b),
        NVVM::MMAShapeAttr::get(context, kRows, columns, 16), factors, factors,
        NVVM::WGMMATypes::f32,
        sums.empty() ? NVVM::WGMMAScaleOut::zero : NVVM::WGMMAScaleOut::one,
        NVVM::WGMMAScaleIn::one, NVVM::WGMMAScaleIn::one, NVVM::MMALayout::row,
        b.isTransposed ? NVVM::MMALayout::row : NVVM::MMALayout::col,
        /*satfinite=*/nullptr);
    return unpack(product, columns / 2);
  }

  Words multiply(ArrayRef<Value> a, const Matrix &b, int64_t columns,
                 ArrayRef<Value> sums) override {
    // The op of NVVM has both factors in shared memory.
    int64_t count = columns / 2;
    auto list = [&](int64_t first, int64_t size) {
      std::string names;
      for (int64_t i = first; i < first + size; ++i)
        names += (i == first ? "$" : ", $") + std::to_string(i);
      return "{" + names + "}";
    };
    std::string name = element.isBF16() ? ".bf16" : ".f16";
    SmallVector<Value> operands(a);
    operands.push_back(emitDescriptor(b));
    return emitAssembly("{\n.reg .pred adds;\nsetp.ne.b32 adds, 1, 0;\n"
                        "wgmma.mma_async.sync.aligned.m64n" +
                            std::to_string(columns) + "k16.f32" + name + name +
                            " " + list(0, count) + ", " + list(count, 4) +
                            ", $" + std::to_string(count + 4) +
                            ", adds, 1, 1, " + (b.isTransposed ? "1" : "0") +
                            ";\n}",
                        operands, sums);
  }

private:
  Type getStruct(int64_t count) {
    return LLVM::LLVMStructType::getLiteral(
        builder.getContext(), SmallVector<Type>(count, builder.getF32Type()));
  }
  Words unpack(Value values, int64_t count) {
    Words unpacked;
    for (int64_t i = 0; i < count; ++i)
      unpacked.push_back(LLVM::ExtractValueOp::create(builder, values, i));
    return unpacked;
  }

  /// Assembly that changes `changed`, its first operands, and reads `operands`.
  Words emitAssembly(const std::string &code, ArrayRef<Value> operands,
                     ArrayRef<Value> changed) {
    auto getRegister = [](Value value) -> std::string {
      Type type = value.getType();
      return type.isF32() ? "f" : type.isInteger(64) ? "l" : "r";
    };
    SmallVector<std::string> constraints;
    for (Value value : changed)
      constraints.push_back("=" + getRegister(value));
    for (Value operand : operands)
      constraints.push_back(getRegister(operand));
    for (size_t i = 0; i < changed.size(); ++i)
      constraints.push_back(std::to_string(i));
    SmallVector<Value> all(operands);
    llvm::append_range(all, changed);
    Type result = LLVM::LLVMStructType::getLiteral(
        builder.getContext(),
        llvm::map_to_vector(changed, [](Value v) { return v.getType(); }));
    auto assembly = LLVM::InlineAsmOp::create(
        builder, result, all, code, llvm::join(constraints, ","),
        /*has_side_effects=*/true,
        /*is_align_stack=*/false, LLVM::TailCallKind::None,
        LLVM::AsmDialectAttr::get(builder.getContext(),
                                  LLVM::AsmDialect::AD_ATT),
        /*operand_attrs=*/ArrayAttr());
    return unpack(assembly.getRes(), changed.size());
  }

  /// Bits 0 to 13 have the start, 16 to 29 the leading and 32 to 45 the other
  /// stride, in units of 16 bytes; 62 and 63 the swizzle, of 128 bytes: 1.
  Value emitDescriptor(const Matrix &matrix) {
    Type i64 = builder.getI64Type();
    auto constant = [&](uint64_t value) -> Value {
      return arith::ConstantOp::create(
          builder, builder.getI64IntegerAttr(static_cast<int64_t>(value)));
    };
    Value index = matrix.index ? matrix.index : kernel.getConstant(0);
    Value start =
        LLVM::PtrToIntOp::create(builder, i64, shared.getPointer(index));
    start = arith::ShRUIOp::create(builder, start, constant(4));
    start = arith::AndIOp::create(builder, start, constant(0x3FFF));
    uint64_t fields = uint64_t(1) << 62 | uint64_t(matrix.stride / 16) << 32 |
                      uint64_t(matrix.leading / 16) << 16 |
                      uint64_t(4 * matrix.offset / 16);
    // No carry: shared memory ends before 2^18 bytes.
    return arith::AddIOp::create(builder, start, constant(fields));
  }
};

/// The same of single threads.
class EmulatedWarpgroup : public WarpgroupProduct {
public:
  EmulatedWarpgroup(KernelBuilder &kernel, FloatType element,
                    SharedWords &shared, Value lane, Value warp,
                    WarpProduct &product)
      : WarpgroupProduct(kernel, element, shared, warp), product(product),
        row(kernel.add(kernel.multiply(this->warp, 16), divide(lane, 4))),
        column(remainder(lane, 4)) {}

  void publish() override {}
  void wait(MutableArrayRef<Value>) override {}

protected:
  void begin(MutableArrayRef<Value>) override {}
  void commit() override {}

  Words multiply(const Matrix &a, const Matrix &b, int64_t columns,
                 ArrayRef<Value> sums) override {
    return emitSteps(8, columns, sums, [&](Value step, Words &sums) {
      std::array<Pair, 2> ofA;
      for (int64_t i = 0; i < 2; ++i)
        ofA[i] = loadLanes(a, kernel.add(row, constant(8 * i)), step);
      forEachColumn(columns, [&](int64_t n, int64_t j, Value index) {
        Pair ofB = loadLanes(b, index, step);
        for (int64_t i = 0; i < 2; ++i) {
          Value &sum = sums[4 * n + 2 * i + j];
          sum = ofA[i]
                    .second
                    .fma(ofB.second,
                         ofA[i].first.fma(ofB.first, LaneValue(builder, sum)))
                    .get();
        }
      });
    });
  }

  Words multiply(ArrayRef<Value> a, const Matrix &b, int64_t columns,
                 ArrayRef<Value> before) override {
    // The words of the four threads of a row, each of two rows and of the keys
    // 2 t and 2 t + 1, then 8 further on.
    Words sums(before);
    for (int64_t mask = 0; mask < 4; ++mask) {
      Words words(a);
      for (Value &word : words)
        if (mask)
          word = exchange(word, mask);
      Value owner =
          arith::XOrIOp::create(builder, column, constant(mask)).getResult();
      sums = emitSteps(4, columns, sums, [&](Value step, Words &sums) {
        Value half = divide(step, 2), odd = remainder(step, 2);
        Value key = kernel.add(kernel.add(kernel.multiply(owner, 2), odd),
                               kernel.multiply(half, 8));
        std::array<LaneValue, 2> ofA;
        for (int64_t i = 0; i < 2; ++i) {
          LaneValue word(builder,
                         arith::SelectOp::create(builder, isZero(half),
                                                 words[i], words[2 + i]));
          ofA[i] = widenPair(word >> getShift(odd), element).first;
        }
        auto add = [&](int64_t place, LaneValue factor, int64_t i) {
          sums[place] =
              ofA[i].fma(factor, LaneValue(builder, sums[place])).get();
        };
        if (!b.isTransposed) {
          forEachColumn(columns, [&](int64_t n, int64_t j, Value index) {
            Pair pair = loadLanes(b, index, divide(key, 2));
            LaneValue factor =
                LaneValue(builder, isZero(odd)).select(pair.first, pair.second);
            for (int64_t i = 0; i < 2; ++i)
              add(4 * n + 2 * i + j, factor, i);
          });
          return;
        }
        for (int64_t n = 0; n < columns / 8; ++n) {
          Pair pair = loadKey(b, key, n);
          for (int64_t i = 0; i < 2; ++i) {
            add(4 * n + 2 * i, pair.first, i);
            add(4 * n + 2 * i + 1, pair.second, i);
          }
        }
      });
    }
    return sums;
  }

private:
  using Pair = std::pair<LaneValue, LaneValue>;

  Value constant(int64_t value) { return kernel.getConstant(value); }
  Value divide(Value index, int64_t by) {
    return builder.createOrFold<arith::DivUIOp>(index, constant(by));
  }
  Value remainder(Value index, int64_t by) {
    return builder.createOrFold<arith::RemUIOp>(index, constant(by));
  }
  Value isZero(Value index) {
    return arith::CmpIOp::create(builder, arith::CmpIPredicate::eq, index,
                                 constant(0));
  }
  /// 16 bits, or none.
  LaneValue getShift(Value odd) {
    return {builder, arith::IndexCastOp::create(builder, builder.getI32Type(),
                                                kernel.multiply(odd, 16))};
  }
  Value exchange(Value word, int64_t mask) {
    Type i32 = builder.getI32Type(), f32 = builder.getF32Type();
    Value scalar = arith::BitcastOp::create(builder, f32, word);
    return arith::BitcastOp::create(builder, i32,
                                    product.exchange(scalar, mask));
  }

  Words emitSteps(int64_t steps, int64_t columns, ArrayRef<Value> before,
                  function_ref<void(Value step, Words &sums)> body) {
    Words sums(before);
    Value zero = arith::ConstantOp::create(builder, builder.getF32FloatAttr(0));
    sums.resize(columns / 2, zero);
    auto loop = scf::ForOp::create(builder, constant(0), constant(steps),
                                   constant(1), sums);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    sums = llvm::to_vector_of<Value>(loop.getRegionIterArgs());
    body(loop.getInductionVar(), sums);
    scf::YieldOp::create(builder, sums);
    return llvm::to_vector_of<Value>(loop.getResults());
  }
  /// The columns of this thread: number j of fragment n.
  void
  forEachColumn(int64_t columns,
                function_ref<void(int64_t n, int64_t j, Value index)> body) {
    for (int64_t n = 0; n < columns / 8; ++n)
      for (int64_t j = 0; j < 2; ++j)
        body(n, j, kernel.add(kernel.multiply(column, 2), constant(8 * n + j)));
  }

  /// A word of shared memory after the swizzle, from its start on.
  Pair load(const Matrix &matrix, Value word) {
    word = kernel.add(word, constant(matrix.offset));
    if (matrix.index)
      word = kernel.add(word, matrix.index);
    word = arith::XOrIOp::create(
        builder, word, kernel.multiply(remainder(divide(word, 32), 8), 4));
    return widenPair({builder, shared.load(word)}, element);
  }
  /// Lanes 2 `step` and 2 `step` + 1 of a row, or of a column.
  Pair loadLanes(const Matrix &matrix, Value of, Value step) {
    Value word = kernel.multiply(divide(of, 8), matrix.stride / 4);
    word = kernel.add(word, kernel.multiply(remainder(of, 8), 128 / 4));
    return load(matrix, kernel.add(word, step));
  }
  /// The lanes of a key that are columns of fragment n.
  Pair loadKey(const Matrix &matrix, Value key, int64_t n) {
    Value word = kernel.multiply(divide(key, 8), matrix.stride / 4);
    word = kernel.add(word, kernel.multiply(remainder(key, 8), 128 / 4));
    int64_t lanes = 8 * n;
    word = kernel.add(
        word, constant(lanes / 64 * (matrix.leading / 4) + lanes % 64 / 2));
    return load(matrix, kernel.add(word, column));
  }

  WarpProduct &product;
  /// The first of the rows of this thread in those of the group, and its place
  /// in the four of a row.
  Value row, column;
};
} // namespace

std::unique_ptr<WarpgroupProduct>
WarpgroupProduct::create(KernelBuilder &kernel, FloatType element,
                         SharedWords &shared, Value lane, Value warp,
                         WarpProduct &product) {
  if (kernel.getModel().isEmulated())
    return std::make_unique<EmulatedWarpgroup>(kernel, element, shared, lane,
                                               warp, product);
  return std::make_unique<NvidiaWarpgroup>(kernel, element, shared, warp);
}
