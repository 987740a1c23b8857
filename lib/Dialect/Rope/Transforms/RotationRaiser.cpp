//===- RotationRaiser.cpp - From a proven rotation to ops -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The source and the rope.rotate op; its tables are made in RaiseTables.cpp.
//
//===----------------------------------------------------------------------===//

#include "RotationRaiser.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::rope;

/// The half layout of whose pairs the match has some, the others being passed
/// through: pairs of frequency zero. They are added to the match.
static std::optional<int64_t> completeHalves(RotationMatch &match) {
  int64_t numLanes = match.source.indexLists.size();
  int64_t distance = match.pairs.front().second - match.pairs.front().first;
  int64_t offset = std::min(match.pairs.front().first, numLanes - 2 * distance);
  if (offset < 0)
    return std::nullopt;
  SmallVector<RotationPair> pairs;
  auto next = match.pairs.begin();
  Type type = match.pairs.front().cosFirst.type;
  for (int64_t first = offset; first < offset + distance; ++first) {
    if (next != match.pairs.end() && next->first == first) {
      if (next->second != first + distance)
        return std::nullopt;
      pairs.push_back(*next++);
      continue;
    }
    LaneTerm one{1.0, {}, type}, zero{0.0, {}, type};
    pairs.push_back({first, first + distance, one, zero, zero, one});
  }
  if (next != match.pairs.end())
    return std::nullopt;
  match.pairs = std::move(pairs);
  return offset;
}

/// The same match with its lanes in another order.
static RotationMatch permuteMatch(const RotationMatch &match,
                                  ArrayRef<int64_t> order) {
  RotationMatch permuted = match;
  SmallVector<int64_t> positions(order.size());
  for (auto [position, lane] : llvm::enumerate(order)) {
    positions[lane] = position;
    permuted.source.indexLists[position] = match.source.indexLists[lane];
  }
  for (RotationPair &pair : permuted.pairs) {
    pair.first = positions[pair.first];
    pair.second = positions[pair.second];
  }
  return permuted;
}

/// The lanes in the order in which the pairs are halves of the first lanes.
static SmallVector<int64_t> getHalvesOrder(const RotationMatch &match) {
  SmallVector<int64_t> order;
  llvm::SmallBitVector rest(match.source.indexLists.size(), true);
  for (const RotationPair &pair : match.pairs) {
    order.push_back(pair.first);
    rest.reset(pair.first);
  }
  for (const RotationPair &pair : match.pairs) {
    order.push_back(pair.second);
    rest.reset(pair.second);
  }
  for (unsigned lane : rest.set_bits())
    order.push_back(lane);
  return order;
}

/// The layout whose pairs are exactly those of the match.
std::optional<RotationRaiser::Layout>
RotationRaiser::getLayout(const RotationMatch &match) {
  int64_t rotaryDim = 2 * match.pairs.size();
  int64_t offset = match.pairs.front().first;
  for (PairingKind pairing : {PairingKind::Half, PairingKind::Interleaved})
    if (llvm::all_of(llvm::enumerate(match.pairs), [&](auto it) {
          return RotateOp::getPairLanes(pairing, offset, rotaryDim,
                                        it.index()) ==
                 std::pair(it.value().first, it.value().second);
        }))
      return Layout{pairing, offset, rotaryDim};
  return std::nullopt;
}

/// The rotated value with its lanes where the candidate has them, or in the
/// other pairing, if that spares a permutation.
Value RotationRaiser::makeSource(LaneMaterializer &materializer,
                                 const RotationCandidate &candidate,
                                 const RotationMatch &match,
                                 const Layout &layout,
                                 PairingKind &sourcePairing) {
  Type elementType = candidate.elementType;
  sourcePairing = layout.pairing;
  if (Value view = materializer.makeView(match.source, candidate.leadingDims,
                                         elementType))
    return view;
  PairingKind other = layout.pairing == PairingKind::Half
                          ? PairingKind::Interleaved
                          : PairingKind::Half;
  LaneSource permuted = match.source;
  for (auto [i, pair] : llvm::enumerate(match.pairs)) {
    auto [first, second] =
        RotateOp::getPairLanes(other, layout.offset, layout.rotaryDim, i);
    permuted.indexLists[first] = match.source.indexLists[pair.first];
    permuted.indexLists[second] = match.source.indexLists[pair.second];
  }
  if (Value view =
          materializer.makeView(permuted, candidate.leadingDims, elementType)) {
    sourcePairing = other;
    return view;
  }
  return materializer.makeLanes(match.source, candidate.leadingDims,
                                elementType);
}

