//===- EvaluateTensorOps.cpp - Movement of elements -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Slices, insertions, concatenations, pads and reshapes as index arithmetic.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/LaneEvaluator.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::rope;

/// Where index `at` of a tensor falls relative to a region of it that starts at
/// `offset` with `size` elements of `stride`: at this element of the region, or
/// certainly outside, or nobody knows.
namespace {
struct Placement {
  enum { Inside, Outside, Unknown } kind;
  IndexId index = 0;
};
} // namespace

static Placement place(IndexContext &indices, IndexId at, IndexId offset,
                       IndexId size, IndexId stride) {
  IndexId distance = indices.sub(at, offset);
  std::optional<int64_t> step = indices.getConstantValue(stride);
  if (!step || *step <= 0)
    return {Placement::Unknown};
  if (*step != 1) {
    // Between two elements of the region?
    std::optional<int64_t> rest =
        indices.getConstantValue(indices.mod(distance, stride));
    if (!rest)
      return {Placement::Unknown};
    if (*rest != 0)
      return {Placement::Outside};
  }
  IndexId index = indices.floorDiv(distance, stride);
  std::optional<bool> within = indices.isWithin(index, size);
  if (!within)
    return {Placement::Unknown};
  return {*within ? Placement::Inside : Placement::Outside, index};
}

/// Whether a region is the whole of a dimension of size `whole`.
static bool isWhole(IndexContext &indices, IndexId whole, IndexId offset,
                    IndexId size, IndexId stride) {
  return size == whole && indices.getConstantValue(offset) == 0 &&
         indices.getConstantValue(stride) == 1;
}

/// The same for all dimensions, whose sizes are `wholes`: inside if inside in
/// each, outside if outside in any. No index, not even one of data, is outside
/// of the tensor.
static Placement placeAll(IndexContext &indices, ArrayRef<IndexId> at,
                          ArrayRef<IndexId> wholes, ArrayRef<IndexId> offsets,
                          ArrayRef<IndexId> sizes, ArrayRef<IndexId> strides,
                          SmallVectorImpl<IndexId> &inside) {
  bool unknown = false;
  for (auto [index, whole, offset, size, stride] :
       llvm::zip_equal(at, wholes, offsets, sizes, strides)) {
    if (isWhole(indices, whole, offset, size, stride)) {
      inside.push_back(index);
      continue;
    }
    Placement placement = place(indices, index, offset, size, stride);
    if (placement.kind == Placement::Outside)
      return placement;
    unknown |= placement.kind == Placement::Unknown;
    inside.push_back(placement.index);
  }
  return {unknown ? Placement::Unknown : Placement::Inside};
}

SmallVector<IndexId> LaneEvaluator::getSizes(Value tensor) {
  SmallVector<IndexId> sizes;
  for (int64_t dim : llvm::seq<int64_t>(
           0, cast<RankedTensorType>(tensor.getType()).getRank()))
    sizes.push_back(getSize(tensor, dim));
  return sizes;
}

std::optional<bool> LaneEvaluator::isInserted(
    OffsetSizeAndStrideOpInterface insertion, Value destination,
    const llvm::SmallBitVector &dropped, ArrayRef<IndexId> at,
    SmallVectorImpl<IndexId> &source) {
  SmallVector<IndexId> inside;
  Placement placement = placeAll(
      indices, at, getSizes(destination),
      evaluateIndices(insertion.getStaticOffsets(), insertion.getOffsets()),
      evaluateIndices(insertion.getStaticSizes(), insertion.getSizes()),
      evaluateIndices(insertion.getStaticStrides(), insertion.getStrides()),
      inside);
  if (placement.kind == Placement::Unknown)
    return std::nullopt;
  if (placement.kind == Placement::Outside)
    return false;
  for (auto [dim, index] : llvm::enumerate(inside))
    if (!dropped.test(dim))
      source.push_back(index);
  return true;
}

