//===- FoldConstants.cpp - Ops whose operands are numbers -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What no rule of the evaluator knows is left to the op's own folder once all
// operands are numbers: bit operations, quotients and remainders of negative
// numbers, comparisons of reals, conversions.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/LaneEvaluator.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;
using namespace mlir::rope;

/// The number that a scalar is, as an attribute of the operand's type.
static Attribute getNumber(IndexContext &indices, const LaneExprContext &exprs,
                           Type type, const LaneScalar &scalar) {
  Type elementType = getElementTypeOrSelf(type);
  Attribute number;
  if (scalar.kind == LaneScalar::Kind::Integer) {
    std::optional<int64_t> value = indices.getConstantValue(scalar.index);
    if (!value || !elementType.isIntOrIndex())
      return {};
    unsigned width =
        elementType.isIndex() ? 64 : elementType.getIntOrFloatBitWidth();
    number = IntegerAttr::get(elementType,
                              APInt(width, static_cast<uint64_t>(*value),
                                    /*isSigned=*/true, /*implicitTrunc=*/true));
  } else if (scalar.kind == LaneScalar::Kind::Real) {
    std::optional<double> value = exprs.getConstantValue(scalar.re);
    if (!value || !isa<FloatType>(elementType))
      return {};
    number = FloatAttr::get(elementType, *value);
  } else {
    return {};
  }
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped)
    return number;
  if (!shaped.hasStaticShape())
    return {};
  return DenseElementsAttr::get(shaped, number);
}

std::optional<LaneScalar>
LaneEvaluator::foldConstants(Operation *op, ArrayRef<LaneScalar> operands) {
  if (op->getNumResults() != 1)
    return std::nullopt;
  SmallVector<Attribute, 3> numbers;
  for (auto [value, scalar] : llvm::zip_equal(op->getOperands(), operands)) {
    numbers.push_back(getNumber(indices, exprs, value.getType(), scalar));
    if (!numbers.back())
      return std::nullopt;
  }
  SmallVector<OpFoldResult, 1> results;
  if (failed(op->fold(numbers, results)) || results.size() != 1)
    return std::nullopt;
  auto folded = dyn_cast<Attribute>(results.front());
  if (auto splat = dyn_cast_or_null<SplatElementsAttr>(folded))
    folded = splat.getSplatValue<Attribute>();
  if (auto number = dyn_cast_or_null<FloatAttr>(folded))
    return LaneScalar::real(
        exprs.getConstant(number.getType(), number.getValueAsDouble()));
  if (auto number = dyn_cast_or_null<IntegerAttr>(folded)) {
    if (number.getValue().getSignificantBits() > 64)
      return std::nullopt;
    // Booleans are 0 and 1.
    return LaneScalar::integer(indices.getConstant(
        number.getType().isInteger(1) ? number.getValue().getZExtValue()
                                      : number.getValue().getSExtValue()));
  }
  return std::nullopt;
}
