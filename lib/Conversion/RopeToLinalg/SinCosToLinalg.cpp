//===- SinCosToLinalg.cpp - Reference lowering of rope.sincos -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One `linalg.generic` over positions and frequencies, in f64. It shares
// nothing with the kernel of `convert-rope-to-affine`, so that each can be
// tested against the other.
//
//===----------------------------------------------------------------------===//

#include "Rope/Conversion/RopeToLinalg/SinCosToLinalg.h"

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/SequenceLength.h"
#include "SinCosEntry.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
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
          SinCosEntry entry(body);
          Value position = emitPosition(op, body, args);
          ValueRange words = args.slice(numPositions, numWords);
          ValueRange growth = args.slice(
              numPositions + numWords, inputs.size() - numPositions - numWords);
          SinCosEntry::SinCos values = [&] {
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
