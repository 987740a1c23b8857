//===- AttentionTile.cpp - Where the code of an attention works -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "AttentionTile.h"

#include "NarrowFloat.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::rope;

AttentionTile::AttentionTile(AttentionOp op, LoopEmitter &emitter,
                             const AttentionTiling &tiling)
    : op(op), emitter(emitter), tiling(tiling) {
  // From whichever type knows the size.
  auto getSize = [&](int64_t dim, ArrayRef<Value> buffers) -> OpFoldResult {
    for (Value buffer : buffers)
      if (int64_t size = cast<MemRefType>(buffer.getType()).getDimSize(dim);
          ShapedType::isStatic(size))
        return constant(size);
    return memref::getMixedSize(builder(), op.getLoc(), buffers.front(), dim);
  };
  int64_t sequence = op.getSequenceDimension();
  batches = getSize(0, {op.getQuery(), op.getKey(), op.getValue()});
  queries = getSize(sequence, {op.getQuery(), op.getOut()});
  keys = getSize(sequence, {op.getKey(), op.getValue()});
}

LaneValue AttentionTile::scalar(double value) const {
  return wrap(arith::ConstantOp::create(
      builder(), builder().getFloatAttr(tiling.type, value)));
}

LaneValue AttentionTile::splat(double value) const {
  return wrap(arith::ConstantOp::create(
      builder(),
      DenseElementsAttr::get(getVectorType(),
                             builder().getFloatAttr(tiling.type, value))));
}

LaneValue AttentionTile::broadcast(Value scalar) const {
  return wrap(vector::BroadcastOp::create(builder(), getVectorType(), scalar));
}

LaneIndex AttentionTile::at(OpFoldResult index) const {
  if (std::optional<int64_t> value = getConstantIntValue(index))
    return LaneIndex() + *value;
  return cast<Value>(index);
}

SmallVector<LaneIndex> AttentionTile::inLayout(LaneIndex batch, LaneIndex head,
                                               LaneIndex sequence,
                                               LaneIndex lane) const {
  if (op.getLayout() == LayoutKind::BHSD)
    return {batch, head, sequence, lane};
  return {batch, sequence, head, lane};
}

SmallVector<OpFoldResult> AttentionTile::inLayout(OpFoldResult batch,
                                                  OpFoldResult head,
                                                  OpFoldResult sequence,
                                                  OpFoldResult lanes) const {
  if (op.getLayout() == LayoutKind::BHSD)
    return {batch, head, sequence, lanes};
  return {batch, sequence, head, lanes};
}

Value AttentionTile::allocate(ArrayRef<OpFoldResult> sizes,
                              Type element) const {
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamic;
  dispatchIndexOpFoldResults(sizes, dynamic, shape);
  return memref::AllocOp::create(builder(), MemRefType::get(shape, element),
                                 dynamic, builder().getI64IntegerAttr(64));
}

Value AttentionTile::toElementOf(LaneValue value, Value buffer) const {
  auto element =
      cast<FloatType>(cast<MemRefType>(buffer.getType()).getElementType());
  return convertFloat(value, element).get();
}

LaneValue AttentionTile::toKernelType(LaneValue value) const {
  return convertFloat(value, tiling.type);
}

void Temporaries::deallocate() {
  for (Value buffer : buffers)
    memref::DeallocOp::create(tile.builder(), buffer);
}
