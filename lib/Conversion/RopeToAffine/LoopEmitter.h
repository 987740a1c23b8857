//===- LoopEmitter.h - Loops and accesses of kernels ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops over the dimensions of buffers and accesses to lanes inside: `affine`
// where all sizes are valid symbols there, else (inside of other loops, on
// tiles of run-time size) the same with `scf` and `vector`.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_LOOPEMITTER_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_LOOPEMITTER_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::rope {

/// loop * scale + offset, where `loop` is the induction variable of a loop of
/// the emitter, or null for zero.
struct LaneIndex {
  Value loop;
  int64_t scale = 0;
  int64_t offset = 0;

  LaneIndex operator+(int64_t lanes) const {
    return {loop, scale, offset + lanes};
  }
  LaneIndex operator*(int64_t factor) const {
    return {loop, scale * factor, offset * factor};
  }
};

/// Whether the lanes of a buffer are known to lie side by side.
bool hasUnitStrideLanes(Value buffer);

/// Why the buffers of an op cannot be accessed; nothing if they can.
std::optional<std::string> getLayoutObstacle(Operation *op);

class LoopEmitter {
public:
  /// `sizes` are those that loops will be made for.
  LoopEmitter(ImplicitLocOpBuilder &builder, ArrayRef<OpFoldResult> sizes);

  ImplicitLocOpBuilder &getBuilder() { return builder; }

  using Body = function_ref<void(ValueRange)>;

  /// for i in [0, size)
  void emitFor(OpFoldResult size, function_ref<void(Value)> body);

  /// A nest of loops, i_k in steps of `steps[k]` from 0 on, if `parallel` one
  /// parallel loop, but not inside of another.
  void emitNest(ArrayRef<OpFoldResult> sizes, ArrayRef<int64_t> steps,
                bool parallel, Body body);

  /// for i in [first, min(first + step, size))
  void emitTile(Value first, int64_t step, OpFoldResult size,
                function_ref<void(Value)> body);

  /// `lanes` lanes of a row from `lane` on; one lane is a scalar.
  Value load(Value buffer, ValueRange row, LaneIndex lane, int64_t lanes);
  void store(Value value, Value buffer, ValueRange row, LaneIndex lane);

  /// A lane as an index that can stand in a row.
  Value getIndex(LaneIndex lane);

private:
  /// The indices of an access in `scf` mode.
  SmallVector<Value> getIndices(ValueRange row, LaneIndex lane);
  /// The map and the operands of an access in `affine` mode.
  std::pair<AffineMap, SmallVector<Value>> getMap(ValueRange row,
                                                  LaneIndex lane);
  Value getValue(OpFoldResult size);

  ImplicitLocOpBuilder &builder;
  bool isAffine;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_LOOPEMITTER_H
