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
#include "PairPlace.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

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
    auto load = [&](DeviceBuffer &table, LaneIndex lane) {
      return loadEntry(table, batch, position, lane);
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

  /// Lane `lane` of the rotated row, of which `load` gives the lanes before.
  LaneValue rotateLane(Value lane, function_ref<LaneValue(Value)> load,
                       Value batch, Value position) {
    ImplicitLocOpBuilder &builder = kernel.getBuilder();
    // Lanes before the first one wrap and are not below the last.
    Value offset = kernel.getConstant(lanes.getOffset());
    Value place = arith::SubIOp::create(builder, lane, offset);
    Value isRotated =
        arith::CmpIOp::create(builder, arith::CmpIPredicate::ult, place,
                              kernel.getConstant(rotaryDim));
    auto branch = scf::IfOp::create(builder, builder.getF32Type(), isRotated,
                                    /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(builder, load(lane).get());
    builder.setInsertionPointToStart(branch.thenBlock());
    PairPlace of(kernel, lanes.getPairing(), rotaryDim, place);
    LaneIndex entry(isPerLane ? place : of.pair);
    LaneValue product = loadEntry(sin, batch, position, entry) *
                        load(kernel.add(of.partner, offset));
    LaneValue isMinus(builder, of.isFirst);
    product = lanes.getInverse() ? isMinus.select(product, -product)
                                 : isMinus.select(-product, product);
    scf::YieldOp::create(
        builder,
        loadEntry(cos, batch, position, entry).fma(load(lane), product).get());
    return {builder, branch.getResult(0)};
  }

private:
  LaneValue loadEntry(DeviceBuffer &table, Value batch, Value position,
                      LaneIndex entry) {
    SmallVector<Value> row{position};
    if (hasBatch)
      row.insert(row.begin(), batch);
    return {kernel.getBuilder(), table
                                     .load(table.getRow(row), entry, 1,
                                           kernel.getBuilder().getF32Type())
                                     .front()};
  }

  KernelBuilder &kernel;
  bool hasBatch;
  RotationAttr lanes;
  int64_t rotaryDim;
  bool isPerLane;
  DeviceBuffer cos, sin;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_ROWROTATION_H
