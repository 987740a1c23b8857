//===- TrigEntry.cpp - Entries of computed cos/sin tables -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/TrigEntry.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;

/// With u a quarter turn before or after the angle of `trig`:
///
///     sin(u + pi/2) = cos(u), sin(u - pi/2) = -cos(u)
///     cos(u + pi/2) = -sin(u), cos(u - pi/2) = sin(u), sin(-u) = -sin(u)
static void undoQuarterTurn(const LaneExprContext &exprs, TrigEntry &trig) {
  const LaneExpr &angle = exprs.get(trig.angle);
  if (angle.kind != LaneExpr::Kind::Add)
    return;
  double quarter = roundToType(angle.type, llvm::numbers::pi / 2);
  for (unsigned side : {0, 1}) {
    std::optional<double> turn = exprs.getConstantValue(angle.operands[side]);
    if (!turn || std::abs(*turn) != quarter)
      continue;
    bool wasSine = trig.kind == TrigEntry::Kind::Sin;
    trig.isShifted = true;
    trig.kind = wasSine ? TrigEntry::Kind::Cos : TrigEntry::Kind::Sin;
    trig.sign = wasSine == (*turn > 0.0) ? 1.0 : -1.0;
    trig.angle = angle.operands[1 - side];
    if (exprs.get(trig.angle).kind == LaneExpr::Kind::Neg) {
      trig.angle = exprs.get(trig.angle).operands[0];
      trig.sign *= wasSine ? 1.0 : -1.0;
    }
    return;
  }
}

std::optional<TrigEntry> rope::getTrigEntry(const LaneExprContext &exprs,
                                            ExprId id) {
  using Wrapper = TrigEntry::Wrapper;
  TrigEntry trig;
  while (true) {
    const LaneExpr &expr = exprs.get(id);
    if (expr.kind == LaneExpr::Kind::Mul) {
      // A scale, such as an attention factor.
      std::optional<double> left = exprs.getConstantValue(expr.operands[0]);
      std::optional<double> right = exprs.getConstantValue(expr.operands[1]);
      if (!left && !right)
        return std::nullopt;
      trig.wrappers.push_back(
          {Wrapper::Kind::Scale, expr.type, left ? *left : *right});
      id = expr.operands[left ? 1 : 0];
      continue;
    }
    if (expr.kind != LaneExpr::Kind::Function)
      return std::nullopt;
    if (expr.name == "math.cos" || expr.name == "math.sin") {
      trig.kind =
          expr.name == "math.cos" ? TrigEntry::Kind::Cos : TrigEntry::Kind::Sin;
      trig.angle = expr.operands[0];
      trig.type = expr.type;
      undoQuarterTurn(exprs, trig);
      std::reverse(trig.wrappers.begin(), trig.wrappers.end());
      return trig;
    }
    if (expr.name == "arith.truncf") {
      trig.wrappers.push_back({Wrapper::Kind::Round, expr.type});
    } else if (expr.name == "arith.select" &&
               exprs.get(expr.operands[1]).kind == LaneExpr::Kind::Constant) {
      // A mask that replaces elements by a constant.
      trig.wrappers.push_back({Wrapper::Kind::Mask, expr.type, /*factor=*/1.0,
                               expr.indices[0], expr.operands[1]});
    } else {
      return std::nullopt;
    }
    id = expr.operands[0];
  }
}

std::optional<ExprId> rope::getTrigFactor(LaneExprContext &exprs,
                                          ArrayRef<ExprId> factors) {
  std::optional<ExprId> found;
  for (ExprId factor : factors)
    if (exprs.hasTrig(factor)) {
      if (found)
        return std::nullopt;
      found = factor;
    }
  return found;
}

/// Integers up to this one are numbers of f32, and so are their sums.
static constexpr int64_t kMaxExact = int64_t(1) << 24;

