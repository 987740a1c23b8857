//===- AttentionMatcher.h - Attention among evaluated elements --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decides whether one element of a tensor is that of softmax attention,
//
//   out = sum_r exp(x_r) v_r / sum_r exp(x_r)
//
// with scores x_r = softcap tanh(scale sum_d q_d k_rd / softcap) + bias_r that
// conditions may exclude, and what each part is. A softmax does not depend on a
// number that is subtracted from all scores of a row, whatever it is.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_ANALYSIS_ATTENTIONMATCHER_H
#define ROPE_ANALYSIS_ATTENTIONMATCHER_H

#include "Rope/Analysis/LaneEvaluator.h"
#include <string>

namespace mlir::rope {

/// Keys take part where `condition` is `expected`. What the scores of the other
/// keys are replaced by: nothing where they are excluded.
struct KeyCondition {
  IndexId condition;
  bool expected;
  std::optional<double> replacement = {};

  bool operator==(const KeyCondition &other) const {
    return condition == other.condition && expected == other.expected &&
           replacement == other.replacement;
  }
};

/// coefficient * expr, added to the scores.
struct ScoreBias {
  ExprId expr;
  double coefficient;
};

/// scale * sum_d query_d * key_d, part of the scores.
struct ScoreProduct {
  /// The symbols d of the lanes.
  SmallVector<IndexId, 1> laneSymbols;
  /// Factors of the elements.
  SmallVector<ExprId, 2> query, key;
  double scale = 1.0;
};

struct AttentionMatch {
  /// The symbol r of the keys.
  IndexId keySymbol;
  /// The scores are the sum of these, one or two. The lanes of the second are
  /// those behind the lanes of the first; its key has no symbol that the key of
  /// the first has not.
  SmallVector<ScoreProduct, 2> products;
  /// The product whose lanes are those of `products` in this order, if two were
  /// made of one.
  std::optional<ScoreProduct> whole;
  /// Factors of the element of the value.
  SmallVector<ExprId, 2> value;
  std::optional<double> softcap;
  SmallVector<ScoreBias, 2> biases;
  SmallVector<KeyCondition, 2> conditions;
  /// The score of a key that has no value.
  std::optional<ExprId> sink;
  /// Whether a number of the row, such as its maximum, is subtracted before the
  /// exponential. Without one, exp of a low number is zero in every row.
  bool isShifted = false;
};

class AttentionMatcher {
public:
  /// `evaluator` keeps reductions.
  explicit AttentionMatcher(LaneEvaluator &evaluator)
      : indices(evaluator.getIndices()), exprs(evaluator.getExprs()) {}

  /// Decides on an element of a candidate.
  std::optional<AttentionMatch> match(ExprId out);

  /// Why the last candidate was refused, if it had weights of a softmax.
  const std::optional<std::string> &getNearMiss() const { return nearMiss; }

private:
  /// exp(exponent) where the conditions hold, else 0; perhaps normalized.
  struct Weight {
    ExprId exponent;
    /// What the exponent is multiplied by: log 2 for powers of two.
    double base = 1.0;
    SmallVector<KeyCondition, 1> conditions;
    std::optional<ExprId> sum;

    bool hasSameTerms(const Weight &other) const {
      return exponent == other.exponent && base == other.base;
    }
  };

  static bool isFunction(const LaneExpr &expr, StringRef name) {
    return expr.kind == LaneExpr::Kind::Function && expr.name == name;
  }
  static bool isSum(const LaneExpr &expr) {
    return expr.kind == LaneExpr::Kind::Reduction && expr.name == "sum";
  }

  std::optional<Weight> getWeight(ExprId id);
  std::optional<ExprId> splitLogSum(ExprId &id, double base,
                                    bool isNegated = false);
  bool matchSum(const Weight &weight, ExprId sum, AttentionMatch &match);
  bool matchScore(ExprId id, double coefficient, AttentionMatch &match);
  bool matchSelect(const LaneExpr &select, double coefficient,
                   AttentionMatch &match);
  bool matchProducts(ExprId id, double coefficient, ArrayRef<ExprId> factors,
                     AttentionMatch &match);
  bool matchProduct(ExprId id, double coefficient, ArrayRef<ExprId> factors,
                    AttentionMatch &match);
  bool orderProducts(uint64_t inValue, AttentionMatch &match);
  bool isRowGuard(const KeyCondition &condition, ExprId exponent,
                  const AttentionMatch &match);
  std::optional<ExprId> splitShift(ExprId &id);
  ExprId getScore(ExprId id);
  void stripFactors(ExprId &id, double &factor);
  ExprId stripTruncations(ExprId id) const;
  /// Whether `id` depends on the key through a sum of products.
  bool hasProduct(ExprId id);
  /// Whether `id` is a number of the whole row, such as its maximum.
  bool isRowNumber(ExprId id);
  /// Whether a sum or a choice of numbers has one beside which scores vanish.
  bool hasLargeConstant(ExprId id);
  void noteShift(ExprId shift, AttentionMatch &match) {
    match.isShifted |= exprs.get(shift).kind != LaneExpr::Kind::Constant;
  }
  bool dependsOnKey(ExprId id) { return exprs.getSymbols(id) & keyBit; }
  bool miss(const Twine &reason) {
    nearMiss = reason.str();
    return false;
  }

  IndexContext &indices;
  LaneExprContext &exprs;
  uint64_t keyBit = 0;
  std::optional<std::string> nearMiss;
};

/// What a mask says of positions: bounds of key - query, and other conditions.
struct MaskBounds {
  /// key - query <= upper, and >= lower.
  std::optional<IndexId> upper, lower;
  SmallVector<KeyCondition, 2> others;
};

/// Takes the conditions that must all hold apart. Keys and queries are given by
/// their symbols.
MaskBounds getMaskBounds(IndexContext &indices,
                         ArrayRef<KeyCondition> conditions, IndexId query,
                         IndexId key);

/// The negation that `condition` is, if it is one: of a comparison of booleans
/// with a constant or an exclusive or.
std::optional<KeyCondition> peelNegation(IndexContext &indices,
                                         const KeyCondition &condition);

} // namespace mlir::rope

#endif // ROPE_ANALYSIS_ATTENTIONMATCHER_H
