//===- WordPair.cpp - Two elements of 16 bits in a word -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WordPair.h"

#include "../RopeToAffine/NarrowFloat.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::rope;

std::pair<LaneValue, LaneValue> rope::widenPair(LaneValue word,
                                                FloatType element) {
  MLIRContext *context = element.getContext();
  FloatType f32 = Float32Type::get(context);
  if (element.isBF16())
    return {(word << 16).bitcast(f32), (word & 0xFFFF0000).bitcast(f32)};
  LaneValue single = word.emit<vector::FromElementsOp>(
      VectorType::get(1, word.getType()), word.get());
  LaneValue halves =
      single.emit<vector::BitCastOp>(VectorType::get(2, element), single.get());
  LaneValue both =
      halves.emit<arith::ExtFOp>(VectorType::get(2, f32), halves.get());
  return {both.emit<vector::ExtractOp>(both.get(), int64_t(0)),
          both.emit<vector::ExtractOp>(both.get(), int64_t(1))};
}

LaneValue rope::roundToUpperHalf(const KernelBuilder &kernel, LaneValue value) {
  if (!kernel.getModel().keepsNaNs())
    value = quietNaNs(value);
  Type i32 = IntegerType::get(value.getType().getContext(), 32);
  LaneValue bits = value.bitcast(i32);
  return bits + 0x7FFF + ((bits >> 16) & 1);
}

LaneValue rope::narrowPair(const KernelBuilder &kernel, LaneValue even,
                           LaneValue odd, FloatType element) {
  even = toF32(even);
  odd = toF32(odd);
  if (element.isBF16() && !kernel.getModel().hasBF16Rounding)
    return (roundToUpperHalf(kernel, even) >> 16) |
           (roundToUpperHalf(kernel, odd) & 0xFFFF0000);
  LaneValue both = even.emit<vector::FromElementsOp>(
      VectorType::get(2, even.getType()), ValueRange{even.get(), odd.get()});
  LaneValue halves =
      both.emit<arith::TruncFOp>(VectorType::get(2, element), both.get());
  Type i32 = IntegerType::get(element.getContext(), 32);
  LaneValue single =
      halves.emit<vector::BitCastOp>(VectorType::get(1, i32), halves.get());
  return single.emit<vector::ExtractOp>(single.get(), int64_t(0));
}
