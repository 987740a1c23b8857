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

/// Of a vector of 512 bits, and of a line of a cache.
static constexpr int64_t kAlignment = 64;

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
                                 dynamic,
                                 builder().getI64IntegerAttr(kAlignment));
}

Value AttentionTile::toElementOf(LaneValue value, Value buffer) const {
  auto element =
      cast<FloatType>(cast<MemRefType>(buffer.getType()).getElementType());
  return convertFloat(value, element).get();
}

LaneValue AttentionTile::toKernelType(LaneValue value) const {
  return convertFloat(value, tiling.type);
}

Value Temporaries::allocate(ArrayRef<OpFoldResult> sizes, Type element) {
  std::optional<SmallVector<int64_t>> shape = getConstantIntValues(sizes);
  if (!shape)
    return buffers.emplace_back(tile.allocate(sizes, element));
  ImplicitLocOpBuilder &builder = tile.builder();
  auto type = MemRefType::get(*shape, element);
  auto getPoolType = [&] {
    return MemRefType::get({poolBytes}, builder.getI8Type());
  };
  if (!pool)
    pool = buffers.emplace_back(memref::AllocOp::create(
        builder, getPoolType(), builder.getI64IntegerAttr(kAlignment)));
  Value first = arith::ConstantIndexOp::create(builder, poolBytes);
  int64_t bytes = llvm::divideCeil(
      element.isIndex() ? int64_t(IndexType::kInternalStorageBitWidth)
                        : int64_t(element.getIntOrFloatBitWidth()),
      8);
  poolBytes += llvm::alignTo(type.getNumElements() * bytes, kAlignment);
  pool.setType(getPoolType());
  return memref::ViewOp::create(builder, type, pool, first, ValueRange());
}

static OpFoldResult multiply(const AttentionTile &tile, OpFoldResult lhs,
                             OpFoldResult rhs) {
  std::optional<int64_t> left = getConstantIntValue(lhs);
  std::optional<int64_t> right = getConstantIntValue(rhs);
  if (left && right)
    return tile.constant(*left * *right);
  return arith::MulIOp::create(tile.builder(), tile.emitter.getValue(lhs),
                               tile.emitter.getValue(rhs))
      .getResult();
}

/// One allocation comes from memory that the last call has freed where two,
/// freed one after the other, may have gone back to the system: then every page
/// would be a fault.
SmallVector<Value>
Temporaries::allocateTogether(ArrayRef<SmallVector<OpFoldResult>> shapes,
                              Type element) {
  AffineExpr a, b;
  bindDims(tile.builder().getContext(), a, b);
  SmallVector<OpFoldResult> offsets{tile.constant(0)};
  SmallVector<SmallVector<OpFoldResult>> strides;
  for (ArrayRef<OpFoldResult> sizes : shapes) {
    OpFoldResult count = tile.constant(1);
    SmallVector<OpFoldResult> &ofShape = strides.emplace_back(sizes.size());
    for (auto [stride, size] : llvm::reverse(llvm::zip_equal(ofShape, sizes))) {
      stride = count;
      count = multiply(tile, count, size);
    }
    Value end = tile.emitter.apply(a + b, {offsets.back(), count});
    offsets.push_back(getAsOpFoldResult(end));
  }
  Value memory = allocate(offsets.pop_back_val(), element);
  SmallVector<Value> views;
  for (auto [sizes, offset, ofShape] :
       llvm::zip_equal(shapes, offsets, strides)) {
    auto toStatic = [](ArrayRef<OpFoldResult> values) {
      SmallVector<int64_t> numbers;
      SmallVector<Value> dynamic;
      dispatchIndexOpFoldResults(values, dynamic, numbers);
      return numbers;
    };
    auto layout =
        StridedLayoutAttr::get(tile.builder().getContext(),
                               toStatic(offset).front(), toStatic(ofShape));
    views.push_back(memref::ReinterpretCastOp::create(
        tile.builder(), MemRefType::get(toStatic(sizes), element, layout),
        memory, offset, sizes, ofShape));
  }
  return views;
}

void Temporaries::deallocate() {
  for (Value buffer : buffers)
    memref::DeallocOp::create(tile.builder(), buffer);
}
