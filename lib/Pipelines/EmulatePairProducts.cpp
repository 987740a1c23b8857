//===- EmulatePairProducts.cpp - Products of bf16 for any machine ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `rope-emulate-pair-products`. The operations are those of TDPBF16PS and
// VDPBF16PS as we understand Intel's manual: fused products, subnormal numbers
// taken for 0 before and after each, rounding to nearest even. A tile of bf16
// is a vector of its words of 32 bits, of which each holds a pair.
//
//===----------------------------------------------------------------------===//

#include "Rope/Pipelines/Passes.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/DialectConversion.h"

namespace mlir::rope {
#define GEN_PASS_DEF_EMULATEPAIRPRODUCTS
#include "Rope/Pipelines/Passes.h.inc"
} // namespace mlir::rope

using namespace mlir;

/// Tiles of f32 and of pairs of bf16 as vectors; others stay.
static std::optional<Type> convertTile(amx::TileType type) {
  Type element = type.getElementType();
  SmallVector<int64_t> shape(type.getShape());
  if (element.isF32())
    return VectorType::get(shape, element);
  if (!element.isBF16() || shape[1] % 2 != 0)
    return type;
  shape[1] /= 2;
  return VectorType::get(shape, IntegerType::get(type.getContext(), 32));
}

/// An integer in all lanes of a type.
static Value splat(ImplicitLocOpBuilder &builder, Type type, uint32_t bits) {
  auto value =
      builder.getIntegerAttr(getElementTypeOrSelf(type), APInt(32, bits));
  return arith::ConstantOp::create(
      builder, DenseElementsAttr::get(cast<VectorType>(type), value));
}

/// Where the magnitude of f32 is below a number.
static Value isBelow(ImplicitLocOpBuilder &builder, Value value, float limit) {
  Type bitsType = cast<VectorType>(value.getType()).clone(builder.getI32Type());
  Value bits = arith::BitcastOp::create(builder, bitsType, value);
  Value magnitude = arith::AndIOp::create(builder, bits,
                                          splat(builder, bitsType, 0x7FFFFFFF));
  return arith::CmpIOp::create(
      builder, arith::CmpIPredicate::ult, magnitude,
      splat(builder, bitsType, llvm::bit_cast<uint32_t>(limit)));
}

/// f32, and the 0 of its sign where it is tiny.
static Value flush(ImplicitLocOpBuilder &builder, Value value, Value isTiny) {
  Type type = value.getType();
  Type bitsType = cast<VectorType>(type).clone(builder.getI32Type());
  Value sign = arith::AndIOp::create(
      builder, arith::BitcastOp::create(builder, bitsType, value),
      splat(builder, bitsType, 0x80000000));
  return arith::SelectOp::create(
      builder, isTiny, arith::BitcastOp::create(builder, type, sign), value);
}

/// f32 whose subnormal numbers are 0.
static Value flush(ImplicitLocOpBuilder &builder, Value value) {
  return flush(builder, value, isBelow(builder, value, 0x1p-126f));
}

/// The even or the odd halves of words, as f32.
static Value getHalves(ImplicitLocOpBuilder &builder, Value words, bool odd) {
  Type type = words.getType();
  Value bits =
      odd ? arith::AndIOp::create(builder, words,
                                  splat(builder, type, 0xFFFF0000))
                .getResult()
          : arith::ShLIOp::create(builder, words, splat(builder, type, 16))
                .getResult();
  Value value = arith::BitcastOp::create(
      builder, cast<VectorType>(type).clone(builder.getF32Type()), bits);
  return flush(builder, value);
}

/// sum + lhs rhs, of the even or of the odd halves. It is tiny where it rounds
/// to less than the least normal number if exponents have no end, as those of
/// 2^24 times it have none: 2^-126 - 2^-150 is, though f32 rounds it to 2^-126.
static Value addProduct(ImplicitLocOpBuilder &builder, Value sum, Value lhs,
                        Value rhs, bool odd) {
  Value a = getHalves(builder, lhs, odd), b = getHalves(builder, rhs, odd);
  Value total = vector::FMAOp::create(builder, a, b, sum);
  Value factor = arith::ConstantOp::create(
      builder, DenseElementsAttr::get(cast<VectorType>(sum.getType()),
                                      builder.getF32FloatAttr(0x1p24f)));
  Value larger =
      vector::FMAOp::create(builder, arith::MulFOp::create(builder, a, factor),
                            b, arith::MulFOp::create(builder, sum, factor));
  return flush(builder, total, isBelow(builder, larger, 0x1p-102f));
}

