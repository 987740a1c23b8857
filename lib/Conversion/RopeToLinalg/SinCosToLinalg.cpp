//===- SinCosToLinalg.cpp - Reference lowering of rope.sincos -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One `linalg.generic` over positions and frequencies. The exact angle is taken
// modulo one turn in integers of 192 bits; sine and cosine of what is left are
// `math.sin` and `math.cos` in f64. It shares nothing with the kernel of
// `convert-rope-to-affine`, so that each can be tested against the other.
//
//===----------------------------------------------------------------------===//

#include "Rope/Conversion/RopeToLinalg/SinCosToLinalg.h"

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::rope;

std::optional<std::string> mlir::rope::getSinCosToLinalgObstacle(SinCosOp op) {
  if (!op.hasTensorSemantics())
    return "the memref form has no reference lowering: lower before "
           "bufferization";
  if (op.getFrequencies().dependsOnSequenceLength())
    return "frequencies depend on the sequence length, which is not known here";
  return std::nullopt;
}

namespace {
/// The scalar arithmetic of one table entry.
class EntryEmitter {
public:
  explicit EntryEmitter(ImplicitLocOpBuilder &builder)
      : builder(builder), i64(builder.getI64Type()), f64(builder.getF64Type()) {
  }

  struct SinCos {
    Value sin, cos;
  };
  SinCos emitExact(Value position, Value high, Value middle, Value low);
  SinCos emitF32Angle(Value position, Value frequency);

private:
  Value integer(uint64_t value) {
    return arith::ConstantOp::create(
        builder, builder.getIntegerAttr(i64, APInt(64, value)));
  }
  Value real(double value) {
    return arith::ConstantOp::create(builder, builder.getF64FloatAttr(value));
  }
  template <typename OpTy> Value emit(Value lhs, Value rhs) {
    return OpTy::create(builder, lhs, rhs);
  }
  /// value << left | next >> (64 - left), of `next` the high bits.
  Value joinBits(Value value, unsigned left, Value next) {
    return emit<arith::OrIOp>(emit<arith::ShLIOp>(value, integer(left)),
                              emit<arith::ShRUIOp>(next, integer(64 - left)));
  }
  /// An unsigned integer below 2^63 times a power of two.
  Value toReal(Value value, double unit) {
    return emit<arith::MulFOp>(arith::SIToFPOp::create(builder, f64, value),
                               real(unit));
  }
  Value fma(Value x, Value y, Value z) {
    return math::FmaOp::create(builder, x, y, z);
  }
  Value negateIf(Value condition, Value value) {
    return arith::SelectOp::create(
        builder, condition, arith::NegFOp::create(builder, value), value);
  }
  Value toI64(Value position) {
    if (position.getType().isIndex())
      return arith::IndexCastOp::create(builder, i64, position);
    unsigned width = position.getType().getIntOrFloatBitWidth();
    if (width < 64)
      return arith::ExtSIOp::create(builder, i64, position);
    if (width > 64)
      return arith::TruncIOp::create(builder, i64, position);
    return position;
  }
  Value isBitSet(Value value, uint64_t bit) {
    return arith::CmpIOp::create(builder, arith::CmpIPredicate::ne,
                                 emit<arith::AndIOp>(value, integer(bit)),
                                 integer(0));
  }

  ImplicitLocOpBuilder &builder;
  Type i64, f64;
};
} // namespace

