//===- StrictRaising.cpp - Raising that keeps every bit -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StrictRaising.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::rope;

std::optional<std::string> rope::getInexactness(LaneEvaluator &evaluator,
                                                RotationMatcher &matcher,
                                                const RotationMatch &match,
                                                ArrayRef<ExprId> lanes) {
  LaneExprContext &exprs = evaluator.getExprs();
  auto withoutSign = [&](ExprId id) -> const LaneExpr & {
    const LaneExpr &expr = exprs.get(id);
    return expr.kind == LaneExpr::Kind::Neg ? exprs.get(expr.operands[0])
                                            : expr;
  };
  for (const RotationPair &pair : match.pairs)
    for (int64_t lane : {pair.first, pair.second}) {
      const LaneExpr &sum = withoutSign(lanes[lane]);
      if (sum.kind != LaneExpr::Kind::Add ||
          sum.type.getIntOrFloatBitWidth() < 32)
        return llvm::formatv("strict: lane {0} is rounded to a narrow type "
                             "after every product",
                             lane)
            .str();
      for (ExprId operand : sum.operands) {
        const LaneExpr &product = withoutSign(operand);
        // A factor that is itself a product is taken apart unless some tensor
        // holds it as it is rounded.
        bool keepsRounding =
            product.kind == LaneExpr::Kind::Mul && product.type == sum.type &&
            llvm::all_of(product.operands, [&](ExprId factor) {
              return exprs.get(factor).kind != LaneExpr::Kind::Mul ||
                     exprs.get(factor).type != product.type ||
                     !matcher.getNames().lookup({factor}).empty();
            });
        if (!keepsRounding)
          return llvm::formatv(
                     "strict: the products of lane {0} would be reassociated",
                     lane)
              .str();
      }
    }
  return std::nullopt;
}
