//===- EvaluateScalarOps.cpp - Real and integer arithmetic ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// arith and math on one element. Floats become expressions, integers become
// polynomials, booleans are the integers 0 and 1.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/LaneEvaluator.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::rope;

/// Whether an op is determined by its name, operands and result type. Others
/// may hold attributes that nobody here knows.
static bool isKnownArithmetic(Operation *op) {
  return isa<arith::ArithDialect, math::MathDialect>(op->getDialect());
}

/// Whether all operands are of one kind.
static bool allOf(ArrayRef<LaneScalar> operands, LaneScalar::Kind kind) {
  return llvm::all_of(operands, [&](const LaneScalar &operand) {
    return operand.kind == kind;
  });
}

std::optional<LaneScalar>
LaneEvaluator::evaluateRealOp(Operation *op, ArrayRef<LaneScalar> operands) {
  if (op->getNumResults() != 1)
    return std::nullopt;
  Type type = getElementTypeOrSelf(op->getResult(0).getType());
  if (!isa<FloatType>(type) || !isKnownArithmetic(op))
    return std::nullopt;
  StringRef name = op->getName().getStringRef();

  if (isa<arith::SelectOp>(op))
    return select(type, operands[0].index, operands[1], operands[2]);
  if (isa<arith::SIToFPOp, arith::UIToFPOp>(op)) {
    // The signed value of a true boolean is -1.
    if (getElementTypeOrSelf(op->getOperand(0).getType()).isInteger(1) &&
        isa<arith::SIToFPOp>(op))
      return std::nullopt;
    if (std::optional<int64_t> number =
            indices.getConstantValue(operands[0].index);
        number && (*number >= 0 || isa<arith::SIToFPOp>(op)))
      return LaneScalar::real(exprs.getConstant(
          type, roundToType(type, static_cast<double>(*number))));
    return LaneScalar::real(
        exprs.function(name, type, {}, {operands[0].index}));
  }
  if (auto power = dyn_cast<math::FPowIOp>(op)) {
    std::optional<int64_t> exponent =
        indices.getConstantValue(operands[1].index);
    if (exponent == 2)
      return LaneScalar::real(exprs.mul(type, operands[0].re, operands[0].re));
    return LaneScalar::real(
        exprs.function(name, type, {operands[0].re}, {operands[1].index}));
  }
  if (!allOf(operands, LaneScalar::Kind::Real))
    return std::nullopt;

  auto at = [&](unsigned i) { return operands[i].re; };
  ExprId expr =
      llvm::TypeSwitch<Operation *, ExprId>(op)
          .Case([&](arith::AddFOp) { return exprs.add(type, at(0), at(1)); })
          .Case([&](arith::SubFOp) { return exprs.sub(type, at(0), at(1)); })
          .Case([&](arith::MulFOp) { return exprs.mul(type, at(0), at(1)); })
          .Case([&](arith::NegFOp) { return exprs.neg(at(0)); })
          // Every number of the narrow type is one of the wide type.
          .Case([&](arith::ExtFOp) { return at(0); })
          .Case([&](math::FmaOp) {
            // A fused product is not rounded.
            if (exprs.isStrict())
              return exprs.function(name, type, {at(0), at(1), at(2)});
            return exprs.add(type, exprs.mul(type, at(0), at(1)), at(2));
          })
          .Default([&](Operation *) {
            SmallVector<ExprId, 3> arguments;
            for (const LaneScalar &operand : operands)
              arguments.push_back(operand.re);
            ExprId call = exprs.function(name, type, arguments);
            if (exprs.get(call).kind == LaneExpr::Kind::Function)
              if (std::optional<LaneScalar> folded =
                      foldConstants(op, operands))
                return folded->re;
            return call;
          });
  return LaneScalar::real(expr);
}

/// Bits of an integer; those of an index are at most 64.
static unsigned widthOf(Type type) {
  return type.isIntOrFloat() ? type.getIntOrFloatBitWidth() : 64;
}