/// The leading dimensions that the source or the tables depend on, and those of
/// one element, on which everything depends.
SmallVector<LeadingDim>
RotationRaiser::getUsedDims(const RotationCandidate &candidate,
                            const RotationMatch &match) {
  IndexContext &indices = evaluator.getIndices();
  LaneExprContext &exprs = evaluator.getExprs();
  uint64_t symbols = 0;
  for (unsigned list : match.source.indexLists)
    for (IndexId index : evaluator.getIndexList(list))
      symbols |= indices.getSymbols(index);
  for (const RotationPair &pair : match.pairs)
    for (const LaneTerm *entry :
         {&pair.cosFirst, &pair.sinFirst, &pair.cosSecond, &pair.sinSecond})
      for (ExprId factor : entry->factors)
        symbols |= exprs.getSymbols(factor);
  SmallVector<LeadingDim> used;
  for (const LeadingDim &dim : candidate.leadingDims)
    if (symbols >> dim.symbol & 1 || indices.getConstantValue(dim.size) == 1)
      used.push_back(dim);
  return used;
}

/// The source as the candidate's type holds it before it is widened: an op on
/// narrow numbers computes in f32 and rounds once.
bool RotationRaiser::narrowSource(const RotationCandidate &candidate,
                                  LaneMaterializer &materializer,
                                  LaneSource &source) {
  if (!candidate.elementType.isF32())
    return false;
  SmallVector<SmallVector<ExprId, 4>> lanes;
  for (unsigned list : source.indexLists) {
    SmallVector<IndexId> at(evaluator.getIndexList(list));
    LaneScalar scalar = evaluator.evaluate(source.value, at);
    lanes.push_back(
        {source.part == ElementPart::Imaginary ? scalar.im : scalar.re});
  }
  SmallVector<double> coefficients;
  std::optional<LaneSource> narrow =
      nameFactors(lanes, candidate.leadingDims, candidate.roundedType,
                  coefficients, materializer, candidate.roundedType);
  if (!narrow ||
      getElementTypeOrSelf(narrow->value.getType()) != candidate.roundedType ||
      llvm::any_of(coefficients, [](double value) { return value != 1.0; }))
    return false;
  source = *narrow;
  return true;
}

std::optional<RaisedRotation>
RotationRaiser::makeRotation(RotationCandidate candidate, RotationMatch match) {
  std::optional<Layout> layout = getLayout(match);
  if (!layout)
    if (std::optional<int64_t> offset = completeHalves(match))
      layout = Layout{PairingKind::Half, *offset,
                      static_cast<int64_t>(2 * match.pairs.size())};
  // Any other pairs are gathered before the rotation and scattered after it.
  SmallVector<int64_t> order;
  if (!layout) {
    order = getHalvesOrder(match);
    match = permuteMatch(match, order);
    layout = Layout{PairingKind::Half, /*offset=*/0,
                    static_cast<int64_t>(2 * match.pairs.size())};
  }
  candidate.leadingDims = getUsedDims(candidate, match);
  Location loc = candidate.anchor->getLoc();
  LaneMaterializer materializer(evaluator, dominance, builder,
                                candidate.anchor);
  if (candidate.roundedType &&
      narrowSource(candidate, materializer, match.source))
    candidate.elementType = std::exchange(candidate.roundedType, Type());
  PairingKind sourcePairing;
  Value source =
      makeSource(materializer, candidate, match, *layout, sourcePairing);
  if (!source) {
    refusal = "its source cannot be computed where the rotation is";
    return std::nullopt;
  }
  std::optional<Tables> tables =
      makeTables(materializer, candidate, match, *layout, sourcePairing);
  if (!tables) {
    refusal = "its tables cannot be computed where the rotation is";
    return std::nullopt;
  }

  auto sourceType = cast<RankedTensorType>(source.getType());
  int64_t defaultDim = sourceType.getShape().back() - layout->offset;
  IntegerAttr rotaryDim = layout->rotaryDim == defaultDim
                              ? IntegerAttr()
                              : builder.getI64IntegerAttr(layout->rotaryDim);
  PairingAttr resultPairing =
      sourcePairing == layout->pairing
          ? PairingAttr()
          : PairingAttr::get(builder.getContext(), layout->pairing);
  RaisedRotation raised;
  raised.rotated =
      RotateOp::create(builder, loc, source, /*output=*/Value(), tables->cos,
                       tables->sin, tables->along, sourcePairing, resultPairing,
                       layout->offset, rotaryDim, tables->inverse)
          .getResult();
  if (candidate.roundedType) {
    raised.rotated =
        materializer.convertElements(raised.rotated, candidate.roundedType);
    sourceType = cast<RankedTensorType>(raised.rotated.getType());
  }
  if (!order.empty()) {
    SmallVector<int64_t> inverse(order.size());
    for (auto [position, lane] : llvm::enumerate(order))
      inverse[lane] = position;
    raised.rotated = materializer.makePermuted(raised.rotated, inverse);
  }
  for (const LeadingDim &dim : candidate.leadingDims)
    raised.dims.push_back(dim.symbol);

  // Pairs back in a dimension of their own.
  llvm::append_range(raised.dims, candidate.laneDims);
  if (candidate.laneDims.size() == 2) {
    SmallVector<ReassociationIndices> groups;
    int64_t numLeading = candidate.leadingDims.size();
    for (int64_t dim = 0; dim < numLeading; ++dim)
      groups.push_back({dim});
    groups.push_back({numLeading, numLeading + 1});
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(builder, loc, source);
    sizes.pop_back();
    for (int64_t size : candidate.laneShape)
      sizes.push_back(builder.getIndexAttr(size));
    SmallVector<int64_t> shape(sourceType.getShape().drop_back());
    llvm::append_range(shape, candidate.laneShape);
    raised.rotated = tensor::ExpandShapeOp::create(
        builder, loc, RankedTensorType::get(shape, sourceType.getElementType()),
        raised.rotated, groups, sizes);
  }
  return raised;
}

