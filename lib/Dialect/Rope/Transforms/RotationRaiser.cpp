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

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::rope;

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
  Type elementType = getElementTypeOrSelf(candidate.value.getType());
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

Value RotationRaiser::makeRotation(const RotationCandidate &candidate,
                                   const RotationMatch &match) {
  std::optional<Layout> layout = getLayout(match);
  if (!layout) {
    refusal = "its pairs of lanes are neither the halves of a range nor "
              "neighbours";
    return {};
  }
  Operation *anchor = candidate.value.getOwner();
  LaneMaterializer materializer(evaluator, dominance, builder, anchor);
  PairingKind sourcePairing;
  Value source =
      makeSource(materializer, candidate, match, *layout, sourcePairing);
  if (!source) {
    refusal = "its source cannot be computed where the rotation is";
    return {};
  }
  std::optional<Tables> tables =
      makeTables(materializer, candidate, match, *layout);
  if (!tables) {
    refusal = "its tables cannot be computed where the rotation is";
    return {};
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
  Value rotated = RotateOp::create(builder, anchor->getLoc(), source,
                                   /*output=*/Value(), tables->cos, tables->sin,
                                   tables->along, sourcePairing, resultPairing,
                                   layout->offset, rotaryDim, tables->inverse)
                      .getResult();

  // Pairs back in a dimension of their own.
  auto type = cast<RankedTensorType>(candidate.value.getType());
  if (candidate.laneShape.size() == 2) {
    SmallVector<ReassociationIndices> groups;
    for (int64_t dim = 0; dim < type.getRank() - 2; ++dim)
      groups.push_back({dim});
    groups.push_back({type.getRank() - 2, type.getRank() - 1});
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(builder, anchor->getLoc(), rotated);
    sizes.pop_back();
    for (int64_t size : candidate.laneShape)
      sizes.push_back(builder.getIndexAttr(size));
    SmallVector<int64_t> shape(
        cast<RankedTensorType>(rotated.getType()).getShape().drop_back());
    llvm::append_range(shape, candidate.laneShape);
    rotated = tensor::ExpandShapeOp::create(
        builder, anchor->getLoc(),
        RankedTensorType::get(shape, type.getElementType()), rotated, groups,
        sizes);
  }
  if (rotated.getType() != type)
    rotated = tensor::CastOp::create(builder, anchor->getLoc(), type, rotated);
  return rotated;
}

Value RotationRaiser::raise(const RotationCandidate &candidate,
                            const RotationMatch &match) {
  refusal.clear();
  Operation *anchor = candidate.value.getOwner();
  Operation *before = anchor->getPrevNode();
  size_t numSinCos = sincosOps.size();
  if (Value rotated = makeRotation(candidate, match))
    return rotated;
  // Whatever was made is not used.
  sincosOps.truncate(numSinCos);
  while (Operation *made = anchor->getPrevNode()) {
    if (made == before)
      break;
    made->erase();
  }
  return {};
}
