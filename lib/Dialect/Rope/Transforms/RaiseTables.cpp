//===- RaiseTables.cpp - Tables of a proven rotation ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tables that a rotation takes where they are not those of rope.sincos
// (RaiseAngleTables.cpp): what the program has, by the cheapest access.
//
//===----------------------------------------------------------------------===//

#include "RotationRaiser.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace mlir::rope;

/// -table, as a structured op, since ops on whole tensors do not bufferize.
static Value makeNegative(OpBuilder &builder, Location loc, Value table) {
  auto type = cast<RankedTensorType>(table.getType());
  AffineMap map = builder.getMultiDimIdentityMap(type.getRank());
  Value empty = tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSizes(builder, loc, table),
      type.getElementType());
  return linalg::GenericOp::create(
             builder, loc, TypeRange{type}, ValueRange{table},
             ValueRange{empty}, ArrayRef<AffineMap>{map, map},
             SmallVector<utils::IteratorType>(type.getRank(),
                                              utils::IteratorType::parallel),
             [&](OpBuilder &body, Location, ValueRange arguments) {
               linalg::YieldOp::create(
                   body, loc,
                   arith::NegFOp::create(body, loc, arguments[0]).getResult());
             })
      .getResult(0);
}

/// An SSA tensor that holds, for every lane, a multiple of the product of its
/// factors, by the cheapest access; of element type `onlyType` if that is
/// given.
std::optional<LaneSource>
RotationRaiser::nameFactors(ArrayRef<SmallVector<ExprId, 4>> lanes,
                            ArrayRef<LeadingDim> dims, Type productType,
                            SmallVectorImpl<double> &coefficients,
                            LaneMaterializer &materializer, Type widest) {
  IndexContext &indices = evaluator.getIndices();
  uint64_t known = 0;
  for (const LeadingDim &dim : dims)
    known |= uint64_t(1) << dim.symbol;
  std::optional<LaneSource> found;
  SmallVector<NamedElement> seeds = matcher.getNames().lookup(lanes.front());
  for (const NamedElement &seed : llvm::reverse(seeds)) {
    Type elementType = getElementTypeOrSelf(seed.value.getType());
    Type realType = elementType;
    if (auto complexType = dyn_cast<ComplexType>(elementType))
      realType = complexType.getElementType();
    if ((lanes.front().size() > 1 && elementType != productType) ||
        realType.getIntOrFloatBitWidth() > widest.getIntOrFloatBitWidth())
      continue;
    LaneSource source{seed.value, seed.part, {}};
    SmallVector<double> multiples;
    SmallVector<IndexId> seedList(evaluator.getIndexList(seed.indexList));
    // A copy with more dimensions (heads) is not read at one of them.
    if (llvm::any_of(seedList, [&](IndexId index) {
          return indices.getSymbols(index) & ~known;
        }))
      continue;
    for (ArrayRef<ExprId> factors : lanes) {
      for (const NamedElement &element : matcher.getNames().lookup(factors)) {
        if (element.value != seed.value || element.part != seed.part)
          continue;
        if (!llvm::all_of(
                llvm::zip_equal(evaluator.getIndexList(element.indexList),
                                seedList),
                [&](auto pair) {
                  return indices.getConstantDifference(std::get<0>(pair),
                                                       std::get<1>(pair));
                }))
          continue;
        source.indexLists.push_back(element.indexList);
        multiples.push_back(element.coefficient);
        break;
      }
    }
    if (source.indexLists.size() != lanes.size())
      continue;
    if (auto complexType = dyn_cast<ComplexType>(elementType))
      elementType = complexType.getElementType();
    // A view is best; of other accesses the first serves.
    Operation *last = builder.getInsertionPoint()->getPrevNode();
    Value view = materializer.makeView(source, dims, elementType);
    while (Operation *made = builder.getInsertionPoint()->getPrevNode()) {
      if (made == last)
        break;
      made->erase();
    }
    if (found && !view)
      continue;
    found = source;
    coefficients.assign(multiples.begin(), multiples.end());
    if (view)
      break;
  }
  return found;
}

