//===- SymbolViews.cpp - Tensors laid out by symbols ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SymbolViews.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::rope;

static bool isSameSymbol(const LeadingDim &a, const LeadingDim &b) {
  return a.symbol == b.symbol && a.size == b.size;
}

static bool contains(ArrayRef<LeadingDim> symbols, const LeadingDim &symbol) {
  return llvm::any_of(symbols, [&](const LeadingDim &other) {
    return isSameSymbol(symbol, other);
  });
}

static SymbolGroup flatten(ArrayRef<SymbolGroup> groups) {
  SymbolGroup all;
  for (const SymbolGroup &group : groups)
    llvm::append_range(all, group);
  return all;
}

IndexId SymbolViews::getSize(ArrayRef<LeadingDim> group) {
  IndexContext &indices = evaluator.getIndices();
  IndexId product = indices.getConstant(1);
  for (const LeadingDim &dim : group)
    product = indices.mul(product, dim.size);
  return product;
}

IndexId SymbolViews::getIndex(ArrayRef<LeadingDim> group) {
  IndexContext &indices = evaluator.getIndices();
  IndexId index = indices.getConstant(0);
  for (const LeadingDim &dim : group)
    index = indices.add(indices.mul(index, dim.size),
                        indices.getSymbol(dim.symbol, dim.size));
  return index;
}

OpFoldResult SymbolViews::getMixedSize(IndexId size) {
  if (std::optional<int64_t> constant =
          evaluator.getIndices().getConstantValue(size))
    return builder.getIndexAttr(*constant);
  return materializer.makeSize(size);
}

/// `index` as a mixed-radix number of some of the symbols.
std::optional<SymbolGroup> SymbolViews::parse(IndexId index,
                                              ArrayRef<LeadingDim> symbols) {
  IndexContext &indices = evaluator.getIndices();
  uint64_t inIndex = indices.getSymbols(index);
  SymbolGroup used;
  for (const LeadingDim &symbol : symbols)
    if (inIndex &
        indices.getSymbols(indices.getSymbol(symbol.symbol, symbol.size)))
      used.push_back(symbol);
  if (used.size() > 4)
    return std::nullopt;
  SmallVector<unsigned> order(
      llvm::to_vector(llvm::seq<unsigned>(used.size())));
  do {
    SymbolGroup group;
    for (unsigned position : order)
      group.push_back(used[position]);
    if (getIndex(group) == index)
      return group;
  } while (std::next_permutation(order.begin(), order.end()));
  return std::nullopt;
}

Value SymbolViews::expand(Value source, ArrayRef<SymbolGroup> groups) {
  if (llvm::all_of(groups, [](const SymbolGroup &g) { return g.size() == 1; }))
    return source;
  auto type = cast<RankedTensorType>(source.getType());
  SmallVector<ReassociationIndices> reassociation;
  SmallVector<OpFoldResult> sizes;
  SmallVector<int64_t> shape;
  // Dimensions without a symbol are of one element and vanish.
  ReassociationIndices units;
  bool collapses = false;
  SmallVector<ReassociationIndices> kept;
  for (auto [dim, group] : llvm::enumerate(groups)) {
    units.push_back(dim);
    if (group.empty())
      collapses = true;
    else
      kept.push_back(std::exchange(units, {}));
  }
  if (collapses) {
    if (kept.empty())
      return tensor::CollapseShapeOp::create(
          builder, loc, RankedTensorType::get({}, type.getElementType()),
          source, ArrayRef<ReassociationIndices>());
    llvm::append_range(kept.back(), units);
    source = tensor::CollapseShapeOp::create(builder, loc, source, kept);
  }
  int64_t next = 0;
  bool expands = false;
  for (const SymbolGroup &group : groups) {
    if (group.empty())
      continue;
    expands |= group.size() > 1;
    ReassociationIndices dims;
    for (const LeadingDim &dim : group) {
      dims.push_back(next++);
      OpFoldResult size = getMixedSize(dim.size);
      if (!size)
        return {};
      sizes.push_back(size);
      shape.push_back(isa<Attribute>(size)
                          ? cast<IntegerAttr>(cast<Attribute>(size)).getInt()
                          : ShapedType::kDynamic);
    }
    reassociation.push_back(dims);
  }
  if (!expands)
    return source;
  return tensor::ExpandShapeOp::create(
      builder, loc, RankedTensorType::get(shape, type.getElementType()), source,
      reassociation, sizes);
}

