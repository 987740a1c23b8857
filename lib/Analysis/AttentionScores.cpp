//===- AttentionScores.cpp - The scores of an attention -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the outside to the inside: selects, biases, a softcap, then products of
// queries and keys, multiplied by numbers and by what keys do not depend on.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/AttentionMatcher.h"

#include <cmath>

using namespace mlir;
using namespace mlir::rope;

/// Beside numbers up to this one a score keeps what is larger than 1e-4.
static constexpr double kMaxShift = 1024.0;

bool AttentionMatcher::hasLargeConstant(ExprId id) {
  const LaneExpr &expr = exprs.get(id);
  if (expr.kind == LaneExpr::Kind::Constant)
    return !(std::abs(expr.constant) <= kMaxShift);
  bool passes =
      expr.kind == LaneExpr::Kind::Add || expr.kind == LaneExpr::Kind::Mul ||
      expr.kind == LaneExpr::Kind::Neg || isFunction(expr, "arith.truncf") ||
      isFunction(expr, "arith.divf") || isFunction(expr, "arith.select");
  return passes && llvm::any_of(expr.operands, [&](ExprId operand) {
           return hasLargeConstant(operand);
         });
}

bool AttentionMatcher::matchScore(ExprId id, double coefficient,
                                  AttentionMatch &match) {
  const LaneExpr &expr = exprs.get(id);
  switch (expr.kind) {
  case LaneExpr::Kind::Neg:
    return matchScore(expr.operands[0], -coefficient, match);
  case LaneExpr::Kind::Mul:
    for (unsigned side : {0, 1})
      if (std::optional<double> factor =
              exprs.getConstantValue(expr.operands[side]))
        return matchScore(expr.operands[1 - side], coefficient * *factor,
                          match);
    // A temperature, of a head or of a query, is a factor of the query.
    for (unsigned side : {0, 1})
      if (!dependsOnKey(expr.operands[side]))
        return matchProducts(id, coefficient, {}, match);
    return miss("the scores are multiplied by a value that is not a constant");
  case LaneExpr::Kind::Add: {
    bool first = hasProduct(expr.operands[0]);
    if (first && hasProduct(expr.operands[1]))
      return matchProducts(id, coefficient, {}, match);
    ExprId product = expr.operands[first ? 0 : 1];
    ExprId other = expr.operands[first ? 1 : 0];
    // Outside of a softcap whole rows may be shifted.
    if (match.softcap)
      return miss("a bias is added before the softcap");
    // A sink is compared with the scores as they are. A number so low that the
    // scores vanish beside it is no shift: the weights are all the same then.
    if (match.sink || !isRowNumber(other) || hasLargeConstant(other))
      match.biases.push_back({other, coefficient});
    else
      noteShift(other, match);
    return matchScore(product, coefficient, match);
  }
  case LaneExpr::Kind::Reduction:
    return matchProduct(id, coefficient, {}, match);
  case LaneExpr::Kind::Function:
    if (expr.name == "arith.truncf")
      return matchScore(expr.operands[0], coefficient, match);
    if (expr.name == "arith.divf") {
      if (std::optional<double> divisor =
              exprs.getConstantValue(expr.operands[1]))
        return matchScore(expr.operands[0], coefficient / *divisor, match);
      if (!dependsOnKey(expr.operands[1]))
        return matchProducts(id, coefficient, {}, match);
    }
    if (expr.name == "arith.select")
      return matchSelect(expr, coefficient, match);
    if (expr.name == "math.tanh") {
      // c tanh(a q.k) = softcap tanh(scale q.k / softcap), scale = a c
      if (match.softcap)
        return miss("the scores are capped twice");
      if (!(coefficient > 0.0))
        return miss("the softcap is not positive");
      match.softcap = coefficient;
      return matchScore(expr.operands[0], coefficient, match);
    }
    return miss("the scores pass through " + expr.name);
  default:
    return miss("the scores are no products of queries and keys");
  }
}

bool AttentionMatcher::matchSelect(const LaneExpr &select, double coefficient,
                                   AttentionMatch &match) {
  if (match.softcap)
    return miss("scores are replaced before the softcap");
  for (unsigned side : {0, 1}) {
    std::optional<double> constant =
        exprs.getConstantValue(select.operands[1 - side]);
    if (!constant)
      continue;
    KeyCondition condition{select.indices[0], side == 0};
    double replacement = *constant * coefficient;
    if (replacement != -std::numeric_limits<double>::infinity())
      condition.replacement = replacement;
    match.conditions.push_back(condition);
    return matchScore(select.operands[side], coefficient, match);
  }
  return miss("scores are replaced by values that are not constants");
}

