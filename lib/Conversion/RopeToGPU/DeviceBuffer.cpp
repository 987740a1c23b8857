//===- DeviceBuffer.cpp - A buffer as a kernel sees it --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "DeviceBuffer.h"

#include "../RopeToAffine/NarrowFloat.h"
#include "WordPair.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::rope;

int64_t rope::getCommonPowerOfTwo(ArrayRef<int64_t> numbers, int64_t limit) {
  assert(llvm::isPowerOf2_64(limit) && "halves down to a common power of two");
  while (limit > 1 && llvm::any_of(numbers, [&](int64_t number) {
           return number % limit != 0;
         }))
    limit /= 2;
  return limit;
}

/// What divides the offset and the leading strides of a layout, of which some
/// are known at run time only. Those of a row-major buffer are multiples of the
/// static sizes inside of them.
static SmallVector<int64_t> getLayoutDivisors(MemRefType type) {
  SmallVector<int64_t> divisors;
  if (type.getLayout().isIdentity()) {
    int64_t inner = 1;
    for (int64_t size : llvm::reverse(type.getShape().drop_front())) {
      if (ShapedType::isStatic(size))
        inner *= size;
      divisors.push_back(inner);
    }
    return divisors;
  }
  auto [strides, offset] = type.getStridesAndOffset();
  divisors = llvm::to_vector(ArrayRef(strides).drop_back());
  divisors.push_back(offset);
  for (int64_t &divisor : divisors)
    if (ShapedType::isDynamic(divisor))
      divisor = 1;
  return divisors;
}

/// A unit of `lanes` elements.
static Type getUnitType(FloatType element, int64_t lanes) {
  Type word = element;
  if (element.getWidth() == 16) {
    MLIRContext *context = element.getContext();
    if (lanes == 1)
      return IntegerType::get(context, 16);
    word = IntegerType::get(context, 32);
    lanes /= 2;
  }
  return lanes == 1 ? word : VectorType::get(lanes, word);
}

int64_t DeviceBuffer::getUnitLanes(Value buffer, ArrayRef<int64_t> laneSteps) {
  auto type = cast<MemRefType>(buffer.getType());
  if (!hasUnitStrideLanes(buffer))
    return 1;
  SmallVector<int64_t> divisors = getLayoutDivisors(type);
  llvm::append_range(divisors, laneSteps);
  return getCommonPowerOfTwo(divisors, kMaxAccessBytes /
                                           (type.getElementTypeBitWidth() / 8));
}

DeviceBuffer::DeviceBuffer(KernelBuilder &kernel, Value buffer,
                           int64_t unitLanes)
    : kernel(kernel), unitLanes(unitLanes) {
  auto type = cast<MemRefType>(buffer.getType());
  element = cast<FloatType>(type.getElementType());
  units = kernel.addBuffer(buffer, getUnitType(element, unitLanes), unitLanes);

  ImplicitLocOpBuilder &host = kernel.getHost();
  auto metadata = memref::ExtractStridedMetadataOp::create(host, buffer);
  SmallVector<OpFoldResult> elementStrides =
      metadata.getConstifiedMixedStrides();
  if (type.getRank() == 0)
    return;
  if (OpFoldResult last = elementStrides.pop_back_val();
      !hasUnitStrideLanes(buffer))
    laneStride = last;
  for (OpFoldResult stride : elementStrides)
    strides.push_back(affine::makeComposedFoldedAffineApply(
        host, host.getLoc(), host.getAffineSymbolExpr(0).floorDiv(unitLanes),
        {stride}));
}

Value DeviceBuffer::getRow(ArrayRef<Value> indices) {
  Value row = kernel.getConstant(0);
  for (auto [index, stride] : llvm::zip_equal(indices, strides))
    row = kernel.add(row, kernel.multiply(index, kernel.getIndex(stride)));
  return row;
}

Value DeviceBuffer::getUnit(Value row, LaneIndex lane, int64_t unit) {
  Value place = kernel.getConstant(lane.offset / unitLanes + unit);
  if (lane.loop)
    place =
        kernel.add(kernel.multiply(lane.loop, lane.scale / unitLanes), place);
  if (laneStride)
    place = kernel.multiply(place, kernel.getIndex(laneStride));
  return kernel.add(row, place);
}

SmallVector<Value> DeviceBuffer::loadUnits(Value row, LaneIndex lane,
                                           int64_t lanes) {
  SmallVector<Value> loaded;
  for (int64_t unit = 0; unit < lanes / unitLanes; ++unit)
    loaded.push_back(memref::LoadOp::create(kernel.getBuilder(), units,
                                            getUnit(row, lane, unit)));
  return loaded;
}

void DeviceBuffer::widenWord(Value word, FloatType wide,
                             SmallVectorImpl<Value> &scalars) {
  ImplicitLocOpBuilder &builder = kernel.getBuilder();
  auto add = [&](LaneValue scalar) {
    scalars.push_back(widen(scalar, wide).get());
  };
  LaneValue bits(builder, word);
  if (element.getWidth() != 16)
    return add(bits);
  if (bits.getType().isInteger(16))
    return add(bits.bitcast(element));
  auto [even, odd] = widenPair(bits, element);
  add(even);
  add(odd);
}

SmallVector<Value> DeviceBuffer::widenUnits(ArrayRef<Value> units,
                                            FloatType wide) {
  ImplicitLocOpBuilder &builder = kernel.getBuilder();
  SmallVector<Value> scalars;
  for (Value unit : units) {
    auto vector = dyn_cast<VectorType>(unit.getType());
    if (!vector) {
      widenWord(unit, wide, scalars);
      continue;
    }
    for (int64_t i = 0; i < vector.getNumElements(); ++i)
      widenWord(vector::ExtractOp::create(builder, unit, i), wide, scalars);
  }
  return scalars;
}

