//===- LaneViews.cpp - Lanes that a slice gives ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads the index lists of lanes as a slice, a transposition and dimensions of
// one element, if they are that.
//
//===----------------------------------------------------------------------===//

#include "LaneMaterializer.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
/// How one dimension of the source is read.
struct DimView {
  enum { Fixed, Symbol, Lane } kind;
  int64_t offset = 0;
  int64_t stride = 1;
  /// Position among the leading dimensions that are asked for.
  unsigned dim = 0;
};
} // namespace

/// Reads the index lists of all lanes as a slice, if they are one.
static std::optional<SmallVector<DimView>> getViews(LaneEvaluator &evaluator,
                                                    const LaneSource &source,
                                                    ArrayRef<LeadingDim> dims) {
  IndexContext &indices = evaluator.getIndices();
  SmallVector<IndexId> first(evaluator.getIndexList(source.indexLists.front()));
  auto difference = [&](unsigned lane, unsigned dim) {
    return indices.getConstantDifference(
        evaluator.getIndexList(source.indexLists[lane])[dim], first[dim]);
  };
  SmallVector<DimView> views;
  llvm::SmallBitVector seen(dims.size());
  unsigned numLanes = source.indexLists.size();
  unsigned numLaneDims = 0;
  for (unsigned dim = 0; dim < first.size(); ++dim) {
    DimView view;
    std::optional<int64_t> step =
        numLanes > 1 ? difference(1, dim) : std::optional<int64_t>(0);
    for (unsigned lane = 0; step && lane < numLanes; ++lane)
      if (difference(lane, dim) != *step * lane)
        step.reset();
    if (!step)
      return std::nullopt;
    std::optional<int64_t> constant = indices.getConstantValue(first[dim]);
    if (*step != 0) {
      if (!constant || *step < 0)
        return std::nullopt;
      view = {DimView::Lane, *constant, *step, 0};
      ++numLaneDims;
    } else if (constant) {
      view = {DimView::Fixed, *constant, 1, 0};
    } else {
      // A symbol plus a constant.
      bool found = false;
      for (auto [position, leading] : llvm::enumerate(dims)) {
        IndexId symbol = indices.getSymbol(leading.symbol, leading.size);
        if (std::optional<int64_t> offset =
                indices.getConstantDifference(first[dim], symbol);
            offset && !seen.test(position)) {
          view = {DimView::Symbol, *offset, 1, static_cast<unsigned>(position)};
          seen.set(position);
          found = true;
        }
      }
      if (!found)
        return std::nullopt;
    }
    views.push_back(view);
  }
  // Symbols of one element are the constant 0 and need no dimension: they are
  // inserted by the caller only as sizes, which a slice cannot.
  if (!seen.all() || numLaneDims != (numLanes > 1 ? 1u : 0u))
    return std::nullopt;
  return views;
}

/// A view with dimensions of one element where `isUnit` says so. Null where it
/// has nothing else: there is no group to expand.
static Value insertUnitDims(OpBuilder &builder, Location loc, Value view,
                            ArrayRef<bool> isUnit) {
  auto type = cast<RankedTensorType>(view.getType());
  SmallVector<OpFoldResult> viewSizes =
      tensor::getMixedSizes(builder, loc, view);
  SmallVector<ReassociationIndices> groups;
  SmallVector<OpFoldResult> sizes;
  SmallVector<int64_t> shape;
  ReassociationIndices pending;
  unsigned next = 0;
  for (auto [dim, unit] : llvm::enumerate(isUnit)) {
    pending.push_back(dim);
    sizes.push_back(unit ? OpFoldResult(builder.getIndexAttr(1))
                         : viewSizes[next]);
    shape.push_back(unit ? 1 : type.getDimSize(next));
    if (unit)
      continue;
    ++next;
    groups.push_back(std::exchange(pending, {}));
  }
  if (groups.empty() && type.getRank() != 0)
    return {};
  // Trailing dimensions belong to the last group.
  if (!groups.empty())
    llvm::append_range(groups.back(), pending);
  return tensor::ExpandShapeOp::create(
      builder, loc, RankedTensorType::get(shape, type.getElementType()), view,
      groups, sizes);
}

