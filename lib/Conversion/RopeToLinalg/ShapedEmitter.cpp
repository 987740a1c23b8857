//===- ShapedEmitter.cpp - One code for tensors and buffers ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShapedEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::rope;

Value rope::convertFloat(OpBuilder &builder, Location loc, Value value,
                         Type type) {
  unsigned from = value.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (value.getType() == type)
    return value;
  // f16 and bf16 hold each other's values by way of f32 only.
  if (from == to)
    value = arith::ExtFOp::create(builder, loc, builder.getF32Type(), value);
  if (from < to)
    return arith::ExtFOp::create(builder, loc, type, value);
  return arith::TruncFOp::create(builder, loc, type, value);
}

ShapedEmitter::~ShapedEmitter() {
  for (Value buffer : temporaries)
    memref::DeallocOp::create(builder, loc, buffer);
}

SmallVector<OpFoldResult> ShapedEmitter::getSizes(Value shaped) {
  return onTensors ? tensor::getMixedSizes(builder, loc, shaped)
                   : memref::getMixedSizes(builder, loc, shaped);
}

Value ShapedEmitter::allocate(ArrayRef<OpFoldResult> sizes, Type element) {
  if (onTensors)
    return tensor::EmptyOp::create(builder, loc, sizes, element);
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamic;
  dispatchIndexOpFoldResults(sizes, dynamic, shape);
  temporaries.push_back(memref::AllocOp::create(
      builder, loc, MemRefType::get(shape, element), dynamic));
  return temporaries.back();
}

Value ShapedEmitter::fillWithZeros(Value destination) {
  Type element = cast<ShapedType>(destination.getType()).getElementType();
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(element));
  auto fill = linalg::FillOp::create(builder, loc, zero, destination);
  return onTensors ? fill.getResult(0) : destination;
}

Value ShapedEmitter::map(
    ArrayRef<Access> inputs, Access destination,
    function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  SmallVector<Value> operands;
  SmallVector<AffineMap> maps;
  for (const Access &input : inputs) {
    operands.push_back(input.shaped);
    maps.push_back(input.map);
  }
  maps.push_back(destination.map);
  SmallVector<utils::IteratorType> iterators;
  for (unsigned loop = 0; loop < destination.map.getNumDims(); ++loop)
    iterators.push_back(destination.map.isFunctionOfDim(loop)
                            ? utils::IteratorType::parallel
                            : utils::IteratorType::reduction);
  TypeRange types(ValueRange{destination.shaped});
  auto generic = linalg::GenericOp::create(
      builder, loc, onTensors ? types : TypeRange(), operands,
      ValueRange{destination.shaped}, maps, iterators,
      [&](OpBuilder &nested, Location nestedLoc, ValueRange args) {
        linalg::YieldOp::create(nested, nestedLoc,
                                body(nested, nestedLoc, args));
      });
  return onTensors ? generic.getResult(0) : destination.shaped;
}

Value ShapedEmitter::copy(Value source, Value destination) {
  auto type = cast<ShapedType>(destination.getType());
  AffineMap all = builder.getMultiDimIdentityMap(type.getRank());
  return map({{source, all}}, {destination, all},
             [&](OpBuilder &nested, Location nestedLoc, ValueRange args) {
               return convertFloat(nested, nestedLoc, args[0],
                                   type.getElementType());
             });
}

namespace {
/// The mixed offsets, sizes and strides of a slice.
struct Slice {
  SmallVector<OpFoldResult> offsets, sizes, strides;
};
} // namespace

/// All of the other dimensions at one index of `dim`.
static Slice getSlice(ShapedEmitter &emitter, Value shaped, int64_t dim,
                      Value index) {
  Slice slice;
  slice.sizes = emitter.getSizes(shaped);
  slice.offsets.assign(slice.sizes.size(), emitter.builder.getIndexAttr(0));
  slice.strides.assign(slice.sizes.size(), emitter.builder.getIndexAttr(1));
  slice.sizes[dim] = emitter.builder.getIndexAttr(1);
  slice.offsets[dim] = index;
  return slice;
}

Value ShapedEmitter::take(Value source, int64_t dim, Value index) {
  Slice slice = getSlice(*this, source, dim, index);
  auto type = cast<ShapedType>(source.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.erase(shape.begin() + dim);
  if (onTensors)
    return tensor::ExtractSliceOp::create(
        builder, loc, cast<RankedTensorType>(type.clone(shape)), source,
        slice.offsets, slice.sizes, slice.strides);
  MemRefType view = memref::SubViewOp::inferRankReducedResultType(
      shape, cast<MemRefType>(type), slice.offsets, slice.sizes, slice.strides);
  return memref::SubViewOp::create(builder, loc, view, source, slice.offsets,
                                   slice.sizes, slice.strides);
}

Value ShapedEmitter::put(Value part, Value whole, int64_t dim, Value index) {
  if (!onTensors)
    return whole;
  Slice slice = getSlice(*this, whole, dim, index);
  return tensor::InsertSliceOp::create(builder, loc, part, whole, slice.offsets,
                                       slice.sizes, slice.strides);
}

void ShapedEmitter::forEach(OpFoldResult count, ArrayRef<Value *> carried,
                            function_ref<void(Value)> body) {
  // Slices of an empty dimension do not verify.
  if (isConstantIntValue(count, 0))
    return;
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value end = getValueOrCreateConstantIndexOp(builder, loc, count);
  SmallVector<Value> initial;
  if (onTensors)
    for (Value *value : carried)
      initial.push_back(*value);
  auto loop = scf::ForOp::create(builder, loc, zero, end, one, initial);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  if (!onTensors) {
    body(loop.getInductionVar());
    return;
  }
  for (auto [value, argument] : llvm::zip(carried, loop.getRegionIterArgs()))
    *value = argument;
  body(loop.getInductionVar());
  SmallVector<Value> yielded;
  for (Value *value : carried)
    yielded.push_back(*value);
  scf::YieldOp::create(builder, loc, yielded);
  for (auto [value, result] : llvm::zip(carried, loop.getResults()))
    *value = result;
}
