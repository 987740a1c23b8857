//===- RotationRaiser.h - From a proven rotation to ops ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ROTATIONRAISER_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ROTATIONRAISER_H

#include "LaneMaterializer.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

/// A tensor value whose last dimension may hold the lanes of a rotation, or
/// whose last two, in row-major order, where pairs have a dimension of their
/// own.
struct RotationCandidate {
  OpResult value;
  SmallVector<LeadingDim> leadingDims;
  /// Static sizes of the lane dimensions.
  ArrayRef<int64_t> laneShape;

  int64_t getNumLanes() const { return ShapedType::getNumElements(laneShape); }
};

/// Makes the ops of proven rotations; tables are shared by all of them.
class RotationRaiser {
public:
  RotationRaiser(LaneEvaluator &evaluator, RotationMatcher &matcher,
                 DominanceInfo &dominance, OpBuilder &builder,
                 AccuracyKind accuracy)
      : evaluator(evaluator), matcher(matcher), dominance(dominance),
        builder(builder), accuracy(accuracy) {}

  /// The rotated tensor, of the candidate's type, or null with the reason in
  /// `getRefusal`. Ops that were made on the way to a refusal are erased.
  Value raise(const RotationCandidate &candidate, const RotationMatch &match);
  StringRef getRefusal() const { return refusal; }

private:
  /// How the pairs stand in the candidate.
  struct Layout {
    PairingKind pairing;
    int64_t offset;
    int64_t rotaryDim;
  };
  struct Tables {
    Value cos, sin;
    /// The candidate's leading dimensions that index them.
    SmallVector<int64_t> along;
    bool inverse = false;
  };

  Value makeRotation(const RotationCandidate &candidate,
                     const RotationMatch &match);
  std::optional<Layout> getLayout(const RotationMatch &match);
  Value makeSource(LaneMaterializer &materializer,
                   const RotationCandidate &candidate,
                   const RotationMatch &match, const Layout &layout,
                   PairingKind &sourcePairing);
  std::optional<Tables> makeTables(LaneMaterializer &materializer,
                                   const RotationCandidate &candidate,
                                   const RotationMatch &match,
                                   const Layout &layout);
  std::optional<Tables> makeAngleTables(LaneMaterializer &materializer,
                                        const RotationCandidate &candidate,
                                        const RotationMatch &match);
  Value makeTable(LaneMaterializer &materializer, ArrayRef<LaneTerm> entries,
                  ArrayRef<LeadingDim> dims, Type elementType, bool &negated);
  std::optional<LaneSource> nameFactors(ArrayRef<SmallVector<ExprId, 4>> lanes,
                                        ArrayRef<LeadingDim> dims,
                                        Type productType,
                                        SmallVectorImpl<double> &coefficients,
                                        LaneMaterializer &materializer);
  FrequenciesAttr nameFrequencies(ArrayRef<double> frequencies);

  /// rope.sincos ops by what they compute.
  struct SinCos {
    IndexId position;
    FrequenciesAttr frequencies;
    Type elementType;
    SinCosOp op;
  };

  LaneEvaluator &evaluator;
  RotationMatcher &matcher;
  DominanceInfo &dominance;
  OpBuilder &builder;
  AccuracyKind accuracy;
  SmallVector<SinCos> sincosOps;
  std::string refusal;
};

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ROTATIONRAISER_H