Value SymbolViews::collapse(Value source, ArrayRef<SymbolGroup> groups) {
  auto type = cast<RankedTensorType>(source.getType());
  SmallVector<ReassociationIndices> joined;
  int64_t next = 0;
  bool joins = false;
  SmallVector<SymbolGroup> present;
  for (const SymbolGroup &group : groups) {
    if (group.empty())
      continue;
    ReassociationIndices dims;
    for (size_t i = 0; i < group.size(); ++i)
      dims.push_back(next++);
    joins |= dims.size() > 1;
    joined.push_back(dims);
    present.push_back(group);
  }
  if (joins)
    source = tensor::CollapseShapeOp::create(builder, loc, source, joined);
  if (present.size() == groups.size())
    return source;
  // Dimensions of one element go to their neighbours' groups.
  SmallVector<ReassociationIndices> split;
  SmallVector<OpFoldResult> sizes;
  SmallVector<int64_t> shape;
  ReassociationIndices pending;
  for (auto [dim, group] : llvm::enumerate(groups)) {
    pending.push_back(dim);
    OpFoldResult size = getMixedSize(getSize(group));
    if (!size)
      return {};
    sizes.push_back(size);
    shape.push_back(isa<Attribute>(size)
                        ? cast<IntegerAttr>(cast<Attribute>(size)).getInt()
                        : ShapedType::kDynamic);
    if (!group.empty())
      split.push_back(std::exchange(pending, {}));
  }
  if (!split.empty())
    llvm::append_range(split.back(), pending);
  return tensor::ExpandShapeOp::create(
      builder, loc, RankedTensorType::get(shape, type.getElementType()), source,
      split, sizes);
}

/// `index` without terms of symbols other than the given.
IndexId SymbolViews::dropOthers(IndexId index, ArrayRef<LeadingDim> symbols) {
  IndexContext &indices = evaluator.getIndices();
  uint64_t known = 0;
  for (const LeadingDim &symbol : symbols)
    known |= indices.getSymbols(indices.getSymbol(symbol.symbol, symbol.size));
  IndexId kept = indices.getConstant(0);
  SmallVector<IndexContext::Monomial> monomials(indices.getMonomials(index));
  for (const IndexContext::Monomial &monomial : monomials) {
    IndexId term = indices.getMonomial(monomial);
    bool isOther = llvm::any_of(monomial.atoms, [&](AtomId atom) {
      return indices.getAtom(atom).kind == IndexAtom::Kind::Symbol &&
             !(indices.getSymbols(term) & known);
    });
    if (!isOther)
      kept = indices.add(kept, term);
  }
  return kept;
}

/// Whether `second` follows `first` in a group.
static bool areNeighbours(ArrayRef<SymbolGroup> groups, const LeadingDim &first,
                          const LeadingDim &second) {
  return llvm::any_of(groups, [&](const SymbolGroup &group) {
    for (size_t i = 0; i + 1 < group.size(); ++i)
      if (isSameSymbol(group[i], first) && isSameSymbol(group[i + 1], second))
        return true;
    return false;
  });
}

/// Takes symbols that are neighbours on both sides for one.
void SymbolViews::joinNeighbours(SmallVector<SymbolGroup> &groups,
                                 SmallVector<SymbolGroup> &targets) {
  auto join = [&](SmallVector<SymbolGroup> &all, const LeadingDim &first,
                  const LeadingDim &joined) {
    for (SymbolGroup &group : all)
      for (auto *it = group.begin(); it != group.end(); ++it)
        if (isSameSymbol(*it, first)) {
          *it = joined;
          group.erase(it + 1);
          return;
        }
  };
  for (SymbolGroup &group : groups)
    for (size_t i = 0; i + 1 < group.size();) {
      LeadingDim first = group[i], second = group[i + 1];
      if (!areNeighbours(targets, first, second)) {
        ++i;
        continue;
      }
      LeadingDim joined{first.symbol, getSize({first, second})};
      join(targets, first, joined);
      join(groups, first, joined);
    }
}

