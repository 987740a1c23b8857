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

static uint64_t hashFactors(ArrayRef<ExprId> factors) {
  return static_cast<size_t>(llvm::hash_combine_range(factors)) >> 1;
}

void LaneNames::update() {
  LaneExprContext &exprs = evaluator.getExprs();
  auto insert = [&](ArrayRef<ExprId> factors, NamedElement element) {
    auto &bucket = elements[hashFactors(factors)];
    for (auto &[key, list] : bucket)
      if (ArrayRef<ExprId>(key) == factors)
        return list.push_back(element);
    bucket.emplace_back(SmallVector<ExprId, 4>(factors),
                        SmallVector<NamedElement, 4>{element});
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
  auto it = elements.find(hashFactors(factors));
  if (it == elements.end())
    return found;
  for (auto &[key, list] : it->second)
    if (ArrayRef<ExprId>(key) == factors)
      for (const NamedElement &element : list)
        if (!forgotten.contains(element.value))
          found.push_back(element);
  return found;
}
