//===- LaneArithmetic.cpp - Arithmetic from evaluated expressions ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// After fusion a value may live in a body only. What it is made of is computed
// again, in the types of the expression.
//
//===----------------------------------------------------------------------===//

#include "LaneMaterializer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::rope;

/// `value` in the wider type in which an op computes; null where it is
/// narrower.
static Value widen(OpBuilder &builder, Location loc, Value value, Type type) {
  if (!value || value.getType() == type)
    return value;
  if (value.getType().getIntOrFloatBitWidth() >= type.getIntOrFloatBitWidth())
    return {};
  return arith::ExtFOp::create(builder, loc, type, value);
}

Value LaneMaterializer::makeExpr(
    ExprId id, ArrayRef<LeadingDim> dims, ArrayRef<Value> loops,
    function_ref<std::optional<NamedTensor>(ExprId)> getName) {
  LaneExpr expr = evaluator.getExprs().get(id);
  if (expr.kind == LaneExpr::Kind::Constant)
    return arith::ConstantOp::create(
        builder, loc, builder.getFloatAttr(expr.type, expr.constant));
  if (std::optional<NamedTensor> name = getName(id);
      name && name->coefficient == 1.0) {
    Type type = getElementTypeOrSelf(name->value.getType());
    return makeElementAt(name->value, name->at, dims, loops, type);
  }
  SmallVector<Value> operands;
  auto makeOperands = [&]() {
    for (ExprId operand : expr.operands) {
      operands.push_back(widen(
          builder, loc, makeExpr(operand, dims, loops, getName), expr.type));
      if (!operands.back())
        return false;
    }
    return true;
  };
  switch (expr.kind) {
  case LaneExpr::Kind::Neg:
    return makeOperands() ? arith::NegFOp::create(builder, loc, operands[0])
                          : Value();
  case LaneExpr::Kind::Add:
    return makeOperands()
               ? arith::AddFOp::create(builder, loc, operands[0], operands[1])
               : Value();
  case LaneExpr::Kind::Mul:
    return makeOperands()
               ? arith::MulFOp::create(builder, loc, operands[0], operands[1])
               : Value();
  case LaneExpr::Kind::Function:
    return makeFunction(expr, dims, loops, getName);
  default:
    return {};
  }
}

Value LaneMaterializer::makeFunction(
    const LaneExpr &expr, ArrayRef<LeadingDim> dims, ArrayRef<Value> loops,
    function_ref<std::optional<NamedTensor>(ExprId)> getName) {
  SmallVector<Value> operands;
  for (ExprId operand : expr.operands) {
    operands.push_back(makeExpr(operand, dims, loops, getName));
    if (!operands.back())
      return {};
  }
  if (expr.name == "arith.truncf")
    return operands[0].getType().getIntOrFloatBitWidth() >
                   expr.type.getIntOrFloatBitWidth()
               ? arith::TruncFOp::create(builder, loc, expr.type, operands[0])
               : Value();
  for (Value &operand : operands) {
    operand = widen(builder, loc, operand, expr.type);
    if (!operand)
      return {};
  }
  if (expr.name == "arith.select") {
    Value condition = makeBoolean(expr.indices[0], dims, loops);
    return condition ? arith::SelectOp::create(builder, loc, condition,
                                               operands[0], operands[1])
                     : Value();
  }
  // Functions of floats alone that have no attributes but fast-math flags.
  bool isElementwise =
      llvm::StringSwitch<bool>(expr.name)
          .Cases({"arith.divf", "arith.maximumf", "arith.minimumf", "math.exp",
                  "math.log", "math.tanh", "math.sqrt", "math.rsqrt",
                  "math.erf", "math.absf"},
                 true)
          .Default(false);
  if (!isElementwise || !expr.indices.empty())
    return {};
  OperationState state(loc, expr.name);
  state.addOperands(operands);
  state.addTypes(expr.type);
  return builder.create(state)->getResult(0);
}
