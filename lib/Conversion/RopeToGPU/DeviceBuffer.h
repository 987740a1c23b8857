//===- DeviceBuffer.h - A buffer as a kernel sees it ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A buffer is a row of units of up to 128 bits, the widest that its layout and
// the lanes that a thread accesses allow; all accesses are of whole units.
// Elements of 16 bits come in words of two, so that no kernel has a type that a
// target lacks.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOGPU_DEVICEBUFFER_H
#define ROPE_LIB_CONVERSION_ROPETOGPU_DEVICEBUFFER_H

#include "../RopeToAffine/LaneValue.h"
#include "../RopeToAffine/LoopEmitter.h"
#include "KernelBuilder.h"

namespace mlir::rope {

class DeviceBuffer {
public:
  /// An argument of `kernel` for the memref `buffer`, in units of `unitLanes`
  /// elements, which every first lane and number of lanes of an access is a
  /// multiple of.
  DeviceBuffer(KernelBuilder &kernel, Value buffer, int64_t unitLanes);

  /// The widest unit for a buffer that is accessed at multiples of `laneSteps`.
  static int64_t getUnitLanes(Value buffer, ArrayRef<int64_t> laneSteps);

  FloatType getElementType() const { return element; }

  /// Where the row with these leading indices starts, in units.
  Value getRow(ArrayRef<Value> indices);
  /// Units from one index of a leading dimension to the next.
  Value getStride(int64_t dim) { return kernel.getIndex(strides[dim]); }

  /// Scalars of the wider or equal type `wide`.
  SmallVector<Value> load(Value row, LaneIndex lane, int64_t lanes,
                          FloatType wide);
  /// Rounds scalars once to the elements' type and stores them.
  void store(ArrayRef<Value> scalars, Value row, LaneIndex lane);
  /// The lanes as units, and those that they were loaded as in wider scalars or
  /// as they are.
  SmallVector<Value> loadUnits(Value row, LaneIndex lane, int64_t lanes);
  SmallVector<Value> widenUnits(ArrayRef<Value> units, FloatType wide);
  SmallVector<Value> getWords(ArrayRef<Value> units);
  void storeWords(ArrayRef<Value> words, Value row, LaneIndex lane);
  /// Copies lanes from `source`, whose units are the same, as they are.
  void copy(DeviceBuffer &source, Value sourceRow, Value row, LaneIndex lane,
            int64_t lanes);

  /// The address of a unit, in targets that have pointers.
  Value getPointer(Value row, LaneIndex lane);

  /// Elements a unit.
  int64_t getUnitLanes() const { return unitLanes; }

private:
  /// The index of a unit.
  Value getUnit(Value row, LaneIndex lane, int64_t unit);
  /// The scalars of a unit's word.
  void widenWord(Value word, FloatType wide, SmallVectorImpl<Value> &scalars);
  Value narrowScalar(Value scalar);
  KernelBuilder &kernel;
  FloatType element;
  int64_t unitLanes;
  Value units;
  /// Of the leading dimensions, in units.
  SmallVector<OpFoldResult> strides;
  /// Between lanes that do not lie side by side; a unit is one of them then.
  OpFoldResult laneStride;
};

/// A lane of a row in f32, to which one of f64 is rounded.
LaneValue loadF32(KernelBuilder &kernel, DeviceBuffer &buffer, Value row,
                  LaneIndex lane);

/// An element of a buffer of any rank in f32, and its place.
Value loadEntry(KernelBuilder &kernel, DeviceBuffer &buffer,
                ArrayRef<Value> indices);
void storeEntry(KernelBuilder &kernel, DeviceBuffer &buffer,
                ArrayRef<Value> indices, Value scalar);

/// `value` of f32 rounded to `narrow` and widened again.
LaneValue roundThrough(const KernelBuilder &kernel, LaneValue value,
                       FloatType narrow);

/// The largest power of two that divides all of `numbers`, at most `limit`.
int64_t getCommonPowerOfTwo(ArrayRef<int64_t> numbers, int64_t limit);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOGPU_DEVICEBUFFER_H
