//===- LaneExpr.h - Interned expressions of one tensor element --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What one element of a tensor is, as a hash-consed expression over leaves
// (elements of other tensors). Expressions fold as they are built:
//
//   x + 0 = x    x * 1 = x    x * -1 = -x    x * 0 = 0    -(-x) = x
//   (-x) y = -(x y)    sin(-x) = -sin(x)    cos(-x) = cos(x)
//
// and constants are folded in the element type of the op. x * 0 = 0 is not IEEE
// arithmetic where x is infinite or NaN; a strict context does without.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_ANALYSIS_LANEEXPR_H
#define ROPE_ANALYSIS_LANEEXPR_H

#include "Rope/Analysis/IndexExpr.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/bit.h"

namespace mlir::rope {

/// An interned expression.
using ExprId = uint32_t;

/// Which real number of an element is meant.
enum class ElementPart : uint8_t { Whole, Real, Imaginary };

struct LaneExpr {
  enum class Kind : uint8_t {
    Undefined, ///< element of tensor.empty
    Constant,  ///< `constant`
    Leaf,      ///< `part` of element `indices` of `value`
    Column,    ///< element `indices` of the constant array `columnContent`
    Add,       ///< operands[0] + operands[1]
    Mul,       ///< operands[0] * operands[1]
    Neg,       ///< -operands[0]
    Function,  ///< `name` of operands and indices
    Reduction, ///< `name` (sum or max) of operands[0] over symbols `indices`
  };
  Kind kind = Kind::Undefined;
  ElementPart part = ElementPart::Whole;
  /// The type in which the op computes, or of the leaf's element.
  Type type = {};
  double constant = 0.0;
  Value value = {};
  unsigned column = 0;
  StringRef name = {};
  SmallVector<ExprId, 2> operands = {};
  SmallVector<IndexId, 4> indices = {};

  bool operator==(const LaneExpr &other) const {
    return kind == other.kind && part == other.part && type == other.type &&
           llvm::bit_cast<uint64_t>(constant) ==
               llvm::bit_cast<uint64_t>(other.constant) &&
           value == other.value && column == other.column &&
           name == other.name && operands == other.operands &&
           indices == other.indices;
  }
  friend llvm::hash_code hash_value(const LaneExpr &expr) {
    return llvm::hash_combine(
        expr.kind, expr.part, expr.type.getAsOpaquePointer(),
        llvm::bit_cast<uint64_t>(expr.constant),
        expr.value.getAsOpaquePointer(), expr.column, expr.name,
        llvm::hash_combine_range(expr.operands),
        llvm::hash_combine_range(expr.indices));
  }
};

/// coefficient * factors[0] * factors[1] ..., factors sorted, with repetition.
struct LaneTerm {
  double coefficient = 1.0;
  SmallVector<ExprId, 4> factors = {};
  /// In which the product is computed; null for a single factor.
  Type type = {};
};

/// Owns the expressions of one evaluation.
class LaneExprContext {
public:
  /// Whether x * 0 = 0 and x + 0 = x, which changes infinities, NaN and the
  /// sign of zero.
  enum class Arithmetic { ZeroIsAbsorbing, Strict };

  LaneExprContext(IndexContext &indexContext, Arithmetic arithmetic);

  bool isStrict() const { return arithmetic == Arithmetic::Strict; }
  ExprId getUndefined() const { return 0; }
  ExprId getConstant(Type type, double value);
  ExprId getLeaf(Value value, ArrayRef<IndexId> indices,
                 ElementPart part = ElementPart::Whole);
  /// The element `indices` of a constant array of the given shape and content
  /// in row-major order. Equal contents are one expression, opposite ones its
  /// negative.
  ExprId getColumn(Type type, ArrayRef<int64_t> shape,
                   std::vector<double> content, ArrayRef<IndexId> indices);

  ExprId add(Type type, ExprId a, ExprId b);
  ExprId sub(Type type, ExprId a, ExprId b) { return add(type, a, neg(b)); }
  ExprId mul(Type type, ExprId a, ExprId b);
  ExprId neg(ExprId a);
  /// `name` must outlive the context.
  ExprId function(StringRef name, Type type, ArrayRef<ExprId> operands,
                  ArrayRef<IndexId> indices = {});

  /// The sum or the maximum (`name`) of `body` over all values of the symbols
  /// `bound`, which are not symbols of the result.
  ExprId reduction(StringRef name, Type type, ExprId body,
                   ArrayRef<IndexId> bound);

  const LaneExpr &get(ExprId id) const { return exprs[id]; }
  /// Whether every number that `id` can be is one of the float type `type`.
  bool isOfType(ExprId id, Type type) const;
  /// The longest path from `id` to an expression without operands.
  unsigned getDepth(ExprId id) const { return depths[id]; }
  std::optional<double> getConstantValue(ExprId id) const;
  ArrayRef<double> getColumnContent(unsigned column) const {
    return columns[column].content;
  }
  /// The positions of all symbols that `id` depends on, as a bit set.
  uint64_t getSymbols(ExprId id);
  /// Whether a cosine or a sine stands anywhere in `id`.
  bool hasTrig(ExprId id);

  /// `id` as one product, sums being factors.
  LaneTerm getProduct(ExprId id) const;
  /// `id` as a sum of products. A factor that is itself a sum, or a product
  /// rounded to another type, stays one factor: products are never distributed
  /// over sums, except for constants. None where there are more than
  /// `kMaxTerms` terms or an undefined operand.
  static constexpr unsigned kMaxTerms = 8;
  std::optional<SmallVector<LaneTerm, 2>> getSumOfProducts(ExprId id);
  /// A product of more factors stays one factor, else squares of squares would
  /// be as long as the number that they are raised to.
  static constexpr unsigned kMaxFactors = 32;
  /// The same number of real arithmetic with products distributed over sums, as
  /// far as `stepsLeft` goes; what is done is taken from it.
  ExprId expandProducts(ExprId id, uint64_t &stepsLeft);

  /// For diagnostics: `%x[d0, d1, 3] * cos(...)`.
  void print(raw_ostream &os, ExprId id, unsigned depth = 3) const;
  std::string str(ExprId id) const;

  size_t size() const { return exprs.size(); }

private:
  /// Rows of different lengths hold the same numbers in other places.
  struct ConstantColumn {
    SmallVector<int64_t> shape;
    std::vector<double> content;

    bool operator==(const ConstantColumn &other) const {
      return shape == other.shape && content == other.content;
    }
    friend llvm::hash_code hash_value(const ConstantColumn &column) {
      auto *bits = reinterpret_cast<const uint64_t *>(column.content.data());
      return llvm::hash_combine(
          llvm::hash_combine_range(column.shape),
          llvm::hash_combine_range(bits, bits + column.content.size()));
    }
  };

  ExprId intern(LaneExpr expr);
  std::optional<double> foldFunction(StringRef name, Type type,
                                     ArrayRef<ExprId> operands);
  bool appendTerms(ExprId id, double sign, SmallVectorImpl<LaneTerm> &terms);

  IndexContext &indexContext;
  Arithmetic arithmetic;
  Interner<LaneExpr> exprs;
  std::vector<unsigned> depths;
  Interner<ConstantColumn> columns;
  DenseMap<ExprId, uint64_t> symbolsOf;
  DenseMap<ExprId, bool> trigOf;
};

/// `value` rounded to the nearest number of the float type `type`.
double roundToType(Type type, double value);

} // namespace mlir::rope

#endif // ROPE_ANALYSIS_LANEEXPR_H