std::optional<LaneEvaluator::Concatenation>
LaneEvaluator::getConcatenation(tensor::InsertSliceOp second) {
  auto first = second.getDest().getDefiningOp<tensor::InsertSliceOp>();
  if (!first || first.getDroppedDims().any() || second.getDroppedDims().any())
    return std::nullopt;
  struct Region {
    Value source;
    SmallVector<IndexId> offsets, sizes, strides;
  };
  auto getRegion = [&](tensor::InsertSliceOp insertion) -> Region {
    return {
        insertion.getSource(),
        evaluateIndices(insertion.getStaticOffsets(), insertion.getOffsets()),
        evaluateIndices(insertion.getStaticSizes(), insertion.getSizes()),
        evaluateIndices(insertion.getStaticStrides(), insertion.getStrides())};
  };
  Region low = getRegion(first), high = getRegion(second);
  SmallVector<IndexId> wholes = getSizes(second.getDest());
  std::optional<unsigned> along;
  for (auto [dim, whole] : llvm::enumerate(wholes)) {
    auto isWholeIn = [&, dim = dim, whole = whole](const Region &region) {
      return isWhole(indices, whole, region.offsets[dim], region.sizes[dim],
                     region.strides[dim]);
    };
    if (isWholeIn(low) && isWholeIn(high))
      continue;
    if (along)
      return std::nullopt;
    along = dim;
  }
  if (!along)
    return std::nullopt;
  if (indices.getConstantValue(high.offsets[*along]) == 0)
    std::swap(low, high);
  // [0, n) and [n, whole)
  IndexId size = low.sizes[*along];
  bool tilesWhole = indices.getConstantValue(low.offsets[*along]) == 0 &&
                    indices.getConstantValue(low.strides[*along]) == 1 &&
                    indices.getConstantValue(high.strides[*along]) == 1 &&
                    high.offsets[*along] == size &&
                    indices.add(size, high.sizes[*along]) == wholes[*along];
  if (!tilesWhole)
    return std::nullopt;
  return Concatenation{low.source, high.source, *along};
}

/// Row-major position of `at` in a space of `sizes`.
static IndexId linearize(IndexContext &indices, ArrayRef<IndexId> at,
                         ArrayRef<IndexId> sizes) {
  IndexId linear = indices.getConstant(0);
  for (auto [index, size] : llvm::zip_equal(at, sizes))
    linear = indices.add(indices.mul(linear, size), index);
  return linear;
}

/// The inverse of `linearize`.
static SmallVector<IndexId> delinearize(IndexContext &indices, IndexId linear,
                                        ArrayRef<IndexId> sizes) {
  SmallVector<IndexId> at(sizes.size());
  for (size_t dim = sizes.size(); dim-- > 1;) {
    at[dim] = indices.mod(linear, sizes[dim]);
    linear = indices.floorDiv(linear, sizes[dim]);
  }
  if (!sizes.empty())
    at[0] = linear;
  return at;
}

/// The index into the source of a reshape that has dynamic dimensions: leading
/// dimensions and products of trailing ones that agree map to each other, and
/// one dimension that remains on either side must be one, too, since the number
/// of elements is the same.
static std::optional<SmallVector<IndexId>>
reshapeIndex(IndexContext &indices, ArrayRef<IndexId> at,
             ArrayRef<IndexId> sizes, ArrayRef<IndexId> sourceSizes) {
  SmallVector<IndexId> source(sourceSizes.size());
  size_t front = 0;
  while (front < sizes.size() && front < sourceSizes.size() &&
         sizes[front] == sourceSizes[front]) {
    source[front] = at[front];
    ++front;
  }
  size_t end = sizes.size(), sourceEnd = sourceSizes.size();
  auto takeGroup = [&]() {
    if (end > front && sourceEnd > front &&
        sizes[end - 1] == sourceSizes[sourceEnd - 1]) {
      source[--sourceEnd] = at[--end];
      return true;
    }
    // The shortest trailing groups with equal static products.
    std::optional<int64_t> product = 1, sourceProduct = 1;
    size_t begin = end, sourceBegin = sourceEnd;
    do {
      bool extendSource = *sourceProduct <= *product;
      size_t &next = extendSource ? sourceBegin : begin;
      if (next == front)
        return false;
      --next;
      std::optional<int64_t> size = indices.getConstantValue(
          extendSource ? sourceSizes[next] : sizes[next]);
      if (!size || *size == 0)
        return false;
      *(extendSource ? sourceProduct : product) *= *size;
    } while (begin == end || *product != *sourceProduct);
    IndexId linear = linearize(indices, at.slice(begin, end - begin),
                               sizes.slice(begin, end - begin));
    SmallVector<IndexId> group =
        delinearize(indices, linear,
                    sourceSizes.slice(sourceBegin, sourceEnd - sourceBegin));
    llvm::copy(group, source.begin() + sourceBegin);
    end = begin;
    sourceEnd = sourceBegin;
    return true;
  };
  while (takeGroup()) {
  }
  if (end - front > 1 || sourceEnd - front > 1 || end != sourceEnd)
    return std::nullopt;
  if (end - front == 1)
    source[front] = at[front];
  return source;
}

