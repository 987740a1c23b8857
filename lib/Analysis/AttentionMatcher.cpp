//===- AttentionMatcher.cpp - Attention among evaluated elements ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/AttentionMatcher.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;

ExprId AttentionMatcher::stripTruncations(ExprId id) const {
  while (isFunction(exprs.get(id), "arith.truncf"))
    id = exprs.get(id).operands[0];
  return id;
}

std::optional<AttentionMatcher::Weight> AttentionMatcher::getWeight(ExprId id) {
  Weight weight;
  while (true) {
    const LaneExpr &expr = exprs.get(id);
    if (expr.kind != LaneExpr::Kind::Function)
      return std::nullopt;
    if (expr.name == "arith.truncf") {
      id = expr.operands[0];
    } else if (expr.name == "arith.divf" && !weight.sum &&
               !exprs.getConstantValue(expr.operands[0])) {
      weight.sum = expr.operands[1];
      id = expr.operands[0];
    } else if (expr.name == "arith.select") {
      bool zeroWhereTrue = exprs.getConstantValue(expr.operands[0]) == 0.0;
      if (!zeroWhereTrue && exprs.getConstantValue(expr.operands[1]) != 0.0)
        return std::nullopt;
      weight.conditions.push_back({expr.indices[0], !zeroWhereTrue});
      id = expr.operands[zeroWhereTrue ? 1 : 0];
    } else if (expr.name == "math.exp" || expr.name == "math.exp2") {
      weight.exponent = expr.operands[0];
      weight.base = expr.name == "math.exp" ? 1.0 : std::log(2.0);
      return weight;
    } else {
      return std::nullopt;
    }
  }
}

/// In x - (m + log s) the sum s, of which x - m is left:
/// exp(x - m - log s) = exp(x - m) / s. A logarithm of another base than that
/// of the exponential stays where it is. Sums of weights are positive, so an
/// absolute value of one is it.
std::optional<ExprId> AttentionMatcher::splitLogSum(ExprId &id, double base,
                                                    bool isNegated) {
  const LaneExpr expr = exprs.get(id);
  if (expr.kind == LaneExpr::Kind::Neg) {
    ExprId inner = expr.operands[0];
    std::optional<ExprId> sum = splitLogSum(inner, base, !isNegated);
    if (sum)
      id = exprs.neg(inner);
    return sum;
  }
  if (expr.kind != LaneExpr::Kind::Add)
    return std::nullopt;
  StringRef logarithm = base == 1.0 ? "math.log" : "math.log2";
  for (unsigned side : {0, 1}) {
    ExprId part = expr.operands[side], other = expr.operands[1 - side];
    bool isSubtracted = isNegated;
    ExprId term = part;
    if (const LaneExpr &inner = exprs.get(part);
        inner.kind == LaneExpr::Kind::Neg) {
      term = inner.operands[0];
      isSubtracted = !isSubtracted;
    }
    if (isSubtracted && isFunction(exprs.get(term), logarithm)) {
      id = other;
      ExprId sum = exprs.get(term).operands[0];
      if (isFunction(exprs.get(sum), "math.absf"))
        sum = exprs.get(sum).operands[0];
      return sum;
    }
    if (std::optional<ExprId> sum = splitLogSum(part, base, isNegated)) {
      id = exprs.add(expr.type, part, other);
      return sum;
    }
  }
  return std::nullopt;
}

