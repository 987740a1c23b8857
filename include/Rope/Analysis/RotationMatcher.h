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
// for pairs (j, p) of lanes, and y_k = x_k elsewhere. The proof works on sums
// of products only, so that no spelling is special. docs/Recognition.md has the
// conditions and the near misses that each of them excludes.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_ANALYSIS_ROTATIONMATCHER_H
#define ROPE_ANALYSIS_ROTATIONMATCHER_H

#include "Rope/Analysis/LaneEvaluator.h"
#include "llvm/ADT/DenseSet.h"
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
  SmallVector<NamedElement> lookup(ArrayRef<ExprId> factors);
  /// Never again names anything by `value`, which has been replaced.
  void forget(Value value) { forgotten.insert(value); }

private:
  void update();

  LaneEvaluator &evaluator;
  size_t numSeen = 0;
  /// The products, and what holds each.
  Interner<SmallVector<ExprId, 4>> products;
  std::vector<SmallVector<NamedElement, 1>> elements;
  DenseSet<Value> forgotten;
};

/// Lanes of one SSA tensor: the index list of each.
struct LaneSource {
  Value value;
  ElementPart part = ElementPart::Whole;
  SmallVector<unsigned> indexLists;
};

/// A pair of lanes of the candidate with what multiplies the lower and the
/// upper of its two source lanes: y_first = cosFirst lower - sinFirst upper,
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
  bool hasPairTables = true;
  /// How natural this reading is. Of several values that could be the source
  /// the one that takes the most of each product is meant, then the one that
  /// leaves no constants to the tables, then the one whose lanes are not
  /// negated and in order.
  unsigned naturalness = 0;
};

/// Why a candidate that looked like a rotation is none; the reason is empty if
/// nobody asked for one.
struct NearMiss {
  int64_t lane;
  std::string reason;
};

class RotationMatcher {
public:
  /// Whoever `givesReasons` prints expressions, which takes a walk over the
  /// whole function for each.
  RotationMatcher(LaneEvaluator &evaluator, bool givesReasons)
      : evaluator(evaluator), names(evaluator), givesReasons(givesReasons) {}

  /// Decides on the lanes of a candidate, given by their expressions.
  std::optional<RotationMatch> match(ArrayRef<ExprId> lanes);

  /// What the last refusal was about, if two lanes did share their terms.
  const std::optional<NearMiss> &getNearMiss() const { return nearMiss; }

  LaneNames &getNames() { return names; }

private:
  /// One way to read two lanes as a pair of sources (own, other):
  /// first = ownFirst own + otherFirst other,
  /// second = ownSecond own + otherSecond other.
  struct PairForm {
    int64_t first, second;
    /// The whole products.
    LaneTerm ownFirst, otherFirst, ownSecond, otherSecond;
    /// What the two products with one source have in common.
    SmallVector<ExprId, 4> own, other;
  };

  using Terms = SmallVector<LaneTerm, 2>;

  bool collectTerms(ArrayRef<ExprId> lanes);
  bool findPairs();
  std::vector<PairForm> getForms(int64_t first, int64_t second);
  bool isEntryPair(const LaneTerm &a, const LaneTerm &b, int64_t laneDistance);
  bool readsSourceAsTable(const PairForm &form);
  SmallVector<NamedElement> getSourceSeeds();
  std::optional<NamedElement> findInSource(const LaneTerm &product,
                                           ArrayRef<ExprId> factors,
                                           const NamedElement &seed,
                                           SmallVectorImpl<ExprId> &used);
  std::optional<NamedElement> findWhole(ExprId id, const NamedElement &seed);
  bool isBefore(unsigned indexListA, unsigned indexListB);
  std::optional<RotationPair> orientPair(const PairForm &form,
                                         const NamedElement &seed,
                                         unsigned &lower, unsigned &upper,
                                         bool &isPositive);
  std::optional<RotationMatch> matchSource(const NamedElement &seed);
  bool checkLaneEntries(const RotationMatch &match);
  bool checkAngles(const RotationPair &pair);
  bool checkAngles(int64_t lane, const LaneTerm &cosTerm,
                   const LaneTerm &sinTerm);
  void miss(int64_t lane, function_ref<std::string()> getReason);

  LaneEvaluator &evaluator;
  LaneNames names;
  bool givesReasons;
  SmallVector<ExprId> laneIds;
  SmallVector<Terms> terms;
  /// All readings of each pair.
  std::vector<std::vector<PairForm>> pairs;
  std::optional<NearMiss> nearMiss;
};

} // namespace mlir::rope

#endif // ROPE_ANALYSIS_ROTATIONMATCHER_H