/// Folds a comparison of a with b by what is known of a - b.
static std::optional<bool> compare(IndexContext &indices,
                                   arith::CmpIPredicate predicate, IndexId a,
                                   IndexId b) {
  IndexRange difference = indices.getRange(indices.sub(a, b));
  bool isUnsigned = predicate >= arith::CmpIPredicate::ult;
  // An unsigned comparison is a signed one where both sides are not negative.
  if (isUnsigned &&
      (indices.getRange(a).lower < 0 || indices.getRange(b).lower < 0))
    return std::nullopt;
  auto decide = [](bool always, bool never) -> std::optional<bool> {
    if (always)
      return true;
    if (never)
      return false;
    return std::nullopt;
  };
  bool isZero = difference.lower == 0 && difference.upper == 0;
  bool isNonZero = difference.lower > 0 || difference.upper < 0;
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return decide(isZero, isNonZero);
  case arith::CmpIPredicate::ne:
    return decide(isNonZero, isZero);
  case arith::CmpIPredicate::slt:
  case arith::CmpIPredicate::ult:
    return decide(difference.upper < 0, difference.lower >= 0);
  case arith::CmpIPredicate::sle:
  case arith::CmpIPredicate::ule:
    return decide(difference.upper <= 0, difference.lower > 0);
  case arith::CmpIPredicate::sgt:
  case arith::CmpIPredicate::ugt:
    return decide(difference.lower > 0, difference.upper <= 0);
  case arith::CmpIPredicate::sge:
  case arith::CmpIPredicate::uge:
    return decide(difference.lower >= 0, difference.upper < 0);
  }
  llvm_unreachable("all predicates are handled");
}

