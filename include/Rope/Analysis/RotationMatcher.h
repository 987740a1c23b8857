//===- RotationMatcher.h - Rotations among evaluated lanes ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decides whether the lanes of a tensor value are a rotation of the lanes of
// another value:
//
//   y_j = c_j x_j - s_j x_p        y_p = s_p x_j + c_p x_p
//
// for pairs (j, p) of lanes, and y_k = x_k elsewhere. The proof works on sums of
// products only, so that no spelling is special. docs/Recognition.md has the
// conditions and the near misses that each of them excludes.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_ANALYSIS_ROTATIONMATCHER_H
#define ROPE_ANALYSIS_ROTATIONMATCHER_H

#include "Rope/Analysis/LaneEvaluator.h"
#include <string>

namespace mlir::rope {

/// A term as elements of one SSA tensor: the factors it stands for and where.
struct NamedElement {
  Value value;
  unsigned indexList;
  ElementPart part;
  /// value[indices] = coefficient * factors.
  double coefficient;
};

/// Finds SSA tensors that hold a given product.
class LaneNames {
public:
  explicit LaneNames(LaneEvaluator &evaluator) : evaluator(evaluator) {}

  /// All elements whose value is a multiple of the product of `factors`.
  ArrayRef<NamedElement> lookup(ArrayRef<ExprId> factors);
  /// Forgets `value`, whose elements are from now on leaves.
  void forget(Value value);

private:
  void update();

  LaneEvaluator &evaluator;
  size_t numSeen = 0;
  DenseMap<uint64_t,
           SmallVector<std::pair<SmallVector<ExprId, 4>,
                                 SmallVector<NamedElement, 4>>,
                       1>>
      elements;
};

/// Lanes of one SSA tensor: the index list of each.
struct LaneSource {
  Value value;
  ElementPart part = ElementPart::Whole;
  SmallVector<unsigned> indexLists;
};

/// A pair of lanes of the candidate with what multiplies its two sources:
/// y_first = cosFirst lower - sinFirst upper,
/// y_second = sinSecond lower + cosSecond upper.
struct RotationPair {
  int64_t first, second;
  LaneTerm cosFirst, sinFirst, sinSecond, cosSecond;
};

/// A proven rotation.
struct RotationMatch {
  /// In order of `first`.
  SmallVector<RotationPair> pairs;
  /// Lane j of the rotated value, in the order of the candidate's lanes.
  LaneSource source;
  /// Whether both lanes of each pair have the same cosine and sine.
  bool hasPairTables;
};

/// Why a candidate that looked like a rotation is none.
struct NearMiss {
  int64_t lane;
  std::string reason;
};

class RotationMatcher {
public:
  explicit RotationMatcher(LaneEvaluator &evaluator)
      : evaluator(evaluator), names(evaluator) {}

  /// Decides on the lanes of a candidate, given by their expressions.
  std::optional<RotationMatch> match(ArrayRef<ExprId> lanes);

  /// What the last refusal was about, if two lanes did share their terms.
  const std::optional<NearMiss> &getNearMiss() const { return nearMiss; }

  LaneNames &getNames() { return names; }

private:
  /// One way to read two lanes as a pair: factors of the two sources and of the
  /// four entries.
  struct PairForm {
    int64_t first, second;
    /// Factors of the source of (first, second) and of (second, first).
    SmallVector<ExprId, 4> ownFactors, otherFactors;
    /// first = ownFirst own + otherFirst other,
    /// second = ownSecond own + otherSecond other.
    LaneTerm ownFirst, otherFirst, ownSecond, otherSecond;
  };

  using Terms = SmallVector<LaneTerm, 2>;

  bool collectTerms(ArrayRef<ExprId> lanes);
  bool findPairs();
  SmallVector<PairForm, 4> getForms(int64_t first, int64_t second);
  bool isEntryPair(const LaneTerm &a, const LaneTerm &b, bool &exact);
  bool isSameUpToLane(ArrayRef<ExprId> a, ArrayRef<ExprId> b);
  std::optional<RotationMatch> matchSource(const NamedElement &seed);
  std::optional<NamedElement> find(ArrayRef<ExprId> factors,
                                   const NamedElement &seed, bool wholeProduct);
  bool readsAsTable(const PairForm &form);
  bool checkAngles(const RotationMatch &match);
  void miss(int64_t lane, std::string reason);

  LaneEvaluator &evaluator;
  LaneNames names;
  SmallVector<Terms> terms;
  /// All readings of each pair.
  SmallVector<SmallVector<PairForm, 4>> pairs;
  std::optional<NearMiss> nearMiss;
};

/// cos or sin of an angle, behind scalings by constants, conversions to a
/// narrower type and selections by a mask.
struct TrigEntry {
  enum Kind { Cos, Sin } kind;
  ExprId angle;
  /// From the outside to the inside; equal for two tables that differ only by
  /// cosine and sine.
  SmallVector<uint64_t> wrappers;
};
std::optional<TrigEntry> getTrigEntry(LaneExprContext &exprs,
                                      const LaneTerm &entry);

} // namespace mlir::rope

#endif // ROPE_ANALYSIS_ROTATIONMATCHER_H
