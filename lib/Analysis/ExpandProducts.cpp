//===- ExpandProducts.cpp - The polynomial normal form of a lane ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products are distributed over sums, and what cancels is gone. Numbers are
// rounded elsewhere then, and where terms cancel not at all.
//
// A step is an expression that is looked at or a term that is made.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/LaneExpr.h"
#include <map>

using namespace mlir;
using namespace mlir::rope;

/// A sum with more terms stays one factor, as a product with more than
/// kMaxFactors factors does.
static constexpr size_t kMaxTerms = 16;

namespace {
using Factors = SmallVector<ExprId, 4>;
/// Coefficients by sorted factors.
using Polynomial = std::map<Factors, double>;

class Expander {
public:
  Expander(LaneExprContext &exprs, Type type, uint64_t &stepsLeft)
      : exprs(exprs), type(type), stepsLeft(stepsLeft) {}

  const Polynomial &expand(ExprId id) {
    if (auto it = known.find(id); it != known.end())
      return it->second;
    Polynomial polynomial;
    for (const auto &[factors, coefficient] : compute(id))
      if (coefficient != 0.0)
        polynomial[factors] = coefficient;
    bool isTooLong = llvm::any_of(polynomial, [](const auto &term) {
      return term.first.size() > LaneExprContext::kMaxFactors;
    });
    if (isTooLong || polynomial.size() > kMaxTerms)
      polynomial = {{{id}, 1.0}};
    return known[id] = std::move(polynomial);
  }

private:
  void step() { stepsLeft -= stepsLeft > 0; }

  Polynomial compute(ExprId id) {
    step();
    const LaneExpr expr = exprs.get(id);
    if (expr.kind == LaneExpr::Kind::Constant)
      return {{{}, expr.constant}};
    Polynomial result;
    if (expr.kind == LaneExpr::Kind::Neg) {
      for (const auto &[factors, coefficient] : expand(expr.operands[0]))
        result[factors] = -coefficient;
      return result;
    }
    // What is rounded to another type is a number of its own.
    bool opens =
        stepsLeft > 0 && expr.type == type &&
        (expr.kind == LaneExpr::Kind::Add || expr.kind == LaneExpr::Kind::Mul);
    if (!opens)
      return {{{id}, 1.0}};
    Polynomial first = expand(expr.operands[0]);
    Polynomial second = expand(expr.operands[1]);
    if (expr.kind == LaneExpr::Kind::Add) {
      result = first;
      for (const auto &[factors, coefficient] : second)
        result[factors] += coefficient;
      return result;
    }
    for (const auto &[firstFactors, firstCoefficient] : first)
      for (const auto &[secondFactors, secondCoefficient] : second) {
        step();
        Factors factors(firstFactors);
        llvm::append_range(factors, secondFactors);
        llvm::sort(factors);
        result[factors] += firstCoefficient * secondCoefficient;
      }
    return result;
  }

  LaneExprContext &exprs;
  Type type;
  uint64_t &stepsLeft;
  std::map<ExprId, Polynomial> known;
};
} // namespace

ExprId LaneExprContext::expandProducts(ExprId id, uint64_t &stepsLeft) {
  Type type = get(id).type;
  const Polynomial polynomial = Expander(*this, type, stepsLeft).expand(id);
  std::optional<ExprId> sum;
  for (const auto &[factors, coefficient] : polynomial) {
    ExprId product = getConstant(type, coefficient);
    for (ExprId factor : factors)
      product = mul(type, product, factor);
    sum = sum ? add(type, *sum, product) : product;
  }
  return sum ? *sum : getConstant(type, 0.0);
}
