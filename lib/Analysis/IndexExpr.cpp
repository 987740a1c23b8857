//===- IndexExpr.cpp - Interned integer polynomials -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/IndexExpr.h"

#include "mlir/IR/TypeUtilities.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::rope;

static constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
static constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

IndexContext::IndexContext() {
  // The zero polynomial has id 0.
  intern({});
}

//===----------------------------------------------------------------------===//
// Interning
//===----------------------------------------------------------------------===//

IndexId IndexContext::intern(Polynomial polynomial) {
  llvm::sort(polynomial, [](const Monomial &a, const Monomial &b) {
    return a.atoms < b.atoms;
  });
  // Sums the coefficients of equal products and drops zeros.
  Polynomial merged;
  for (Monomial &monomial : polynomial) {
    if (!merged.empty() && merged.back().atoms == monomial.atoms)
      merged.back().coefficient += monomial.coefficient;
    else
      merged.push_back(std::move(monomial));
    if (merged.back().coefficient == 0)
      merged.pop_back();
  }
  return polynomials.intern(ArrayRef<Monomial>(merged));
}

IndexId IndexContext::getMonomial(const Monomial &monomial) {
  return monomial.coefficient == 0
             ? 0
             : polynomials.intern(ArrayRef<Monomial>(monomial));
}

IndexId IndexContext::internAtom(IndexAtom atom) {
  return getMonomial({1, {atoms.intern(std::move(atom))}});
}

IndexId IndexContext::getConstant(int64_t value) {
  if (value < 0 || value >= static_cast<int64_t>(smallConstants.size()))
    return getMonomial({value, {}});
  IndexId &id = smallConstants[value];
  if (id == 0 && value != 0)
    id = getMonomial({value, {}});
  return id;
}

IndexId IndexContext::getSymbol(unsigned position, IndexId size) {
  // The only index into a dimension of one element.
  if (getConstantValue(size) == 1)
    return getConstant(0);
  return internAtom(
      {IndexAtom::Kind::Symbol, position, Value(), StringRef(), {size}});
}

IndexId IndexContext::getDim(Value value, int64_t dim) {
  return internAtom({IndexAtom::Kind::Dim, dim, value, StringRef(), {}});
}

IndexId IndexContext::getData(Value value, ArrayRef<IndexId> indices) {
  return internAtom({IndexAtom::Kind::Data, 0, value, StringRef(),
                     SmallVector<IndexId, 4>(indices)});
}

