//===- TableEntries.cpp - Which table entries a rotation can have ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two lanes of a pair take the same entries, or entries of given tables of
// one entry a lane; computed entries are cosine and sine of one angle.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/RotationMatcher.h"

#include "Rope/Analysis/TrigEntry.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::rope;

/// Takes away functions that are the same but for their first operand, such as
/// the conversion, the mask or the cosine of a given table. Whether there were
/// any.
static bool stripFunctions(const LaneExprContext &exprs, ExprId &a, ExprId &b) {
  for (bool stripped = false;; stripped = true) {
    const LaneExpr &exprA = exprs.get(a), &exprB = exprs.get(b);
    if (exprA.kind != LaneExpr::Kind::Function ||
        exprB.kind != LaneExpr::Kind::Function || exprA.name != exprB.name ||
        exprA.type != exprB.type || exprA.indices != exprB.indices ||
        exprA.operands.empty() || exprB.operands.empty() ||
        ArrayRef(exprA.operands).drop_front() !=
            ArrayRef(exprB.operands).drop_front())
      return stripped;
    a = exprA.operands.front();
    b = exprB.operands.front();
  }
}

/// Whether two entries of a diagonal are equal, or elements of one given table
/// that differ by the lane only, or the same function of elements as far apart
/// as the lanes are. What is computed from other elements must be equal.
bool RotationMatcher::isEntryPair(const LaneTerm &a, const LaneTerm &b,
                                  int64_t laneDistance) {
  SmallVector<ExprId, 4> onlyA, onlyB;
  std::set_difference(a.factors.begin(), a.factors.end(), b.factors.begin(),
                      b.factors.end(), std::back_inserter(onlyA));
  std::set_difference(b.factors.begin(), b.factors.end(), a.factors.begin(),
                      a.factors.end(), std::back_inserter(onlyB));
  if (onlyA.empty() && onlyB.empty())
    return true;
  if (onlyA.size() != 1 || onlyB.size() != 1)
    return false;
  LaneExprContext &exprs = evaluator.getExprs();
  bool isComputed = stripFunctions(exprs, onlyA.front(), onlyB.front());
  const LaneExpr &leafA = exprs.get(onlyA.front());
  const LaneExpr &leafB = exprs.get(onlyB.front());
  if (leafA.kind != LaneExpr::Kind::Leaf ||
      leafB.kind != LaneExpr::Kind::Leaf || leafA.value != leafB.value ||
      leafA.part != leafB.part)
    return false;
  for (auto [indexA, indexB] : llvm::zip_equal(leafA.indices, leafB.indices)) {
    std::optional<int64_t> distance =
        evaluator.getIndices().getConstantDifference(indexB, indexA);
    if (!distance ||
        (isComputed && *distance != 0 && *distance != laneDistance))
      return false;
  }
  return true;
}

static auto isNot(ExprId factor) {
  return [factor](ExprId other) { return other != factor; };
}

/// Refuses entries that are cosine and sine, but not of one angle.
bool RotationMatcher::checkAngles(int64_t lane, const LaneTerm &cosTerm,
                                  const LaneTerm &sinTerm) {
  LaneExprContext &exprs = evaluator.getExprs();
  auto isComputed = [&](const LaneTerm &term) {
    return llvm::any_of(term.factors,
                        [&](ExprId factor) { return exprs.hasTrig(factor); });
  };
  if (isComputed(cosTerm) != isComputed(sinTerm)) {
    miss(lane, [&] {
      return llvm::formatv("lane {0} takes one of cosine and sine of a "
                           "computed angle, and the other from elsewhere",
                           lane)
          .str();
    });
    return false;
  }
  std::optional<ExprId> cosFactor = getTrigFactor(exprs, cosTerm.factors);
  std::optional<ExprId> sinFactor = getTrigFactor(exprs, sinTerm.factors);
  // Tables that the program was given are taken as they are.
  if (!cosFactor || !sinFactor)
    return true;
  std::optional<TrigEntry> cos = getTrigEntry(exprs, *cosFactor);
  std::optional<TrigEntry> sin = getTrigEntry(exprs, *sinFactor);
  if (!cos || !sin)
    return true;
  if (cos->kind == sin->kind) {
    miss(lane, [&] {
      return llvm::formatv(
                 "lane {0} has two {1}s instead of a cosine "
                 "and a sine",
                 lane, cos->kind == TrigEntry::Kind::Cos ? "cosine" : "sine")
          .str();
    });
    return false;
  }
  if (cos->angle != sin->angle) {
    miss(lane, [&] {
      return llvm::formatv(
                 "lane {0} takes cosine and sine of different angles: {1} "
                 "and {2}",
                 lane, exprs.str(cos->angle), exprs.str(sin->angle))
          .str();
    });
    return false;
  }
  if (cos->wrappers != sin->wrappers ||
      !llvm::equal(
          llvm::make_filter_range(cosTerm.factors, isNot(*cosFactor)),
          llvm::make_filter_range(sinTerm.factors, isNot(*sinFactor))) ||
      std::abs(cosTerm.coefficient) != std::abs(sinTerm.coefficient)) {
    miss(lane, [&] {
      return llvm::formatv("lane {0} scales, rounds or masks cosine and "
                           "sine differently",
                           lane)
          .str();
    });
    return false;
  }
  return true;
}

bool RotationMatcher::checkAngles(const RotationPair &pair) {
  return checkAngles(pair.first, pair.cosFirst, pair.sinFirst) &&
         checkAngles(pair.second, pair.cosSecond, pair.sinSecond);
}
