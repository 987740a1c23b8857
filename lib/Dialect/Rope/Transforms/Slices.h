//===- Slices.h - Parts of tensors and memrefs ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What tilings of either form cut: slices of tensors, views of memrefs.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_SLICES_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_SLICES_H

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::rope {

inline OpFoldResult getMixedSize(OpBuilder &builder, Location loc, Value shaped,
                                 int64_t dim) {
  if (isa<MemRefType>(shaped.getType()))
    return memref::getMixedSize(builder, loc, shaped, dim);
  return tensor::getMixedSize(builder, loc, shaped, dim);
}

inline SmallVector<OpFoldResult> getMixedSizes(OpBuilder &builder, Location loc,
                                               Value shaped) {
  if (isa<MemRefType>(shaped.getType()))
    return memref::getMixedSizes(builder, loc, shaped);
  return tensor::getMixedSizes(builder, loc, shaped);
}

/// shaped[offsets, offsets + sizes)
inline Operation *createSlice(OpBuilder &builder, Location loc, Value shaped,
                              ArrayRef<OpFoldResult> offsets,
                              ArrayRef<OpFoldResult> sizes) {
  SmallVector<OpFoldResult> strides(sizes.size(), builder.getIndexAttr(1));
  if (isa<MemRefType>(shaped.getType()))
    return memref::SubViewOp::create(builder, loc, shaped, offsets, sizes,
                                     strides);
  return tensor::ExtractSliceOp::create(builder, loc, shaped, offsets, sizes,
                                        strides);
}

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_SLICES_H
