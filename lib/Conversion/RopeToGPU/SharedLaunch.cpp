//===- SharedLaunch.cpp - Rotations that one kernel does ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Queries and keys are rotated by the same tables, one after the other. As one
// kernel they load a table row once, and few heads of keys do not leave the
// device idle.
//
//===----------------------------------------------------------------------===//

#include "RotateToGPU.h"
#include "mlir/Analysis/AliasAnalysis/LocalAliasAnalysis.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace mlir::rope;

/// The allocation or the argument that a buffer is a view of.
static Value getRoot(Value buffer) {
  while (auto view = buffer.getDefiningOp<ViewLikeOpInterface>())
    buffer = view.getViewSource();
  return buffer;
}

static bool areDistinct(Value first, Value second, bool distinctArguments) {
  first = getRoot(first);
  second = getRoot(second);
  if (distinctArguments && first != second && isa<BlockArgument>(first) &&
      isa<BlockArgument>(second) && first.getParentBlock()->isEntryBlock() &&
      second.getParentBlock()->isEntryBlock() &&
      isa<FunctionOpInterface>(first.getParentBlock()->getParentOp()) &&
      isa<FunctionOpInterface>(second.getParentBlock()->getParentOp()))
    return true;
  return LocalAliasAnalysis().alias(first, second).isNo();
}

bool rope::canShareLaunch(RotateOp first, RotateOp second,
                          bool distinctArguments) {
  auto firstType = cast<MemRefType>(first.getInput().getType());
  auto secondType = cast<MemRefType>(second.getInput().getType());
  std::optional<int64_t> heads = getHeadsDim(first);
  if (!heads || first.getProperties() != second.getProperties() ||
      first.getCos() != second.getCos() || first.getSin() != second.getSin() ||
      first.getHeadDim() != second.getHeadDim() ||
      firstType.getElementType() != secondType.getElementType() ||
      firstType.getRank() != secondType.getRank())
    return false;
  // Sizes that the tables do not tell must be known.
  for (auto [dim, size] : llvm::enumerate(firstType.getShape().drop_back())) {
    auto signedDim = static_cast<int64_t>(dim);
    if (signedDim != *heads &&
        !llvm::is_contained(first.getAlong(), signedDim) &&
        (ShapedType::isDynamic(size) || size != secondType.getDimSize(dim)))
      return false;
  }
  return areDistinct(first.getOutput(), second.getInput(), distinctArguments) &&
         areDistinct(first.getOutput(), second.getOutput(),
                     distinctArguments) &&
         areDistinct(first.getInput(), second.getOutput(), distinctArguments);
}
