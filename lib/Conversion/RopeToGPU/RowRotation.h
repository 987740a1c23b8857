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

/// A rotation of query or key: tables and the lanes of its pairs, of which
/// `pairs` adjacent ones are a chunk that is rotated at a time.
class RowRotation {
public:
  RowRotation(KernelBuilder &kernel, AttentionOp::Rotation rotation,
              int64_t headDim, int64_t pairs = 1)
      : kernel(kernel),
        hasBatch(cast<MemRefType>(rotation.cos.getType()).getRank() == 3),
        lanes(rotation.lanes
                  ? rotation.lanes
                  : RotationAttr::getDefault(kernel.getBuilder().getContext())),
        rotaryDim(lanes.getEffectiveRotaryDim(headDim)),
        isPerLane(cast<MemRefType>(rotation.cos.getType()).getShape().back() ==
                  rotaryDim),
        pairs(pairs), cos(kernel, rotation.cos, getUnitLanes(rotation.cos)),
        sin(kernel, rotation.sin, getUnitLanes(rotation.sin)) {}

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

  /// Rotates the lanes (a, b) of the pairs of chunk `chunk` by the tables of a
  /// position.
  void rotate(MutableArrayRef<LaneValue> a, MutableArrayRef<LaneValue> b,
              Value batch, Value position, Value chunk) {
    Entries cosines = loadEntries(cos, batch, position, chunk);
    Entries sines = loadEntries(sin, batch, position, chunk);
    for (int64_t i = 0; i < pairs; ++i) {
      LaneValue ofB = sines.first[i] * b[i], ofA = sines.second[i] * a[i];
      (lanes.getInverse() ? ofA : ofB) = -(lanes.getInverse() ? ofA : ofB);
      a[i] = cosines.first[i].fma(a[i], ofB);
      b[i] = cosines.second[i].fma(b[i], ofA);
    }
  }
  /// The same of a chunk of one pair.
  std::pair<LaneValue, LaneValue> rotate(LaneValue a, LaneValue b, Value batch,
                                         Value position, Value pair) {
    rotate(MutableArrayRef(a), MutableArrayRef(b), batch, position, pair);
    return {a, b};
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
  /// Entries at the first and at the second lane of each pair of a chunk.
  using Entries = std::pair<SmallVector<LaneValue>, SmallVector<LaneValue>>;

  int64_t getUnitLanes(Value table) const {
    SmallVector<int64_t> steps{pairs};
    if (isPerLane && lanes.getPairing() == PairingKind::Half)
      steps.push_back(rotaryDim / 2);
    else if (isPerLane)
      steps = {2 * pairs};
    return pairs == 1 ? 1 : DeviceBuffer::getUnitLanes(table, steps);
  }

  Entries loadEntries(DeviceBuffer &table, Value batch, Value position,
                      Value chunk) {
    ImplicitLocOpBuilder &builder = kernel.getBuilder();
    Value row = getTableRow(table, batch, position);
    auto load = [&](LaneIndex entry, int64_t count) {
      return llvm::map_to_vector(
          table.load(row, entry, count, builder.getF32Type()),
          [&](Value scalar) { return LaneValue(builder, scalar); });
    };
    LaneIndex first(chunk, pairs);
    if (!isPerLane) {
      SmallVector<LaneValue> entries = load(first, pairs);
      return {entries, entries};
    }
    if (lanes.getPairing() == PairingKind::Half)
      return {load(first, pairs), load(first + rotaryDim / 2, pairs)};
    Entries entries;
    for (auto [i, entry] :
         llvm::enumerate(load(LaneIndex(chunk, 2 * pairs), 2 * pairs)))
      (i % 2 ? entries.second : entries.first).push_back(entry);
    return entries;
  }

  Value getTableRow(DeviceBuffer &table, Value batch, Value position) {
    return table.getRow(hasBatch ? SmallVector<Value>{batch, position}
                                 : SmallVector<Value>{position});
  }

  LaneValue loadEntry(DeviceBuffer &table, Value batch, Value position,
                      LaneIndex entry) {
    return {kernel.getBuilder(),
            table
                .load(getTableRow(table, batch, position), entry, 1,
                      kernel.getBuilder().getF32Type())
                .front()};
  }

  KernelBuilder &kernel;
  bool hasBatch;
  RotationAttr lanes;
  int64_t rotaryDim;
  bool isPerLane;
  int64_t pairs;
  DeviceBuffer cos, sin;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_ROWROTATION_H
