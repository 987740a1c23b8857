//===- LaneNames.cpp - SSA tensors that hold a product --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The reverse of evaluation: from an expression to the elements of tensors that
// have its value. Every tensor that the evaluator has passed through is a
// candidate, so that sources and tables keep the names that the program gave
// them.
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/RotationMatcher.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

void LaneNames::update() {
  LaneExprContext &exprs = evaluator.getExprs();
  auto insert = [&](ArrayRef<ExprId> factors, NamedElement element) {
    unsigned product = products.intern(factors);
    if (product == elements.size())
      elements.emplace_back();
    elements[product].push_back(element);
  };
  auto insertPart = [&](const LaneEvaluator::Entry &entry, ExprId id,
                        ElementPart part) {
    LaneExpr::Kind kind = exprs.get(id).kind;
    if (kind == LaneExpr::Kind::Undefined || kind == LaneExpr::Kind::Constant)
      return;
    bool negative = kind == LaneExpr::Kind::Neg;
    ExprId positive = negative ? exprs.get(id).operands[0] : id;
    NamedElement element{entry.value, entry.indexList, part,
                         negative ? -1.0 : 1.0};
    insert({positive}, element);
    // The same as a product, where it is one that this tensor rounds.
    if (exprs.get(positive).kind != LaneExpr::Kind::Mul ||
        exprs.get(positive).type != getElementTypeOrSelf(entry.value.getType()))
      return;
    LaneTerm product = exprs.getProduct(id);
    element.coefficient = product.coefficient;
    insert(product.factors, element);
  };
  for (ArrayRef<LaneEvaluator::Entry> entries = evaluator.getEntries();
       numSeen < entries.size(); ++numSeen) {
    const LaneEvaluator::Entry &entry = entries[numSeen];
    if (entry.scalar.kind == LaneScalar::Kind::Real)
      insertPart(entry, entry.scalar.re, ElementPart::Whole);
    if (entry.scalar.kind == LaneScalar::Kind::Complex) {
      insertPart(entry, entry.scalar.re, ElementPart::Real);
      insertPart(entry, entry.scalar.im, ElementPart::Imaginary);
    }
  }
}

SmallVector<NamedElement> LaneNames::lookup(ArrayRef<ExprId> factors) {
  update();
  SmallVector<NamedElement> found;
  if (std::optional<unsigned> product = products.find(factors))
    for (const NamedElement &element : elements[*product])
      if (!forgotten.contains(element.value))
        found.push_back(element);
  return found;
}
