//===- Tiles.h - What the tilings of rope ops share -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops cut the dimensions of operands and results. From the cuts follow the
// part of a tensor or memref that some iterations need or make, the slice or
// view that takes it, and the type of a tile.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_TILES_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_TILES_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Interfaces/TilingInterface.h"

namespace mlir::rope {

/// A dimension that stays whole.
inline constexpr int64_t kNoLoop = -1;

/// What cuts a dimension: entries [factor * i, factor * (i + size)) belong to
/// iterations [i, i + size) of the loop.
struct Cut {
  int64_t loop = kNoLoop;
  int64_t factor = 1;
};

/// Iterations of the loops.
struct Iterations {
  ArrayRef<OpFoldResult> offsets, sizes;
};

/// A part of a tensor or memref.
struct Part {
  SmallVector<OpFoldResult> offsets, sizes;
};

OpFoldResult getMixedSize(OpBuilder &builder, Location loc, Value shaped,
                          int64_t dim);
SmallVector<OpFoldResult> getMixedSizes(OpBuilder &builder, Location loc,
                                        Value shaped);

/// Whether [offset, offset + size) is proven to be all of a dimension.
bool isWhole(OpFoldResult offset, OpFoldResult size, Value shaped, int64_t dim);

/// The part of a shape that belongs to the iterations. Dimensions behind the
/// last cut stay whole.
Part getPart(OpBuilder &builder, Location loc, ArrayRef<OpFoldResult> shape,
             ArrayRef<Cut> cuts, Iterations iterations);

/// The type of that part of a result.
RankedTensorType getPartType(RankedTensorType type, ArrayRef<Cut> cuts,
                             Iterations iterations);

/// A slice of a tensor, a view of a memref.
Operation *createSlice(OpBuilder &builder, Location loc, Value shaped,
                       const Part &part);

/// One result of the tile whose iterations make the part of this result: for
/// `TilingInterface::generateResultTileValue`.
FailureOr<TilingResult> generateResultPart(TilingInterface op,
                                           OpBuilder &builder, unsigned number,
                                           ArrayRef<OpFoldResult> offsets,
                                           ArrayRef<OpFoldResult> sizes);

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_TILES_H
