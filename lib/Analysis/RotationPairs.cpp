//===- RotationPairs.cpp - Lanes whose products agree crosswise -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/RotationMatcher.h"

#include "LaneTerms.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::rope;

/// A factor that stands in more lanes than this (a norm, a scale) pairs
/// nothing.
static constexpr unsigned kMaxSharedLanes = 8;
/// How many partners are tried for a lane.
static constexpr unsigned kMaxPartners = 4;

bool RotationMatcher::collectTerms(ArrayRef<ExprId> lanes) {
  terms.clear();
  laneIds = SmallVector<ExprId>(lanes);
  unsigned numTwoTerms = 0;
  for (ExprId lane : lanes) {
    std::optional<Terms> sum = evaluator.getExprs().getSumOfProducts(lane);
    if (!sum || sum->empty() || sum->size() > 2)
      return false;
    numTwoTerms += sum->size() == 2;
    terms.push_back(std::move(*sum));
  }
  return numTwoTerms >= 2;
}

std::vector<RotationMatcher::PairForm>
RotationMatcher::getForms(int64_t first, int64_t second) {
  std::vector<PairForm> forms;
  LaneExprContext &exprs = evaluator.getExprs();
  for (bool swapFirst : {false, true})
    for (bool swapSecond : {false, true}) {
      PairForm form{first,
                    second,
                    terms[first][swapFirst],
                    terms[first][!swapFirst],
                    terms[second][swapSecond],
                    terms[second][!swapSecond],
                    {},
                    {}};
      form.own = intersect(form.ownFirst.factors, form.ownSecond.factors);
      form.other = intersect(form.otherFirst.factors, form.otherSecond.factors);
      if (form.own.empty() || form.other.empty())
        continue;
      LaneTerm cosFirst = divide(form.ownFirst, form.own);
      LaneTerm cosSecond = divide(form.otherSecond, form.other);
      LaneTerm sinFirst = divide(form.otherFirst, form.other);
      LaneTerm sinSecond = divide(form.ownSecond, form.own);
      // Products of the same sources in both lanes from here on.
      if (!isEntryPair(cosFirst, cosSecond, second - first) ||
          !isEntryPair(sinFirst, sinSecond, second - first)) {
        bool cosDiffers = !isEntryPair(cosFirst, cosSecond, second - first);
        miss(first, [&] {
          return llvm::formatv(
                     "lanes {0} and {1} do not share their tables: {2} "
                     "against {3}",
                     first, second,
                     describe(exprs, cosDiffers ? cosFirst : sinFirst),
                     describe(exprs, cosDiffers ? cosSecond : sinSecond))
              .str();
        });
        continue;
      }
      // [[c, -s], [s, c]] and its column exchange have an odd number of minus
      // signs; [[c, s], [s, c]] and [[c, -s], [-s, c]] an even one.
      bool firstAdds =
          form.ownFirst.coefficient * form.otherFirst.coefficient > 0;
      bool secondAdds =
          form.ownSecond.coefficient * form.otherSecond.coefficient > 0;
      if (firstAdds == secondAdds) {
        miss(first, [&] {
          return llvm::formatv(
                     "lanes {0} and {1} mix their sources with the same "
                     "sign: expected exactly one minus sign, as in "
                     "[[c, -s], [s, c]]",
                     first, second)
              .str();
        });
        continue;
      }
      forms.push_back(std::move(form));
    }
  return forms;
}

bool RotationMatcher::findPairs() {
  pairs.clear();
  DenseMap<ExprId, SmallVector<int64_t, 4>> lanesOf;
  for (auto [lane, sum] : llvm::enumerate(terms))
    if (sum.size() == 2)
      for (const LaneTerm &term : sum)
        for (ExprId factor : term.factors)
          if (SmallVector<int64_t, 4> &lanes = lanesOf[factor];
              lanes.empty() || lanes.back() != static_cast<int64_t>(lane))
            lanes.push_back(lane);

  llvm::SmallBitVector paired(terms.size());
  for (int64_t lane = 0, end = terms.size(); lane < end; ++lane) {
    if (terms[lane].size() != 2 || paired.test(lane))
      continue;
    // Partners by the number of factors they share with this lane.
    SmallVector<std::pair<unsigned, int64_t>> partners;
    for (const LaneTerm &term : terms[lane])
      for (ExprId factor : term.factors) {
        const SmallVector<int64_t, 4> &lanes = lanesOf[factor];
        if (lanes.size() > kMaxSharedLanes)
          continue;
        for (int64_t other : lanes) {
          if (other <= lane || paired.test(other))
            continue;
          auto *known = llvm::find_if(
              partners, [&](auto &partner) { return partner.second == other; });
          if (known == partners.end())
            partners.emplace_back(1, other);
          else
            ++known->first;
        }
      }
    llvm::sort(partners, [](auto &a, auto &b) {
      return std::pair(b.first, a.second) < std::pair(a.first, b.second);
    });
    std::vector<PairForm> forms;
    for (auto [shared, partner] : ArrayRef(partners).take_front(kMaxPartners)) {
      forms = getForms(lane, partner);
      if (!forms.empty())
        break;
    }
    // Perhaps a sum that passes through as a whole.
    if (forms.empty())
      continue;
    paired.set(lane);
    paired.set(forms.front().second);
    pairs.push_back(std::move(forms));
  }
  return !pairs.empty();
}
