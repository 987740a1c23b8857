//===- CarriedValues.cpp - What a loop carries ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rope/Analysis/CarriedValues.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::rope;

std::optional<CarriedValues> CarriedValues::get(Operation *loop) {
  CarriedValues carried;
  if (auto counted = dyn_cast<scf::ForOp>(loop)) {
    carried.body = counted.getBody();
    llvm::append_range(carried.inits, counted.getInits());
    llvm::append_range(carried.yielded, counted.getYieldedValues());
    llvm::append_range(carried.numbers,
                       llvm::seq<unsigned>(0, carried.inits.size()));
    carried.firstArgument = counted.getNumInductionVars();
    return carried;
  }
  auto tested = dyn_cast<scf::WhileOp>(loop);
  if (!tested)
    return std::nullopt;
  carried.body = tested.getAfterBody();
  llvm::append_range(carried.inits, tested.getInits());
  llvm::append_range(carried.yielded, tested.getYieldOp().getResults());
  for (Value passed : tested.getConditionOp().getArgs()) {
    auto argument = dyn_cast<BlockArgument>(passed);
    if (!argument || argument.getOwner() != tested.getBeforeBody())
      return std::nullopt;
    carried.numbers.push_back(argument.getArgNumber());
  }
  return carried;
}

std::optional<unsigned> CarriedValues::getNumber(Value value) const {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != body ||
      argument.getArgNumber() < firstArgument)
    return std::nullopt;
  return numbers[argument.getArgNumber() - firstArgument];
}

SmallVector<Operation *> rope::getParallelInsertions(Operation *forall,
                                                     unsigned number) {
  auto loop = cast<scf::ForallOp>(forall);
  Value destination = loop.getRegionIterArgs()[number];
  SmallVector<Operation *> insertions;
  for (Operation &op : loop.getTerminator().getYieldingOps())
    if (cast<tensor::ParallelInsertSliceOp>(op).getDest() == destination)
      insertions.push_back(&op);
  return insertions;
}

bool CarriedValues::isWritten(
    unsigned k, llvm::function_ref<bool(Operation *)> visit) const {
  Value value = yielded[k];
  while (getNumber(value) != k) {
    Operation *op = value.getDefiningOp();
    if (auto insert = dyn_cast_or_null<tensor::InsertOp>(op)) {
      if (!visit(insert))
        return false;
      value = insert.getDest();
    } else if (auto slice = dyn_cast_or_null<tensor::InsertSliceOp>(op)) {
      if (!visit(slice))
        return false;
      value = slice.getDest();
    } else if (auto forall = dyn_cast_or_null<scf::ForallOp>(op)) {
      unsigned number = cast<OpResult>(value).getResultNumber();
      if (!llvm::all_of(getParallelInsertions(forall, number), visit))
        return false;
      value = forall.getOutputs()[number];
    } else if (std::optional<CarriedValues> inner =
                   op ? get(op) : std::nullopt) {
      unsigned number = inner->numbers[cast<OpResult>(value).getResultNumber()];
      if (!inner->isWritten(number, visit))
        return false;
      value = inner->inits[number];
    } else {
      return false;
    }
  }
  return true;
}

static Value getSizeSource(const CarriedValues &carried, unsigned k) {
  bool keepsSize = carried.isWritten(k, [](Operation *) { return true; });
  return keepsSize ? carried.inits[k] : Value();
}

Value rope::getSizeSource(OpResult result) {
  if (auto forall = dyn_cast<scf::ForallOp>(result.getOwner()))
    return forall.getOutputs()[result.getResultNumber()];
  std::optional<CarriedValues> carried = CarriedValues::get(result.getOwner());
  return carried ? ::getSizeSource(*carried,
                                   carried->numbers[result.getResultNumber()])
                 : Value();
}

Value rope::getSizeSource(BlockArgument argument) {
  Operation *loop = argument.getOwner()->getParentOp();
  if (auto forall = dyn_cast_or_null<scf::ForallOp>(loop))
    return argument.getArgNumber() < forall.getRank()
               ? Value()
               : forall.getTiedOpOperand(argument)->get();
  std::optional<CarriedValues> carried =
      loop ? CarriedValues::get(loop) : std::nullopt;
  std::optional<unsigned> number =
      carried ? carried->getNumber(argument) : std::nullopt;
  return number ? ::getSizeSource(*carried, *number) : Value();
}
