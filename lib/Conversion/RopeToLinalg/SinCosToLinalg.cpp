//===- SinCosToLinalg.cpp - Reference lowering of rope.sincos -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One `linalg.generic` over positions and frequencies, in f64. The exact angle
// is taken modulo one turn in integers of 192 bits; sine and cosine of what is
// left are their Taylor series. An f32 angle is `math.sin` and `math.cos` of
// it. It shares nothing with the kernel of `convert-rope-to-affine`, so that
// each can be tested against the other.
//
//===----------------------------------------------------------------------===//

#include "Rope/Conversion/RopeToLinalg/SinCosToLinalg.h"

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/SequenceLength.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;

std::optional<std::string> mlir::rope::getSinCosToLinalgObstacle(SinCosOp op) {
  if (!op.hasTensorSemantics())
    return "the memref form has no reference lowering: lower before "
           "bufferization";
  if (isStretched(op.getFrequencies()) &&
      op.getAccuracy() != AccuracyKind::Exact)
    return "frequencies that are computed at run time have no f32 angle";
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
  /// `words` are the fraction's, and 2^-scale where it is scaled.
  SinCos emitExact(Value position, ValueRange words, const ExactReal &factor);
  /// `AngleOp` makes the angle of a position and a factor.
  template <typename AngleOp>
  SinCos emitF32Angle(Value position, Value angleFactor,
                      const ExactReal &factor);
  /// Both times 2^(p g), where `growth` are numbers that sum to g.
  SinCos emitGrown(SinCos values, Value position, ValueRange growth);

private:
  Value integer(uint64_t value) {
    return arith::ConstantIntOp::create(builder, i64, value);
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
  /// (high + low) * factor, rounded once but for errors of `low`.
  Value scale(Value high, Value low, const ExactReal &factor);
  /// 1/first! - x (1/(first + 2)! - x (...)): the alternating series.
  Value emitTaylor(Value x, unsigned first);
  Value negate(Value x) { return arith::NegFOp::create(builder, x); }
  Value negateIf(Value condition, Value value) {
    return arith::SelectOp::create(builder, condition, negate(value), value);
  }
  /// The low 32 bits of a position with their sign.
  Value toI64(Value position) {
    Type i32 = builder.getI32Type();
    if (position.getType().isIndex())
      position = arith::IndexCastOp::create(builder, i32, position);
    else if (position.getType().getIntOrFloatBitWidth() > 32)
      position = arith::TruncIOp::create(builder, i32, position);
    return arith::ExtSIOp::create(builder, i64, position);
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

Value EntryEmitter::scale(Value high, Value low, const ExactReal &factor) {
  if (factor == ExactReal(1))
    return low ? emit<arith::AddFOp>(high, low) : high;
  APFloat first = factor.round(APFloat::IEEEdouble());
  ExactReal rest = factor - ExactReal(first);
  Value scale = real(first.convertToDouble());
  Value small = emit<arith::MulFOp>(
      high, real(rest.round(APFloat::IEEEdouble()).convertToDouble()));
  return fma(high, scale, low ? fma(low, scale, small) : small);
}

Value EntryEmitter::emitTaylor(Value x, unsigned first) {
  // 0.617^10 / 20! is below 2^-67.
  constexpr unsigned kTerms = 10;
  SmallVector<double> terms;
  double factorial = 1.0;
  for (unsigned i = 2; i <= first; ++i)
    factorial *= i;
  for (unsigned i = first; terms.size() < kTerms; i += 2) {
    terms.push_back((terms.size() % 2 ? -1.0 : 1.0) / factorial);
    factorial *= (i + 1) * (i + 2);
  }
  Value sum = real(terms.back());
  for (double term : llvm::reverse(ArrayRef(terms).drop_back()))
    sum = fma(sum, x, real(term));
  return sum;
}

/// (A:B:C) = |p| (high:middle:low) modulo one turn, where A + 2^61 has the
/// nearest quarter turn q in its first two bits. With the rest r of |r| <= 1/8
/// turn as a sum of three f64, 2 pi |r| = a + t, z + z' = (a + t)^2 and
/// m + m' = a^3,
///     sin(a + t) = a - m/6 + (m z (1/5! - z/7! + ...) - m'/6 + t cos a),
///     cos(a + t) = 1 - z/2 + (z^2 (1/4! - z/6! + ...) + z' (z/12 - 1/2)),
/// where a - m/6 and 1 - z/2 are sums of two f64.
EntryEmitter::SinCos EntryEmitter::emitExact(Value position, ValueRange words,
                                             const ExactReal &factor) {
  Value high = words[0], middle = words[1], low = words[2];
  Value p = toI64(position), zero = integer(0);
  Value isNegative = isBitSet(p, uint64_t(1) << 63);
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
  Value isRestNegative = isBitSet(rest, uint64_t(1) << 63);
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
  if (words.size() > 3) {
    s = emit<arith::MulFOp>(s, words[3]);
    e = emit<arith::MulFOp>(e, words[3]);
  }

  // 2 pi to 106 bits.
  Value turnHigh = real(0x1.921fb54442d18p+2);
  Value turnLow = real(0x1.1a62633145c07p-52);
  Value a = emit<arith::MulFOp>(s, turnHigh);
  Value t = fma(s, turnHigh, negate(a));
  t = fma(s, turnLow, t);
  t = fma(e, turnHigh, t);
  Value z = emit<arith::MulFOp>(a, a);
  Value squareRest = fma(a, a, negate(z));
  Value zRest = fma(emit<arith::AddFOp>(a, a), t, squareRest);
  Value one = real(1.0), half = real(-0.5);
  Value cosHigh = fma(z, half, one);
  Value cosLow = fma(z, half, emit<arith::SubFOp>(one, cosHigh));
  cosLow = fma(zRest, fma(z, real(1.0 / 12), half), cosLow);
  cosLow = fma(emit<arith::MulFOp>(z, z), emitTaylor(z, 4), cosLow);
  Value cosRest = scale(cosHigh, cosLow, factor);

  Value m = emit<arith::MulFOp>(a, z), sixth = real(-1.0 / 6);
  Value cosine = emit<arith::AddFOp>(cosHigh, cosLow);
  Value mRest = fma(a, squareRest, fma(a, z, negate(m)));
  Value sinLow = fma(mRest, sixth, emit<arith::MulFOp>(t, cosine));
  sinLow = fma(emit<arith::MulFOp>(m, z), emitTaylor(z, 5), sinLow);
  Value sinHigh = fma(m, sixth, a), loss = emit<arith::SubFOp>(a, sinHigh);
  sinLow = emit<arith::AddFOp>(fma(m, sixth, loss), sinLow);
  Value sinRest = negateIf(isRestNegative, scale(sinHigh, sinLow, factor));

  // Odd quarters exchange the two; the second bit of q or q + 1 is the sign.
  Value isOdd = isBitSet(quarter, 1);
  Value sin = arith::SelectOp::create(builder, isOdd, cosRest, sinRest);
  Value cos = arith::SelectOp::create(builder, isOdd, sinRest, cosRest);
  sin = negateIf(isNegative, negateIf(isBitSet(quarter, 2), sin));
  Value next = emit<arith::AddIOp>(quarter, integer(1));
  cos = negateIf(isBitSet(next, 2), cos);
  return {sin, cos};
}

/// sin and cos of fl(fl(p) fl(w)) or fl(fl(p) / fl(1/w)).
template <typename AngleOp>
EntryEmitter::SinCos EntryEmitter::emitF32Angle(Value position,
                                                Value angleFactor,
                                                const ExactReal &factor) {
  Value p =
      arith::SIToFPOp::create(builder, builder.getF32Type(), toI64(position));
  Value angle =
      arith::ExtFOp::create(builder, f64, emit<AngleOp>(p, angleFactor));
  return {scale(math::SinOp::create(builder, angle), /*low=*/Value(), factor),
          scale(math::CosOp::create(builder, angle), /*low=*/Value(), factor)};
}

/// With g = g1 + g2 + g3, where p g1 is exact: k is the integer next to p g,
/// and the rest of it, whose sum is exact but for its last term, the power of
/// what `math.exp2` is.
EntryEmitter::SinCos EntryEmitter::emitGrown(SinCos values, Value position,
                                             ValueRange growth) {
  Value p = arith::SIToFPOp::create(builder, f64, toI64(position));
  Value first = emit<arith::MulFOp>(p, growth[0]);
  Value second = emit<arith::MulFOp>(p, growth[1]);
  Value k =
      math::RoundEvenOp::create(builder, emit<arith::AddFOp>(first, second));
  Value error = fma(p, growth[1], negate(second));
  Value rest = emit<arith::AddFOp>(
      emit<arith::AddFOp>(emit<arith::SubFOp>(first, k), second),
      fma(p, growth[2], error));
  Value fraction = math::Exp2Op::create(builder, rest);
  Value power = math::Exp2Op::create(builder, k);
  auto grow = [&](Value value) {
    return emit<arith::MulFOp>(emit<arith::MulFOp>(value, fraction), power);
  };
  return {grow(values.sin), grow(values.cos)};
}

/// `value` in the type of the table, narrower ones by way of f32.
static Value emitResult(ImplicitLocOpBuilder &builder, Value value, Type type) {
  if (type.isF64())
    return value;
  value = arith::TruncFOp::create(builder, builder.getF32Type(), value);
  return type.isF32() ? value : arith::TruncFOp::create(builder, type, value);
}

/// Zero, or the power of two that takes a frequency which is too slow for words
/// of 172 bits close to, but at no position beyond an eighth of a turn.
static int getScale(const ExactReal &turns) {
  ExactReal one(1), magnitude = turns < ExactReal(0) ? -turns : turns;
  if (turns.isZero() || !(magnitude < one.scaleByPowerOfTwo(-40)))
    return 0;
  int scale = 0;
  while (magnitude.scaleByPowerOfTwo(scale) < one.scaleByPowerOfTwo(-36))
    ++scale;
  return scale;
}

/// The constants over frequencies that an entry is made from: three words of
/// the fraction of a turn and what some are scaled by, or one f32: the
/// frequency or the timescale.
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
  if (op.getAccuracy() == AccuracyKind::F32Quotient)
    return {emitTensor(builder.getF32Type(), frequencies.getTimescales())};
  SmallVector<ExactReal> turns = frequencies.getTurns();
  SmallVector<APFloat> units;
  for (ExactReal &frequency : turns) {
    int scale = getScale(frequency);
    frequency = frequency.scaleByPowerOfTwo(scale);
    units.push_back(APFloat(std::ldexp(1.0, -scale)));
  }
  SmallVector<Value> words;
  for (unsigned word = 0; word < 3; ++word) {
    SmallVector<APInt> values;
    for (const ExactReal &frequency : turns)
      values.push_back(
          frequency.getFraction(192).extractBits(64, 128 - 64 * word));
    words.push_back(emitTensor(builder.getI64Type(), values));
  }
  if (llvm::any_of(units,
                   [](const APFloat &unit) { return unit < APFloat(1.0); }))
    words.push_back(emitTensor(builder.getF64Type(), units));
  return words;
}

/// The same three words for a base that is known at run time only.
static SmallVector<Value> emitRunTimeWords(SinCosOp op,
                                           ImplicitLocOpBuilder &builder) {
  Type i64 = builder.getI64Type();
  SmallVector<Value> tensors;
  for (int word = 0; word < 3; ++word)
    tensors.push_back(tensor::EmptyOp::create(
        builder, ArrayRef<int64_t>{op.getFrequencies().getDim() / 2}, i64));
  return emitStretchedTurns(
      builder, op.getFrequencies(), op.getSequenceLength(), tensors,
      [&](Value index, Value turns, ValueRange state) {
        SmallVector<Value> next;
        unsigned width = turns.getType().getIntOrFloatBitWidth();
        for (auto [word, tensor] : llvm::enumerate(state)) {
          Value shift = arith::ConstantOp::create(
              builder, builder.getIntegerAttr(
                           turns.getType(),
                           APInt(width, kStretchedBits - 64 * (word + 1))));
          Value value = arith::TruncIOp::create(
              builder, i64, arith::ShRUIOp::create(builder, turns, shift));
          next.push_back(
              tensor::InsertOp::create(builder, value, tensor, index));
        }
        return next;
      });
}

/// The growth of every frequency as a sum of three f64 constants, the first of
/// 21 bits after the point; none where cosine and sine do not grow.
static SmallVector<Value> emitGrowth(SinCosOp op,
                                     ImplicitLocOpBuilder &builder) {
  SmallVector<ExactReal> growth = op.getFrequencies().getGrowth();
  SmallVector<Value> parts;
  for (int part = 0; part < 3 && !growth.empty(); ++part) {
    SmallVector<APFloat> values;
    for (ExactReal &rest : growth) {
      ExactReal rounded = part ? rest : rest.roundToFractionBits(21);
      values.push_back(rounded.round(APFloat::IEEEdouble()));
      rest = ExactReal::isExact(values.back()) ? rest - ExactReal(values.back())
                                               : ExactReal();
    }
    auto type =
        RankedTensorType::get(int64_t(values.size()), builder.getF64Type());
    parts.push_back(arith::ConstantOp::create(
        builder, DenseElementsAttr::get(type, values)));
  }
  return parts;
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
    if (op.getFrequencies().dependsOnSequenceLength() &&
        !isStretched(op.getFrequencies()))
      return rewriter.notifyMatchFailure(op, "there is a choice to make");

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
    llvm::append_range(inputs, isStretched(op.getFrequencies())
                                   ? emitRunTimeWords(op, builder)
                                   : emitFrequencies(op, builder));
    size_t numWords = inputs.size() - numPositions;
    llvm::append_range(inputs, emitGrowth(op, builder));
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
          ValueRange words = args.slice(numPositions, numWords);
          ValueRange growth = args.slice(
              numPositions + numWords, inputs.size() - numPositions - numWords);
          EntryEmitter::SinCos values = [&] {
            switch (op.getAccuracy()) {
            case AccuracyKind::Exact:
              return entry.emitExact(position, words, factor);
            case AccuracyKind::F32Angle:
              return entry.emitF32Angle<arith::MulFOp>(position, words[0],
                                                       factor);
            case AccuracyKind::F32Quotient:
              return entry.emitF32Angle<arith::DivFOp>(position, words[0],
                                                       factor);
            }
            llvm_unreachable("every accuracy has an angle");
          }();
          if (!growth.empty())
            values = entry.emitGrown(values, position, growth);
          Type element = tableType.getElementType();
          linalg::YieldOp::create(
              body, ValueRange{emitResult(body, values.cos, element),
                               emitResult(body, values.sin, element)});
        });
    rewriter.replaceOp(op, generic);
    return success();
  }
};
} // namespace

void mlir::rope::populateSinCosToLinalgPatterns(RewritePatternSet &patterns) {
  populateSelectBySequenceLengthPatterns(patterns);
  patterns.add<LowerSinCos>(patterns.getContext());
}
