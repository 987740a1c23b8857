//===- RotateToLinalg.cpp - Reference lowering of rope.rotate -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Slices of the two lanes of every pair, one `linalg.generic` over the pairs,
// and slices back: equation (34) of RoFormer read off the page. Both forms take
// the same path; what differs is how a slice is taken and put back.
//
//===----------------------------------------------------------------------===//

#include "Rope/Conversion/RopeToLinalg/RopeToLinalg.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
/// `size` lanes of the last dimension, from `first` on, `stride` apart.
struct LaneRange {
  int64_t first, size, stride;
};

/// The mixed offsets, sizes and strides of a slice.
struct Slice {
  SmallVector<OpFoldResult> offsets, sizes, strides;
};
} // namespace

/// The first and second lanes of all pairs.
static std::pair<LaneRange, LaneRange>
getPairRanges(PairingKind pairing, int64_t offset, int64_t rotaryDim) {
  int64_t pairs = rotaryDim / 2;
  if (pairing == PairingKind::Half)
    return {{offset, pairs, 1}, {offset + pairs, pairs, 1}};
  return {{offset, pairs, 2}, {offset + 1, pairs, 2}};
}

/// All of the leading dimensions and a range of the last.
static Slice getSlice(OpBuilder &builder, Location loc, Value source,
                      LaneRange lanes) {
  Slice slice;
  slice.sizes = isa<MemRefType>(source.getType())
                    ? memref::getMixedSizes(builder, loc, source)
                    : tensor::getMixedSizes(builder, loc, source);
  size_t rank = slice.sizes.size();
  slice.offsets.assign(rank, builder.getIndexAttr(0));
  slice.strides.assign(rank, builder.getIndexAttr(1));
  slice.offsets.back() = builder.getIndexAttr(lanes.first);
  slice.sizes.back() = builder.getIndexAttr(lanes.size);
  slice.strides.back() = builder.getIndexAttr(lanes.stride);
  return slice;
}

/// source[..., lanes], a value or a view.
static Value takeLanes(OpBuilder &builder, Location loc, Value source,
                       LaneRange lanes) {
  Slice slice = getSlice(builder, loc, source, lanes);
  if (isa<MemRefType>(source.getType()))
    return memref::SubViewOp::create(builder, loc, source, slice.offsets,
                                     slice.sizes, slice.strides);
  return tensor::ExtractSliceOp::create(builder, loc, source, slice.offsets,
                                        slice.sizes, slice.strides);
}

/// dest with dest[..., lanes] = lanesOfResult.
static Value putLanes(OpBuilder &builder, Location loc, Value lanesOfResult,
                      Value dest, LaneRange lanes) {
  Slice slice = getSlice(builder, loc, dest, lanes);
  return tensor::InsertSliceOp::create(builder, loc, lanesOfResult, dest,
                                       slice.offsets, slice.sizes,
                                       slice.strides);
}

/// The widest of f32 and the element types of input and tables.
static FloatType getComputeType(RotateOp op) {
  FloatType widest = Float32Type::get(op.getContext());
  for (ShapedType type : {op.getInputType(), op.getTableType()}) {
    auto element = cast<FloatType>(type.getElementType());
    if (element.getWidth() > widest.getWidth())
      widest = element;
  }
  return widest;
}

/// y_a = cos_a x_a - sin_a x_b, y_b = sin_b x_a + cos_b x_b; the sines change
/// their signs for the inverse. One rounding an operation, one of the result.
static void buildPair(OpBuilder &builder, Location loc, RotateOp op,
                      ValueRange args) {
  FloatType computeType = getComputeType(op);
  auto widen = [&](Value value) -> Value {
    if (value.getType() == computeType)
      return value;
    return arith::ExtFOp::create(builder, loc, computeType, value);
  };
  auto narrow = [&](Value value) -> Value {
    Type element = op.getInputType().getElementType();
    if (element == computeType)
      return value;
    return arith::TruncFOp::create(builder, loc, element, value);
  };
  auto times = [&](Value lhs, Value rhs) -> Value {
    return arith::MulFOp::create(builder, loc, lhs, rhs);
  };
  Value first = widen(args[0]), second = widen(args[1]);
  Value cosFirst = widen(args[2]), sinFirst = widen(args[3]);
  Value cosSecond = widen(args[4]), sinSecond = widen(args[5]);
  Value firstCos = times(cosFirst, first), firstSin = times(sinFirst, second);
  Value secondCos = times(cosSecond, second),
        secondSin = times(sinSecond, first);
  Value sum, difference;
  if (op.getInverse()) {
    sum = arith::AddFOp::create(builder, loc, firstCos, firstSin);
    difference = arith::SubFOp::create(builder, loc, secondCos, secondSin);
    linalg::YieldOp::create(builder, loc,
                            ValueRange{narrow(sum), narrow(difference)});
    return;
  }
  difference = arith::SubFOp::create(builder, loc, firstCos, firstSin);
  sum = arith::AddFOp::create(builder, loc, secondSin, secondCos);
  linalg::YieldOp::create(builder, loc,
                          ValueRange{narrow(difference), narrow(sum)});
}

