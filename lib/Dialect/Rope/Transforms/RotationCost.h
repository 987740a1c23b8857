//===- RotationCost.h - What a program does with tensors --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The cost model of `rope-optimize`. Sizes that only run time knows are
// symbols, so that costs are polynomials and are compared as such.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ROTATIONCOST_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ROTATIONCOST_H

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include <map>

namespace mlir::rope {

/// A polynomial in sizes with natural coefficients.
class SizePolynomial {
public:
  /// The symbols of a product, sorted.
  using Monomial = std::vector<unsigned>;

  SizePolynomial() = default;
  explicit SizePolynomial(int64_t constant);
  static SizePolynomial symbol(unsigned number);

  SizePolynomial &operator+=(const SizePolynomial &other);
  SizePolynomial &operator*=(const SizePolynomial &other);

  /// Whether this is at most `other` for all sizes but zero: each product of
  /// this is paid for by products of `other` that it divides.
  bool isAtMost(const SizePolynomial &other) const;

  bool operator==(const SizePolynomial &other) const {
    return terms == other.terms;
  }

  /// As in "512*n0 + 64".
  std::string str() const;

private:
  std::map<Monomial, int64_t> terms;
};

/// Work first; of equal work, the fewer ops.
struct RotationCost {
  SizePolynomial work;
  int64_t numOps = 0;

  RotationCost &operator+=(const RotationCost &other) {
    work += other.work;
    numOps += other.numOps;
    return *this;
  }
  bool isLowerThan(const RotationCost &other) const {
    return work.isAtMost(other.work) &&
           (!other.work.isAtMost(work) || numOps < other.numOps);
  }
};

/// Counts
/// - an element that is rotated once, and twice where its lane also moves;
/// - an entry of a table that `rope.sincos` makes twice;
/// - an iteration of a structured op and an element of a matrix, of a
///   concatenation or of elementwise arithmetic on floats once;
/// - views, positions and everything else not at all.
/// Ops are those that make a tensor, but for constants, casts and
/// `tensor.empty`.
class CostModel {
public:
  /// The cost of one op.
  RotationCost getCost(Operation *op);

  /// The cost of `root` and of all that only it uses, but for `kept`, which
  /// what takes its place uses too.
  RotationCost getCostOfDead(Operation *root, ValueRange kept);

  /// The cost of an op like `op` on `numRows` rows.
  static RotationCost getRotateCost(RotateOp op, const SizePolynomial &numRows);
  /// The cost of tables of `numRows` rows.
  static RotationCost getSinCosCost(FrequenciesAttr frequencies,
                                    const SizePolynomial &numRows);

  SizePolynomial getSize(Value tensor, int64_t dim);
  SizePolynomial getSize(OpFoldResult size);
  /// The number of elements, without the last dimension or with it.
  SizePolynomial getNumRows(Value tensor);
  SizePolynomial getNumElements(Value tensor);

  /// The number of rows of the tables of `op`: where a rotation reads them, by
  /// the sizes of what it rotates.
  SizePolynomial getNumTableRows(SinCosOp op);

private:
  /// A dimension of a value, or a value that is a size (-1).
  SizePolynomial getSymbol(Value value, int64_t dim);
  SizePolynomial getTableSize(SinCosOp op, int64_t dim);

  llvm::DenseMap<std::pair<Value, int64_t>, unsigned> symbols;
};

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_ROTATIONCOST_H
