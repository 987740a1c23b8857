//===- LaneTerms.h - Products as multisets of factors -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_ANALYSIS_LANETERMS_H
#define ROPE_LIB_ANALYSIS_LANETERMS_H

#include "Rope/Analysis/LaneExpr.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include <string>

namespace mlir::rope {

using Factors = SmallVector<ExprId, 4>;

inline Factors intersect(ArrayRef<ExprId> a, ArrayRef<ExprId> b) {
  Factors common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(),
                        std::back_inserter(common));
  return common;
}

inline Factors subtract(ArrayRef<ExprId> a, ArrayRef<ExprId> b) {
  Factors rest;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(),
                      std::back_inserter(rest));
  return rest;
}

/// product / (coefficient * factors)
inline LaneTerm divide(const LaneTerm &product, ArrayRef<ExprId> factors,
                       double coefficient = 1.0) {
  return {product.coefficient / coefficient, subtract(product.factors, factors),
          product.type};
}

/// For remarks: `2 * cos(...)`.
inline std::string describe(const LaneExprContext &exprs,
                            const LaneTerm &term) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << llvm::format("%g", term.coefficient);
  for (ExprId factor : term.factors)
    os << " * " << exprs.str(factor);
  return text;
}

} // namespace mlir::rope

#endif // ROPE_LIB_ANALYSIS_LANETERMS_H