Value SymbolViews::rearrange(Value source, ArrayRef<SymbolGroup> sourceDims,
                             ArrayRef<SymbolGroup> targetDims) {
  SmallVector<SymbolGroup> groups(sourceDims), targets(targetDims);
  joinNeighbours(groups, targets);
  auto isSameGroup = [](const SymbolGroup &a, const SymbolGroup &b) {
    return llvm::equal(a, b, isSameSymbol);
  };
  if (llvm::equal(groups, targets, isSameGroup))
    return source;
  Value expanded = expand(source, groups);
  if (!expanded)
    return {};
  SymbolGroup from = flatten(groups), to = flatten(targets);
  SmallVector<int64_t> permutation;
  for (const LeadingDim &symbol : to)
    permutation.push_back(llvm::find_if(from,
                                        [&](const LeadingDim &other) {
                                          return isSameSymbol(symbol, other);
                                        }) -
                          from.begin());
  if (!llvm::is_sorted(permutation)) {
    SmallVector<OpFoldResult> sizes;
    for (const LeadingDim &symbol : to) {
      sizes.push_back(getMixedSize(symbol.size));
      if (!sizes.back())
        return {};
    }
    Type elementType = getElementTypeOrSelf(expanded.getType());
    Value empty = tensor::EmptyOp::create(builder, loc, sizes, elementType);
    expanded =
        linalg::TransposeOp::create(builder, loc, expanded, empty, permutation)
            ->getResult(0);
  }
  return collapse(expanded, targets);
}

Value SymbolViews::makeView(Value source, ArrayRef<IndexId> at,
                            ArrayRef<SymbolGroup> targets,
                            ArrayRef<LeadingDim> symbols) {
  IndexContext &indices = evaluator.getIndices();
  auto type = cast<RankedTensorType>(source.getType());
  // Each dimension is a group of symbols after an offset.
  SmallVector<SymbolGroup> groups;
  SmallVector<OpFoldResult> offsets, sizes,
      strides(at.size(), builder.getIndexAttr(1));
  SmallVector<int64_t> shape;
  bool whole = true;
  SymbolGroup seen;
  for (auto [dim, index] : llvm::enumerate(at)) {
    int64_t offset = 0;
    for (const IndexContext::Monomial &monomial : indices.getMonomials(index))
      if (monomial.atoms.empty())
        offset = monomial.coefficient;
    std::optional<SymbolGroup> group =
        parse(indices.sub(index, indices.getConstant(offset)), symbols);
    if (!group || offset < 0)
      return {};
    for (const LeadingDim &symbol : *group) {
      if (contains(seen, symbol))
        return {};
      seen.push_back(symbol);
    }
    IndexId size = getSize(*group);
    whole &= offset == 0 && size == evaluator.getSize(source, dim);
    offsets.push_back(builder.getIndexAttr(offset));
    OpFoldResult mixed = getMixedSize(size);
    if (!mixed)
      return {};
    sizes.push_back(mixed);
    shape.push_back(isa<Attribute>(mixed)
                        ? cast<IntegerAttr>(cast<Attribute>(mixed)).getInt()
                        : ShapedType::kDynamic);
    groups.push_back(*group);
  }
  if (!llvm::all_of(symbols, [&](const LeadingDim &symbol) {
        return contains(seen, symbol);
      }))
    return {};
  if (!whole)
    source = tensor::ExtractSliceOp::create(
        builder, loc, RankedTensorType::get(shape, type.getElementType()),
        source, offsets, sizes, strides);
  return rearrange(source, groups, targets);
}

Value SymbolViews::make(Value source, ArrayRef<IndexId> elementAt,
                        ArrayRef<SymbolGroup> targets) {
  SymbolGroup symbols = flatten(targets);
  // What the element does not depend on may as well be 0.
  SmallVector<IndexId> at;
  for (IndexId index : elementAt)
    at.push_back(dropOthers(index, symbols));
  if (Value view = makeView(source, at, targets, symbols))
    return view;
  Value copy = materializer.makeCopy(source, at, symbols);
  return copy ? collapse(copy, targets) : Value();
}

Value SymbolViews::compute(
    ArrayRef<ExprId> factors, ArrayRef<SymbolGroup> targets,
    function_ref<std::optional<NamedTensor>(ExprId)> getName) {
  SymbolGroup symbols = flatten(targets);
  // The program may have widened each before it multiplied them.
  Type type = factors.size() > 1 ? builder.getF32Type() : Type();
  for (ExprId factor : factors) {
    Type factorType = evaluator.getExprs().get(factor).type;
    if (!type ||
        type.getIntOrFloatBitWidth() < factorType.getIntOrFloatBitWidth())
      type = factorType;
  }
  Value made = materializer.makeGeneric(
      symbols, /*numLanes=*/-1, type, [&](ArrayRef<Value> loops, Value) {
        Value product;
        for (ExprId factor : factors) {
          Value element =
              materializer.makeExpr(factor, symbols, loops, getName);
          if (!element)
            return Value();
          if (element.getType() != type)
            element = arith::ExtFOp::create(builder, loc, type, element);
          product = product
                        ? arith::MulFOp::create(builder, loc, product, element)
                              .getResult()
                        : element;
        }
        return product;
      });
  return made ? collapse(made, targets) : Value();
}