std::optional<AttentionMatch> AttentionMatcher::match(ExprId out) {
  nearMiss.reset();
  // The sum of the weights may divide each of them or all that they weigh.
  std::optional<ExprId> sum;
  ExprId id = stripTruncations(out);
  if (const LaneExpr &expr = exprs.get(id); isFunction(expr, "arith.divf")) {
    sum = expr.operands[1];
    id = stripTruncations(expr.operands[0]);
  }
  const LaneExpr &reduction = exprs.get(id);
  if (!isSum(reduction) || reduction.indices.size() != 1)
    return std::nullopt;
  AttentionMatch match;
  match.keySymbol = reduction.indices.front();
  keyBit = indices.getSymbols(match.keySymbol);
  std::optional<SmallVector<LaneTerm, 2>> terms =
      exprs.getSumOfProducts(stripTruncations(reduction.operands[0]));
  if (!terms || terms->size() != 1)
    return std::nullopt;

  std::optional<Weight> weight;
  for (ExprId factor : terms->front().factors) {
    const LaneExpr &expr = exprs.get(factor);
    std::optional<Weight> found = getWeight(factor);
    if (found && !weight && dependsOnKey(found->exponent))
      weight = found;
    else if (isFunction(expr, "arith.divf") && !sum &&
             exprs.getConstantValue(expr.operands[0]) == 1.0)
      sum = expr.operands[1];
    else
      match.value.push_back(factor);
  }
  if (!weight || !hasProduct(weight->exponent))
    return std::nullopt;
  if (weight->sum && sum)
    return std::nullopt;
  if (!sum)
    sum = weight->sum;
  if (!sum)
    sum = splitLogSum(weight->exponent, weight->base);
  // The numerator alone is looked at again where it is divided.
  if (!sum)
    return std::nullopt;
  if (terms->front().coefficient != 1.0) {
    miss("the weights are multiplied by " +
         exprs.str(exprs.getConstant(Type(), terms->front().coefficient)));
    return std::nullopt;
  }
  if (!matchSum(*weight, *sum, match))
    return std::nullopt;
  // The sink is free of what shifts the row.
  ExprId scores = weight->exponent;
  double base = weight->base;
  if (match.sink) {
    if (base != 1.0)
      stripFactors(scores, base);
    if (std::optional<ExprId> shift = splitShift(scores))
      noteShift(*shift, match);
  }
  if (!matchScore(scores, base, match))
    return std::nullopt;

  // A value has lanes of its own: else this is a sum of a row's numbers, as in
  // the backward pass of a softmax.
  uint64_t inValue = 0;
  for (ExprId factor : match.value)
    inValue |= exprs.getSymbols(factor);
  uint64_t inScore = exprs.getSymbols(weight->exponent);
  if (match.value.empty() || !(inValue & keyBit)) {
    miss("the weights do not multiply a value of each key");
    return std::nullopt;
  }
  if (!(inValue & ~inScore)) {
    miss("the values have no lanes of their own");
    return std::nullopt;
  }
  for (const ScoreProduct &product : match.products)
    if (!(product.scale > 0.0) || !std::isfinite(product.scale)) {
      miss("the scale of the scores is not positive");
      return std::nullopt;
    }
  if (!orderProducts(inValue, match))
    return std::nullopt;
  return match;
}

/// Whether a comparison of floats holds, or fails, exactly where two numbers
/// are equal.
static bool isEquality(IndexContext &indices, const IndexAtom &comparison,
                       bool expected) {
  auto predicate = static_cast<arith::CmpFPredicate>(
      *indices.getConstantValue(comparison.operands[1]));
  return expected ? predicate == arith::CmpFPredicate::OEQ ||
                        predicate == arith::CmpFPredicate::UEQ
                  : predicate == arith::CmpFPredicate::ONE ||
                        predicate == arith::CmpFPredicate::UNE;
}