/// The integer i for which `content` is first + step * i, if it is such.
static std::optional<std::pair<int64_t, int64_t>>
getProgression(ArrayRef<double> content) {
  double first = content.front(), step = content[1] - first;
  for (auto [i, value] : llvm::enumerate(content))
    if (value != first + step * static_cast<double>(i) ||
        std::abs(value) > static_cast<double>(kMaxExact) ||
        std::trunc(value) != value)
      return std::nullopt;
  return std::pair(static_cast<int64_t>(first), static_cast<int64_t>(step));
}

/// An integer that is converted to a float: data, or an arange of constants.
static std::optional<IndexId> getPosition(const LaneExprContext &exprs,
                                          IndexContext &indices, ExprId id) {
  const LaneExpr &expr = exprs.get(id);
  if (expr.kind == LaneExpr::Kind::Function &&
      (expr.name == "arith.sitofp" ||
       (expr.name == "arith.uitofp" &&
        indices.getRange(expr.indices[0]).lower >= 0)))
    return expr.indices[0];
  if (expr.kind == LaneExpr::Kind::Column && expr.indices.size() == 1)
    if (auto progression = getProgression(exprs.getColumnContent(expr.column)))
      return indices.add(indices.getConstant(progression->first),
                         indices.scale(expr.indices[0], progression->second));
  // A sum of numbers that are all exact in f32.
  if (expr.kind == LaneExpr::Kind::Add)
    for (unsigned side : {0, 1}) {
      std::optional<double> offset =
          exprs.getConstantValue(expr.operands[side]);
      if (!offset || std::trunc(*offset) != *offset ||
          std::abs(*offset) > static_cast<double>(kMaxExact))
        continue;
      std::optional<IndexId> position =
          getPosition(exprs, indices, expr.operands[1 - side]);
      if (!position)
        return std::nullopt;
      IndexId sum = indices.add(
          *position, indices.getConstant(static_cast<int64_t>(*offset)));
      for (IndexId id : {*position, sum}) {
        IndexRange range = indices.getRange(id);
        if (range.lower < -kMaxExact || range.upper > kMaxExact)
          return std::nullopt;
      }
      return sum;
    }
  return std::nullopt;
}

/// Whether multiplication by `factor` rounds nothing.
static bool isPowerOfTwo(double factor) {
  int exponent;
  return std::abs(std::frexp(factor, &exponent)) == 0.5 &&
         std::abs(exponent) < 64;
}

std::optional<PositionAngle>
rope::getPositionAngle(const LaneExprContext &exprs, IndexContext &indices,
                       ExprId angle) {
  Type type = exprs.get(angle).type;
  if (!type || !(type.isF32() || type.isF64()))
    return std::nullopt;
  bool isWide = type.isF64();
  auto form = isWide ? PositionAngle::Form::Wide : PositionAngle::Form::Product;
  double frequency = 1.0;
  // One product or quotient that rounds: two would round twice.
  bool rounds = false;
  for (ExprId id = angle;;) {
    const LaneExpr &expr = exprs.get(id);
    if (expr.type != type)
      return std::nullopt;
    if (std::optional<IndexId> position = getPosition(exprs, indices, id))
      return PositionAngle{form, *position, frequency};
    if (expr.kind == LaneExpr::Kind::Neg) {
      frequency = -frequency;
      id = expr.operands[0];
      continue;
    }
    bool isQuotient =
        expr.kind == LaneExpr::Kind::Function && expr.name == "arith.divf";
    if (expr.kind != LaneExpr::Kind::Mul && !isQuotient)
      return std::nullopt;
    std::optional<double> right = exprs.getConstantValue(expr.operands[1]);
    std::optional<double> left = exprs.getConstantValue(expr.operands[0]);
    if (isQuotient ? !right : !left && !right)
      return std::nullopt;
    double factor = right ? *right : *left;
    id = expr.operands[right ? 0 : 1];
    if (factor == 0.0 || !std::isfinite(factor))
      return std::nullopt;
    if (!isPowerOfTwo(factor)) {
      if (std::exchange(rounds, true))
        return std::nullopt;
      if (isQuotient && !isWide)
        form = PositionAngle::Form::Quotient;
    }
    frequency = isQuotient ? frequency / factor : frequency * factor;
  }
}
