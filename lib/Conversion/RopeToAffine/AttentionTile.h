//===- AttentionTile.h - Where the code of an attention works ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The op, its sizes, and the batch and the head of keys that code is emitted
// for.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_ATTENTIONTILE_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_ATTENTIONTILE_H

#include "AttentionTiling.h"
#include "LaneValue.h"
#include "LoopEmitter.h"

namespace mlir::rope {

struct AttentionTile {
  AttentionTile(AttentionOp op, LoopEmitter &emitter,
                const AttentionTiling &tiling);

  /// Mutable, since the accessors of an op are not const.
  mutable AttentionOp op;
  LoopEmitter &emitter;
  const AttentionTiling &tiling;
  OpFoldResult batches, queries, keys;

  Value batch, kvHead;
  /// Where the packed keys and values of the head stand.
  OpFoldResult slot;

  ImplicitLocOpBuilder &builder() const { return emitter.getBuilder(); }
  OpFoldResult constant(int64_t value) const {
    return builder().getIndexAttr(value);
  }
  LaneValue wrap(Value value) const { return {builder(), value}; }
  /// A constant in a lane or in all lanes of a vector of the kernel.
  LaneValue scalar(double value) const;
  LaneValue splat(double value) const;
  LaneValue broadcast(Value scalar) const;
  VectorType getVectorType() const {
    return VectorType::get(tiling.lanes, tiling.type);
  }

  LaneIndex at(OpFoldResult index) const;
  /// batch, head, sequence and lane in the order of the layout.
  SmallVector<LaneIndex> inLayout(LaneIndex batch, LaneIndex head,
                                  LaneIndex sequence, LaneIndex lane) const;
  SmallVector<OpFoldResult> inLayout(OpFoldResult batch, OpFoldResult head,
                                     OpFoldResult sequence,
                                     OpFoldResult lanes) const;

  /// A temporary buffer, aligned to a vector as all of them.
  Value allocate(ArrayRef<OpFoldResult> sizes, Type element) const;
  /// Where `value` is stored: converted to the element type of the buffer.
  Value toElementOf(LaneValue value, Value buffer) const;
  /// A value of any float type in the type of the kernel.
  LaneValue toKernelType(LaneValue value) const;
};

/// Temporaries that are deallocated together. Those of known sizes are views of
/// one allocation, which grows with them.
class Temporaries {
public:
  explicit Temporaries(const AttentionTile &tile) : tile(tile) {}
  Value allocate(ArrayRef<OpFoldResult> sizes, Type element);
  /// Several in one piece of memory.
  SmallVector<Value>
  allocateTogether(ArrayRef<SmallVector<OpFoldResult>> shapes, Type element);
  void deallocate();

private:
  const AttentionTile &tile;
  SmallVector<Value> buffers;
  /// What the views share, and its bytes.
  Value pool;
  int64_t poolBytes = 0;
};

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_ATTENTIONTILE_H
