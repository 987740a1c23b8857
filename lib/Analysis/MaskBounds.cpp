//===- MaskBounds.cpp - Causal masks and windows --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A mask is a conjunction. Comparisons of key - query with a number that does
// not depend on them are bounds; all else stays a condition.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/AttentionMatcher.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::rope;

std::optional<KeyCondition> rope::peelNegation(IndexContext &indices,
                                               const KeyCondition &condition) {
  const IndexAtom *atom = indices.getAsAtom(condition.condition);
  if (!atom || atom->kind != IndexAtom::Kind::Function)
    return std::nullopt;
  auto peeled = [&](IndexId inner, bool negated) {
    KeyCondition result = condition;
    result.condition = inner;
    result.expected ^= negated;
    return result;
  };
  // cmpi eq/ne of a boolean with a constant: [predicate, a, b, width].
  if (atom->name == "arith.cmpi" &&
      indices.getConstantValue(atom->operands[3]) == 1) {
    auto predicate = static_cast<arith::CmpIPredicate>(
        *indices.getConstantValue(atom->operands[0]));
    bool isNe = predicate == arith::CmpIPredicate::ne;
    if (!isNe && predicate != arith::CmpIPredicate::eq)
      return std::nullopt;
    for (unsigned side : {1, 2})
      if (std::optional<int64_t> constant =
              indices.getConstantValue(atom->operands[side]))
        return peeled(atom->operands[3 - side], isNe == (*constant != 0));
  }
  // Logic on booleans: [width, width, a, b].
  if (atom->name == "arith.xori" &&
      indices.getConstantValue(atom->operands[0]) == 1)
    for (unsigned side : {2, 3})
      if (std::optional<int64_t> constant =
              indices.getConstantValue(atom->operands[side]))
        return peeled(atom->operands[5 - side], *constant != 0);
  // select(c, true, false) and its negation: [c, a, b].
  if (atom->name == "arith.select") {
    std::optional<int64_t> a = indices.getConstantValue(atom->operands[1]);
    std::optional<int64_t> b = indices.getConstantValue(atom->operands[2]);
    if (a && b && (*a != 0) != (*b != 0))
      return peeled(atom->operands[0], *a == 0);
  }
  return std::nullopt;
}

namespace {
class BoundsFinder {
public:
  BoundsFinder(IndexContext &indices, IndexId query, IndexId key)
      : indices(indices), query(query), key(key) {}

  void add(KeyCondition condition) {
    if (std::optional<int64_t> known =
            indices.getConstantValue(condition.condition);
        known && (*known != 0) == condition.expected)
      return;
    if (std::optional<KeyCondition> inner = peelNegation(indices, condition))
      return add(*inner);
    if (addConjunction(condition) || addComparison(condition))
      return;
    if (!llvm::is_contained(bounds.others, condition))
      bounds.others.push_back(condition);
  }

  MaskBounds bounds;

private:
  bool addConjunction(const KeyCondition &condition) {
    const IndexAtom *atom = indices.getAsAtom(condition.condition);
    if (!atom || atom->kind != IndexAtom::Kind::Function)
      return false;
    auto addBoth = [&](IndexId a, bool aExpected, IndexId b, bool bExpected) {
      KeyCondition first = condition, second = condition;
      first.condition = a;
      first.expected = aExpected;
      second.condition = b;
      second.expected = bExpected;
      add(first);
      add(second);
      return true;
    };
    // not (a or b) = not a and not b
    StringRef conjunction = condition.expected ? "arith.andi" : "arith.ori";
    if (atom->name == conjunction &&
        indices.getConstantValue(atom->operands[0]) == 1)
      return addBoth(atom->operands[2], condition.expected, atom->operands[3],
                     condition.expected);
    if (atom->name != "arith.select")
      return false;
    // select(c, a, false) = c and a; select(c, false, b) = not c and b;
    // not select(c, true, b) = not c and not b, and so on.
    for (unsigned side : {1, 2})
      if (std::optional<int64_t> constant =
              indices.getConstantValue(atom->operands[side]);
          constant && (*constant != 0) != condition.expected)
        return addBoth(atom->operands[0], side == 2, atom->operands[3 - side],
                       condition.expected);
    return false;
  }

  bool addComparison(const KeyCondition &condition) {
    const IndexAtom *atom = indices.getAsAtom(condition.condition);
    if (!atom || atom->kind != IndexAtom::Kind::Function ||
        atom->name != "arith.cmpi")
      return false;
    auto predicate = static_cast<arith::CmpIPredicate>(
        *indices.getConstantValue(atom->operands[0]));
    if (!condition.expected)
      predicate = arith::invertPredicate(predicate);
    // As slack >= 0.
    IndexId a = atom->operands[1], b = atom->operands[2], slack;
    IndexId one = indices.getConstant(1);
    switch (predicate) {
    case arith::CmpIPredicate::slt:
      slack = indices.sub(indices.sub(b, a), one);
      break;
    case arith::CmpIPredicate::sle:
      slack = indices.sub(b, a);
      break;
    case arith::CmpIPredicate::sgt:
      slack = indices.sub(indices.sub(a, b), one);
      break;
    case arith::CmpIPredicate::sge:
      slack = indices.sub(a, b);
      break;
    default:
      return false;
    }
    uint64_t both = indices.getSymbols(query) | indices.getSymbols(key);
    // slack = query - key + rest: key - query <= rest.
    IndexId rest = indices.sub(slack, indices.sub(query, key));
    if (!(indices.getSymbols(rest) & both))
      return setBound(bounds.upper, rest, /*isUpper=*/true);
    // slack = key - query + rest: key - query >= -rest.
    rest = indices.sub(slack, indices.sub(key, query));
    if (!(indices.getSymbols(rest) & both))
      return setBound(bounds.lower, indices.scale(rest, -1), /*isUpper=*/false);
    return false;
  }

  bool setBound(std::optional<IndexId> &bound, IndexId value, bool isUpper) {
    // One number for all rows.
    if (indices.getSymbols(value) != 0)
      return false;
    if (!bound) {
      bound = value;
      return true;
    }
    std::optional<int64_t> distance =
        indices.getConstantDifference(value, *bound);
    if (!distance)
      return false;
    if (isUpper ? *distance < 0 : *distance > 0)
      bound = value;
    return true;
  }

  IndexContext &indices;
  IndexId query, key;
};
} // namespace

MaskBounds rope::getMaskBounds(IndexContext &indices,
                               ArrayRef<KeyCondition> conditions, IndexId query,
                               IndexId key) {
  BoundsFinder finder(indices, query, key);
  for (const KeyCondition &condition : conditions)
    finder.add(condition);
  return finder.bounds;
}
