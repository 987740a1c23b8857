//===- AttentionTiles.cpp - When and how attention has tiles --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionTiles.h"

#include "RowTile.h"
#include "WarpgroupProduct.h"

using namespace mlir;
using namespace mlir::rope;

/// What an instruction can name.
static constexpr int64_t kMaxRegisters = 255;
/// Addresses, bounds and what an instruction holds.
static constexpr int64_t kOtherRegisters = 36;
/// Lanes of heads, and of values, where several threads have the same factors.
/// More spill where the op has many clauses, which the model does not count.
static constexpr int64_t kMaxCopiedLanes = 128;
/// Lanes that a thread of a warpgroup has registers for.
static constexpr int64_t kMaxWarpgroupLanes = 128;

int64_t AttentionTiles::getMaxRegisters(const GpuModel &model) const {
  // A multiprocessor has 64 Ki, a compute unit of AMD twice as many.
  int64_t all = model.target == GpuTarget::AMDGPU ? 1 << 17 : 1 << 16;
  return std::min<int64_t>(kMaxRegisters,
                           llvm::alignDown(all / getThreads(), 8));
}

int64_t AttentionTiles::getRegisters(AttentionOp op) const {
  int64_t valueDim = op.getValueType().getDimSize(3);
  int64_t prefetch = RowTile::getLoadedWords(op.getKey(), op.getKeyTables(),
                                             keys, getThreads());
  if (layout.keysOfWord > 1)
    prefetch += keys * valueDim / 2 / getThreads();
  // Entries of a row of 16 that a thread has.
  int64_t columns = valueDim + layout.copies * 3 * keys / 2;
  if (!hasWarpgroups)
    columns += layout.copies * llvm::alignTo(op.getHeadDim(), 16) / 2;
  return columns * kRowsOfWarp / layout.threads + 4 + prefetch +
         kOtherRegisters;
}

static int64_t getValueDim(AttentionOp op) {
  return op.getValueType().getDimSize(3);
}

SharedTile AttentionTiles::getKeys(AttentionOp op) const {
  if (hasWarpgroups)
    return SharedTile::getSwizzled(0, keys);
  return {0, SharedWords::getRowStride(llvm::alignTo(op.getHeadDim(), 16))};
}

SharedTile AttentionTiles::getValues(AttentionOp op) const {
  int64_t ofKeys = hasWarpgroups ? op.getHeadDim() / 2 : getKeys(op).stride;
  int64_t first = std::max(keys * ofKeys, queries * keys / 2);
  if (hasWarpgroups)
    return SharedTile::getSwizzled(first, keys);
  return {first, layout.getValueStride(keys, getValueDim(op))};
}

SharedTile AttentionTiles::getQueries(AttentionOp op) const {
  if (!hasWarpgroups)
    return getKeys(op);
  return SharedTile::getSwizzled(
      getValues(op).first + keys * getValueDim(op) / 2, queries);
}

int64_t AttentionTiles::getOnes(AttentionOp op) const {
  return getQueries(op).first + queries * op.getHeadDim() / 2;
}

int64_t AttentionTiles::getSharedWords(AttentionOp op) const {
  int64_t ofOutput = queries * SharedWords::getRowStride(getValueDim(op));
  if (hasWarpgroups)
    return std::max(getOnes(op) + WarpgroupProduct::kOnesWords, ofOutput);
  SharedTile values = getValues(op);
  return std::max({values.first + layout.getValueWords(keys, getValueDim(op)),
                   queries * getQueries(op).stride, ofOutput});
}

AttentionTiles AttentionTiles::get(AttentionOp op, const GpuModel &model,
                                   bool hasWarpgroups) {
  bool isEmulated = model.isEmulated();
  int64_t queries = isEmulated ? (hasWarpgroups ? 64 : 32) : 128;
  int64_t keys = isEmulated ? 16 : 64;
  // More for few lanes, whose products are no longer than a softmax.
  if (hasWarpgroups && !isEmulated && op.getHeadDim() + getValueDim(op) <= 128)
    keys = 112;
  AttentionTiles tiles{queries, keys, FragmentLayout::get(model),
                       hasWarpgroups};
  if (model.queryTile)
    tiles.queries = model.queryTile;
  if (model.keyTile)
    tiles.keys = model.keyTile;
  // Half the keys where the registers do not suffice.
  else if (tiles.getRegisters(op) > tiles.getMaxRegisters(model) && !isEmulated)
    tiles.keys /= 2;
  return tiles;
}

AttentionTiles AttentionTiles::get(AttentionOp op, const GpuModel &model) {
  return get(op, model,
             model.hasWarpgroups() && !getWarpgroupObstacle(op, model));
}

std::optional<std::string>
AttentionTiles::getWarpgroupObstacle(AttentionOp op, const GpuModel &model) {
  if (model.target == GpuTarget::AMDGPU ||
      !(model.hasWgmma || model.isEmulated()))
    return "wgmma is an instruction of sm_90a only";
  for (int64_t lanes : {op.getHeadDim(), getValueDim(op)})
    if (lanes % SharedTile::kPanelLanes != 0 || lanes > kMaxWarpgroupLanes)
      return "wgmma takes heads of 64 or 128 lanes, got " +
             std::to_string(lanes);
  AttentionTiles tiles = get(op, model, /*hasWarpgroups=*/true);
  if (tiles.queries % WarpgroupProduct::kRows != 0)
    return "wgmma takes multiples of 64 queries a block, got " +
           std::to_string(tiles.queries);
  return tiles.getLimit(op, model);
}

std::optional<std::string>
AttentionTiles::getLimit(AttentionOp op, const GpuModel &model) const {
  std::string what = "a tile of " + std::to_string(queries) + " queries and " +
                     std::to_string(keys) + " keys takes ";
  if (int64_t registers = getRegisters(op), most = getMaxRegisters(model);
      registers > most && !model.isEmulated())
    return what + "some " + std::to_string(registers) +
           " registers a thread, of which it has " + std::to_string(most);
  if (int64_t lanes = std::max(op.getHeadDim(), getValueDim(op));
      layout.copies > 1 && lanes > kMaxCopiedLanes && !model.isEmulated())
    return "where threads have copies of factors heads have up to " +
           std::to_string(kMaxCopiedLanes) + " lanes, got " +
           std::to_string(lanes);
  int64_t bytes = 4 * (getSharedWords(op) +
                       getWarps() * WarpProduct::getScratchWords(model) + 1);
  int64_t limit = hasWarpgroups ? model.getMaxDynamicSharedBytes()
                                : model.getMaxSharedBytes();
  if (bytes > limit)
    return what + std::to_string(bytes) +
           " bytes of shared memory, of which a block has " +
           std::to_string(limit);
  return std::nullopt;
}

std::optional<std::string> AttentionTiles::getObstacle(AttentionOp op,
                                                       const GpuModel &model) {
  if (!model.hasMatrixProducts())
    return "the chip is none of those whose products it has: sm_80 and later, "
           "gfx90a, gfx942, gfx950, gfx110x, gfx115x";
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
  if (model.needsWarpgroups())
    return getWarpgroupObstacle(op, model);

  AttentionTiles tiles = get(op, model);
  if (valueDim % tiles.layout.columns != 0)
    return "a product takes " + std::to_string(tiles.layout.columns) +
           " lanes of values, of which there are " + std::to_string(valueDim);
  return tiles.getLimit(op, model);
}
