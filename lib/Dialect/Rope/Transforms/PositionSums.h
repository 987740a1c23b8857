//===- PositionSums.h - Sums of positions -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_POSITIONSUMS_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_POSITIONSUMS_H

#include "mlir/IR/Builders.h"

namespace mlir::rope {

/// A bound of the magnitude of the elements of `positions`: from constants,
/// types, sums and differences, else `maxPosition`.
uint64_t getPositionBound(Value positions, uint64_t maxPosition);

/// Positions p of the dimensions `along` of some tensor, as a tensor over more
/// of its dimensions, `allAlong`, that holds integers of `elementType`. `sizes`
/// are those of the tensor's dimensions.
Value broadcastPositions(OpBuilder &builder, Location loc, Value positions,
                         ArrayRef<int64_t> along, ArrayRef<int64_t> allAlong,
                         ArrayRef<OpFoldResult> sizes, Type elementType);

/// The element type for the sum of positions of two types.
Type getSumType(Type left, Type right);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_POSITIONSUMS_H
