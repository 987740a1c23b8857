//===- RotationMatcher.cpp - Rotations among evaluated lanes --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The proof that lanes are a rotation, in three steps: pairs of lanes whose
// products agree crosswise (RotationPairs.cpp); one SSA value whose lanes are
// the sources, which fixes the orientation; tables that are cosine and sine of
// one angle, if they are any.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/RotationMatcher.h"

#include "LaneTerms.h"
#include "Rope/Analysis/TrigEntry.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::rope;

/// Products with more factors than this are searched by their first ones.
static constexpr unsigned kMaxFactors = 6;

void RotationMatcher::miss(int64_t lane,
                           function_ref<std::string()> getReason) {
  if (!nearMiss)
    nearMiss = NearMiss{lane, givesReasons ? getReason() : std::string()};
}

//===----------------------------------------------------------------------===//
// The source and the orientation
//===----------------------------------------------------------------------===//

/// (c, s) and (x_j, x_p) are exchangeable in a complex product. Whether this
/// reading takes the tables for the source.
bool RotationMatcher::readsSourceAsTable(const PairForm &form) {
  LaneExprContext &exprs = evaluator.getExprs();
  Factors tables = subtract(form.ownFirst.factors, form.own);
  llvm::append_range(tables, subtract(form.ownSecond.factors, form.own));
  auto hasTrig = [&](ArrayRef<ExprId> factors) {
    return llvm::any_of(factors, [&](ExprId factor) {
      return getTrigEntry(exprs, factor).has_value();
    });
  };
  if (hasTrig(form.own) != hasTrig(tables))
    return hasTrig(form.own);
  // Tables lack the heads.
  auto symbolsOf = [&](ArrayRef<ExprId> factors) {
    uint64_t symbols = 0;
    for (ExprId factor : factors)
      symbols |= exprs.getSymbols(factor);
    return symbols;
  };
  unsigned own = llvm::popcount(symbolsOf(form.own));
  unsigned table = llvm::popcount(symbolsOf(tables));
  if (own != table)
    return own < table;
  auto isConstant = [&](ArrayRef<ExprId> factors) {
    return llvm::all_of(factors, [&](ExprId factor) {
      LaneExpr::Kind kind = exprs.get(factor).kind;
      return kind == LaneExpr::Kind::Column || kind == LaneExpr::Kind::Constant;
    });
  };
  return isConstant(form.own) && !isConstant(tables);
}

/// All non-empty sub-multisets of sorted factors, the largest first.
static SmallVector<Factors> getSubsets(ArrayRef<ExprId> factors) {
  SmallVector<Factors> subsets;
  unsigned size = std::min<size_t>(factors.size(), kMaxFactors);
  for (unsigned bits = 1; bits < (1u << size); ++bits) {
    Factors subset;
    for (unsigned i = 0; i < size; ++i)
      if (bits >> i & 1)
        subset.push_back(factors[i]);
    if (!llvm::is_contained(subsets, subset))
      subsets.push_back(std::move(subset));
  }
  llvm::sort(subsets, [](const Factors &a, const Factors &b) {
    return std::pair(b.size(), ArrayRef<ExprId>(a)) <
           std::pair(a.size(), ArrayRef<ExprId>(b));
  });
  return subsets;
}

/// Elements that could be lane `first` of the source, the most of a product
/// first, and among these the latest value first.
SmallVector<NamedElement> RotationMatcher::getSourceSeeds() {
  SmallVector<NamedElement> seeds;
  for (const PairForm &form : pairs.front())
    for (ArrayRef<ExprId> subset : getSubsets(form.own)) {
      SmallVector<NamedElement> elements = names.lookup(subset);
      for (const NamedElement &element : llvm::reverse(elements))
        seeds.push_back(element);
    }
  return seeds;
}

/// The element of the seed's value that is the largest part of `factors`, its
/// indices being the seed's but for constants.
std::optional<NamedElement>
RotationMatcher::findInSource(const LaneTerm &product, ArrayRef<ExprId> factors,
                              const NamedElement &seed,
                              SmallVectorImpl<ExprId> &used) {
  IndexContext &indices = evaluator.getIndices();
  for (ArrayRef<ExprId> subset : getSubsets(factors)) {
    for (const NamedElement &element : names.lookup(subset)) {
      if (element.value != seed.value || element.part != seed.part)
        continue;
      // A product rounds: only where this one is computed in the same type.
      if (subset.size() > 1 &&
          product.type !=
              cast<ShapedType>(seed.value.getType()).getElementType())
        continue;
      ArrayRef<IndexId> list = evaluator.getIndexList(element.indexList);
      ArrayRef<IndexId> seedList = evaluator.getIndexList(seed.indexList);
      if (!llvm::all_of(llvm::zip_equal(list, seedList), [&](auto pair) {
            return indices.getConstantDifference(std::get<0>(pair),
                                                 std::get<1>(pair));
          }))
        continue;
      used.assign(subset.begin(), subset.end());
      return element;
    }
  }
  return std::nullopt;
}

