//===- AttentionTiling.cpp - The sizes of an attention's tiles ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "AttentionTiling.h"

#include "LoopEmitter.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::rope;

/// Rows of a block: enough that packed keys and values of the second-level
/// cache are used often, and few enough that queries and sums stay there, too.
static constexpr int64_t kGroupsOfBlock = 16;
/// Panels of a block of keys: with 128 lanes in f32, 64 KiB each of keys and of
/// values by vectors of 512 bits.
static constexpr int64_t kPanelsOfBlock = 4;

RegisterBlock rope::getRegisterBlock(int64_t registers) {
  RegisterBlock best{1, 1};
  for (int64_t vectors : {1, 2, 4, 8}) {
    int64_t rows = (registers - vectors - 1) / vectors;
    if (rows >= 1 && rows * vectors * (best.rows + best.vectors) >
                         best.rows * best.vectors * (rows + vectors))
      best = {rows, vectors};
  }
  return best;
}

/// Scores are computed in the type of the softmax if that is the wider one.
static FloatType getKernelType(AttentionOp op) {
  FloatType type = op.getComputeType();
  if (std::optional<Type> precision = op.getSoftmaxPrecision())
    if (auto wide = cast<FloatType>(*precision);
        wide.getWidth() > type.getWidth())
      return wide;
  return type;
}

/// `count` vectors in as few panels as hold them, of about one width.
static SmallVector<int64_t> cutIntoPanels(int64_t count, int64_t most) {
  SmallVector<int64_t> panels;
  for (int64_t left = llvm::divideCeil(count, most); left > 0; --left) {
    panels.push_back(llvm::divideCeil(count, left));
    count -= panels.back();
  }
  return panels;
}

/// Whether keys and values need nothing but widening.
static bool canReadInPlace(AttentionOp op) {
  return !op.getKeyTables() && !op.getValueTables() && !op.getKeyTail() &&
         hasUnitStrideLanes(op.getKey()) && hasUnitStrideLanes(op.getValue());
}

AttentionTiling::AttentionTiling(AttentionOp op,
                                 const RopeToAffineOptions &options)
    : type(getKernelType(op)) {
  lanes = options.vectorBits / type.getWidth();
  RegisterBlock registers = getRegisterBlock(options.getVectorRegisters());
  int64_t sequence = op.getSequenceDimension();
  int64_t queries = op.getQueryType().getDimSize(sequence);
  int64_t keys = op.getKeyType().getDimSize(sequence);
  int64_t group = op.getGroupSize();

  panelVectors = registers.vectors;
  if (ShapedType::isStatic(keys))
    panelVectors = std::clamp<int64_t>(llvm::divideCeil(keys, lanes), 1,
                                       registers.vectors);
  panelKeys = panelVectors * lanes;
  blockKeys = kPanelsOfBlock * panelKeys;

  groupRows = registers.rows;
  blockQueries = std::max<int64_t>(1, kGroupsOfBlock * groupRows / group);
  int64_t valueVectors = registers.vectors;
  if (ShapedType::isStatic(queries)) {
    blockQueries = std::clamp<int64_t>(queries, 1, blockQueries);
    int64_t rows = blockQueries * group;
    isDirect = rows <= lanes && queries <= blockQueries && canReadInPlace(op);
    groupRows = isDirect ? rows : std::min(groupRows, rows);
    // Sums and a vector each of values beside one broadcast.
    if (isDirect)
      valueVectors = std::clamp<int64_t>(
          (options.getVectorRegisters() - 1) / (rows + 1), 1, valueVectors);
  }
  blockRows = llvm::alignTo(blockQueries * group, groupRows);

  valuePanels = cutIntoPanels(
      llvm::divideCeil(op.getValueType().getDimSize(3), lanes), valueVectors);
}