/// Whether the lanes are all elements of the source, in order.
static bool isWhole(LaneEvaluator &evaluator, const LaneSource &source,
                    ArrayRef<LeadingDim> dims) {
  IndexContext &indices = evaluator.getIndices();
  size_t rank = cast<RankedTensorType>(source.value.getType()).getRank();
  if (rank != dims.size() + 1)
    return false;
  auto isRead = [&](unsigned dim, IndexId index, IndexId size) {
    return evaluator.getSize(source.value, dim) == size &&
           llvm::all_of(source.indexLists, [&](unsigned list) {
             return evaluator.getIndexList(list)[dim] == index;
           });
  };
  for (auto [position, dim] : llvm::enumerate(dims))
    if (!isRead(position, indices.getSymbol(dim.symbol, dim.size), dim.size))
      return false;
  for (auto [lane, list] : llvm::enumerate(source.indexLists))
    if (evaluator.getIndexList(list).back() != indices.getConstant(lane))
      return false;
  return evaluator.getSize(source.value, rank - 1) ==
         indices.getConstant(source.indexLists.size());
}

Value LaneMaterializer::makeView(const LaneSource &source,
                                 ArrayRef<LeadingDim> dims, Type elementType) {
  auto type = cast<RankedTensorType>(source.value.getType());
  if (source.part != ElementPart::Whole ||
      type.getElementType() != elementType || !isAvailable(source.value))
    return {};

  if (isWhole(evaluator, source, dims))
    return source.value;

  // Leading dimensions of one element have no symbol: they are inserted last.
  IndexContext &indices = evaluator.getIndices();
  SmallVector<LeadingDim> symbols;
  for (const LeadingDim &dim : dims)
    if (indices.getConstantValue(dim.size) != 1)
      symbols.push_back(dim);
  std::optional<SmallVector<DimView>> views =
      getViews(evaluator, source, symbols);
  if (!views)
    return {};

  int64_t numLanes = source.indexLists.size();
  SmallVector<OpFoldResult> offsets, sizes, strides;
  SmallVector<int64_t> kept;
  bool whole = true;
  SmallVector<int64_t> sliceShape;
  for (auto [dim, view] : llvm::enumerate(*views)) {
    offsets.push_back(builder.getIndexAttr(view.offset));
    strides.push_back(builder.getIndexAttr(view.stride));
    IndexId size = indices.getConstant(1);
    if (view.kind == DimView::Lane)
      size = indices.getConstant(numLanes);
    if (view.kind == DimView::Symbol)
      size = symbols[view.dim].size;
    whole &= size == evaluator.getSize(source.value, dim) && view.offset == 0 &&
             view.stride == 1;
    Value dynamic;
    if (std::optional<int64_t> constant = indices.getConstantValue(size)) {
      sizes.push_back(builder.getIndexAttr(*constant));
    } else {
      dynamic = makeIndex(size, {}, {});
      if (!dynamic)
        return {};
      sizes.push_back(dynamic);
    }
    if (view.kind != DimView::Fixed) {
      kept.push_back(dim);
      sliceShape.push_back(dynamic ? ShapedType::kDynamic
                                   : *indices.getConstantValue(size));
    }
  }

  // Slice, then order the dimensions, then insert those of one element.
  Value view = source.value;
  bool dropsDims = kept.size() != views->size();
  if (!whole || dropsDims) {
    auto sliceType = RankedTensorType::get(sliceShape, elementType);
    view = tensor::ExtractSliceOp::create(builder, loc, sliceType, source.value,
                                          offsets, sizes, strides);
  }
  SmallVector<int64_t> permutation(symbols.size() + (numLanes > 1));
  for (auto [position, dim] : llvm::enumerate(kept)) {
    const DimView &dimView = (*views)[dim];
    permutation[dimView.kind == DimView::Lane ? symbols.size() : dimView.dim] =
        position;
  }
  if (!llvm::is_sorted(permutation)) {
    SmallVector<OpFoldResult> viewSizes =
        tensor::getMixedSizes(builder, loc, view);
    SmallVector<OpFoldResult> permuted;
    for (int64_t position : permutation)
      permuted.push_back(viewSizes[position]);
    Value empty = tensor::EmptyOp::create(builder, loc, permuted, elementType);
    view = linalg::TransposeOp::create(builder, loc, view, empty, permutation)
               ->getResult(0);
  }
  if (symbols.size() + (numLanes > 1) == dims.size() + 1)
    return view;

  SmallVector<bool> isUnit;
  for (const LeadingDim &dim : dims)
    isUnit.push_back(indices.getConstantValue(dim.size) == 1);
  isUnit.push_back(numLanes == 1);
  return insertUnitDims(builder, loc, view, isUnit);
}
