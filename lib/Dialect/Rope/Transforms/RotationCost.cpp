//===- RotationCost.cpp - What a program does with tensors ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RotationCost.h"

#include "RotationFacts.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::rope;

SizePolynomial::SizePolynomial(int64_t constant) {
  if (constant != 0)
    terms[{}] = constant;
}

SizePolynomial SizePolynomial::symbol(unsigned number) {
  SizePolynomial symbol;
  symbol.terms[{number}] = 1;
  return symbol;
}

SizePolynomial &SizePolynomial::operator+=(const SizePolynomial &other) {
  for (const auto &[monomial, coefficient] : other.terms)
    terms[monomial] += coefficient;
  return *this;
}

SizePolynomial &SizePolynomial::operator*=(const SizePolynomial &other) {
  std::map<Monomial, int64_t> products;
  for (const auto &[left, leftCoefficient] : terms)
    for (const auto &[right, rightCoefficient] : other.terms) {
      Monomial product(left.size() + right.size());
      std::merge(left.begin(), left.end(), right.begin(), right.end(),
                 product.begin());
      products[product] += leftCoefficient * rightCoefficient;
    }
  terms = std::move(products);
  return *this;
}

bool SizePolynomial::isAtMost(const SizePolynomial &other) const {
  std::map<Monomial, int64_t> left = terms, budget = other.terms;
  auto pay = [&](const Monomial &monomial, int64_t &owed, int64_t &available) {
    int64_t paid = std::min(owed, available);
    owed -= paid;
    available -= paid;
  };
  // Equal products first: what they leave can pay for smaller ones.
  for (auto &[monomial, owed] : left)
    if (auto it = budget.find(monomial); it != budget.end())
      pay(monomial, owed, it->second);
  for (auto &[monomial, owed] : left)
    for (auto &[larger, available] : budget)
      if (std::includes(larger.begin(), larger.end(), monomial.begin(),
                        monomial.end()))
        pay(monomial, owed, available);
  return llvm::all_of(left, [](const auto &term) { return term.second == 0; });
}

std::string SizePolynomial::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleave(
      llvm::reverse(terms), os,
      [&](const auto &term) {
        os << term.second;
        for (unsigned symbol : term.first)
          os << "*n" << symbol;
      },
      " + ");
  return terms.empty() ? "0" : text;
}

RotationCost CostModel::getRotateCost(RotateOp op,
                                      const SizePolynomial &numRows) {
  bool movesLanes = op.getEffectiveResultPairing() != op.getPairing();
  SizePolynomial work((movesLanes ? 2 : 1) * op.getEffectiveRotaryDim());
  work *= numRows;
  return {work, 1};
}

RotationCost CostModel::getSinCosCost(FrequenciesAttr frequencies,
                                      const SizePolynomial &numRows) {
  // Two tables of dim/2 entries that count twice.
  SizePolynomial work(2 * frequencies.getDim());
  work *= numRows;
  return {work, 1};
}

SizePolynomial CostModel::getSymbol(Value value, int64_t dim) {
  return SizePolynomial::symbol(
      symbols.try_emplace({value, dim}, symbols.size()).first->second);
}

SizePolynomial CostModel::getSize(OpFoldResult size) {
  if (std::optional<int64_t> constant = getConstantIntValue(size))
    return SizePolynomial(*constant);
  Value value = cast<Value>(size);
  if (auto dim = value.getDefiningOp<tensor::DimOp>()) {
    // A dimension that the tensor does not have verifies.
    auto type = dyn_cast<RankedTensorType>(dim.getSource().getType());
    if (std::optional<int64_t> index = dim.getConstantIndex();
        index && type && *index >= 0 && *index < type.getRank())
      return getSize(dim.getSource(), *index);
  }
  return getSymbol(value, /*dim=*/-1);
}

SizePolynomial CostModel::getSize(Value tensor, int64_t dim) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.isDynamicDim(dim))
    return SizePolynomial(type.getDimSize(dim));
  Operation *op = tensor.getDefiningOp();
  if (auto cast = dyn_cast_or_null<tensor::CastOp>(op);
      cast && isa<RankedTensorType>(cast.getSource().getType()))
    return getSize(cast.getSource(), dim);
  if (auto rotate = dyn_cast_or_null<RotateOp>(op))
    return getSize(rotate.getInput(), dim);
  if (auto tables = dyn_cast_or_null<SinCosOp>(op))
    return getTableSize(tables, dim);
  if (auto slice = dyn_cast_or_null<tensor::ExtractSliceOp>(op)) {
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    for (auto [sourceDim, size] : llvm::enumerate(slice.getMixedSizes()))
      if (!dropped.test(sourceDim) && dim-- == 0)
        return getSize(size);
  }
  if (auto matrix = dyn_cast_or_null<RotationMatrixOp>(op))
    return getSize(matrix.getCos(), dim);
  if (auto collapse = dyn_cast_or_null<tensor::CollapseShapeOp>(op)) {
    SizePolynomial product(1);
    ReassociationIndices parts = collapse.getReassociationIndices()[dim];
    for (int64_t part : parts)
      product *= getSize(collapse.getSrc(), part);
    return product;
  }
  if (auto expand = dyn_cast_or_null<tensor::ExpandShapeOp>(op))
    return getSize(expand.getMixedOutputShape()[dim]);
  if (auto concat = dyn_cast_or_null<tensor::ConcatOp>(op)) {
    bool joins = static_cast<int64_t>(concat.getDim()) == dim;
    SizePolynomial sum;
    for (Value input :
         joins ? concat.getInputs() : concat.getInputs().take_front(1))
      sum += getSize(input, dim);
    return sum;
  }
  if (auto empty = dyn_cast_or_null<tensor::EmptyOp>(op))
    return getSize(empty.getDynamicSize(dim));
  if (op && OpTrait::hasElementwiseMappableTraits(op))
    return getSize(op->getOperand(0), dim);
  if (auto destination = dyn_cast_or_null<DestinationStyleOpInterface>(op))
    return getSize(destination.getTiedOpOperand(cast<OpResult>(tensor))->get(),
                   dim);
  return getSymbol(tensor, dim);
}

