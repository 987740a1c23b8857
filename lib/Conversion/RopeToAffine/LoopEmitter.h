//===- LoopEmitter.h - Loops and accesses of kernels ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops, indices and accesses, each `affine` where its operands are valid
// there, else (bounds that are loaded, tiles of run-time size inside of other
// loops) the same with `scf`, `arith` and `vector`.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_LOOPEMITTER_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_LOOPEMITTER_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::rope {

/// loop * scale + offset, where `loop` is an index, or null for zero.
struct LaneIndex {
  Value loop;
  int64_t scale = 0;
  int64_t offset = 0;

  LaneIndex() = default;
  LaneIndex(Value loop, int64_t scale = 1, int64_t offset = 0)
      : loop(loop), scale(scale), offset(offset) {}

  LaneIndex operator+(int64_t lanes) const {
    return {loop, scale, offset + lanes};
  }
  LaneIndex operator*(int64_t factor) const {
    return {loop, scale * factor, offset * factor};
  }
};

/// Whether the lanes of a buffer are known to lie side by side, which
/// vector.load asks for of a single lane, too.
bool hasUnitStrideLanes(Value buffer);

/// Why loops cannot access the operands of an op in memory; nothing if they
/// can.
std::optional<std::string> getMemoryObstacle(Operation *op);

/// Whether a pass over so many elements is worth the start of threads.
bool isWorthThreads(ArrayRef<OpFoldResult> sizes);

class LoopEmitter {
public:
  explicit LoopEmitter(ImplicitLocOpBuilder &builder) : builder(builder) {}

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

  /// for i in [max(lower), min(upper)) by step
  void emitRange(ArrayRef<OpFoldResult> lower, ArrayRef<OpFoldResult> upper,
                 int64_t step, function_ref<void(Value)> body);

  /// The numbers of the blocks of `size` that have a part in
  /// [max(lower), min(upper)): what is `size` times a number has quotients that
  /// are known to be whole.
  void emitBlocks(ArrayRef<OpFoldResult> lower, ArrayRef<OpFoldResult> upper,
                  int64_t size, function_ref<void(Value number)> body);

  /// for i in [max(lower), min(upper)) by step, with values carried from one
  /// iteration to the next.
  SmallVector<Value>
  emitReduction(ArrayRef<OpFoldResult> lower, ArrayRef<OpFoldResult> upper,
                int64_t step, ValueRange inits,
                function_ref<SmallVector<Value>(Value, ValueRange)> body);

  /// An expression of dimensions.
  Value apply(AffineExpr expr, ArrayRef<OpFoldResult> dims);

  /// `lanes` lanes of a row from `lane` on; one lane is a scalar.
  Value load(Value buffer, ValueRange row, LaneIndex lane, int64_t lanes);
  void store(Value value, Value buffer, ValueRange row, LaneIndex lane);

  /// The same at any indices, the last of them that of the first lane.
  Value load(Value buffer, ArrayRef<LaneIndex> indices, int64_t lanes);
  void store(Value value, Value buffer, ArrayRef<LaneIndex> indices);

  /// A lane as an index that can stand in a row.
  Value getIndex(LaneIndex lane);

  /// A size or an index as a value.
  Value getValue(OpFoldResult size);
  Value getLargest(ArrayRef<OpFoldResult> indices);
  Value getSmallest(ArrayRef<OpFoldResult> indices);

private:
  /// The loops of a nest inside of `loops`.
  void emitLoops(ArrayRef<OpFoldResult> sizes, ArrayRef<int64_t> steps,
                 SmallVectorImpl<Value> &loops, Body body);
  SmallVector<Value> getIndices(ArrayRef<LaneIndex> indices);

  ImplicitLocOpBuilder &builder;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_LOOPEMITTER_H