Value RotationRaiser::makeWhole(const RotationCandidate &candidate,
                                const RaisedRotation &raised) {
  Location loc = candidate.anchor->getLoc();
  LaneMaterializer materializer(evaluator, dominance, builder,
                                candidate.anchor);
  // Every dimension of the candidate, in order.
  size_t rank = candidate.leadingDims.size() + candidate.laneDims.size();
  SmallVector<IndexId> sizes(rank);
  for (const LeadingDim &dim : candidate.leadingDims)
    sizes[dim.symbol] = dim.size;
  for (auto [dim, size] :
       llvm::zip_equal(candidate.laneDims, candidate.laneShape))
    sizes[dim] = evaluator.getIndices().getConstant(size);

  Value whole = raised.rotated;
  SmallVector<int64_t> order =
      llvm::to_vector(llvm::seq<int64_t>(raised.dims.size()));
  llvm::sort(order, [&](int64_t a, int64_t b) {
    return raised.dims[a] < raised.dims[b];
  });
  if (!llvm::is_sorted(order)) {
    SmallVector<IndexId> permuted;
    for (int64_t position : order)
      permuted.push_back(sizes[raised.dims[position]]);
    Value empty =
        materializer.makeEmpty(permuted, getElementTypeOrSelf(whole.getType()));
    if (!empty)
      return {};
    whole = linalg::TransposeOp::create(builder, loc, whole, empty, order)
                ->getResult(0);
  }
  SmallVector<int64_t> missing;
  for (int64_t dim : llvm::seq<int64_t>(rank))
    if (!llvm::is_contained(raised.dims, dim))
      missing.push_back(dim);
  if (missing.empty())
    return whole;
  Value empty =
      materializer.makeEmpty(sizes, getElementTypeOrSelf(whole.getType()));
  if (!empty)
    return {};
  return linalg::BroadcastOp::create(builder, loc, whole, empty, missing)
      ->getResult(0);
}

std::optional<RaisedRotation>
RotationRaiser::raise(const RotationCandidate &candidate,
                      const RotationMatch &match) {
  refusal.clear();
  keptTables.clear();
  Operation *before = candidate.anchor->getPrevNode();
  size_t numSinCos = sincosOps.size();
  if (std::optional<RaisedRotation> raised = makeRotation(candidate, match)) {
    // A value in a body is read by loops; a tensor has all dimensions in order.
    if (!isa<RankedTensorType>(candidate.value.getType()))
      return raised;
    raised->rotated = makeWhole(candidate, *raised);
    if (raised->rotated)
      return raised;
    refusal = "a size of it cannot be computed where the rotation is";
  }
  // Whatever was made is not used.
  sincosOps.truncate(numSinCos);
  while (Operation *made = candidate.anchor->getPrevNode()) {
    if (made == before)
      break;
    made->erase();
  }
  return std::nullopt;
}