/// (A:B:C) = |p| (high:middle:low) modulo one turn, where A + 2^61 has the
/// nearest quarter turn q in its first two bits. With the rest r of |r| <= 1/8
/// turn as a sum of three f64, 2 pi |r| = a + t, and
///     sin(a + t) = sin a + t cos a,  cos(a + t) = cos a - t sin a.
EntryEmitter::SinCos EntryEmitter::emitExact(Value position, Value high,
                                             Value middle, Value low) {
  Value p = toI64(position), zero = integer(0);
  Value isNegative =
      arith::CmpIOp::create(builder, arith::CmpIPredicate::slt, p, zero);
  Value n = arith::SelectOp::create(builder, isNegative,
                                    emit<arith::SubIOp>(zero, p), p);

  auto lowProduct = arith::MulUIExtendedOp::create(builder, n, low);
  auto middleProduct = arith::MulUIExtendedOp::create(builder, n, middle);
  Value phaseC = lowProduct.getLow();
  auto sum = arith::AddUIExtendedOp::create(builder, middleProduct.getLow(),
                                            lowProduct.getHigh());
  Value phaseB = sum.getSum();
  Value phaseA = emit<arith::AddIOp>(
      emit<arith::AddIOp>(emit<arith::MulIOp>(n, high),
                          middleProduct.getHigh()),
      arith::ExtUIOp::create(builder, i64, sum.getOverflow()));

  Value shifted = emit<arith::AddIOp>(phaseA, integer(uint64_t(1) << 61));
  Value quarter = emit<arith::ShRUIOp>(shifted, integer(62));
  Value rest = emit<arith::SubIOp>(
      emit<arith::AndIOp>(shifted, integer((uint64_t(1) << 62) - 1)),
      integer(uint64_t(1) << 61));
  // |r|: all bits flipped where r is negative, which is off by 2^-192.
  Value flip = emit<arith::ShRSIOp>(rest, integer(63));
  Value isRestNegative =
      arith::CmpIOp::create(builder, arith::CmpIPredicate::slt, rest, zero);
  rest = emit<arith::XOrIOp>(rest, flip);
  phaseB = emit<arith::XOrIOp>(phaseB, flip);
  phaseC = emit<arith::XOrIOp>(phaseC, flip);

  // 53 + 53 + 63 bits; the first two are exact, and so is their sum s + e.
  Value x0 =
      toReal(emit<arith::AndIOp>(rest, integer(~uint64_t(0xff))), 0x1p-64);
  Value x1 = toReal(
      joinBits(emit<arith::AndIOp>(rest, integer(0xff)), 45, phaseB), 0x1p-109);
  Value x2 = toReal(
      joinBits(emit<arith::AndIOp>(phaseB, integer(0x7ffff)), 44, phaseC),
      0x1p-172);
  Value s = emit<arith::AddFOp>(x0, x1);
  Value e = emit<arith::AddFOp>(
      emit<arith::SubFOp>(x1, emit<arith::SubFOp>(s, x0)), x2);

  // 2 pi to 106 bits.
  Value turnHigh = real(0x1.921fb54442d18p+2);
  Value turnLow = real(0x1.1a62633145c07p-52);
  Value a = emit<arith::MulFOp>(s, turnHigh);
  Value t = fma(s, turnHigh, arith::NegFOp::create(builder, a));
  t = fma(s, turnLow, t);
  t = fma(e, turnHigh, t);
  Value sinA = math::SinOp::create(builder, a);
  Value cosA = math::CosOp::create(builder, a);
  Value sinRest = negateIf(isRestNegative, fma(t, cosA, sinA));
  Value cosRest = fma(arith::NegFOp::create(builder, t), sinA, cosA);

  // Odd quarters exchange the two; the second bit of q or q + 1 is the sign.
  Value isOdd = isBitSet(quarter, 1);
  Value sin = arith::SelectOp::create(builder, isOdd, cosRest, sinRest);
  Value cos = arith::SelectOp::create(builder, isOdd, sinRest, cosRest);
  sin = negateIf(isNegative, negateIf(isBitSet(quarter, 2), sin));
  Value next = emit<arith::AddIOp>(quarter, integer(1));
  cos = negateIf(isBitSet(next, 2), cos);
  return {sin, cos};
}

/// sin and cos of fl(fl(p) fl(w)).
EntryEmitter::SinCos EntryEmitter::emitF32Angle(Value position,
                                                Value frequency) {
  Value p =
      arith::SIToFPOp::create(builder, builder.getF32Type(), toI64(position));
  Value angle =
      arith::ExtFOp::create(builder, f64, emit<arith::MulFOp>(p, frequency));
  return {math::SinOp::create(builder, angle),
          math::CosOp::create(builder, angle)};
}

/// A * value, rounded to f32 on the way to narrower types.
static Value emitResult(ImplicitLocOpBuilder &builder, Value value,
                        const ExactReal &factor, Type type) {
  if (factor != ExactReal(1)) {
    Value constant = arith::ConstantOp::create(
        builder, builder.getFloatAttr(value.getType(),
                                      factor.round(APFloat::IEEEdouble())));
    value = arith::MulFOp::create(builder, value, constant);
  }
  if (type.isF64())
    return value;
  value = arith::TruncFOp::create(builder, builder.getF32Type(), value);
  return type.isF32() ? value : arith::TruncFOp::create(builder, type, value);
}

/// The constants over frequencies that an entry is made from: three words of
/// the fraction of a turn, or one f32.
static SmallVector<Value> emitFrequencies(SinCosOp op,
                                          ImplicitLocOpBuilder &builder) {
  FrequenciesAttr frequencies = op.getFrequencies();
  auto emitTensor = [&](Type element, auto &&values) -> Value {
    int64_t size = values.size();
    return arith::ConstantOp::create(
        builder, DenseElementsAttr::get(RankedTensorType::get(size, element),
                                        ArrayRef(values)));
  };
  if (op.getAccuracy() == AccuracyKind::F32Angle)
    return {emitTensor(builder.getF32Type(),
                       frequencies.getRounded(APFloat::IEEEsingle()))};
  SmallVector<ExactReal> turns = frequencies.getTurns();
  SmallVector<Value> words;
  for (unsigned word = 0; word < 3; ++word) {
    SmallVector<APInt> values;
    for (const ExactReal &frequency : turns)
      values.push_back(
          frequency.getFraction(192).extractBits(64, 128 - 64 * word));
    words.push_back(emitTensor(builder.getI64Type(), values));
  }
  return words;
}

