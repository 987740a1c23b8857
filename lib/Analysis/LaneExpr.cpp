//===- LaneExpr.cpp - Interned expressions of one tensor element ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/LaneExpr.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;

double rope::roundToType(Type type, double value) {
  auto floatType = dyn_cast<FloatType>(type);
  if (!floatType || floatType.isF64())
    return value;
  APFloat rounded(value);
  bool losesInfo;
  rounded.convert(floatType.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                  &losesInfo);
  rounded.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                  &losesInfo);
  return rounded.convertToDouble();
}

LaneExprContext::LaneExprContext(IndexContext &indexContext,
                                 Arithmetic arithmetic)
    : indexContext(indexContext), arithmetic(arithmetic) {
  // The undefined expression has id 0.
  intern(LaneExpr());
}

//===----------------------------------------------------------------------===//
// Interning
//===----------------------------------------------------------------------===//

ExprId LaneExprContext::intern(LaneExpr expr) {
  ExprId id = exprs.intern(std::move(expr));
  if (id == depths.size()) {
    unsigned depth = 0;
    for (ExprId operand : exprs[id].operands)
      depth = std::max(depth, depths[operand] + 1);
    depths.push_back(depth);
  }
  return id;
}

ExprId LaneExprContext::getConstant(Type type, double value) {
  LaneExpr expr;
  expr.kind = LaneExpr::Kind::Constant;
  expr.type = type;
  // One zero: its sign is lost by x * 0 = 0 anyhow.
  expr.constant = value == 0.0 ? 0.0 : value;
  return intern(std::move(expr));
}

ExprId LaneExprContext::getLeaf(Value value, ArrayRef<IndexId> indices,
                                ElementPart part) {
  LaneExpr expr;
  expr.kind = LaneExpr::Kind::Leaf;
  expr.part = part;
  expr.type = getElementTypeOrSelf(value.getType());
  if (auto complexType = dyn_cast<ComplexType>(expr.type))
    expr.type = complexType.getElementType();
  expr.value = value;
  expr.indices.assign(indices.begin(), indices.end());
  return intern(std::move(expr));
}