IndexId IndexContext::getFunction(StringRef name, ArrayRef<IndexId> operands,
                                  uint64_t symbols) {
  return internAtom({IndexAtom::Kind::Function, static_cast<int64_t>(symbols),
                     Value(), name, SmallVector<IndexId, 4>(operands)});
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

IndexId IndexContext::add(IndexId a, IndexId b) {
  // Zero has id 0.
  if (a == 0 || b == 0)
    return a == 0 ? b : a;
  std::pair<IndexId, IndexId> key = std::minmax(a, b);
  if (auto it = sums.find(key); it != sums.end())
    return it->second;
  IndexId sum = computeSum(a, b);
  return sums[key] = sum;
}

IndexId IndexContext::computeSum(IndexId a, IndexId b) {
  Polynomial terms = polynomials[a];
  llvm::append_range(terms, polynomials[b]);
  IndexId sum = intern(std::move(terms));
  // k c floor(x / c) + k mod(x, c) = k x.
  for (const Monomial &remainder : polynomials[sum]) {
    if (remainder.atoms.size() != 1 ||
        atoms[remainder.atoms.front()].kind != IndexAtom::Kind::Mod)
      continue;
    IndexAtom quotient = atoms[remainder.atoms.front()];
    quotient.kind = IndexAtom::Kind::FloorDiv;
    IndexId x = quotient.operands[0], c = quotient.operands[1];
    IndexId multiple =
        scale(mul(c, internAtom(std::move(quotient))), remainder.coefficient);
    const Polynomial &wanted = polynomials[multiple];
    if (wanted.size() == 1 &&
        llvm::is_contained(polynomials[sum], wanted.front()))
      return add(sub(sub(sum, getMonomial(remainder)), multiple),
                 scale(x, remainder.coefficient));
  }
  return sum;
}

IndexId IndexContext::scale(IndexId a, int64_t factor) {
  if (factor == 0 || a == 0)
    return getConstant(0);
  if (factor == 1)
    return a;
  Polynomial scaled = polynomials[a];
  for (Monomial &monomial : scaled)
    monomial.coefficient *= factor;
  // Sorted as before; a product that wraps may be zero.
  llvm::erase_if(scaled, [](const Monomial &monomial) {
    return monomial.coefficient == 0;
  });
  return polynomials.intern(ArrayRef<Monomial>(scaled));
}

IndexId IndexContext::mul(IndexId a, IndexId b) {
  if (std::optional<int64_t> factor = getConstantValue(b))
    return scale(a, *factor);
  if (std::optional<int64_t> factor = getConstantValue(a))
    return scale(b, *factor);
  Polynomial product;
  for (const Monomial &left : polynomials[a])
    for (const Monomial &right : polynomials[b]) {
      SmallVector<AtomId, 2> atoms(left.atoms);
      llvm::append_range(atoms, right.atoms);
      llvm::sort(atoms);
      product.push_back({left.coefficient * right.coefficient, atoms});
    }
  return intern(std::move(product));
}

/// Removes `divisor` (sorted) from `atoms` (sorted); false if it is not there.
static bool divideAtoms(ArrayRef<AtomId> atoms, ArrayRef<AtomId> divisor,
                        SmallVector<AtomId, 2> &quotient) {
  for (AtomId atom : atoms) {
    if (!divisor.empty() && divisor.front() == atom)
      divisor = divisor.drop_front();
    else
      quotient.push_back(atom);
  }
  return divisor.empty();
}

std::pair<IndexId, IndexId> IndexContext::splitMultiples(IndexId a,
                                                         IndexId divisor) {
  // Only a single product divides term by term.
  if (polynomials[divisor].size() != 1)
    return {getConstant(0), a};
  const Monomial by = polynomials[divisor].front();
  Polynomial quotient, rest;
  for (const Monomial &monomial : polynomials[a]) {
    SmallVector<AtomId, 2> atoms;
    if (monomial.coefficient % by.coefficient == 0 &&
        divideAtoms(monomial.atoms, by.atoms, atoms))
      quotient.push_back({monomial.coefficient / by.coefficient, atoms});
    else if (by.atoms.empty() && monomial.atoms.empty()) {
      // The constant: quotient * divisor + a remainder in [0, divisor).
      int64_t q = llvm::divideFloorSigned(monomial.coefficient, by.coefficient);
      quotient.push_back({q, {}});
      rest.push_back({monomial.coefficient - q * by.coefficient, {}});
    } else
      rest.push_back(monomial);
  }
  return {intern(std::move(quotient)), intern(std::move(rest))};
}

IndexId IndexContext::floorDiv(IndexId a, IndexId divisor) {
  if (getConstantValue(divisor) == 1)
    return a;
  auto [quotient, rest] = splitMultiples(a, divisor);
  if (isWithin(rest, divisor) == true)
    return quotient;
  return add(quotient, internAtom({IndexAtom::Kind::FloorDiv,
                                   0,
                                   Value(),
                                   StringRef(),
                                   {rest, divisor}}));
}

IndexId IndexContext::mod(IndexId a, IndexId divisor) {
  if (getConstantValue(divisor) == 1)
    return getConstant(0);
  IndexId rest = splitMultiples(a, divisor).second;
  if (isWithin(rest, divisor) == true)
    return rest;
  return internAtom(
      {IndexAtom::Kind::Mod, 0, Value(), StringRef(), {rest, divisor}});
}

IndexId IndexContext::min(IndexId a, IndexId b) {
  IndexRange difference = getRange(sub(a, b));
  if (difference.upper <= 0)
    return a;
  if (difference.lower >= 0)
    return b;
  return getFunction(kMinimum, {std::min(a, b), std::max(a, b)});
}

IndexId IndexContext::apply(AffineExpr expr, ArrayRef<IndexId> dims,
                            ArrayRef<IndexId> symbols) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return getConstant(constant.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return symbols[symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  IndexId lhs = apply(binary.getLHS(), dims, symbols);
  IndexId rhs = apply(binary.getRHS(), dims, symbols);
  switch (binary.getKind()) {
  case AffineExprKind::Add:
    return add(lhs, rhs);
  case AffineExprKind::Mul:
    return mul(lhs, rhs);
  case AffineExprKind::FloorDiv:
    return floorDiv(lhs, rhs);
  case AffineExprKind::Mod:
    return mod(lhs, rhs);
  default:
    return getFunction("affine.ceildiv", {lhs, rhs});
  }
}

//===----------------------------------------------------------------------===//
// What is known
//===----------------------------------------------------------------------===//

std::optional<int64_t> IndexContext::getConstantValue(IndexId id) const {
  const Polynomial &polynomial = polynomials[id];
  if (polynomial.empty())
    return 0;
  if (polynomial.size() == 1 && polynomial.front().atoms.empty())
    return polynomial.front().coefficient;
  return std::nullopt;
}

std::optional<int64_t> IndexContext::getConstantDifference(IndexId id,
                                                           IndexId base) {
  if (id == base)
    return 0;
  // The constant stands first.
  auto split = [&](IndexId sum) {
    ArrayRef<Monomial> rest = polynomials[sum];
    bool hasConstant = !rest.empty() && rest.front().atoms.empty();
    return std::pair(hasConstant ? rest.front().coefficient : 0,
                     hasConstant ? rest.drop_front() : rest);
  };
  auto [constant, rest] = split(id);
  auto [baseConstant, baseRest] = split(base);
  if (rest == baseRest)
    return constant - baseConstant;
  return getConstantValue(sub(id, base));
}

const IndexAtom *IndexContext::getAsAtom(IndexId id) const {
  const Polynomial &polynomial = polynomials[id];
  if (polynomial.size() != 1 || polynomial.front().coefficient != 1 ||
      polynomial.front().atoms.size() != 1)
    return nullptr;
  return &atoms[polynomial.front().atoms.front()];
}

std::optional<unsigned> IndexContext::getAsSymbol(IndexId id) const {
  const IndexAtom *atom = getAsAtom(id);
  if (!atom || atom->kind != IndexAtom::Kind::Symbol)
    return std::nullopt;
  return atom->number;
}

IndexRange IndexContext::getAtomRange(const IndexAtom &atom) {
  switch (atom.kind) {
  case IndexAtom::Kind::Symbol: {
    IndexRange size = getRange(atom.operands[0]);
    return {0, size.upper == kMax ? kMax : size.upper - 1};
  }
  case IndexAtom::Kind::Dim:
    return {0, kMax};
  case IndexAtom::Kind::Mod:
    if (std::optional<int64_t> divisor = getConstantValue(atom.operands[1]);
        divisor && *divisor > 0)
      return {0, *divisor - 1};
    return {};
  case IndexAtom::Kind::FloorDiv: {
    std::optional<int64_t> divisor = getConstantValue(atom.operands[1]);
    IndexRange range = getRange(atom.operands[0]);
    if (!divisor || *divisor <= 0)
      return {};
    return {
        range.lower == kMin ? kMin
                            : llvm::divideFloorSigned(range.lower, *divisor),
        range.upper == kMax ? kMax
                            : llvm::divideFloorSigned(range.upper, *divisor)};
  }
  case IndexAtom::Kind::Data: {
    Type type = getElementTypeOrSelf(atom.value.getType());
    if (type.isInteger(1))
      return {0, 1};
    if (!type.isInteger() || type.getIntOrFloatBitWidth() >= 32)
      return {};
    int64_t bound = int64_t(1) << (type.getIntOrFloatBitWidth() - 1);
    return {-bound, bound - 1};
  }
  case IndexAtom::Kind::Function: {
    if (atom.name != kMinimum)
      return {};
    IndexRange a = getRange(atom.operands[0]), b = getRange(atom.operands[1]);
    return {std::min(a.lower, b.lower), std::min(a.upper, b.upper)};
  }
  }
  llvm_unreachable("all kinds are handled");
}

/// a * b where kMin and kMax are infinite.
static int64_t saturatingMul(int64_t a, int64_t b) {
  if (a == 0 || b == 0)
    return 0;
  int64_t product;
  bool infinite = a == kMin || a == kMax || b == kMin || b == kMax;
  if (!infinite && !llvm::MulOverflow(a, b, product))
    return product;
  return (a < 0) == (b < 0) ? kMax : kMin;
}

IndexRange IndexContext::getRange(IndexId id) {
  if (auto it = rangeOf.find(id); it != rangeOf.end())
    return it->second;
  IndexRange range = computeRange(id);
  return rangeOf[id] = range;
}

IndexRange IndexContext::computeRange(IndexId id) {
  IndexRange sum = {0, 0};
  for (const Monomial &monomial : polynomials[id]) {
    IndexRange product = {monomial.coefficient, monomial.coefficient};
    for (AtomId atom : monomial.atoms) {
      IndexRange factor = getAtomRange(atoms[atom]);
      int64_t corners[] = {saturatingMul(product.lower, factor.lower),
                           saturatingMul(product.lower, factor.upper),
                           saturatingMul(product.upper, factor.lower),
                           saturatingMul(product.upper, factor.upper)};
      product = {*llvm::min_element(corners), *llvm::max_element(corners)};
    }
    bool lowerInfinite = sum.lower == kMin || product.lower == kMin ||
                         llvm::AddOverflow(sum.lower, product.lower, sum.lower);
    bool upperInfinite = sum.upper == kMax || product.upper == kMax ||
                         llvm::AddOverflow(sum.upper, product.upper, sum.upper);
    if (lowerInfinite)
      sum.lower = kMin;
    if (upperInfinite)
      sum.upper = kMax;
  }

  // Beside x, multiples of c floor(x / c) are those of x - mod(x, c).
  IndexId expanded = id;
  for (const Monomial &monomial : polynomials[id]) {
    if (monomial.atoms.size() != 1)
      continue;
    const IndexAtom &atom = atoms[monomial.atoms.front()];
    if (atom.kind != IndexAtom::Kind::FloorDiv)
      continue;
    std::optional<int64_t> divisor = getConstantValue(atom.operands[1]);
    if (!divisor || *divisor <= 0 || monomial.coefficient % *divisor != 0)
      continue;
    IndexId multiple =
        sub(atom.operands[0], mod(atom.operands[0], atom.operands[1]));
    expanded = add(sub(expanded, getMonomial(monomial)),
                   scale(multiple, monomial.coefficient / *divisor));
  }
  if (expanded != id) {
    IndexRange other = getRange(expanded);
    sum.lower = std::max(sum.lower, other.lower);
    sum.upper = std::min(sum.upper, other.upper);
  }
  return sum;
}

std::optional<bool> IndexContext::isWithin(IndexId id, IndexId size) {
  IndexRange range = getRange(id);
  if (range.upper < 0)
    return false;
  // size - 1 - id >= 0, where a symbol's bound may be a polynomial.
  if (const IndexAtom *atom = getAsAtom(id);
      atom && atom->kind == IndexAtom::Kind::Symbol &&
      atom->operands[0] == size)
    return true;
  IndexRange slack = getRange(sub(size, id));
  if (slack.upper != kMax && slack.upper <= 0)
    return false;
  if (range.lower >= 0 && slack.lower >= 1)
    return true;
  // size - id = (S - s) + rest, s being a symbol in [0, S) whose size S is no
  // number.
  for (const Monomial &monomial : polynomials[id]) {
    if (range.lower < 0)
      break;
    if (monomial.coefficient != 1 || monomial.atoms.size() != 1)
      continue;
    const IndexAtom &symbol = atoms[monomial.atoms.front()];
    if (symbol.kind != IndexAtom::Kind::Symbol ||
        getConstantValue(symbol.operands[0]))
      continue;
    IndexId bound = symbol.operands[0];
    IndexId rest = sub(sub(size, id), sub(bound, getMonomial(monomial)));
    if (getRange(rest).lower >= 0)
      return true;
  }
  if (const IndexAtom *atom = getAsAtom(size);
      atom && atom->kind == IndexAtom::Kind::Function &&
      atom->name == kMinimum) {
    IndexId a = atom->operands[0], b = atom->operands[1];
    std::optional<bool> inFirst = isWithin(id, a), inSecond = isWithin(id, b);
    if (inFirst == false || inSecond == false)
      return false;
    return inFirst && inSecond ? std::optional(true) : std::nullopt;
  }
  // floor(a / c) < floor(b / c) if a < b - c + 1
  const IndexAtom *quotient = getAsAtom(id), *bound = getAsAtom(size);
  if (range.lower >= 0 && quotient && bound &&
      quotient->kind == IndexAtom::Kind::FloorDiv &&
      bound->kind == IndexAtom::Kind::FloorDiv &&
      quotient->operands[1] == bound->operands[1]) {
    IndexId a = quotient->operands[0], c = quotient->operands[1];
    IndexId end = add(sub(bound->operands[0], c), getConstant(1));
    if (getRange(c).lower > 0 && isWithin(a, end) == true)
      return true;
  }
  return std::nullopt;
}

uint64_t IndexContext::getSymbols(IndexId id) {
  if (auto it = symbolsOf.find(id); it != symbolsOf.end())
    return it->second;
  uint64_t symbols = 0;
  for (const Monomial &monomial : polynomials[id])
    for (AtomId atomId : monomial.atoms) {
      const IndexAtom &atom = atoms[atomId];
      if (atom.kind == IndexAtom::Kind::Symbol) {
        symbols |= uint64_t(1) << std::min<int64_t>(atom.number, 63);
        continue;
      }
      if (atom.kind == IndexAtom::Kind::Function)
        symbols |= static_cast<uint64_t>(atom.number);
      for (IndexId operand : atom.operands)
        symbols |= getSymbols(operand);
    }
  return symbolsOf[id] = symbols;
}
