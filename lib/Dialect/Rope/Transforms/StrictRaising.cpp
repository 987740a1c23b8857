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
  auto withoutSign = [&](ExprId id) {
    const LaneExpr &expr = exprs.get(id);
    return expr.kind == LaneExpr::Kind::Neg ? expr.operands[0] : id;
  };
  auto getSource = [&](int64_t lane) {
    SmallVector<IndexId> at(
        evaluator.getIndexList(match.source.indexLists[lane]));
    LaneScalar source = evaluator.evaluate(match.source.value, at);
    return withoutSign(match.source.part == ElementPart::Imaginary ? source.im
                                                                   : source.re);
  };
  for (const RotationPair &pair : match.pairs) {
    ExprId sources[] = {getSource(pair.first), getSource(pair.second)};
    for (int64_t lane : {pair.first, pair.second}) {
      const LaneExpr &sum = exprs.get(withoutSign(lanes[lane]));
      if (sum.kind != LaneExpr::Kind::Add ||
          sum.type.getIntOrFloatBitWidth() < 32)
        return llvm::formatv("strict: lane {0} is rounded to a narrow type "
                             "after every product",
                             lane)
            .str();
      for (ExprId operand : sum.operands) {
        const LaneExpr &product = exprs.get(withoutSign(operand));
        // The source as it is times an entry that some tensor holds as it is.
        bool keepsRounding =
            product.kind == LaneExpr::Kind::Mul && product.type == sum.type &&
            llvm::any_of(llvm::seq(0, 2), [&](int side) {
              ExprId entry = product.operands[1 - side];
              bool isWhole = exprs.get(entry).kind != LaneExpr::Kind::Mul ||
                             !matcher.getNames().lookup({entry}).empty();
              return isWhole &&
                     llvm::is_contained(sources,
                                        withoutSign(product.operands[side]));
            });
        if (!keepsRounding)
          return llvm::formatv(
                     "strict: the products of lane {0} would be reassociated",
                     lane)
              .str();
      }
    }
  }
  return std::nullopt;
}