ExprId LaneExprContext::getColumn(Type type, ArrayRef<int64_t> shape,
                                  std::vector<double> content,
                                  ArrayRef<IndexId> indices) {
  if (content.empty())
    return getUndefined();
  if (llvm::all_of(content, [&](double v) {
        return v == content.front() ||
               (std::isnan(v) && std::isnan(content.front()));
      }))
    return getConstant(type, content.front());
  if (llvm::any_of(content, [](double v) { return std::isnan(v); }))
    return getUndefined();
  bool negative =
      *llvm::find_if(content, [](double v) { return v != 0.0; }) < 0;
  for (double &value : content)
    value = value == 0.0 ? 0.0 : negative ? -value : value;

  unsigned column = columns.intern(
      ConstantColumn{SmallVector<int64_t>(shape), std::move(content)});
  LaneExpr expr;
  expr.kind = LaneExpr::Kind::Column;
  expr.type = type;
  expr.column = column;
  expr.indices.assign(indices.begin(), indices.end());
  ExprId id = intern(std::move(expr));
  return negative ? neg(id) : id;
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

std::optional<double> LaneExprContext::getConstantValue(ExprId id) const {
  if (exprs[id].kind != LaneExpr::Kind::Constant)
    return std::nullopt;
  return exprs[id].constant;
}

ExprId LaneExprContext::neg(ExprId a) {
  const LaneExpr &expr = exprs[a];
  switch (expr.kind) {
  case LaneExpr::Kind::Undefined:
    return a;
  case LaneExpr::Kind::Constant:
    return getConstant(expr.type, -expr.constant);
  case LaneExpr::Kind::Neg:
    return expr.operands[0];
  default: {
    LaneExpr negated;
    negated.kind = LaneExpr::Kind::Neg;
    negated.type = expr.type;
    negated.operands = {a};
    return intern(std::move(negated));
  }
  }
}

ExprId LaneExprContext::add(Type type, ExprId a, ExprId b) {
  if (a == getUndefined() || b == getUndefined())
    return getUndefined();
  std::optional<double> left = getConstantValue(a), right = getConstantValue(b);
  if (left && right)
    return getConstant(type, roundToType(type, *left + *right));
  bool strict = arithmetic == Arithmetic::Strict;
  if (left == 0.0 && !strict)
    return b;
  if (right == 0.0 && !strict)
    return a;
  LaneExpr sum;
  sum.kind = LaneExpr::Kind::Add;
  sum.type = type;
  sum.operands = {std::min(a, b), std::max(a, b)};
  return intern(std::move(sum));
}

ExprId LaneExprContext::mul(Type type, ExprId a, ExprId b) {
  std::optional<double> left = getConstantValue(a), right = getConstantValue(b);
  if ((left == 0.0 || right == 0.0) && arithmetic != Arithmetic::Strict)
    return getConstant(type, 0.0);
  if (a == getUndefined() || b == getUndefined())
    return getUndefined();
  if (left && right)
    return getConstant(type, roundToType(type, *left * *right));
  for (auto [constant, other] : {std::pair(left, b), std::pair(right, a)}) {
    if (constant == 1.0)
      return other;
    if (constant == -1.0)
      return neg(other);
  }
  // The sign goes outside.
  bool negative = false;
  for (ExprId *operand : {&a, &b}) {
    const LaneExpr &expr = exprs[*operand];
    if (expr.kind == LaneExpr::Kind::Neg) {
      negative = !negative;
      *operand = expr.operands[0];
    } else if (expr.kind == LaneExpr::Kind::Constant && expr.constant < 0) {
      negative = !negative;
      *operand = getConstant(expr.type, -expr.constant);
    }
  }
  LaneExpr product;
  product.kind = LaneExpr::Kind::Mul;
  product.type = type;
  product.operands = {std::min(a, b), std::max(a, b)};
  ExprId id = intern(std::move(product));
  return negative ? neg(id) : id;
}

/// The functions whose constants fold: those that IEEE 754 or C define for
/// doubles. The result is then rounded to the op's type.
std::optional<double> LaneExprContext::foldFunction(StringRef name, Type type,
                                                    ArrayRef<ExprId> operands) {
  SmallVector<double, 2> values;
  for (ExprId operand : operands) {
    std::optional<double> value = getConstantValue(operand);
    if (!value)
      return std::nullopt;
    values.push_back(*value);
  }
  using Unary = double (*)(double);
  using Binary = double (*)(double, double);
  if (values.size() == 1) {
    Unary unary =
        llvm::StringSwitch<Unary>(name)
            .Case("arith.truncf", [](double x) { return x; })
            .Case("math.cos", std::cos)
            .Case("math.sin", std::sin)
            .Case("math.exp", std::exp)
            .Case("math.exp2", std::exp2)
            .Case("math.log", std::log)
            .Case("math.sqrt", std::sqrt)
            .Case("math.absf", std::fabs)
            .Case("math.floor", std::floor)
            .Case("math.rsqrt", [](double x) { return 1.0 / std::sqrt(x); })
            .Default(nullptr);
    if (unary)
      return roundToType(type, unary(values[0]));
  }
  if (values.size() == 2) {
    Binary binary =
        llvm::StringSwitch<Binary>(name)
            .Case("arith.divf", [](double x, double y) { return x / y; })
            .Case("math.powf",
                  [](double x, double y) { return std::pow(x, y); })
            .Case("arith.maximumf",
                  [](double x, double y) { return std::max(x, y); })
            .Case("arith.minimumf",
                  [](double x, double y) { return std::min(x, y); })
            .Default(nullptr);
    if (binary)
      return roundToType(type, binary(values[0], values[1]));
  }
  return std::nullopt;
}

bool LaneExprContext::isOfType(ExprId id, Type type) const {
  auto held = dyn_cast_or_null<FloatType>(exprs[id].type);
  auto holder = dyn_cast<FloatType>(type);
  return held && holder &&
         APFloat::isRepresentableBy(held.getFloatSemantics(),
                                    holder.getFloatSemantics());
}

ExprId LaneExprContext::function(StringRef name, Type type,
                                 ArrayRef<ExprId> operands,
                                 ArrayRef<IndexId> indices) {
  if (llvm::is_contained(operands, getUndefined()))
    return getUndefined();
  if (indices.empty())
    if (std::optional<double> folded = foldFunction(name, type, operands))
      return getConstant(type, *folded);
  // What a type holds is not changed by rounding to it.
  if (name == "arith.truncf" && isOfType(operands[0], type))
    return operands[0];
  // Odd and even functions move the sign of their operand.
  if (operands.size() == 1 && exprs[operands[0]].kind == LaneExpr::Kind::Neg) {
    ExprId positive = exprs[operands[0]].operands[0];
    if (name == "math.cos" || name == "math.absf")
      return function(name, type, {positive});
    if (name == "math.sin" || name == "arith.truncf")
      return neg(function(name, type, {positive}));
  }
  if (name == "arith.divf") {
    if (getConstantValue(operands[0]) == 0.0)
      return operands[0];
    if (getConstantValue(operands[1]) == 1.0)
      return operands[0];
    if (exprs[operands[0]].kind == LaneExpr::Kind::Neg)
      return neg(
          function(name, type, {exprs[operands[0]].operands[0], operands[1]}));
  }
  LaneExpr expr;
  expr.kind = LaneExpr::Kind::Function;
  expr.type = type;
  expr.name = name;
  expr.operands.assign(operands.begin(), operands.end());
  expr.indices.assign(indices.begin(), indices.end());
  return intern(std::move(expr));
}

ExprId LaneExprContext::reduction(StringRef name, Type type, ExprId body,
                                  ArrayRef<IndexId> bound) {
  if (body == getUndefined())
    return body;
  LaneExpr expr;
  expr.kind = LaneExpr::Kind::Reduction;
  expr.type = type;
  expr.name = name;
  expr.operands = {body};
  expr.indices.assign(bound.begin(), bound.end());
  return intern(std::move(expr));
}

//===----------------------------------------------------------------------===//
// Sums of products
//===----------------------------------------------------------------------===//

LaneTerm LaneExprContext::getProduct(ExprId id) const {
  LaneTerm product{1.0, {}, exprs[id].type};
  // Factors of factors, as long as they are products in the same type.
  SmallVector<ExprId, 4> worklist = {id};
  while (!worklist.empty()) {
    ExprId factorId = worklist.pop_back_val();
    const LaneExpr &factor = exprs[factorId];
    if (factor.kind == LaneExpr::Kind::Constant) {
      product.coefficient *= factor.constant;
    } else if (factor.kind == LaneExpr::Kind::Neg) {
      product.coefficient = -product.coefficient;
      worklist.push_back(factor.operands[0]);
    } else if (factor.kind == LaneExpr::Kind::Mul &&
               factor.type == product.type) {
      llvm::append_range(worklist, factor.operands);
    } else {
      product.factors.push_back(factorId);
    }
    if (product.factors.size() > kMaxFactors)
      return {1.0, {id}, product.type};
  }
  llvm::sort(product.factors);
  return product;
}

bool LaneExprContext::appendTerms(ExprId id, double sign,
                                  SmallVectorImpl<LaneTerm> &terms) {
  const LaneExpr &expr = exprs[id];
  switch (expr.kind) {
  case LaneExpr::Kind::Undefined:
    return false;
  case LaneExpr::Kind::Constant:
    if (expr.constant != 0.0)
      terms.push_back({sign * expr.constant, {}});
    break;
  case LaneExpr::Kind::Neg:
    return appendTerms(expr.operands[0], -sign, terms);
  case LaneExpr::Kind::Add: {
    if (!appendTerms(expr.operands[0], sign, terms) ||
        !appendTerms(expr.operands[1], sign, terms))
      return false;
    break;
  }
  case LaneExpr::Kind::Mul: {
    LaneTerm product = getProduct(id);
    product.coefficient *= sign;
    // A constant times a sum is the only product that distributes.
    if (product.factors.size() == 1 &&
        exprs[product.factors[0]].kind == LaneExpr::Kind::Add)
      return appendTerms(product.factors[0], product.coefficient, terms);
    terms.push_back(std::move(product));
    break;
  }
  default:
    terms.push_back({sign, {id}});
    break;
  }
  return terms.size() <= kMaxTerms;
}

std::optional<SmallVector<LaneTerm, 2>>
LaneExprContext::getSumOfProducts(ExprId id) {
  SmallVector<LaneTerm, 2> terms;
  if (!appendTerms(id, 1.0, terms))
    return std::nullopt;
  llvm::sort(terms, [](const LaneTerm &a, const LaneTerm &b) {
    return a.factors < b.factors;
  });
  SmallVector<LaneTerm, 2> merged;
  for (LaneTerm &term : terms) {
    if (!merged.empty() && merged.back().factors == term.factors)
      merged.back().coefficient += term.coefficient;
    else
      merged.push_back(std::move(term));
    if (merged.back().coefficient == 0.0)
      merged.pop_back();
  }
  return merged;
}

uint64_t LaneExprContext::getSymbols(ExprId id) {
  if (auto it = symbolsOf.find(id); it != symbolsOf.end())
    return it->second;
  uint64_t own = 0;
  for (IndexId index : exprs[id].indices)
    own |= indexContext.getSymbols(index);
  uint64_t symbols = 0;
  bool binds = exprs[id].kind == LaneExpr::Kind::Reduction;
  for (ExprId operand : exprs[id].operands)
    symbols |= getSymbols(operand);
  return symbolsOf[id] = binds ? symbols & ~own : symbols | own;
}

bool LaneExprContext::hasTrig(ExprId id) {
  if (auto it = trigOf.find(id); it != trigOf.end())
    return it->second;
  StringRef name = exprs[id].name;
  bool found = name == "math.cos" || name == "math.sin" ||
               llvm::any_of(exprs[id].operands,
                            [&](ExprId operand) { return hasTrig(operand); });
  return trigOf[id] = found;
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

void LaneExprContext::print(raw_ostream &os, ExprId id, unsigned depth) const {
  const LaneExpr &expr = exprs[id];
  if (depth == 0 && !expr.operands.empty()) {
    os << "...";
    return;
  }
  auto printOperands = [&](StringRef separator) {
    llvm::interleave(
        expr.operands, os,
        [&](ExprId operand) { print(os, operand, depth - 1); }, separator);
  };
  switch (expr.kind) {
  case LaneExpr::Kind::Undefined:
    os << "undefined";
    break;
  case LaneExpr::Kind::Constant:
    os << expr.constant;
    break;
  case LaneExpr::Kind::Leaf: {
    expr.value.printAsOperand(os, OpPrintingFlags().assumeVerified());
    // The last index is the lane in all but exotic layouts.
    if (!expr.indices.empty())
      if (std::optional<int64_t> lane =
              indexContext.getConstantValue(expr.indices.back()))
        os << "[.., " << *lane << "]";
    break;
  }
  case LaneExpr::Kind::Column:
    os << "constant column #" << expr.column;
    break;
  case LaneExpr::Kind::Add:
    os << "(";
    printOperands(" + ");
    os << ")";
    break;
  case LaneExpr::Kind::Mul:
    printOperands(" * ");
    break;
  case LaneExpr::Kind::Neg:
    os << "-";
    printOperands("");
    break;
  case LaneExpr::Kind::Function:
    os << expr.name.rsplit('.').second << "(";
    printOperands(", ");
    os << ")";
    break;
  case LaneExpr::Kind::Reduction:
    os << expr.name << "(";
    printOperands("");
    os << ")";
    break;
  }
}

std::string LaneExprContext::str(ExprId id) const {
  std::string text;
  llvm::raw_string_ostream os(text);
  print(os, id);
  return text;
}