bool AttentionMatcher::matchSum(const Weight &weight, ExprId sum,
                                AttentionMatch &match) {
  // A guard of rows without keys: where the sum is 0 it divides by another
  // number, and 0 divided by it is 0.
  sum = stripTruncations(sum);
  if (const LaneExpr &expr = exprs.get(sum); isFunction(expr, "arith.select"))
    for (unsigned side : {0, 1})
      if (std::optional<double> one =
              exprs.getConstantValue(expr.operands[side]);
          one && *one != 0.0 && std::isfinite(*one)) {
        const IndexAtom *atom = indices.getAsAtom(expr.indices[0]);
        bool comparesSum =
            atom && atom->name == "arith.cmpf" &&
            isEquality(indices, *atom, /*expected=*/side == 0) &&
            static_cast<ExprId>(*indices.getConstantValue(atom->operands[2])) ==
                expr.operands[1 - side] &&
            exprs.getConstantValue(static_cast<ExprId>(
                *indices.getConstantValue(atom->operands[3]))) == 0.0;
        if (!comparesSum)
          return miss("the sum of the weights is replaced where something else "
                      "than itself is zero");
        sum = stripTruncations(expr.operands[1 - side]);
        break;
      }

  // The weight of a sink is a term of the sum alone.
  std::optional<ExprId> sinkWeight;
  if (const LaneExpr &expr = exprs.get(sum); expr.kind == LaneExpr::Kind::Add)
    for (unsigned side : {0, 1})
      if (isSum(exprs.get(stripTruncations(expr.operands[side])))) {
        sinkWeight = expr.operands[1 - side];
        sum = stripTruncations(expr.operands[side]);
        break;
      }
  const LaneExpr &reduction = exprs.get(sum);
  if (!isSum(reduction) || reduction.indices.size() != 1 ||
      reduction.indices.front() != match.keySymbol)
    return miss("the weights are not divided by a sum over the keys");
  std::optional<Weight> term = getWeight(reduction.operands[0]);
  if (!term || term->sum || !term->hasSameTerms(weight))
    return miss("the weights are not divided by their own sum");

  // Conditions on both sides exclude keys; one on the quotient alone may only
  // clear rows without keys.
  for (const KeyCondition &condition : term->conditions)
    if (!llvm::is_contained(weight.conditions, condition))
      return miss("the sum excludes keys that have weights");
  for (const KeyCondition &condition : weight.conditions) {
    if (llvm::is_contained(term->conditions, condition))
      match.conditions.push_back(condition);
    else if (!isRowGuard(condition, weight.exponent, match))
      return miss("weights are cleared after the softmax");
  }

  if (!sinkWeight)
    return true;
  std::optional<Weight> sink = getWeight(*sinkWeight);
  if (!sink || !sink->conditions.empty() || sink->sum ||
      sink->base != weight.base || dependsOnKey(sink->exponent))
    return miss("the sum of the weights has another term that is no sink");
  // x - m and sink - m; of powers of two both times log2(e).
  ExprId scoreExponent = weight.exponent, sinkExponent = sink->exponent;
  if (weight.base != 1.0) {
    double scoreFactor = 1.0, sinkFactor = 1.0;
    stripFactors(scoreExponent, scoreFactor);
    stripFactors(sinkExponent, sinkFactor);
    if (scoreFactor != sinkFactor ||
        std::abs(scoreFactor * weight.base - 1.0) > 1e-6)
      return miss("the sink is not scaled as the scores are");
  }
  std::optional<ExprId> shift = splitShift(scoreExponent);
  if (!shift) {
    match.sink = sinkExponent;
    return true;
  }
  const LaneExpr &shifted = exprs.get(sinkExponent);
  if (shifted.kind == LaneExpr::Kind::Add)
    for (unsigned side : {0, 1})
      if (shifted.operands[side] == *shift) {
        match.sink = shifted.operands[1 - side];
        return true;
      }
  return miss("the sink is not shifted as the scores are");
}

void AttentionMatcher::stripFactors(ExprId &id, double &factor) {
  while (exprs.get(id).kind == LaneExpr::Kind::Mul) {
    const LaneExpr &expr = exprs.get(id);
    std::optional<double> left = exprs.getConstantValue(expr.operands[0]);
    std::optional<double> right = exprs.getConstantValue(expr.operands[1]);
    if (!left && !right)
      return;
    factor *= left ? *left : *right;
    id = expr.operands[left ? 1 : 0];
  }
}