/// The rotation of all pairs: results in tensor form, effects on `outputs` in
/// memref form.
static linalg::GenericOp buildPairs(OpBuilder &builder, RotateOp op,
                                    ValueRange inputs, ValueRange outputs) {
  MLIRContext *context = op.getContext();
  unsigned rank = op.getInputType().getRank();
  AffineMap all = AffineMap::getMultiDimIdentityMap(rank, context);
  SmallVector<unsigned> tableDims(op.getAlong());
  tableDims.push_back(rank - 1);
  AffineMap table =
      AffineMap::getMultiDimMapWithTargets(rank, tableDims, context);
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(
      builder, op.getLoc(),
      TypeRange(ValueRange(outputs))
          .take_front(op.hasTensorSemantics() ? outputs.size() : 0),
      inputs, outputs,
      ArrayRef<AffineMap>{all, all, table, table, table, table, all, all},
      iterators, [&](OpBuilder &nested, Location loc, ValueRange args) {
        buildPair(nested, loc, op, args);
      });
}

/// Copies the lanes outside the rotary range.
static void copyOtherLanes(OpBuilder &builder, RotateOp op) {
  Location loc = op.getLoc();
  int64_t begin = op.getOffset();
  int64_t end = begin + op.getEffectiveRotaryDim();
  for (LaneRange lanes :
       {LaneRange{0, begin, 1}, LaneRange{end, op.getHeadDim() - end, 1}})
    if (lanes.size != 0)
      linalg::CopyOp::create(builder, loc,
                             takeLanes(builder, loc, op.getInput(), lanes),
                             takeLanes(builder, loc, op.getOutput(), lanes));
}

namespace {
/// rotate(x) = x with its pairs replaced by those of the generic op.
struct RotateToLinalg final : OpRewritePattern<RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotateOp op,
                                PatternRewriter &rewriter) const override {
    // Slices of an empty dimension do not verify.
    if (llvm::is_contained(op.getInputType().getShape(), 0) ||
        llvm::is_contained(op.getTableType().getShape(), 0)) {
      rewriter.replaceOp(op, op.hasTensorSemantics() ? ValueRange(op.getInput())
                                                     : ValueRange());
      return success();
    }
    Location loc = op.getLoc();
    int64_t rotaryDim = op.getEffectiveRotaryDim();
    auto [first, second] =
        getPairRanges(op.getPairing(), op.getOffset(), rotaryDim);
    SmallVector<Value> inputs{takeLanes(rewriter, loc, op.getInput(), first),
                              takeLanes(rewriter, loc, op.getInput(), second)};
    if (op.hasPerLaneTables()) {
      auto [tableFirst, tableSecond] =
          getPairRanges(op.getPairing(), /*offset=*/0, rotaryDim);
      for (LaneRange lanes : {tableFirst, tableSecond})
        for (Value table : {op.getCos(), op.getSin()})
          inputs.push_back(takeLanes(rewriter, loc, table, lanes));
    } else {
      inputs.append({op.getCos(), op.getSin(), op.getCos(), op.getSin()});
    }

    auto [resultFirst, resultSecond] = getPairRanges(
        op.getEffectiveResultPairing(), op.getOffset(), rotaryDim);
    if (op.hasTensorSemantics()) {
      Value empty = tensor::EmptyOp::create(
          rewriter, loc, tensor::getMixedSizes(rewriter, loc, inputs[0]),
          op.getInputType().getElementType());
      linalg::GenericOp pairs =
          buildPairs(rewriter, op, inputs, ValueRange{empty, empty});
      Value result = putLanes(rewriter, loc, pairs.getResult(0), op.getInput(),
                              resultFirst);
      rewriter.replaceOp(op, putLanes(rewriter, loc, pairs.getResult(1), result,
                                      resultSecond));
      return success();
    }
    if (op.getInput() != op.getOutput())
      copyOtherLanes(rewriter, op);
    buildPairs(rewriter, op, inputs,
               {takeLanes(rewriter, loc, op.getOutput(), resultFirst),
                takeLanes(rewriter, loc, op.getOutput(), resultSecond)});
    rewriter.eraseOp(op);
    return success();
  }
};
} // namespace

void rope::populateRotateToLinalgPatterns(RewritePatternSet &patterns) {
  patterns.add<RotateToLinalg>(patterns.getContext());
}
