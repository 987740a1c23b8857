//===- RowRotation.h - The rotation of a row on its way in ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A query or a key that an attention rotates pair by pair as it reads them.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_ROWROTATION_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_ROWROTATION_H

#include "DeviceBuffer.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"

namespace mlir::rope {

/// A rotation of query or key: tables and the lanes of its pairs.
class RowRotation {
public:
  RowRotation(KernelBuilder &kernel, AttentionOp::Rotation rotation,
              int64_t headDim)
      : kernel(kernel),
        hasBatch(cast<MemRefType>(rotation.cos.getType()).getRank() == 3),
        lanes(rotation.lanes
                  ? rotation.lanes
                  : RotationAttr::getDefault(kernel.getBuilder().getContext())),
        rotaryDim(lanes.getEffectiveRotaryDim(headDim)),
        isPerLane(cast<MemRefType>(rotation.cos.getType()).getShape().back() ==
                  rotaryDim),
        cos(kernel, rotation.cos, 1), sin(kernel, rotation.sin, 1) {}

  int64_t getBegin() const { return lanes.getOffset(); }
  int64_t getEnd() const { return lanes.getOffset() + rotaryDim; }
  int64_t getNumPairs() const { return rotaryDim / 2; }

  /// The lanes of the pair of number `pair`.
  std::pair<LaneIndex, LaneIndex> getLanes(Value pair) const {
    int64_t offset = lanes.getOffset();
    if (lanes.getPairing() == PairingKind::Half)
      return {LaneIndex(pair, 1, offset),
              LaneIndex(pair, 1, offset + rotaryDim / 2)};
    return {LaneIndex(pair, 2, offset), LaneIndex(pair, 2, offset + 1)};
  }

  /// Rotates the lanes (a, b) of a pair by the tables of a position.
  std::pair<LaneValue, LaneValue> rotate(LaneValue a, LaneValue b, Value batch,
                                         Value position, Value pair) {
    SmallVector<Value> row{position};
    if (hasBatch)
      row.insert(row.begin(), batch);
    FloatType f32 = kernel.getBuilder().getF32Type();
    auto load = [&](DeviceBuffer &table, LaneIndex lane) -> LaneValue {
      return {kernel.getBuilder(),
              table.load(table.getRow(row), lane, 1, f32).front()};
    };
    auto [first, second] = getLanes(pair);
    LaneIndex entryA(pair), entryB(pair);
    if (isPerLane) {
      entryA = first + -lanes.getOffset();
      entryB = second + -lanes.getOffset();
    }
    LaneValue ofB = load(sin, entryA) * b, ofA = load(sin, entryB) * a;
    (lanes.getInverse() ? ofA : ofB) = -(lanes.getInverse() ? ofA : ofB);
    return {load(cos, entryA).fma(a, ofB), load(cos, entryB).fma(b, ofA)};
  }

private:
  KernelBuilder &kernel;
  bool hasBatch;
  RotationAttr lanes;
  int64_t rotaryDim;
  bool isPerLane;
  DeviceBuffer cos, sin;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_ROWROTATION_H