LaneScalar LaneEvaluator::evaluateMovement(Operation *op, OpResult result,
                                           ArrayRef<IndexId> at,
                                           bool &handled) {
  handled = true;
  return llvm::TypeSwitch<Operation *, LaneScalar>(op)
      .Case([&](tensor::EmptyOp) {
        Type type = getElementTypeOrSelf(result.getType());
        if (type.isIntOrIndex())
          return leaf(result, at);
        return isa<ComplexType>(type) ? LaneScalar::complex(0, 0)
                                      : LaneScalar::real(0);
      })
      .Case([&](tensor::CastOp cast) {
        bool ranked = isa<RankedTensorType>(cast.getSource().getType());
        return ranked ? evaluate(cast.getSource(), at) : leaf(result, at);
      })
      .Case([&](tensor::SplatOp splat) {
        return evaluateScalar(splat.getInput());
      })
      .Case([&](tensor::ExtractSliceOp slice) {
        llvm::SmallBitVector dropped = slice.getDroppedDims();
        SmallVector<IndexId> offsets =
            evaluateIndices(slice.getStaticOffsets(), slice.getOffsets());
        SmallVector<IndexId> strides =
            evaluateIndices(slice.getStaticStrides(), slice.getStrides());
        SmallVector<IndexId> source;
        unsigned next = 0;
        for (unsigned dim = 0; dim < offsets.size(); ++dim)
          source.push_back(
              dropped.test(dim)
                  ? offsets[dim]
                  : indices.add(offsets[dim],
                                indices.mul(at[next++], strides[dim])));
        return evaluate(slice.getSource(), source);
      })
      .Case([&](tensor::InsertSliceOp insert) {
        SmallVector<IndexId> source;
        std::optional<bool> inserted = isInserted(
            insert, insert.getDest(), insert.getDroppedDims(), at, source);
        if (!inserted) {
          std::optional<Concatenation> concatenation =
              keepsReductions ? getConcatenation(insert) : std::nullopt;
          return concatenation
                     ? evaluateConcatenatedColumn(*concatenation, result, at)
                     : leaf(result, at);
        }
        if (!*inserted)
          return evaluate(insert.getDest(), at);
        return evaluate(insert.getSource(), source);
      })
      .Case([&](tensor::ConcatOp concat) {
        unsigned dim = concat.getDim();
        SmallVector<IndexId> source(at);
        for (Value input : concat.getInputs()) {
          IndexId size = getSize(input, dim);
          std::optional<bool> within = indices.isWithin(source[dim], size);
          if (!within)
            return keepsReductions && concat.getInputs().size() == 2
                       ? evaluateConcatenatedColumn({concat.getInputs()[0],
                                                     concat.getInputs()[1],
                                                     dim},
                                                    result, at)
                       : leaf(result, at);
          if (*within)
            return evaluate(input, source);
          source[dim] = indices.sub(source[dim], size);
        }
        return leaf(result, at);
      })
      .Case([&](tensor::PadOp pad) {
        Value padding = pad.getConstantPaddingValue();
        SmallVector<IndexId> inside, ones(at.size(), indices.getConstant(1));
        Placement placement =
            placeAll(indices, at, getSizes(result),
                     evaluateIndices(pad.getStaticLow(), pad.getLow()),
                     getSizes(pad.getSource()), ones, inside);
        if (placement.kind == Placement::Inside)
          return evaluate(pad.getSource(), inside);
        if (placement.kind == Placement::Outside && padding)
          return evaluateScalar(padding);
        return leaf(result, at);
      })
      .Case([&](tensor::ExpandShapeOp expand) {
        SmallVector<IndexId> sizes = getSizes(result), source;
        for (ArrayRef<int64_t> group : expand.getReassociationIndices())
          source.push_back(
              linearize(indices, at.slice(group.front(), group.size()),
                        ArrayRef(sizes).slice(group.front(), group.size())));
        return evaluate(expand.getSrc(), source);
      })
      .Case([&](tensor::CollapseShapeOp collapse) {
        SmallVector<IndexId> sizes = getSizes(collapse.getSrc()), source;
        for (auto [group, index] :
             llvm::zip_equal(collapse.getReassociationIndices(), at))
          llvm::append_range(
              source,
              delinearize(indices, index,
                          ArrayRef(sizes).slice(group.front(), group.size())));
        // A source of rank more than the groups name has unit dimensions only.
        while (source.size() < sizes.size())
          source.push_back(indices.getConstant(0));
        return evaluate(collapse.getSrc(), source);
      })
      .Case([&](tensor::ReshapeOp reshape) {
        auto type = cast<ShapedType>(result.getType());
        auto sourceType =
            dyn_cast<RankedTensorType>(reshape.getSource().getType());
        if (!sourceType)
          return leaf(result, at);
        if (!type.hasStaticShape() || !sourceType.hasStaticShape()) {
          std::optional<SmallVector<IndexId>> source = reshapeIndex(
              indices, at, getSizes(result), getSizes(reshape.getSource()));
          return source ? evaluate(reshape.getSource(), *source)
                        : leaf(result, at);
        }
        return evaluate(reshape.getSource(),
                        delinearize(indices,
                                    linearize(indices, at, getSizes(result)),
                                    getSizes(reshape.getSource())));
      })
      .Case([&](tensor::InsertOp insert) {
        SmallVector<IndexId> offsets, inside;
        for (Value index : insert.getIndices())
          offsets.push_back(evaluateScalar(index).index);
        SmallVector<IndexId> ones(at.size(), indices.getConstant(1));
        Placement placement = placeAll(indices, at, getSizes(result), offsets,
                                       ones, ones, inside);
        if (placement.kind == Placement::Inside)
          return evaluateScalar(insert.getScalar());
        if (placement.kind == Placement::Outside)
          return evaluate(insert.getDest(), at);
        return leaf(result, at);
      })
      .Case([&](tensor::GenerateOp generate) {
        Operation *yield = generate.getBody().front().getTerminator();
        return evaluateIn(yield->getOperand(0), getBody(generate, at));
      })
      // The coordinates of a slice of the source stand in the last dimension of
      // the indices; the slice keeps the gathered dimensions with size one, or
      // drops them.
      .Case([&](tensor::GatherOp gather) {
        ArrayRef<int64_t> gathered = gather.getGatherDims();
        SmallVector<IndexId> coordinate(
            at.take_front(gather.getIndicesType().getRank() - 1));
        ArrayRef<IndexId> rest = at.drop_front(coordinate.size());
        int64_t rank = gather.getSourceType().getRank();
        bool keeps = static_cast<int64_t>(rest.size()) == rank;
        coordinate.push_back(0);
        SmallVector<IndexId> source;
        for (int64_t dim = 0; dim < rank; ++dim) {
          const int64_t *found = llvm::find(gathered, dim);
          if (found == gathered.end()) {
            source.push_back(rest.consume_front());
            continue;
          }
          coordinate.back() = indices.getConstant(found - gathered.begin());
          source.push_back(evaluate(gather.getIndices(), coordinate).index);
          if (keeps)
            rest = rest.drop_front();
        }
        return evaluate(gather.getSource(), source);
      })
      .Case([&](scf::IfOp conditional) {
        IndexId condition = evaluateScalar(conditional.getCondition()).index;
        unsigned number = result.getResultNumber();
        auto yielded = [&](Block *block) {
          return evaluate(block->getTerminator()->getOperand(number), at);
        };
        if (std::optional<int64_t> known = indices.getConstantValue(condition))
          return yielded(*known ? conditional.thenBlock()
                                : conditional.elseBlock());
        return select(getElementTypeOrSelf(result.getType()), condition,
                      yielded(conditional.thenBlock()),
                      yielded(conditional.elseBlock()));
      })
      .Case([&](tensor::FromElementsOp elements) {
        std::optional<int64_t> position =
            indices.getConstantValue(linearize(indices, at, getSizes(result)));
        if (!position || *position < 0 ||
            *position >= static_cast<int64_t>(elements.getElements().size()))
          return leaf(result, at);
        return evaluateScalar(elements.getElements()[*position]);
      })
      .Default([&](Operation *) {
        handled = false;
        return LaneScalar();
      });
}