std::optional<LaneScalar>
LaneEvaluator::evaluateIntegerOp(Operation *op, ArrayRef<LaneScalar> operands) {
  if (op->getNumResults() != 1)
    return std::nullopt;
  Type type = getElementTypeOrSelf(op->getResult(0).getType());
  if (!type.isIntOrIndex() || !isKnownArithmetic(op))
    return std::nullopt;
  StringRef name = op->getName().getStringRef();

  // Comparisons and conversions of reals: opaque, equal for equal operands.
  if (!allOf(operands, LaneScalar::Kind::Integer)) {
    if (!allOf(operands, LaneScalar::Kind::Real))
      return std::nullopt;
    if (std::optional<LaneScalar> folded = foldConstants(op, operands))
      return folded;
    SmallVector<IndexId> arguments = {indices.getConstant(widthOf(type))};
    if (auto comparison = dyn_cast<arith::CmpFOp>(op))
      arguments.push_back(
          indices.getConstant(static_cast<int64_t>(comparison.getPredicate())));
    uint64_t symbols = 0;
    for (const LaneScalar &operand : operands) {
      arguments.push_back(indices.getConstant(operand.re));
      symbols |= exprs.getSymbols(operand.re);
    }
    return LaneScalar::integer(indices.getFunction(name, arguments, symbols));
  }

  auto at = [&](unsigned i) { return operands[i].index; };
  Type operandType = getElementTypeOrSelf(op->getOperand(0).getType());
  auto opaque = [&]() {
    if (std::optional<LaneScalar> folded = foldConstants(op, operands))
      return folded->index;
    // The widths belong to the function: truncations differ by them.
    SmallVector<IndexId> arguments = {
        indices.getConstant(widthOf(type)),
        indices.getConstant(widthOf(operandType))};
    for (const LaneScalar &operand : operands)
      arguments.push_back(operand.index);
    return indices.getFunction(name, arguments);
  };
  // Integers of 32 and 64 bits that nothing is known of do not wrap; narrower
  // ones, and those whose range is known to be wider than the type, do.
  auto inWidth = [&](IndexId id) {
    IndexRange range = indices.getRange(id);
    unsigned bits = widthOf(type);
    int64_t bound = bits >= 64 ? std::numeric_limits<int64_t>::max()
                               : int64_t(1) << (bits - 1);
    bool fits = range.isBounded() ? range.lower >= -bound && range.upper < bound
                                  : bits >= 32;
    return fits ? id : opaque();
  };
  // Quotients round toward zero: equal to floor where nothing is negative.
  auto divide = [&](bool remainder) {
    if (indices.getRange(at(0)).lower < 0 || indices.getRange(at(1)).lower <= 0)
      return opaque();
    return remainder ? indices.mod(at(0), at(1))
                     : indices.floorDiv(at(0), at(1));
  };
  // Booleans that nobody knows do not become numbers.
  bool isNumber = indices.getConstantValue(at(0)).has_value();
  IndexId index =
      llvm::TypeSwitch<Operation *, IndexId>(op)
          .Case(
              [&](arith::AddIOp) { return inWidth(indices.add(at(0), at(1))); })
          .Case(
              [&](arith::SubIOp) { return inWidth(indices.sub(at(0), at(1))); })
          .Case(
              [&](arith::MulIOp) { return inWidth(indices.mul(at(0), at(1))); })
          .Case<arith::DivSIOp, arith::DivUIOp>(
              [&](Operation *) { return divide(/*remainder=*/false); })
          .Case([&](arith::FloorDivSIOp) {
            return indices.getRange(at(1)).lower > 0
                       ? indices.floorDiv(at(0), at(1))
                       : opaque();
          })
          .Case<arith::RemSIOp, arith::RemUIOp>(
              [&](Operation *) { return divide(/*remainder=*/true); })
          .Case<arith::IndexCastOp, arith::ExtSIOp>([&](Operation *) {
            // The signed value of a true boolean is -1.
            if (operandType.isInteger(1))
              return isNumber ? indices.scale(at(0), -1) : opaque();
            return inWidth(at(0));
          })
          .Case<arith::IndexCastUIOp, arith::ExtUIOp, arith::TruncIOp>(
              [&](Operation *) {
                // Keeps the value where it is not negative and fits.
                IndexRange range = indices.getRange(at(0));
                unsigned bits = widthOf(type);
                bool fits = range.lower >= 0 &&
                            (isNumber || !operandType.isInteger(1)) &&
                            (!isa<arith::TruncIOp>(op) ||
                             (bits < 64 && bits > 1 &&
                              range.upper < (int64_t(1) << (bits - 1))));
                return fits ? at(0) : opaque();
              })
          .Case([&](arith::SelectOp) {
            return select(type, at(0), operands[1], operands[2]).index;
          })
          .Case([&](arith::CmpIOp comparison) {
            if (std::optional<bool> known =
                    compare(indices, comparison.getPredicate(), at(0), at(1)))
              return indices.getConstant(*known);
            return indices.getFunction(
                name,
                {indices.getConstant(
                     static_cast<int64_t>(comparison.getPredicate())),
                 at(0), at(1), indices.getConstant(widthOf(operandType))});
          })
          .Case([&](arith::AndIOp) {
            for (unsigned side : {0, 1})
              if (indices.getConstantValue(at(side)) == 0)
                return indices.getConstant(0);
              else if (type.isInteger(1) &&
                       indices.getConstantValue(at(side)) == 1)
                return at(1 - side);
            return opaque();
          })
          .Case([&](arith::OrIOp) {
            for (unsigned side : {0, 1})
              if (indices.getConstantValue(at(side)) == 0)
                return at(1 - side);
              else if (type.isInteger(1) &&
                       indices.getConstantValue(at(side)) == 1)
                return indices.getConstant(1);
            return opaque();
          })
          .Case<arith::MinSIOp, arith::MaxSIOp, arith::MinUIOp, arith::MaxUIOp>(
              [&](Operation *) {
                // Unsigned order is signed order where nothing is negative.
                if (isa<arith::MinUIOp, arith::MaxUIOp>(op) &&
                    (indices.getRange(at(0)).lower < 0 ||
                     indices.getRange(at(1)).lower < 0))
                  return opaque();
                if (isa<arith::MinSIOp, arith::MinUIOp>(op))
                  return indices.min(at(0), at(1));
                IndexRange difference =
                    indices.getRange(indices.sub(at(0), at(1)));
                if (difference.upper <= 0)
                  return at(1);
                return difference.lower >= 0 ? at(0) : opaque();
              })
          .Default([&](Operation *) { return opaque(); });
  return LaneScalar::integer(index);
}