/// Where row `row` of a tile is in memory.
template <typename OpTy>
static SmallVector<Value> getPlace(ImplicitLocOpBuilder &builder, OpTy op,
                                   int64_t row) {
  SmallVector<Value> indices(op.getIndices());
  Value number = arith::ConstantIndexOp::create(builder, row);
  Value &index = op.getStride() ? indices.back() : indices.end()[-2];
  if (op.getStride())
    number = arith::MulIOp::create(builder, number, op.getStride());
  index = arith::AddIOp::create(builder, index, number);
  return indices;
}

namespace {
/// 0 in every lane.
struct EmulateZero final : OpConversionPattern<amx::TileZeroOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(amx::TileZeroOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto type =
        dyn_cast<VectorType>(getTypeConverter()->convertType(op.getType()));
    if (!type)
      return rewriter.notifyMatchFailure(op, "not a tile of f32 or bf16");
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op,
                                                   rewriter.getZeroAttr(type));
    return success();
  }
};

/// Rows of words, one after the other.
struct EmulateLoad final : OpConversionPattern<amx::TileLoadOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(amx::TileLoadOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    amx::TileType tile = op.getTileType();
    auto type = dyn_cast<VectorType>(getTypeConverter()->convertType(tile));
    if (!type)
      return rewriter.notifyMatchFailure(op, "not a tile of f32 or bf16");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Value result =
        arith::ConstantOp::create(builder, builder.getZeroAttr(type));
    auto rowType = VectorType::get(tile.getShape()[1], tile.getElementType());
    auto words = VectorType::get(type.getShape()[1], type.getElementType());
    for (int64_t row = 0; row < type.getShape()[0]; ++row) {
      Value entries = vector::LoadOp::create(builder, rowType, op.getBase(),
                                             getPlace(builder, op, row));
      if (rowType != words)
        entries = vector::BitCastOp::create(builder, words, entries);
      result = vector::InsertOp::create(builder, entries, result, row);
    }
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct EmulateStore final : OpConversionPattern<amx::TileStoreOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(amx::TileStoreOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    amx::TileType tile = op.getTileType();
    auto type = dyn_cast<VectorType>(adaptor.getVal().getType());
    if (!type)
      return rewriter.notifyMatchFailure(op, "not a tile of f32 or bf16");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    auto rowType = VectorType::get(tile.getShape()[1], tile.getElementType());
    for (int64_t row = 0; row < type.getShape()[0]; ++row) {
      Value words = vector::ExtractOp::create(builder, adaptor.getVal(), row);
      if (words.getType() != rowType)
        words = vector::BitCastOp::create(builder, rowType, words);
      vector::StoreOp::create(builder, words, op.getBase(),
                              getPlace(builder, op, row));
    }
    rewriter.eraseOp(op);
    return success();
  }
};

/// acc[m, n] + (sum_k a[m, 2k] b[k, 2n] + sum_k a[m, 2k+1] b[k, 2n+1]).
struct EmulateTileProduct final : OpConversionPattern<amx::TileMulFOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(amx::TileMulFOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!op.getLhsTileType().getElementType().isBF16())
      return rewriter.notifyMatchFailure(op, "not a product of bf16");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    // In memory, where loops find rows and words by their numbers.
    auto store = [&](Value tile) -> Value {
      auto type = cast<VectorType>(tile.getType());
      Value buffer = memref::AllocOp::create(
          builder, MemRefType::get(type.getShape(), type.getElementType()));
      for (int64_t row = 0; row < type.getShape()[0]; ++row)
        vector::StoreOp::create(builder,
                                vector::ExtractOp::create(builder, tile, row),
                                buffer, getIndices(builder, {row, 0}));
      return buffer;
    };
    Value lhs = store(adaptor.getLhs()), rhs = store(adaptor.getRhs());
    Value acc = store(adaptor.getAcc());
    auto type = cast<VectorType>(adaptor.getAcc().getType());
    auto pairs = cast<VectorType>(adaptor.getLhs().getType()).getShape()[1];
    auto sumsType = VectorType::get(type.getShape()[1], builder.getF32Type());
    auto wordsType = sumsType.clone(builder.getI32Type());
    SmallVector<Value> ends =
        getIndices(builder, {0, 1, type.getShape()[0], pairs});
    Value zero = ends[0], one = ends[1];

    auto rows = scf::ForOp::create(builder, zero, ends[2], one);
    builder.setInsertionPointToStart(rows.getBody());
    Value row = rows.getInductionVar();
    Value none =
        arith::ConstantOp::create(builder, builder.getZeroAttr(sumsType));
    auto loop =
        scf::ForOp::create(builder, zero, ends[3], one, ValueRange{none, none});
    builder.setInsertionPointToStart(loop.getBody());
    Value pair = loop.getInductionVar();
    Value a = vector::BroadcastOp::create(
        builder, wordsType,
        memref::LoadOp::create(builder, lhs, ValueRange{row, pair}));
    Value b =
        vector::LoadOp::create(builder, wordsType, rhs, ValueRange{pair, zero});
    SmallVector<Value> next;
    for (bool odd : {false, true})
      next.push_back(
          addProduct(builder, loop.getRegionIterArg(odd), a, b, odd));
    scf::YieldOp::create(builder, next);
    builder.setInsertionPointAfter(loop);
    Value sum = flush(builder, arith::AddFOp::create(builder, loop.getResult(0),
                                                     loop.getResult(1)));
    SmallVector<Value> indices{row, zero};
    Value before = vector::LoadOp::create(builder, sumsType, acc, indices);
    Value after = flush(
        builder, arith::AddFOp::create(builder, flush(builder, before), sum));
    vector::StoreOp::create(builder, after, acc, indices);
    builder.setInsertionPointAfter(rows);

    Value result =
        arith::ConstantOp::create(builder, builder.getZeroAttr(type));
    for (int64_t row = 0; row < type.getShape()[0]; ++row)
      result = vector::InsertOp::create(
          builder,
          vector::LoadOp::create(builder, sumsType, acc,
                                 getIndices(builder, {row, 0})),
          result, row);
    for (Value buffer : {lhs, rhs, acc})
      memref::DeallocOp::create(builder, buffer);
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  static SmallVector<Value> getIndices(ImplicitLocOpBuilder &builder,
                                       ArrayRef<int64_t> numbers) {
    return llvm::map_to_vector(numbers, [&](int64_t number) -> Value {
      return arith::ConstantIndexOp::create(builder, number);
    });
  }
};

