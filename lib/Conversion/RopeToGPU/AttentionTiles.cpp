//===- AttentionTiles.cpp - When and how attention has tiles --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionTiles.h"

#include "RowTile.h"

using namespace mlir;
using namespace mlir::rope;

/// Registers that a thread of the largest block has: 64 Ki for 256 threads, at
/// most 255.
static constexpr int64_t kMaxRegisters = 255;
/// Addresses, bounds and what an instruction holds.
static constexpr int64_t kOtherRegisters = 36;

int64_t AttentionTiles::getRegisters(AttentionOp op) const {
  int64_t valueDim = op.getValueType().getDimSize(3);
  int64_t prefetch = RowTile::getLoadedWords(op.getKey(), op.getKeyTables(),
                                             keys, getThreads());
  if (layout.keysOfWord > 1)
    prefetch += keys * valueDim / 2 / getThreads();
  // Entries of a row of 16 that a thread has.
  int64_t columns =
      valueDim + llvm::alignTo(op.getHeadDim(), 16) / 2 + 3 * keys / 2;
  return columns * kRowsOfWarp / layout.threads + 4 + prefetch +
         kOtherRegisters;
}

int64_t AttentionTiles::getSharedWords(AttentionOp op) const {
  int64_t keyStride =
      SharedWords::getRowStride(llvm::alignTo(op.getHeadDim(), 16));
  int64_t valueDim = op.getValueType().getDimSize(3);
  int64_t outStride = SharedWords::getRowStride(valueDim);
  int64_t loop = keys / layout.keysOfWord * layout.getValueStride(valueDim) +
                 std::max(keys * keyStride, queries * keys / 2);
  return std::max(loop, queries * std::max(keyStride, outStride));
}

AttentionTiles AttentionTiles::get(AttentionOp op, const GpuModel &model) {
  bool isEmulated = model.isEmulated();
  AttentionTiles tiles{isEmulated ? 32 : 128, isEmulated ? 16 : 64,
                       FragmentLayout::get(model)};
  if (model.queryTile)
    tiles.queries = model.queryTile;
  if (model.keyTile)
    tiles.keys = model.keyTile;
  // Half the keys where the registers do not suffice.
  else if (tiles.getRegisters(op) > kMaxRegisters && !isEmulated)
    tiles.keys /= 2;
  return tiles;
}

std::optional<std::string> AttentionTiles::getObstacle(AttentionOp op,
                                                       const GpuModel &model) {
  if (!model.hasMatrixProducts())
    return "the chip is none of those whose products it has: sm_80 and later, "
           "gfx90a, gfx942, gfx950";
  Type element = op.getQueryType().getElementType();
  if (!element.isF16() && !element.isBF16())
    return "it multiplies elements of f16 or bf16 only";
  if (op.getKeyType().getElementType() != element ||
      op.getValueType().getElementType() != element)
    return "queries, keys and values have different element types";
  if (op.getKeyTail())
    return "keys have a tail";
  if (op.getValueTables() || op.getOutputTables())
    return "values or the output are rotated";
  if (op.getQueryStarts())
    return "sequences are packed into one";
  if (op.getSinks() && getElementTypeOrSelf(op.getSinks()).isF64())
    return "sinks are of f64";
  if (op.getReturningScores())
    return "scores are results";
  if (op.getSoftmaxPrecision() && !op.getSoftmaxPrecision()->isF32())
    return "weights are rounded";
  int64_t numQueries = op.getQueryType().getDimSize(op.getSequenceDimension());
  if (ShapedType::isStatic(numQueries) && numQueries < kRowsOfWarp)
    return "a product takes " + std::to_string(kRowsOfWarp) +
           " queries, of which there are " + std::to_string(numQueries);
  int64_t valueDim = op.getValueType().getDimSize(3);
  for (Value buffer : {op.getValue(), op.getOut()})
    if (DeviceBuffer::getUnitLanes(buffer, {valueDim}) != 8)
      return "rows of values and of the output are not in units of 16 bytes";
  if (RowTile::getUnitLanes(op.getQuery(), op.getQueryTables()) < 2 ||
      RowTile::getUnitLanes(op.getKey(), op.getKeyTables()) < 2)
    return "rows of queries and keys, or their rotary lanes, are not in words "
           "of two elements";

  AttentionTiles tiles = get(op, model);
  if (valueDim % tiles.layout.columns != 0)
    return "a product takes " + std::to_string(tiles.layout.columns) +
           " lanes of values, of which there are " + std::to_string(valueDim);
  if (int64_t registers = tiles.getRegisters(op);
      registers > kMaxRegisters && !model.isEmulated())
    return "a tile of " + std::to_string(tiles.queries) + " queries and " +
           std::to_string(tiles.keys) + " keys takes some " +
           std::to_string(registers) + " registers a thread";
  int64_t bytes =
      4 * (tiles.getSharedWords(op) +
           tiles.getWarps() * WarpProduct::getScratchWords(model) + 1);
  if (bytes > model.getMaxSharedBytes())
    return "a tile of " + std::to_string(tiles.queries) + " queries and " +
           std::to_string(tiles.keys) + " keys takes " + std::to_string(bytes) +
           " bytes of shared memory, of which a block has " +
           std::to_string(model.getMaxSharedBytes());
  return std::nullopt;
}