/// Whether `id` is zero where `x` is: x or sin(x) times data, which is finite,
/// as quotients are not.
static bool vanishesWith(const LaneExprContext &exprs, ExprId id, ExprId x) {
  bool vanishes = false;
  for (ExprId factor : exprs.getProduct(id).factors) {
    const LaneExpr &expr = exprs.get(factor);
    bool isSine = expr.kind == LaneExpr::Kind::Function &&
                  expr.name == "math.sin" && expr.operands[0] == x;
    if (factor == x || isSine)
      vanishes = true;
    else if (expr.kind != LaneExpr::Kind::Leaf &&
             expr.kind != LaneExpr::Kind::Column)
      return false;
  }
  return vanishes;
}

/// select(x == 0, 0, y) = y where y vanishes with x, but for the sign of zero
/// (the imaginary part of a complex exponential).
static bool isGuardOfZero(const LaneExprContext &exprs, IndexContext &indices,
                          IndexId condition, ExprId a, ExprId b) {
  const IndexAtom *atom = indices.getAsAtom(condition);
  if (exprs.isStrict() || exprs.getConstantValue(a) != 0.0 || !atom ||
      atom->kind != IndexAtom::Kind::Function || atom->name != "arith.cmpf")
    return false;
  if (indices.getConstantValue(atom->operands[1]) !=
      static_cast<int64_t>(arith::CmpFPredicate::OEQ))
    return false;
  auto getCompared = [&](unsigned operand) {
    return static_cast<ExprId>(
        *indices.getConstantValue(atom->operands[operand]));
  };
  return exprs.getConstantValue(getCompared(3)) == 0.0 &&
         vanishesWith(exprs, b, getCompared(2));
}

LaneScalar LaneEvaluator::select(Type type, IndexId condition, LaneScalar a,
                                 LaneScalar b) {
  if (std::optional<int64_t> known = indices.getConstantValue(condition))
    return *known ? a : b;
  if (a.kind == b.kind && a.re == b.re && a.im == b.im && a.index == b.index)
    return a;
  if (a.kind == LaneScalar::Kind::Integer) {
    // select(size == 1, 0, i) = i for i in [0, size): a dynamic broadcast.
    const IndexAtom *atom = indices.getAsAtom(condition);
    if (atom && atom->kind == IndexAtom::Kind::Function &&
        atom->name == "arith.cmpi" &&
        indices.getConstantValue(atom->operands[0]) ==
            static_cast<int64_t>(arith::CmpIPredicate::eq) &&
        indices.getConstantValue(atom->operands[2]) == 1 &&
        indices.getConstantValue(a.index) == 0 &&
        indices.isWithin(b.index, atom->operands[1]) == true)
      return b;
    return LaneScalar::integer(
        indices.getFunction("arith.select", {condition, a.index, b.index}));
  }
  if (a.kind == LaneScalar::Kind::Complex) {
    Type part = cast<ComplexType>(type).getElementType();
    return LaneScalar::complex(
        select(part, condition, LaneScalar::real(a.re), LaneScalar::real(b.re))
            .re,
        select(part, condition, LaneScalar::real(a.im), LaneScalar::real(b.im))
            .re);
  }
  if (isGuardOfZero(exprs, indices, condition, a.re, b.re))
    return b;
  // select(m, -x, -y) = -select(m, x, y)
  if (exprs.get(a.re).kind == LaneExpr::Kind::Neg &&
      exprs.get(b.re).kind == LaneExpr::Kind::Neg)
    return LaneScalar::real(exprs.neg(
        exprs.function("arith.select", type, {exprs.neg(a.re), exprs.neg(b.re)},
                       {condition})));
  return LaneScalar::real(
      exprs.function("arith.select", type, {a.re, b.re}, {condition}));
}