/// (src + a[2n+1] b[2n+1]) + a[2n] b[2n].
struct EmulateDot final : OpConversionPattern<x86vector::DotBF16Op> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(x86vector::DotBF16Op op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type wordsType = op.getSrc().getType().clone(builder.getI32Type());
    Value a = vector::BitCastOp::create(builder, wordsType, adaptor.getA());
    Value b = vector::BitCastOp::create(builder, wordsType, adaptor.getB());
    Value sum = flush(builder, adaptor.getSrc());
    for (bool odd : {true, false})
      sum = addProduct(builder, sum, a, b, odd);
    rewriter.replaceOp(op, sum);
    return success();
  }
};

/// bf16(a), where what is subnormal in f32 is 0 and a NaN is the quiet one.
struct EmulateRounding final
    : OpConversionPattern<x86vector::CvtPackedF32ToBF16Op> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(x86vector::CvtPackedF32ToBF16Op op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Value a = flush(builder, adaptor.getA());
    auto bitsType = cast<VectorType>(a.getType()).clone(builder.getI32Type());
    Value bits = arith::BitcastOp::create(builder, bitsType, a);
    Value sixteen = splat(builder, bitsType, 16);
    // To the nearest, and to the even one of two.
    Value isOdd = arith::AndIOp::create(
        builder, arith::ShRUIOp::create(builder, bits, sixteen),
        splat(builder, bitsType, 1));
    Value rounded = arith::AddIOp::create(
        builder, bits,
        arith::AddIOp::create(builder, isOdd,
                              splat(builder, bitsType, 0x7FFF)));
    Value isNaN =
        arith::CmpFOp::create(builder, arith::CmpFPredicate::UNO, a, a);
    rounded = arith::SelectOp::create(
        builder, isNaN, splat(builder, bitsType, 0x7FC00000), rounded);
    Value upper = arith::TruncIOp::create(
        builder, bitsType.clone(builder.getI16Type()),
        arith::ShRUIOp::create(builder, rounded, sixteen));
    rewriter.replaceOpWithNewOp<arith::BitcastOp>(op, op.getDst().getType(),
                                                  upper);
    return success();
  }
};

struct EmulatePairProducts
    : rope::impl::EmulatePairProductsBase<EmulatePairProducts> {
  void runOnOperation() override {
    TypeConverter converter;
    converter.addConversion([](Type type) { return type; });
    converter.addConversion(
        [](amx::TileType type) { return convertTile(type); });
    RewritePatternSet patterns(&getContext());
    patterns.add<EmulateZero, EmulateLoad, EmulateStore, EmulateTileProduct,
                 EmulateDot, EmulateRounding>(converter, &getContext());
    ConversionTarget target(getContext());
    target
        .addIllegalOp<x86vector::CvtPackedF32ToBF16Op, x86vector::DotBF16Op>();
    scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                         target);
    // Whatever carries a tile must be one of the above.
    target.markUnknownOpDynamicallyLegal([&](Operation *op) {
      return !isa<amx::AMXDialect>(op->getDialect()) && converter.isLegal(op);
    });
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
