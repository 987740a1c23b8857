//===- KeysAhead.cpp - Keys that are rotated in memory --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeysAhead.h"

#include "AttentionTiles.h"
#include "RotateToGPU.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::rope;

/// Blocks that would rotate a key for about the time that memory takes.
static constexpr int64_t kLeastBlocks = 8;

std::optional<int64_t> rope::getLeastQueriesOfKeysAhead(AttentionOp op,
                                                        const GpuModel &model) {
  if (!op.getKeyTables() || model.keyRotation == KeyRotation::InBlocks)
    return std::nullopt;
  if (model.keyRotation == KeyRotation::Ahead)
    return 0;
  // Of a cache only a part may be in use.
  if (op.getKvLengths())
    return std::nullopt;
  // Of queries, so that their heads are enough blocks.
  int64_t tiles = llvm::divideCeil(kLeastBlocks, op.getGroupSize());
  int64_t ofBlock = AttentionTiles::get(op, model).queries;
  if (std::optional<ArrayRef<int64_t>> window = op.getWindow()) {
    int64_t left = window->front(), right = op.getCausal() ? 0 : window->back();
    int64_t enough = tiles * ofBlock;
    if (left >= 0 && right >= 0 && left < enough && right < enough &&
        llvm::divideCeilSigned(left + right + 1, ofBlock) + 1 < tiles)
      return std::nullopt;
  }
  if (op.getCausal())
    tiles *= 2;
  return (tiles - 1) * ofBlock + 1;
}

void rope::launchWithKeysAhead(RewriterBase &rewriter, gpu::GPUModuleOp module,
                               AttentionOp op, const GpuModel &model,
                               function_ref<void(AttentionOp)> launch) {
  Location loc = op.getLoc();
  AttentionOp::Rotation tables = op.getKeyTables();
  auto keyType = cast<MemRefType>(op.getKey().getType());
  auto [shape, dynamic] =
      decomposeMixedValues(memref::getMixedSizes(rewriter, loc, op.getKey()));
  Value rotated = memref::AllocOp::create(
      rewriter, loc, MemRefType::get(shape, keyType.getElementType()), dynamic);
  SmallVector<int64_t> along{op.getSequenceDimension()};
  if (cast<MemRefType>(tables.cos.getType()).getRank() == 3)
    along.insert(along.begin(), 0);
  RotationAttr lanes = tables.lanes;
  {
    OpBuilder::InsertionGuard guard(rewriter);
    auto rotate =
        RotateOp::create(rewriter, loc, TypeRange(), op.getKey(), rotated,
                         tables.cos, tables.sin, along, lanes.getPairing(),
                         /*result_pairing=*/PairingAttr(), lanes.getOffset(),
                         rewriter.getI64IntegerAttr(
                             lanes.getEffectiveRotaryDim(op.getHeadDim())),
                         lanes.getInverse());
    lowerRotations(rewriter, module, rotate, model);
  }
  auto ahead = cast<AttentionOp>(rewriter.clone(*op));
  ahead.getKeyMutable().assign(rotated);
  ahead.getKeyCosMutable().clear();
  ahead.getKeySinMutable().clear();
  ahead.removeKeyRotationAttr();
  {
    OpBuilder::InsertionGuard guard(rewriter);
    launch(ahead);
  }
  rewriter.eraseOp(ahead);
  memref::DeallocOp::create(rewriter, loc, rotated);
}
