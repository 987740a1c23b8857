//===- MoveRotations.cpp - Rotations past data movement -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A rotation works on lanes, data movement mostly on the other dimensions: they
// commute bit for bit. Rotate what is needed, and before it is repeated.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/Transforms/Patterns.h"
#include "RotationCost.h"
#include "RotationFacts.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::rope;

/// Where `op` takes a slice of some rows, with all lanes of each.
static bool keepsLanes(tensor::ExtractSliceOp op) {
  int64_t last = op.getSourceType().getRank() - 1;
  return !op.getDroppedDims().test(last) &&
         isConstantIntValue(op.getMixedOffsets()[last], 0) &&
         isConstantIntValue(op.getMixedStrides()[last], 1) &&
         isConstantIntValue(op.getMixedSizes()[last],
                            op.getSourceType().getDimSize(last));
}

/// `table` where the dimensions `along` of what it belongs to are sliced as
/// `slice` does.
static Value sliceTable(OpBuilder &builder, tensor::ExtractSliceOp slice,
                        Value table, ArrayRef<int64_t> along) {
  auto type = cast<RankedTensorType>(table.getType());
  SmallVector<OpFoldResult> offsets, sizes, strides;
  SmallVector<int64_t> shape;
  for (int64_t dim : along) {
    offsets.push_back(slice.getMixedOffsets()[dim]);
    sizes.push_back(slice.getMixedSizes()[dim]);
    strides.push_back(slice.getMixedStrides()[dim]);
    if (!slice.getDroppedDims().test(dim))
      shape.push_back(slice.getStaticSizes()[dim]);
  }
  // Whatever else the table has (its lanes) is kept.
  for (int64_t dim = along.size(); dim < type.getRank(); ++dim) {
    offsets.push_back(builder.getIndexAttr(0));
    sizes.push_back(builder.getIndexAttr(type.getDimSize(dim)));
    strides.push_back(builder.getIndexAttr(1));
    shape.push_back(type.getDimSize(dim));
  }
  return tensor::ExtractSliceOp::create(
      builder, slice.getLoc(),
      RankedTensorType::get(shape, type.getElementType()), table, offsets,
      sizes, strides);
}

namespace {
/// slice(R(c, s) x) = R(slice(c), slice(s)) slice(x).
struct SliceOfRotation final : OpRewritePattern<tensor::ExtractSliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ExtractSliceOp op,
                                PatternRewriter &rewriter) const override {
    auto rotate = op.getSource().getDefiningOp<RotateOp>();
    if (!rotate)
      return rewriter.notifyMatchFailure(op, "not of a rotation");
    if (!keepsLanes(op))
      return rewriter.notifyMatchFailure(op, "takes some of the lanes only");
    CostModel model;
    // The lanes are a dimension of the result.
    RotationCost rotateCost =
        CostModel::getRotateCost(rotate, model.getNumRows(op.getResult()));
    rotateCost.numOps += 3;
    if (!rotateCost.isLowerThan(model.getCostOfDead(op, rotate->getOperands())))
      return rewriter.notifyMatchFailure(op, "would not lower the cost");

    Value input = tensor::ExtractSliceOp::create(
        rewriter, op.getLoc(), op.getType(), rotate.getInput(),
        op.getMixedOffsets(), op.getMixedSizes(), op.getMixedStrides());
    // Dimensions move up where others are dropped.
    llvm::SmallBitVector dropped = op.getDroppedDims();
    SmallVector<int64_t> along;
    for (int64_t dim : rotate.getAlong())
      if (!dropped.test(dim))
        along.push_back(
            dim - llvm::count_if(llvm::seq<int64_t>(0, dim),
                                 [&](int64_t d) { return dropped.test(d); }));
    Value cos = rotate.getCos(), sin = rotate.getSin();
    bool slicesTables = llvm::any_of(rotate.getAlong(), [&](int64_t dim) {
      return dropped.test(dim) ||
             !isConstantIntValue(op.getMixedOffsets()[dim], 0) ||
             !isConstantIntValue(op.getMixedStrides()[dim], 1) ||
             !(model.getSize(op.getMixedSizes()[dim]) ==
               model.getSize(rotate.getInput(), dim));
    });
    if (slicesTables) {
      cos = sliceTable(rewriter, op, cos, rotate.getAlong());
      sin = sliceTable(rewriter, op, sin, rotate.getAlong());
    }
    rewriter.replaceOp(op,
                       rotateLike(rewriter, rotate, input, cos, sin, along));
    return success();
  }
};

