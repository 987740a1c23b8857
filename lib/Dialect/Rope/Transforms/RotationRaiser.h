//===- RotationRaiser.h - From a proven rotation to ops ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ROTATIONRAISER_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ROTATIONRAISER_H

#include "FrequencyNames.h"
#include "LaneMaterializer.h"
#include "PositionAxes.h"
#include "Rope/Analysis/TrigEntry.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

/// A space of elements one or two of whose dimensions, in row-major order, may
/// hold the lanes of a rotation: a tensor over its dimensions, or a value in
/// the body of a structured op over the op's loops.
struct RotationCandidate {
  Value value;
  /// The op that defines the tensor or holds the body.
  Operation *anchor;
  Type elementType;
  /// The type to which all lanes are rounded in the end, if that is another.
  Type roundedType = {};
  /// The symbol of a dimension is its position.
  SmallVector<LeadingDim> leadingDims;
  SmallVector<int64_t> laneDims;
  SmallVector<int64_t> laneShape;

  int64_t getNumLanes() const { return ShapedType::getNumElements(laneShape); }
};

/// A rotated tensor and the candidate's dimensions that its own stand for. What
/// the rotation does not depend on (repeated heads) is missing.
struct RaisedRotation {
  Value rotated;
  SmallVector<int64_t> dims;
};

/// Makes the ops of proven rotations; tables are shared by all of them.
class RotationRaiser {
public:
  RotationRaiser(LaneEvaluator &evaluator, RotationMatcher &matcher,
                 DominanceInfo &dominance, OpBuilder &builder,
                 std::optional<AccuracyKind> accuracy)
      : evaluator(evaluator), matcher(matcher), dominance(dominance),
        builder(builder), accuracy(accuracy) {}

  /// The rotation before the candidate's anchor, or none with the reason in
  /// `getRefusal`. Ops that were made on the way to a refusal are erased.
  std::optional<RaisedRotation> raise(const RotationCandidate &candidate,
                                      const RotationMatch &match);
  StringRef getRefusal() const { return refusal; }
  /// Why the tables of the last rotation stay the program's numbers, where they
  /// are cosine and sine of an angle. Empty where they are not.
  StringRef getKeptTables() const { return keptTables; }

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

  /// The rotation as a tensor over all dimensions of the candidate, in order.
  /// Null where a size cannot be computed there.
  Value makeWhole(const RotationCandidate &candidate,
                  const RaisedRotation &raised);
  std::optional<RaisedRotation> makeRotation(RotationCandidate candidate,
                                             RotationMatch match);
  bool narrowSource(const RotationCandidate &candidate,
                    LaneMaterializer &materializer, LaneSource &source);
  SmallVector<LeadingDim> getUsedDims(const RotationCandidate &candidate,
                                      const RotationMatch &match);
  std::optional<Layout> getLayout(const RotationMatch &match);
  Value makeSource(LaneMaterializer &materializer,
                   const RotationCandidate &candidate,
                   const RotationMatch &match, const Layout &layout,
                   PairingKind &sourcePairing);
  std::optional<Tables> makeTables(LaneMaterializer &materializer,
                                   const RotationCandidate &candidate,
                                   const RotationMatch &match,
                                   const Layout &layout,
                                   PairingKind sourcePairing);
  std::optional<Tables> makeAngleTables(LaneMaterializer &materializer,
                                        const RotationCandidate &candidate,
                                        const RotationMatch &match);
  Value makeTable(LaneMaterializer &materializer, ArrayRef<LaneTerm> entries,
                  ArrayRef<LeadingDim> dims, Type elementType, bool &negated);
  std::optional<LaneSource>
  nameFactors(ArrayRef<SmallVector<ExprId, 4>> lanes, ArrayRef<LeadingDim> dims,
              Type productType, SmallVectorImpl<double> &coefficients,
              LaneMaterializer &materializer, Type widest);
  SinCosOp getSinCos(LaneMaterializer &materializer, Operation *anchor,
                     const PositionAxes &axes, ArrayRef<LeadingDim> dims,
                     Type elementType, FrequenciesAttr frequencies,
                     AccuracyKind angleAccuracy);
  SmallVector<int64_t> getTableDims(const RotationCandidate &candidate,
                                    ArrayRef<LaneTerm> entries,
                                    SmallVectorImpl<LeadingDim> &dims);

  /// rope.sincos ops by what they compute.
  struct SinCos {
    PositionAxes axes;
    FrequenciesAttr frequencies;
    Type elementType;
    AccuracyKind accuracy;
    SinCosOp op;
  };

  LaneEvaluator &evaluator;
  RotationMatcher &matcher;
  DominanceInfo &dominance;
  OpBuilder &builder;
  /// Of the tables that are made; none keeps those of the program.
  std::optional<AccuracyKind> accuracy;
  SmallVector<SinCos> sincosOps;
  FrequencyNames frequencyNames;
  std::string refusal, keptTables;
};

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ROTATIONRAISER_H