SmallVector<Value> DeviceBuffer::load(Value row, LaneIndex lane, int64_t lanes,
                                      FloatType wide) {
  return widenUnits(loadUnits(row, lane, lanes), wide);
}

SmallVector<Value> DeviceBuffer::getWords(ArrayRef<Value> units) {
  SmallVector<Value> words;
  for (Value unit : units) {
    auto vector = dyn_cast<VectorType>(unit.getType());
    if (!vector) {
      words.push_back(unit);
      continue;
    }
    for (int64_t i = 0; i < vector.getNumElements(); ++i)
      words.push_back(vector::ExtractOp::create(kernel.getBuilder(), unit, i));
  }
  return words;
}

/// Row and lane of an element; a buffer of rank 0 has one of both.
static std::pair<Value, LaneIndex>
getPlace(KernelBuilder &kernel, DeviceBuffer &buffer, ArrayRef<Value> indices) {
  if (indices.empty())
    return {buffer.getRow({}), LaneIndex(kernel.getConstant(0))};
  return {buffer.getRow(indices.drop_back()), LaneIndex(indices.back())};
}

LaneValue rope::loadF32(KernelBuilder &kernel, DeviceBuffer &buffer, Value row,
                        LaneIndex lane) {
  ImplicitLocOpBuilder &builder = kernel.getBuilder();
  FloatType f32 = builder.getF32Type();
  bool isF64 = buffer.getElementType().isF64();
  LaneValue element(
      builder,
      buffer.load(row, lane, 1, isF64 ? buffer.getElementType() : f32).front());
  return isF64 ? element.emit<arith::TruncFOp>(f32, element.get()) : element;
}

Value rope::loadEntry(KernelBuilder &kernel, DeviceBuffer &buffer,
                      ArrayRef<Value> indices) {
  auto [row, lane] = getPlace(kernel, buffer, indices);
  return loadF32(kernel, buffer, row, lane).get();
}

void rope::storeEntry(KernelBuilder &kernel, DeviceBuffer &buffer,
                      ArrayRef<Value> indices, Value scalar) {
  auto [row, lane] = getPlace(kernel, buffer, indices);
  buffer.store(scalar, row, lane);
}

LaneValue rope::roundThrough(const KernelBuilder &kernel, LaneValue value,
                             FloatType narrow) {
  if (narrow.isF32())
    return value;
  if (narrow.isBF16())
    return (roundToUpperHalf(kernel, value) & 0xFFFF0000)
        .bitcast(value.getType());
  return widen(value.emit<arith::TruncFOp>(narrow, value.get()),
               cast<FloatType>(value.getType()));
}

Value DeviceBuffer::narrowScalar(Value scalar) {
  LaneValue value(kernel.getBuilder(), scalar);
  if (element.getWidth() != 16)
    return narrow(value, element).get();
  value = toF32(value);
  IntegerType i16 = kernel.getBuilder().getIntegerType(16);
  if (element.isBF16() && !kernel.getModel().hasBF16Rounding)
    return (roundToUpperHalf(kernel, value) >> 16).truncate(i16).get();
  return value.emit<arith::TruncFOp>(element, value.get()).bitcast(i16).get();
}

void DeviceBuffer::store(ArrayRef<Value> scalars, Value row, LaneIndex lane) {
  ImplicitLocOpBuilder &builder = kernel.getBuilder();
  bool isPacked = element.getWidth() == 16 && unitLanes > 1;
  for (; !scalars.empty(); scalars = scalars.drop_front(unitLanes)) {
    SmallVector<Value> words;
    for (int64_t i = 0; i < unitLanes; i += isPacked ? 2 : 1)
      words.push_back(isPacked ? narrowPair(kernel, {builder, scalars[i]},
                                            {builder, scalars[i + 1]}, element)
                                     .get()
                               : narrowScalar(scalars[i]));
    storeWords(words, row, lane);
    lane = lane + unitLanes;
  }
}

void DeviceBuffer::storeWords(ArrayRef<Value> words, Value row,
                              LaneIndex lane) {
  ImplicitLocOpBuilder &builder = kernel.getBuilder();
  Type unitType = cast<MemRefType>(units.getType()).getElementType();
  auto vector = dyn_cast<VectorType>(unitType);
  size_t count = vector ? vector.getNumElements() : 1;
  for (int64_t unit = 0; !words.empty(); ++unit) {
    Value value = words.front();
    if (vector)
      value = vector::FromElementsOp::create(builder, unitType,
                                             words.take_front(count));
    memref::StoreOp::create(builder, value, units, getUnit(row, lane, unit));
    words = words.drop_front(count);
  }
}

void DeviceBuffer::copy(DeviceBuffer &source, Value sourceRow, Value row,
                        LaneIndex lane, int64_t lanes) {
  for (auto [unit, value] :
       llvm::enumerate(source.loadUnits(sourceRow, lane, lanes)))
    memref::StoreOp::create(kernel.getBuilder(), value, units,
                            getUnit(row, lane, unit));
}

Value DeviceBuffer::getPointer(Value row, LaneIndex lane) {
  ImplicitLocOpBuilder &builder = kernel.getBuilder();
  Type unitType = cast<MemRefType>(units.getType()).getElementType();
  auto pointerType = LLVM::LLVMPointerType::get(builder.getContext());
  Value unit = arith::IndexCastOp::create(builder, builder.getI64Type(),
                                          getUnit(row, lane, 0));
  return LLVM::GEPOp::create(builder, pointerType, unitType,
                             getDescriptorPointer(builder, units), unit);
}