/// R(slice(cos p), slice(sin p)) x = R(cos slice(p), sin slice(p)) x.
struct RotationBySlicedTables final : OpRewritePattern<RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotateOp op,
                                PatternRewriter &rewriter) const override {
    auto cos = op.getCos().getDefiningOp<tensor::ExtractSliceOp>();
    auto sin = op.getSin().getDefiningOp<tensor::ExtractSliceOp>();
    if (!cos || !sin)
      return rewriter.notifyMatchFailure(op, "no slices of tables");
    auto tables = cos.getSource().getDefiningOp<SinCosOp>();
    if (!tables || !isByPosition(tables) ||
        cos.getSource() != tables.getCos() ||
        sin.getSource() != tables.getSin())
      return rewriter.notifyMatchFailure(op, "not of one rope.sincos");
    if (!keepsLanes(cos) || !keepsLanes(sin) ||
        cos.getMixedOffsets() != sin.getMixedOffsets() ||
        cos.getMixedSizes() != sin.getMixedSizes() ||
        cos.getMixedStrides() != sin.getMixedStrides() ||
        cos.getType() != sin.getType())
      return rewriter.notifyMatchFailure(op, "the slices differ");
    CostModel model;
    RotationCost cost = model.getSinCosCost(tables.getFrequencies(),
                                            model.getNumRows(cos.getResult()));
    cost += model.getCost(op);
    cost.numOps += 1;
    if (!cost.isLowerThan(
            model.getCostOfDead(op, {op.getInput(), tables.getPositions()})))
      return rewriter.notifyMatchFailure(op, "would not lower the cost");

    int64_t rank = cos.getSourceType().getRank();
    Value positions =
        sliceTable(rewriter, cos, tables.getPositions(),
                   llvm::to_vector(llvm::seq<int64_t>(0, rank - 1)));
    auto sliced =
        SinCosOp::create(rewriter, tables.getLoc(), positions,
                         tables.getTableType().getElementType(),
                         tables.getFrequencies(), tables.getAccuracy());
    rewriter.modifyOpInPlace(op, [&] {
      op.getCosMutable().assign(sliced.getCos());
      op.getSinMutable().assign(sliced.getSin());
    });
    return success();
  }
};

