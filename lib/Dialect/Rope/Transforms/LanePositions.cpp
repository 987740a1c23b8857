//===- LanePositions.cpp - Tensors of positions ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Integer tensors: what the program has, or computed from indices.
//
//===----------------------------------------------------------------------===//

#include "LaneMaterializer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::rope;

bool LaneMaterializer::isReadInOrder(Value tensor, ArrayRef<LeadingDim> dims,
                                     IndexId index) {
  IndexContext &indices = evaluator.getIndices();
  const IndexAtom *atom = indices.getAsAtom(index);
  if (!atom || !isAvailable(tensor) || atom->operands.size() < dims.size())
    return false;
  size_t first = atom->operands.size() - dims.size();
  return llvm::all_of(llvm::enumerate(dims), [&](auto it) {
    auto [position, dim] = it;
    return atom->operands[first + position] ==
               indices.getSymbol(dim.symbol, dim.size) &&
           evaluator.getSize(tensor, first + position) == dim.size;
  });
}

Value LaneMaterializer::makePositions(IndexId index,
                                      ArrayRef<LeadingDim> dims) {
  // Integer data, read in order: the tensor itself.
  if (const IndexAtom *atom = evaluator.getIndices().getAsAtom(index);
      atom && atom->kind == IndexAtom::Kind::Data &&
      isa<RankedTensorType>(atom->value.getType()) &&
      atom->operands.size() == dims.size() &&
      isReadInOrder(atom->value, dims, index))
    return atom->value;
  Type type = builder.getI64Type();
  Value made = makeGeneric(
      dims, /*numLanes=*/-1, type, [&](ArrayRef<Value> loops, Value) -> Value {
        Value position = makeIndex(index, dims, loops);
        if (!position)
          return {};
        return arith::IndexCastOp::create(builder, loc, type, position);
      });
  // Functions of integers that nobody knows, but the program computes.
  return made ? made : nameInteger(index, dims);
}

/// A tensor of the program whose element at the symbols of `dims` is `index`.
Value LaneMaterializer::nameInteger(IndexId index, ArrayRef<LeadingDim> dims) {
  IndexContext &indices = evaluator.getIndices();
  SmallVector<IndexId> at;
  for (const LeadingDim &dim : dims)
    at.push_back(indices.getSymbol(dim.symbol, dim.size));
  for (const LaneEvaluator::Entry &entry : evaluator.getEntries())
    if (entry.scalar.kind == LaneScalar::Kind::Integer &&
        entry.scalar.index == index &&
        evaluator.getIndexList(entry.indexList) == ArrayRef(at) &&
        isAvailable(entry.value) &&
        llvm::all_of(llvm::enumerate(dims), [&](auto it) {
          return evaluator.getSize(entry.value, it.index()) == it.value().size;
        }))
      return entry.value;
  return {};
}
