//===- RotationClause.cpp - Rotations of other ops' operands --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RotationClause.h"

#include "TableTypes.h"

using namespace mlir;
using namespace mlir::rope;

/// Whether two sizes agree, as far as they are known.
static bool mayBeEqual(int64_t lhs, int64_t rhs) {
  return ShapedType::isDynamic(lhs) || ShapedType::isDynamic(rhs) || lhs == rhs;
}

LogicalResult rope::verifyRotationClause(Operation *op, StringRef constraint,
                                         StringRef name, Value cos, Value sin,
                                         RotationAttr lanes, Rotated rotated) {
  auto error = [&]() {
    return op->emitOpError("(") << constraint << ") rotate_" << name;
  };
  if (static_cast<bool>(cos) != static_cast<bool>(sin) || (lanes && !cos))
    return error() << " needs a cosine and a sine table";
  if (!cos)
    return success();
  if (failed(verifySameTables(op, constraint, cos.getType(), sin.getType())))
    return failure();
  int64_t offset = lanes.getOffset();
  int64_t rotaryDim = lanes.getEffectiveRotaryDim(rotated.numLanes);
  if (offset < 0)
    return error() << ": offset must not be negative, got " << offset;
  if (rotaryDim <= 0 || rotaryDim % 2)
    return error() << ": rotary dimension must be even and positive, got "
                   << rotaryDim;
  if (rotaryDim > rotated.numLanes - offset)
    return error() << ": offset " << offset << " plus rotary dimension "
                   << rotaryDim << " is past the end of " << rotated.numLanes
                   << " lanes";
  auto table = cast<ShapedType>(cos.getType());
  if (table.getRank() != 2 && table.getRank() != 3)
    return error() << ": tables must have rank 2 or 3, got " << table;
  int64_t width = table.getShape().back();
  if (width != rotaryDim / 2 && width != rotaryDim)
    return error() << ": the last dimension of the tables must be "
                   << rotaryDim / 2 << " (one entry a pair) or " << rotaryDim
                   << " (one entry a lane), got " << table;
  bool batched = table.getRank() == 3;
  if (!mayBeEqual(table.getDimSize(batched),
                  rotated.type.getDimSize(rotated.sequence)) ||
      (batched && !mayBeEqual(table.getDimSize(0), rotated.type.getDimSize(0))))
    return error() << ": tables of type " << table
                   << " must agree with the sequence (and batch) of "
                   << rotated.type;
  return success();
}