/// Adds what the position of an entry is taken from: the positions as an input
/// or, where they have axes, the axis of each frequency. A scalar is used from
/// inside.
static void addPositions(SinCosOp op, ImplicitLocOpBuilder &builder,
                         SmallVectorImpl<Value> &inputs,
                         SmallVectorImpl<AffineMap> &maps) {
  unsigned rank = op.getTableType().getRank();
  AffineMap all = builder.getMultiDimIdentityMap(rank);
  FrequenciesAttr frequencies = op.getFrequencies();
  if (frequencies.hasAxes()) {
    inputs.push_back(arith::ConstantOp::create(
        builder, builder.getIndexTensorAttr(frequencies.getAxes())));
    maps.push_back(all.getMinorSubMap(1));
  } else if (isa<RankedTensorType>(op.getPositions().getType())) {
    inputs.push_back(op.getPositions());
    maps.push_back(AffineMap::get(
        rank, 0, all.getResults().take_front(op.getNumPositionDims()),
        builder.getContext()));
  }
}

/// The position of an entry. `args` begin with those of the inputs that
/// `addPositions` added.
static Value emitPosition(SinCosOp op, ImplicitLocOpBuilder &builder,
                          ValueRange args) {
  Value position = op.getPositions();
  if (op.getFrequencies().hasAxes()) {
    SmallVector<Value> indices = {args.front()};
    for (int64_t i = 0; i < op.getNumPositionDims(); ++i)
      indices.push_back(linalg::IndexOp::create(builder, i));
    position = tensor::ExtractOp::create(builder, position, indices);
  } else if (isa<RankedTensorType>(position.getType())) {
    position = args.front();
  }
  if (!op.getLength())
    return position;
  // The sum may be wider than the type of the start.
  Value step = linalg::IndexOp::create(builder, op.getNumPositionDims());
  if (!position.getType().isIndex())
    position =
        arith::IndexCastOp::create(builder, builder.getIndexType(), position);
  return arith::AddIOp::create(builder, position, step);
}

namespace {
/// cos[p, i], sin[p, i] = A cos(p w_i), A sin(p w_i).
struct LowerSinCos final : OpRewritePattern<SinCosOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SinCosOp op,
                                PatternRewriter &rewriter) const override {
    if (std::optional<std::string> obstacle = getSinCosToLinalgObstacle(op))
      return rewriter.notifyMatchFailure(op, *obstacle);

    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    auto tableType = cast<RankedTensorType>(op.getTableType());
    int64_t rank = tableType.getRank();
    SmallVector<OpFoldResult> sizes = op.getMixedTableSizes(builder);
    SmallVector<Value> dynamicSizes;
    for (int64_t i = 0; i < rank; ++i)
      if (tableType.isDynamicDim(i))
        dynamicSizes.push_back(
            getValueOrCreateConstantIndexOp(builder, op.getLoc(), sizes[i]));
    SmallVector<Value> tables;
    for (int i = 0; i < 2; ++i)
      tables.push_back(
          tensor::EmptyOp::create(builder, tableType, dynamicSizes));

    AffineMap all = builder.getMultiDimIdentityMap(rank);
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    addPositions(op, builder, inputs, maps);
    size_t numPositions = inputs.size();
    llvm::append_range(inputs, emitFrequencies(op, builder));
    maps.append(inputs.size() - numPositions, all.getMinorSubMap(1));
    maps.append(tables.size(), all);
    SmallVector<utils::IteratorType> iterators(rank,
                                               utils::IteratorType::parallel);
    ExactReal factor = op.getFrequencies().getAttentionFactor();
    auto generic = linalg::GenericOp::create(
        builder, TypeRange{tableType, tableType}, inputs, tables, maps,
        iterators, [&](OpBuilder &nested, Location loc, ValueRange args) {
          ImplicitLocOpBuilder body(loc, nested);
          EntryEmitter entry(body);
          Value position = emitPosition(op, body, args);
          ValueRange words = args.drop_front(numPositions);
          EntryEmitter::SinCos values =
              op.getAccuracy() == AccuracyKind::Exact
                  ? entry.emitExact(position, words[0], words[1], words[2])
                  : entry.emitF32Angle(position, words[0]);
          Type element = tableType.getElementType();
          linalg::YieldOp::create(
              body, ValueRange{emitResult(body, values.cos, factor, element),
                               emitResult(body, values.sin, factor, element)});
        });
    rewriter.replaceOp(op, generic);
    return success();
  }
};
} // namespace

void mlir::rope::populateSinCosToLinalgPatterns(RewritePatternSet &patterns) {
  patterns.add<LowerSinCos>(patterns.getContext());
}