/// A product or the sum of two, multiplied by `coefficient`, by `factors` and
/// by what the program multiplies it with or divides it by.
bool AttentionMatcher::matchProducts(ExprId id, double coefficient,
                                     ArrayRef<ExprId> factors,
                                     AttentionMatch &match) {
  const LaneExpr expr = exprs.get(id);
  auto withFactor = [&](ExprId product, ExprId factor) {
    SmallVector<ExprId> all(factors);
    all.push_back(factor);
    return matchProducts(product, coefficient, all, match);
  };
  bool isQuotient = isFunction(expr, "arith.divf");
  if (expr.kind == LaneExpr::Kind::Neg)
    return matchProducts(expr.operands[0], -coefficient, factors, match);
  if (isFunction(expr, "arith.truncf"))
    return matchProducts(expr.operands[0], coefficient, factors, match);
  if (expr.kind == LaneExpr::Kind::Mul || isQuotient)
    for (unsigned side : {1, 0}) {
      if (side == 0 && isQuotient)
        break;
      ExprId other = expr.operands[side], product = expr.operands[1 - side];
      if (std::optional<double> number = exprs.getConstantValue(other))
        return matchProducts(
            product, isQuotient ? coefficient / *number : coefficient * *number,
            factors, match);
      if (dependsOnKey(other))
        continue;
      if (!isQuotient)
        return withFactor(product, other);
      // Not rounded to a type in which the program does not have it.
      Type type = expr.type.isF64() ? expr.type
                                    : Float32Type::get(expr.type.getContext());
      return withFactor(product,
                        exprs.function("arith.divf", type,
                                       {exprs.getConstant(type, 1.0), other}));
    }
  if (expr.kind == LaneExpr::Kind::Add && hasProduct(expr.operands[0]) &&
      hasProduct(expr.operands[1]))
    return matchProducts(expr.operands[0], coefficient, factors, match) &&
           matchProducts(expr.operands[1], coefficient, factors, match);
  if (isSum(expr))
    return matchProduct(id, coefficient, factors, match);
  return miss("the scores are multiplied by a value that is not a constant");
}

bool AttentionMatcher::matchProduct(ExprId id, double coefficient,
                                    ArrayRef<ExprId> factors,
                                    AttentionMatch &match) {
  const LaneExpr &reduction = exprs.get(id);
  if (!isSum(reduction))
    return miss("the scores are no products of queries and keys");
  std::optional<SmallVector<LaneTerm, 2>> terms =
      exprs.getSumOfProducts(stripTruncations(reduction.operands[0]));
  if (!terms || terms->size() != 1)
    return miss("the scores are no products of queries and keys");
  if (match.products.size() == 2)
    return miss("the scores are a sum of more than two products");
  ScoreProduct product;
  product.laneSymbols.assign(reduction.indices.begin(),
                             reduction.indices.end());
  product.query.assign(factors.begin(), factors.end());
  product.scale = coefficient * terms->front().coefficient;
  uint64_t laneBits = 0, inQuery = 0, inKey = 0;
  for (IndexId symbol : product.laneSymbols)
    laneBits |= indices.getSymbols(symbol);
  for (ExprId factor : terms->front().factors) {
    bool isKey = dependsOnKey(factor);
    (isKey ? product.key : product.query).push_back(factor);
    (isKey ? inKey : inQuery) |= exprs.getSymbols(factor);
  }
  if (!(inQuery & laneBits) || !(inKey & laneBits))
    return miss("the scores are no products of queries and keys");
  match.products.push_back(std::move(product));
  return true;
}

/// Of two products the second is the one whose keys fewer heads have. What a
/// key depends on beside that is a head, which values have, too: else it is a
/// relative position.
bool AttentionMatcher::orderProducts(uint64_t inValue, AttentionMatch &match) {
  if (match.products.size() == 1)
    return true;
  auto getKeySymbols = [&](const ScoreProduct &product) {
    uint64_t symbols = 0, lanes = 0;
    for (ExprId factor : product.key)
      symbols |= exprs.getSymbols(factor);
    for (IndexId lane : product.laneSymbols)
      lanes |= indices.getSymbols(lane);
    return symbols & ~lanes;
  };
  uint64_t first = getKeySymbols(match.products[0]);
  uint64_t second = getKeySymbols(match.products[1]);
  if (second & ~first) {
    std::swap(match.products[0], match.products[1]);
    std::swap(first, second);
  }
  if ((second & ~first) || (first & ~second & ~inValue))
    return miss("the keys of two products are not those of one");
  return true;
}