/// Leaves x of x + m, m being a number of the whole row, and returns m.
std::optional<ExprId> AttentionMatcher::splitShift(ExprId &id) {
  const LaneExpr &expr = exprs.get(id);
  if (expr.kind == LaneExpr::Kind::Add)
    for (unsigned side : {0, 1})
      if (isRowNumber(expr.operands[side])) {
        ExprId shift = expr.operands[side];
        id = expr.operands[1 - side];
        return shift;
      }
  return std::nullopt;
}

/// The scores of an exponent, without factors and what shifts the row.
ExprId AttentionMatcher::getScore(ExprId id) {
  double factor = 1.0;
  stripFactors(id, factor);
  while (splitShift(id))
    ;
  id = stripTruncations(id);
  stripFactors(id, factor);
  return id;
}

bool AttentionMatcher::hasProduct(ExprId id) {
  DenseSet<ExprId> visited;
  SmallVector<ExprId> worklist = {id};
  while (!worklist.empty()) {
    ExprId next = worklist.pop_back_val();
    if (!visited.insert(next).second || !dependsOnKey(next))
      continue;
    if (isSum(exprs.get(next)))
      return true;
    llvm::append_range(worklist, exprs.get(next).operands);
  }
  return false;
}

bool AttentionMatcher::isRowNumber(ExprId id) {
  if (dependsOnKey(id))
    return false;
  const LaneExpr &expr = exprs.get(id);
  if (expr.kind == LaneExpr::Kind::Reduction ||
      expr.kind == LaneExpr::Kind::Constant)
    return true;
  // The maximum of a row in a spelling that nobody looked into.
  if (expr.kind == LaneExpr::Kind::Leaf) {
    auto op = expr.value.getDefiningOp<linalg::LinalgOp>();
    return op && op.getNumReductionLoops() == 1;
  }
  // A constant makes none of the data that it is combined with.
  SmallVector<ExprId, 2> operands = expr.operands;
  return llvm::any_of(operands, [&](ExprId operand) {
    return exprs.get(operand).kind != LaneExpr::Kind::Constant &&
           isRowNumber(operand);
  });
}

//===----------------------------------------------------------------------===//
// Guards of rows without keys
//===----------------------------------------------------------------------===//

/// Whether weights are kept exactly where some score of the row is not -inf.
bool AttentionMatcher::isRowGuard(const KeyCondition &condition,
                                  ExprId exponent,
                                  const AttentionMatch &match) {
  KeyCondition current = condition;
  auto peel = [&]() {
    while (std::optional<KeyCondition> inner = peelNegation(indices, current))
      current = *inner;
  };
  peel();
  const IndexAtom *atom = indices.getAsAtom(current.condition);
  if (!atom || atom->kind != IndexAtom::Kind::Function ||
      atom->name != (current.expected ? "rope.any" : "rope.all") ||
      atom->operands[0] != match.keySymbol)
    return false;
  current.condition = atom->operands[1];
  peel();
  atom = indices.getAsAtom(current.condition);
  if (!atom || atom->kind != IndexAtom::Kind::Function ||
      atom->name != "arith.cmpf")
    return false;
  auto predicate = static_cast<arith::CmpFPredicate>(
      *indices.getConstantValue(atom->operands[1]));
  auto isExpected = current.expected
                        ? predicate == arith::CmpFPredicate::UNE ||
                              predicate == arith::CmpFPredicate::ONE ||
                              predicate == arith::CmpFPredicate::OGT
                        : predicate == arith::CmpFPredicate::OEQ;
  ExprId compared[2];
  for (unsigned side : {0, 1})
    compared[side] = stripTruncations(static_cast<ExprId>(
        *indices.getConstantValue(atom->operands[2 + side])));
  return isExpected && getScore(compared[0]) == getScore(exponent) &&
         exprs.getConstantValue(compared[1]) ==
             -std::numeric_limits<double>::infinity();
}