SizePolynomial CostModel::getTableSize(SinCosOp op, int64_t dim) {
  if (!op.getTableType().isDynamicDim(dim))
    return SizePolynomial(op.getTableType().getDimSize(dim));
  for (Operation *user : op->getUsers())
    if (auto rotate = dyn_cast<RotateOp>(user);
        rotate && rotate.getCos() == op.getCos())
      return getSize(rotate.getInput(), rotate.getAlong()[dim]);
  if (isByPosition(op))
    return getSize(op.getPositions(), dim);
  return getSymbol(op.getCos(), dim);
}

SizePolynomial CostModel::getNumTableRows(SinCosOp op) {
  SizePolynomial product(1);
  for (int64_t dim = 0; dim + 1 < op.getTableType().getRank(); ++dim)
    product *= getTableSize(op, dim);
  return product;
}

SizePolynomial CostModel::getNumElements(Value tensor) {
  SizePolynomial product(1);
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  for (int64_t dim = 0; dim < rank; ++dim)
    product *= getSize(tensor, dim);
  return product;
}

SizePolynomial CostModel::getNumRows(Value tensor) {
  SizePolynomial product(1);
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  for (int64_t dim = 0; dim + 1 < rank; ++dim)
    product *= getSize(tensor, dim);
  return product;
}

RotationCost CostModel::getCost(Operation *op) {
  RotationCost cost;
  if (op->getNumResults() == 0 || isa<tensor::EmptyOp, tensor::CastOp>(op) ||
      op->hasTrait<OpTrait::ConstantLike>())
    return cost;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type)
    return cost;
  cost.numOps = 1;
  if (!isa<FloatType>(type.getElementType()))
    return cost;
  if (auto rotate = dyn_cast<RotateOp>(op))
    return getRotateCost(rotate, getNumRows(rotate.getInput()));
  if (auto tables = dyn_cast<SinCosOp>(op))
    return getSinCosCost(tables.getFrequencies(), getNumTableRows(tables));
  if (auto structured = dyn_cast<linalg::LinalgOp>(op)) {
    AffineMap loops = structured.getShapesToLoopsMap();
    if (!loops)
      return cost;
    SmallVector<SizePolynomial> sizes;
    for (OpOperand &operand : op->getOpOperands())
      if (auto type = dyn_cast<RankedTensorType>(operand.get().getType()))
        for (int64_t dim = 0; dim < type.getRank(); ++dim)
          sizes.push_back(getSize(operand.get(), dim));
    cost.work = SizePolynomial(1);
    for (AffineExpr loop : loops.getResults()) {
      auto dim = dyn_cast<AffineDimExpr>(loop);
      cost.work *= dim ? sizes[dim.getPosition()] : SizePolynomial(1);
    }
    return cost;
  }
  if (isa<RotationMatrixOp, tensor::ConcatOp>(op) ||
      OpTrait::hasElementwiseMappableTraits(op))
    cost.work = getNumElements(op->getResult(0));
  return cost;
}

RotationCost CostModel::getCostOfDead(Operation *root, ValueRange kept) {
  SetVector<Operation *> dead;
  dead.insert(root);
  RotationCost cost;
  for (unsigned next = 0; next < dead.size(); ++next) {
    Operation *op = dead[next];
    cost += getCost(op);
    for (Value operand : op->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      // Constants are not made at run time.
      if (!producer || producer->hasTrait<OpTrait::ConstantLike>() ||
          !isMemoryEffectFree(producer))
        continue;
      bool isDead =
          llvm::all_of(producer->getUsers(),
                       [&](Operation *user) { return dead.contains(user); }) &&
          llvm::none_of(producer->getResults(), [&](Value result) {
            return llvm::is_contained(kept, result);
          });
      if (isDead)
        dead.insert(producer);
    }
  }
  return cost;
}