/// The element of the seed's value that is exactly `id`.
std::optional<NamedElement>
RotationMatcher::findWhole(ExprId id, const NamedElement &seed) {
  const LaneExpr &expr = evaluator.getExprs().get(id);
  bool isNegative = expr.kind == LaneExpr::Kind::Neg;
  Factors whole = {isNegative ? expr.operands[0] : id}, used;
  LaneTerm product{1.0, whole, {}};
  std::optional<NamedElement> element =
      findInSource(product, whole, seed, used);
  if (!element || element->coefficient != (isNegative ? -1.0 : 1.0))
    return std::nullopt;
  return element;
}

/// Whether an element comes before another of the same value in memory.
bool RotationMatcher::isBefore(unsigned indexListA, unsigned indexListB) {
  for (auto [a, b] : llvm::zip_equal(evaluator.getIndexList(indexListA),
                                     evaluator.getIndexList(indexListB)))
    if (int64_t difference =
            *evaluator.getIndices().getConstantDifference(a, b))
      return difference < 0;
  return false;
}

/// Reads a pair with its sources in the order in which they stand in the
/// source: only then is a rotation told from a reflection.
std::optional<RotationPair>
RotationMatcher::orientPair(const PairForm &form, const NamedElement &seed,
                            unsigned &lower, unsigned &upper,
                            bool &isPositive) {
  Factors ownUsed, otherUsed;
  std::optional<NamedElement> own =
      findInSource(form.ownFirst, form.own, seed, ownUsed);
  std::optional<NamedElement> other =
      findInSource(form.otherFirst, form.other, seed, otherUsed);
  if (!own || !other || own->indexList == other->indexList)
    return std::nullopt;
  LaneTerm ownFirst = divide(form.ownFirst, ownUsed, own->coefficient);
  LaneTerm ownSecond = divide(form.ownSecond, ownUsed, own->coefficient);
  LaneTerm otherFirst = divide(form.otherFirst, otherUsed, other->coefficient);
  LaneTerm otherSecond =
      divide(form.otherSecond, otherUsed, other->coefficient);

  isPositive = own->coefficient > 0.0 && other->coefficient > 0.0;
  bool ownIsLower = isBefore(own->indexList, other->indexList);
  lower = ownIsLower ? own->indexList : other->indexList;
  upper = ownIsLower ? other->indexList : own->indexList;
  RotationPair pair{form.first,
                    form.second,
                    ownIsLower ? ownFirst : otherFirst,
                    ownIsLower ? otherFirst : ownFirst,
                    ownIsLower ? ownSecond : otherSecond,
                    ownIsLower ? otherSecond : ownSecond};
  pair.sinFirst.coefficient = -pair.sinFirst.coefficient;
  auto differ = [](const LaneTerm &a, const LaneTerm &b) {
    return std::abs(a.coefficient) != std::abs(b.coefficient);
  };
  if (differ(pair.cosFirst, pair.cosSecond) ||
      differ(pair.sinFirst, pair.sinSecond)) {
    // As the program has them, with what the source is a multiple of.
    LaneExprContext &exprs = evaluator.getExprs();
    bool ownDiffers = differ(form.ownFirst, form.otherSecond);
    const LaneTerm &first = ownDiffers ? form.ownFirst : form.otherFirst;
    const LaneTerm &second = ownDiffers ? form.otherSecond : form.ownSecond;
    miss(form.first, [&] {
      return llvm::formatv("lanes {0} and {1} are scaled differently: "
                           "{2} against {3}",
                           form.first, form.second, describe(exprs, first),
                           describe(exprs, second))
          .str();
    });
    return std::nullopt;
  }
  if (pair.cosFirst.coefficient != pair.cosSecond.coefficient ||
      pair.sinFirst.coefficient != pair.sinSecond.coefficient) {
    miss(form.first, [&] {
      return llvm::formatv("lanes {0} and {1} are a reflection of their "
                           "sources, not a rotation",
                           form.first, form.second)
          .str();
    });
    return std::nullopt;
  }
  // What of a common factor does not belong to the source went to the tables.
  if (!isEntryPair(pair.cosFirst, pair.cosSecond, form.second - form.first) ||
      !isEntryPair(pair.sinFirst, pair.sinSecond, form.second - form.first))
    return std::nullopt;
  return pair;
}