/// R(c, s) repeat(x) = repeat(R(c, s) x), where the tables are shared.
struct RotationOfRepetition final : OpRewritePattern<RotateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RotateOp op,
                                PatternRewriter &rewriter) const override {
    // repeat_kv: a new dimension, which is then joined with the heads.
    auto collapse = op.getInput().getDefiningOp<tensor::CollapseShapeOp>();
    Value repeated = collapse ? collapse.getSrc() : op.getInput();
    Operation *repeat = repeated.getDefiningOp();
    std::optional<CopyLoops> copy = getCopyLoops(repeat);
    if (!copy)
      return rewriter.notifyMatchFailure(op, "not of a repetition");
    SmallVector<ReassociationIndices> groups;
    if (collapse)
      groups = collapse.getReassociationIndices();
    else
      for (size_t dim = 0; dim < copy->numLoops; ++dim)
        groups.push_back({static_cast<int64_t>(dim)});
    // The source's dimension of a dimension of the rotation, or none.
    auto getSourceDim = [&](int64_t dim) -> std::optional<int64_t> {
      if (groups[dim].size() != 1)
        return std::nullopt;
      auto *it = llvm::find(copy->loops, groups[dim].front());
      if (it == copy->loops.end())
        return std::nullopt;
      return it - copy->loops.begin();
    };
    auto source = cast<TypedValue<RankedTensorType>>(
        cast<linalg::LinalgOp>(repeat).getDpsInputOperand(0)->get());
    if (getSourceDim(groups.size() - 1) != source.getType().getRank() - 1)
      return rewriter.notifyMatchFailure(op, "lanes are moved");
    SmallVector<int64_t> along;
    for (int64_t dim : op.getAlong()) {
      std::optional<int64_t> sourceDim = getSourceDim(dim);
      if (!sourceDim || (!along.empty() && *sourceDim < along.back()))
        return rewriter.notifyMatchFailure(op, "tables differ in what repeats");
      along.push_back(*sourceDim);
    }
    CostModel model;
    RotationCost cost = CostModel::getRotateCost(op, model.getNumRows(source));
    cost += model.getCost(repeat);
    cost.numOps += collapse ? 1 : 0;
    SmallVector<Value> kept{source, op.getCos(), op.getSin()};
    llvm::append_range(kept, cast<linalg::LinalgOp>(repeat).getDpsInits());
    if (!cost.isLowerThan(model.getCostOfDead(op, kept)))
      return rewriter.notifyMatchFailure(op, "would not lower the cost");

    RotateOp rotated =
        rotateLike(rewriter, op, source, op.getCos(), op.getSin(), along);
    IRMapping mapping;
    mapping.map(source, rotated.getResult());
    Value result = rewriter.clone(*repeat, mapping)->getResult(0);
    if (collapse) {
      mapping.map(repeated, result);
      result = rewriter.clone(*collapse, mapping)->getResult(0);
    }
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// transpose(R(c, s) transpose(x)) = transpose(R(c, s) x).
struct TransposeOfRotationOfTranspose final
    : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<SmallVector<int64_t>> outer = getPermutation(op);
    if (!outer)
      return rewriter.notifyMatchFailure(op, "not a transposition");
    auto rotate = op.getDpsInputOperand(0)->get().getDefiningOp<RotateOp>();
    if (!rotate)
      return rewriter.notifyMatchFailure(op, "not of a rotation");
    Operation *transpose = rotate.getInput().getDefiningOp();
    std::optional<SmallVector<int64_t>> inner = getPermutation(transpose);
    if (!inner)
      return rewriter.notifyMatchFailure(op, "not of a transposition");
    int64_t last = inner->size() - 1;
    if (inner->back() != last)
      return rewriter.notifyMatchFailure(op, "lanes are moved");
    SmallVector<int64_t> along;
    for (int64_t dim : rotate.getAlong())
      along.push_back((*inner)[dim]);
    if (!llvm::is_sorted(along))
      return rewriter.notifyMatchFailure(op, "tables would be transposed");
    SmallVector<int64_t> permutation = applyPermutation(*inner, *outer);
    Value source =
        cast<linalg::LinalgOp>(transpose).getDpsInputOperand(0)->get();
    bool isIdentity = llvm::is_sorted(permutation);
    CostModel model;
    RotationCost cost =
        CostModel::getRotateCost(rotate, model.getNumRows(source));
    if (!isIdentity)
      cost += model.getCost(op);
    if (!cost.isLowerThan(model.getCostOfDead(
            op, {source, rotate.getCos(), rotate.getSin()})))
      return rewriter.notifyMatchFailure(op, "would not lower the cost");

    Value result = rotateLike(rewriter, rotate, source, rotate.getCos(),
                              rotate.getSin(), along)
                       .getResult();
    if (!isIdentity)
      result = makeTranspose(rewriter, op.getLoc(), result, permutation);
    Type type = op->getResult(0).getType();
    if (result.getType() != type)
      result = tensor::CastOp::create(rewriter, op.getLoc(), type, result);
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// expand(R(c, s) collapse(x)) = R(c, s) x.
struct ExpansionOfRotationOfCollapse final
    : OpRewritePattern<tensor::ExpandShapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ExpandShapeOp op,
                                PatternRewriter &rewriter) const override {
    auto rotate = op.getSrc().getDefiningOp<RotateOp>();
    auto collapse =
        rotate ? rotate.getInput().getDefiningOp<tensor::CollapseShapeOp>()
               : tensor::CollapseShapeOp();
    if (!collapse)
      return rewriter.notifyMatchFailure(
          op, "not of a rotation of a collapsed value");
    // One dynamic size a group follows from the size of the group.
    RankedTensorType type = op.getResultType();
    if (collapse.getSrcType() != type ||
        op.getReassociationIndices() != collapse.getReassociationIndices())
      return rewriter.notifyMatchFailure(op, "is not what was collapsed");
    SmallVector<ReassociationIndices> groups = op.getReassociationIndices();
    for (const ReassociationIndices &group : groups)
      if (llvm::count_if(
              group, [&](int64_t dim) { return type.isDynamicDim(dim); }) > 1)
        return rewriter.notifyMatchFailure(op, "two sizes are unknown");
    if (groups.back().size() != 1)
      return rewriter.notifyMatchFailure(op, "lanes are collapsed");
    SmallVector<int64_t> along;
    for (int64_t dim : rotate.getAlong()) {
      if (groups[dim].size() != 1)
        return rewriter.notifyMatchFailure(op, "tables would be expanded");
      along.push_back(groups[dim].front());
    }
    CostModel model;
    RotationCost cost = model.getCost(rotate);
    if (!cost.isLowerThan(model.getCostOfDead(
            op, {collapse.getSrc(), rotate.getCos(), rotate.getSin()})))
      return rewriter.notifyMatchFailure(op, "would not lower the cost");

    rewriter.replaceOp(op, rotateLike(rewriter, rotate, collapse.getSrc(),
                                      rotate.getCos(), rotate.getSin(), along));
    return success();
  }
};
} // namespace

void rope::populateMoveRotationPatterns(RewritePatternSet &patterns) {
  patterns.add<ExpansionOfRotationOfCollapse, RotationBySlicedTables,
               RotationOfRepetition, SliceOfRotation,
               TransposeOfRotationOfTranspose>(patterns.getContext());
}
