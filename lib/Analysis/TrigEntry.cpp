//===- TrigEntry.cpp - Entries of computed cos/sin tables -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/TrigEntry.h"

using namespace mlir;
using namespace mlir::rope;

std::optional<TrigEntry> rope::getTrigEntry(const LaneExprContext &exprs,
                                            ExprId id) {
  TrigEntry trig;
  while (true) {
    const LaneExpr &expr = exprs.get(id);
    if (expr.kind == LaneExpr::Kind::Mul) {
      // A scale, such as an attention factor.
      std::optional<double> left = exprs.getConstantValue(expr.operands[0]);
      std::optional<double> right = exprs.getConstantValue(expr.operands[1]);
      if (!left && !right)
        return std::nullopt;
      trig.wrappers.push_back(id);
      trig.wrapperKeys.push_back(
          llvm::bit_cast<uint64_t>(left ? *left : *right));
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
      return trig;
    }
    trig.wrappers.push_back(id);
    if (expr.name == "arith.truncf") {
      trig.wrapperKeys.push_back(
          reinterpret_cast<uintptr_t>(expr.type.getAsOpaquePointer()));
    } else if (expr.name == "arith.select" &&
               exprs.get(expr.operands[1]).kind == LaneExpr::Kind::Constant) {
      // A mask that replaces elements by a constant.
      trig.wrapperKeys.push_back(expr.indices[0]);
      trig.wrapperKeys.push_back(expr.operands[1]);
    } else {
      return std::nullopt;
    }
    id = expr.operands[0];
  }
}

std::optional<PositionAngle>
rope::getPositionAngle(const LaneExprContext &exprs, ExprId angle) {
  const LaneExpr *expr = &exprs.get(angle);
  if (!expr->type || !expr->type.isF32())
    return std::nullopt;
  double frequency = 1.0;
  bool negative = false;
  if (expr->kind == LaneExpr::Kind::Neg) {
    negative = true;
    expr = &exprs.get(expr->operands[0]);
  }
  // One product: two would round twice.
  if (expr->kind == LaneExpr::Kind::Mul) {
    for (unsigned side : {0, 1})
      if (std::optional<double> constant =
              exprs.getConstantValue(expr->operands[side])) {
        frequency = *constant;
        expr = &exprs.get(expr->operands[1 - side]);
        break;
      }
  }
  if (expr->kind != LaneExpr::Kind::Function || expr->name != "arith.sitofp" ||
      !expr->type.isF32())
    return std::nullopt;
  return PositionAngle{expr->indices[0], negative ? -frequency : frequency};
}