/// Refuses tables of one entry a lane in which two lanes take one entry: a
/// table that was shifted, not one that was given for each lane.
bool RotationMatcher::checkLaneEntries(const RotationMatch &match) {
  DenseSet<ExprId> cosEntries, sinEntries;
  for (const RotationPair &pair : match.pairs)
    for (auto [first, second, seen] :
         {std::tuple(&pair.cosFirst, &pair.cosSecond, &cosEntries),
          std::tuple(&pair.sinFirst, &pair.sinSecond, &sinEntries)}) {
      Factors entries = subtract(first->factors, second->factors);
      llvm::append_range(entries, subtract(second->factors, first->factors));
      for (ExprId entry : entries)
        if (!seen->insert(entry).second) {
          miss(pair.first, [&] {
            return llvm::formatv("lanes {0} and {1} take entries of "
                                 "tables that other lanes take, too",
                                 pair.first, pair.second)
                .str();
          });
          return false;
        }
    }
  return true;
}

std::optional<RotationMatch>
RotationMatcher::matchSource(const NamedElement &seed) {
  RotationMatch match;
  match.source.value = seed.value;
  match.source.part = seed.part;
  match.source.indexLists.resize(terms.size());
  bool allPositive = true, allUnscaled = true;
  DenseSet<unsigned> usedLanes;
  for (const std::vector<PairForm> &forms : pairs) {
    std::optional<RotationPair> pair;
    unsigned lower = 0, upper = 0;
    bool isPositive = false;
    for (const PairForm &form : forms)
      if ((pair = orientPair(form, seed, lower, upper, isPositive)))
        break;
    if (!pair || !checkAngles(*pair))
      return std::nullopt;
    // Each lane of the source is used once.
    if (!usedLanes.insert(lower).second || !usedLanes.insert(upper).second) {
      miss(pair->first, [&] {
        return llvm::formatv("lane {0} takes a source lane that another "
                             "pair takes, too",
                             pair->first)
            .str();
      });
      return std::nullopt;
    }
    match.source.indexLists[pair->first] = lower;
    match.source.indexLists[pair->second] = upper;
    match.hasPairTables &= pair->cosFirst.factors == pair->cosSecond.factors &&
                           pair->sinFirst.factors == pair->sinSecond.factors;
    allPositive &= isPositive;
    allUnscaled &= std::abs(pair->cosFirst.coefficient) == 1.0 &&
                   std::abs(pair->sinFirst.coefficient) == 1.0;
    match.pairs.push_back(std::move(*pair));
  }
  if (!checkLaneEntries(match))
    return std::nullopt;
  // The other lanes pass through: exactly lanes of the source.
  llvm::SmallBitVector paired(terms.size());
  for (const RotationPair &pair : match.pairs) {
    paired.set(pair.first);
    paired.set(pair.second);
  }
  for (auto [lane, id] : llvm::enumerate(laneIds)) {
    if (paired.test(lane))
      continue;
    std::optional<NamedElement> element = findWhole(id, seed);
    if (!element || !usedLanes.insert(element->indexList).second) {
      miss(lane, [&, lane = lane] {
        return llvm::formatv("lane {0} neither takes part in the rotation nor "
                             "passes its source through",
                             lane)
            .str();
      });
      return std::nullopt;
    }
    match.source.indexLists[lane] = element->indexList;
  }
  bool inOrder = true;
  for (size_t lane = 1; lane < terms.size(); ++lane)
    inOrder &= isBefore(match.source.indexLists[lane - 1],
                        match.source.indexLists[lane]);
  size_t numEntryFactors = match.pairs.front().cosFirst.factors.size();
  match.naturalness =
      8 * (kMaxFactors - std::min<size_t>(numEntryFactors, kMaxFactors)) +
      4 * allUnscaled + 2 * allPositive + inOrder;
  return match;
}

std::optional<RotationMatch> RotationMatcher::match(ArrayRef<ExprId> lanes) {
  nearMiss.reset();
  if (!collectTerms(lanes) || !findPairs())
    return std::nullopt;
  int64_t firstLane = pairs.front().front().first;
  for (std::vector<PairForm> &forms : pairs)
    llvm::erase_if(
        forms, [&](const PairForm &form) { return readsSourceAsTable(form); });
  DenseSet<std::pair<Value, unsigned>> tried;
  std::optional<RotationMatch> best;
  for (const NamedElement &seed : getSourceSeeds()) {
    if (!tried.insert({seed.value, seed.indexList}).second)
      continue;
    std::optional<RotationMatch> found = matchSource(seed);
    if (found && (!best || found->naturalness > best->naturalness))
      best = std::move(found);
  }
  if (best) {
    nearMiss.reset();
    return best;
  }
  miss(firstLane, [] {
    return "the lanes are not lanes of one value, so that nothing tells a "
           "rotation from a reflection";
  });
  return std::nullopt;
}
