//===- IndexExpr.h - Interned integer polynomials ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The normal form of index arithmetic in the lane evaluator: polynomials with
// integer coefficients over atoms (loop symbols, tensor dimensions, integer
// data, and quotients, remainders or other functions that do not simplify).
// Equal polynomials have equal ids, so equality of indices is equality of ids.
// Arithmetic is that of the integers: frontends' index computations do not
// wrap.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_ANALYSIS_INDEXEXPR_H
#define ROPE_ANALYSIS_INDEXEXPR_H

#include "Rope/Analysis/Interner.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include <array>
#include <optional>

namespace mlir::rope {

/// An interned polynomial.
using IndexId = uint32_t;
/// An interned atom.
using AtomId = uint32_t;

/// What is known of an integer: lower <= value <= upper, where the extreme
/// values of int64_t stand for "unbounded".
struct IndexRange {
  int64_t lower = std::numeric_limits<int64_t>::min();
  int64_t upper = std::numeric_limits<int64_t>::max();

  bool isBounded() const {
    return lower != std::numeric_limits<int64_t>::min() &&
           upper != std::numeric_limits<int64_t>::max();
  }
};

/// A variable of the polynomials.
struct IndexAtom {
  enum class Kind : uint8_t {
    Symbol,   ///< position `number` of the candidate, or an iteration, in
              ///< [0, operands[0])
    Dim,      ///< dimension `number` of `value`
    Data,     ///< element of the integer tensor or scalar `value` at `operands`
    FloorDiv, ///< operands[0] / operands[1], rounded down
    Mod,      ///< operands[0] - operands[1] * FloorDiv
    Function, ///< `name`, an op on operands that does not simplify; `number`
              ///< is the set of symbols of operands that are no integers
  };
  Kind kind;
  int64_t number = 0;
  Value value = {};
  StringRef name = {};
  SmallVector<IndexId, 4> operands = {};

  bool operator==(const IndexAtom &other) const {
    return kind == other.kind && number == other.number &&
           value == other.value && name == other.name &&
           operands == other.operands;
  }
  friend llvm::hash_code hash_value(const IndexAtom &atom) {
    return llvm::hash_combine(atom.kind, atom.number,
                              atom.value.getAsOpaquePointer(), atom.name,
                              llvm::hash_combine_range(atom.operands));
  }
};

/// Owns atoms and polynomials.
class IndexContext {
public:
  /// A product of atoms (sorted, with repetition) times a coefficient.
  struct Monomial {
    int64_t coefficient;
    SmallVector<AtomId, 2> atoms;

    bool operator==(const Monomial &other) const {
      return coefficient == other.coefficient && atoms == other.atoms;
    }
    friend llvm::hash_code hash_value(const Monomial &monomial) {
      return llvm::hash_combine(monomial.coefficient,
                                llvm::hash_combine_range(monomial.atoms));
    }
  };

  IndexContext();

  IndexId getConstant(int64_t value);
  /// The symbol that runs over dimension `position` of a candidate of the given
  /// size. Symbols of one position and size are one symbol.
  IndexId getSymbol(unsigned position, IndexId size);
  IndexId getDim(Value value, int64_t dim);
  IndexId getData(Value value, ArrayRef<IndexId> indices);
  /// An op that does not simplify; `name` must outlive the context. `symbols`
  /// are those that the op depends on beside the ones of `operands`.
  IndexId getFunction(StringRef name, ArrayRef<IndexId> operands,
                      uint64_t symbols = 0);

  /// One term of a polynomial.
  IndexId getMonomial(const Monomial &monomial);

  IndexId add(IndexId a, IndexId b);
  IndexId sub(IndexId a, IndexId b) { return add(a, scale(b, -1)); }
  IndexId mul(IndexId a, IndexId b);
  IndexId scale(IndexId a, int64_t factor);
  IndexId floorDiv(IndexId a, IndexId divisor);
  IndexId mod(IndexId a, IndexId divisor);
  /// The smaller of two, a function `kMinimum` of both where nobody knows
  /// which.
  IndexId min(IndexId a, IndexId b);
  static constexpr StringRef kMinimum = "arith.minsi";

  /// One result of an affine map of `dims` and `symbols`.
  IndexId apply(AffineExpr expr, ArrayRef<IndexId> dims,
                ArrayRef<IndexId> symbols = {});

  std::optional<int64_t> getConstantValue(IndexId id) const;
  /// The value of `id - base`, if it is a constant.
  std::optional<int64_t> getConstantDifference(IndexId id, IndexId base);
  IndexRange getRange(IndexId id);
  /// Whether 0 <= id < size is certain (true), impossible (false) or unknown.
  std::optional<bool> isWithin(IndexId id, IndexId size);

  ArrayRef<Monomial> getMonomials(IndexId id) const { return polynomials[id]; }
  const IndexAtom &getAtom(AtomId id) const { return atoms[id]; }
  /// The atom that `id` consists of, if it is nothing else.
  const IndexAtom *getAsAtom(IndexId id) const;
  /// The symbol's position if `id` is a symbol and nothing else.
  std::optional<unsigned> getAsSymbol(IndexId id) const;
  /// The positions of all symbols that `id` depends on, as a bit set.
  uint64_t getSymbols(IndexId id);

private:
  using Polynomial = SmallVector<Monomial, 2>;

  IndexId intern(Polynomial polynomial);
  IndexId internAtom(IndexAtom atom);
  IndexId computeSum(IndexId a, IndexId b);
  IndexRange computeRange(IndexId id);
  IndexRange getAtomRange(const IndexAtom &atom);
  /// Splits `a` into divisor * quotient + rest, with as much in the quotient as
  /// divides exactly.
  std::pair<IndexId, IndexId> splitMultiples(IndexId a, IndexId divisor);

  Interner<Polynomial> polynomials;
  Interner<IndexAtom> atoms;
  /// Numbers of lanes and rows; 0 where not yet asked for, and for zero.
  std::array<IndexId, 1024> smallConstants = {};
  DenseMap<std::pair<IndexId, IndexId>, IndexId> sums;
  DenseMap<IndexId, uint64_t> symbolsOf;
  DenseMap<IndexId, IndexRange> rangeOf;
};

} // namespace mlir::rope

#endif // ROPE_ANALYSIS_INDEXEXPR_H
