//===- EvaluateComplexOps.cpp - Complex arithmetic ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Complex numbers as pairs of real expressions.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/LaneEvaluator.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::rope;

std::optional<LaneScalar>
LaneEvaluator::evaluateComplexOp(Operation *op, ArrayRef<LaneScalar> operands) {
  if (auto constant = dyn_cast<complex::ConstantOp>(op)) {
    Type type = cast<ComplexType>(constant.getType()).getElementType();
    auto part = [&](unsigned i) {
      return exprs.getConstant(
          type, cast<FloatAttr>(constant.getValue()[i]).getValueAsDouble());
    };
    return LaneScalar::complex(part(0), part(1));
  }
  if (auto create = dyn_cast<complex::CreateOp>(op))
    return LaneScalar::complex(operands[0].re, operands[1].re);

  if (operands.empty() || llvm::any_of(operands, [](const LaneScalar &operand) {
        return operand.kind != LaneScalar::Kind::Complex;
      }))
    return std::nullopt;
  auto complexType =
      dyn_cast<ComplexType>(getElementTypeOrSelf(op->getOperand(0).getType()));
  if (!complexType)
    return std::nullopt;
  Type type = complexType.getElementType();
  const LaneScalar &a = operands[0];
  const LaneScalar &b = operands.back();

  return llvm::TypeSwitch<Operation *, std::optional<LaneScalar>>(op)
      .Case([&](complex::ReOp) { return LaneScalar::real(a.re); })
      .Case([&](complex::ImOp) { return LaneScalar::real(a.im); })
      .Case([&](complex::ConjOp) {
        return LaneScalar::complex(a.re, exprs.neg(a.im));
      })
      .Case([&](complex::NegOp) {
        return LaneScalar::complex(exprs.neg(a.re), exprs.neg(a.im));
      })
      .Case([&](complex::AddOp) {
        return LaneScalar::complex(exprs.add(type, a.re, b.re),
                                   exprs.add(type, a.im, b.im));
      })
      .Case([&](complex::SubOp) {
        return LaneScalar::complex(exprs.sub(type, a.re, b.re),
                                   exprs.sub(type, a.im, b.im));
      })
      // (a + bi)(c + di) = ac - bd + (ad + bc)i
      .Case([&](complex::MulOp) {
        return LaneScalar::complex(exprs.sub(type, exprs.mul(type, a.re, b.re),
                                             exprs.mul(type, a.im, b.im)),
                                   exprs.add(type, exprs.mul(type, a.re, b.im),
                                             exprs.mul(type, a.im, b.re)));
      })
      // exp(a + bi) = exp(a) (cos b + i sin b)
      .Case([&](complex::ExpOp) {
        ExprId radius = exprs.function("math.exp", type, {a.re});
        return LaneScalar::complex(
            exprs.mul(type, radius, exprs.function("math.cos", type, {a.im})),
            exprs.mul(type, radius, exprs.function("math.sin", type, {a.im})));
      })
      .Default([](Operation *) { return std::nullopt; });
}