Value RotationRaiser::makeTable(LaneMaterializer &materializer,
                                ArrayRef<LaneTerm> entries,
                                ArrayRef<LeadingDim> dims, Type elementType,
                                bool &negated) {
  negated = false;
  SmallVector<double> coefficients;
  SmallVector<SmallVector<ExprId, 4>> factors;
  Type productType;
  for (const LaneTerm &entry : entries) {
    coefficients.push_back(entry.coefficient);
    factors.push_back(entry.factors);
    productType = entry.type;
  }
  bool sameCount = llvm::all_of(factors, [&](ArrayRef<ExprId> lane) {
    return lane.size() == factors.front().size();
  });
  if (!sameCount)
    return {};

  // Numbers only.
  if (factors.front().empty())
    return materializer.makeProduct({}, coefficients, dims, elementType);
  // Constant columns.
  if (factors.front().size() == 1) {
    SmallVector<ExprId> columns;
    for (ArrayRef<ExprId> lane : factors)
      columns.push_back(lane.front());
    if (Value table =
            materializer.makeColumns(columns, coefficients, dims, elementType))
      return table;
  }
  // One tensor that holds the whole product.
  SmallVector<double> multiples;
  if (std::optional<LaneSource> source = nameFactors(
          factors, dims, productType, multiples, materializer, elementType)) {
    for (auto [coefficient, multiple] :
         llvm::zip_equal(coefficients, multiples))
      coefficient /= multiple;
    auto allAre = [&](double value) {
      return llvm::all_of(coefficients, [&](double c) { return c == value; });
    };
    negated = allAre(-1.0);
    if (negated || allAre(1.0))
      return materializer.makeLanes(*source, dims, elementType);
    return materializer.makeProduct(*source, coefficients, dims, elementType);
  }
  // A tensor for each factor, in the order of the first lane.
  SmallVector<LaneSource> sources;
  for (size_t i = 0; i < factors.front().size(); ++i) {
    SmallVector<SmallVector<ExprId, 4>> single;
    for (ArrayRef<ExprId> lane : factors)
      single.push_back({lane[i]});
    std::optional<LaneSource> source = nameFactors(
        single, dims, productType, multiples, materializer, elementType);
    if (!source)
      return {};
    for (auto [coefficient, multiple] :
         llvm::zip_equal(coefficients, multiples))
      coefficient /= multiple;
    sources.push_back(std::move(*source));
  }
  return materializer.makeProduct(sources, coefficients, dims, elementType);
}

/// The wider of two float types, or f32 above two of 16 bits.
static Type getWider(Type a, Type b) {
  if (!a || !b || a == b)
    return a ? a : b;
  unsigned widthA = a.getIntOrFloatBitWidth();
  unsigned widthB = b.getIntOrFloatBitWidth();
  if (widthA != widthB)
    return widthA > widthB ? a : b;
  return Float32Type::get(a.getContext());
}

/// The widest element type among the tensors that hold factors of entries, and
/// of products with constants.
static Type getTableType(LaneExprContext &exprs, ArrayRef<LaneTerm> entries,
                         Type fallback) {
  Type widest;
  for (const LaneTerm &entry : entries) {
    for (ExprId factor : entry.factors)
      widest = getWider(widest, exprs.get(factor).type);
    if (std::abs(entry.coefficient) != 1.0 && !entry.factors.empty())
      widest = getWider(widest, entry.type);
  }
  return widest ? widest : fallback;
}

/// The candidate's leading dimensions on which table entries depend.
SmallVector<int64_t>
RotationRaiser::getTableDims(const RotationCandidate &candidate,
                             ArrayRef<LaneTerm> entries,
                             SmallVectorImpl<LeadingDim> &dims) {
  uint64_t symbols = 0;
  for (const LaneTerm &entry : entries)
    for (ExprId factor : entry.factors)
      symbols |= evaluator.getExprs().getSymbols(factor);
  SmallVector<int64_t> along;
  for (auto [index, dim] : llvm::enumerate(candidate.leadingDims))
    if (symbols >> dim.symbol & 1) {
      along.push_back(index);
      dims.push_back(dim);
    }
  return along;
}

std::optional<RotationRaiser::Tables>
RotationRaiser::makeTables(LaneMaterializer &materializer,
                           const RotationCandidate &candidate,
                           const RotationMatch &match, const Layout &layout,
                           PairingKind sourcePairing) {
  if (std::optional<Tables> tables =
          makeAngleTables(materializer, candidate, match))
    return tables;

  // One entry a pair, or one a lane, which stands where the source has the
  // lane.
  SmallVector<LaneTerm> cos, sin;
  if (match.hasPairTables) {
    for (const RotationPair &pair : match.pairs) {
      cos.push_back(pair.cosFirst);
      sin.push_back(pair.sinFirst);
    }
  } else {
    cos.resize(layout.rotaryDim);
    sin.resize(layout.rotaryDim);
    for (auto [i, pair] : llvm::enumerate(match.pairs)) {
      auto [first, second] = RotateOp::getPairLanes(sourcePairing, /*offset=*/0,
                                                    layout.rotaryDim, i);
      cos[first] = pair.cosFirst;
      cos[second] = pair.cosSecond;
      sin[first] = pair.sinFirst;
      sin[second] = pair.sinSecond;
    }
  }
  Tables tables;
  SmallVector<LaneTerm> all(cos);
  llvm::append_range(all, sin);
  SmallVector<LeadingDim> dims;
  tables.along = getTableDims(candidate, all, dims);
  Type elementType =
      getTableType(evaluator.getExprs(), all, candidate.elementType);
  bool cosNegated = false, sinNegated = false;
  tables.cos = makeTable(materializer, cos, dims, elementType, cosNegated);
  tables.sin = makeTable(materializer, sin, dims, elementType, sinNegated);
  // R(-c, s) has no spelling but a negated table.
  if (!tables.cos || !tables.sin)
    return std::nullopt;
  if (cosNegated)
    tables.cos = makeNegative(builder, candidate.anchor->getLoc(), tables.cos);
  tables.inverse = sinNegated;
  return tables;
}
