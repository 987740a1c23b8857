//===- AttentionTiling.cpp - The sizes of an attention's tiles ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
#include "AttentionTiling.h"

#include "LoopEmitter.h"
#include "PairProduct.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;

/// Rows of a block: enough that packed keys and values of the second-level
/// cache are used often, and few enough that queries and sums stay there, too.
static constexpr int64_t kGroupsOfBlock = 16;
/// Panels of a block of keys: with 128 lanes in f32, 64 KiB each of keys and of
/// values by vectors of 512 bits.
static constexpr int64_t kPanelsOfBlock = 4;
/// Rows of a block, rows that are multiplied at once by tiles, and rows of a
/// softmax, which skip the columns that none of them takes.
static constexpr int64_t kRowsOfTileBlock = 256;
static constexpr int64_t kRowsOfTileProduct = 2 * kTileRows;
static constexpr int64_t kRowsOfTileSoftmax = 4;
/// The least power of two that queries take: those below 2^-118 may become
/// subnormal by it, which instructions take for 0.
static constexpr double kLeastQueryFactor = 0x1p-8;

/// Columns of values whose sums are in flight at a time.
static constexpr int64_t kMostValueVectors = 8;
/// Scores of a block of keys of a decoder's step: half of a first-level cache.
static constexpr int64_t kScoreBytes = 16 * 1024;
static constexpr int64_t kMostVectorsOfBlock = 16;
/// Items of work that threads share: enough for tens of them.
static constexpr int64_t kLeastItems = 16;
/// Rows that are not packed cost a part little but its merge.
static constexpr int64_t kLeastKeysOfDirectPart = 256;

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

/// `count` vectors in as few panels as hold them, of two widths at most.
static SmallVector<PanelRun, 2> cutIntoPanels(int64_t count, int64_t most) {
  int64_t panels = llvm::divideCeil(count, most);
  int64_t vectors = count / panels, wider = count % panels;
  SmallVector<PanelRun, 2> runs;
  if (wider != 0)
    runs.push_back({0, wider, vectors + 1});
  runs.push_back({wider * (vectors + 1), panels - wider, vectors});
  return runs;
}

/// Parts of the keys of rows that are `items` of work: as many as give those
/// that threads share, if a part stays worth its cost. 0 items are an unknown
/// number of them.
static int64_t getKeyParts(AttentionOp op, int64_t items, int64_t leastKeys,
                           const RopeToAffineOptions &options) {
  if (options.keyParts != 0)
    return options.keyParts;
  if (!options.parallel || items == 0)
    return 1;
  int64_t most = kLeastItems;
  if (int64_t keys = op.getKeyType().getDimSize(op.getSequenceDimension());
      ShapedType::isStatic(keys))
    most = std::min(most, keys / leastKeys);
  return std::max<int64_t>(1, std::min(most, kLeastItems / items));
}

/// Whether lanes of the key and of its tail are in vectors of their own, as
/// they are in the query.
static bool hasTailOfWholeVectors(AttentionOp op, int64_t lanes) {
  return !op.getKeyTail() || op.getOwnKeyDim() % lanes == 0;
}

void AttentionTiling::setDirectSizes(AttentionOp op,
                                     const RopeToAffineOptions &options) {
  // In the order of memory.
  if (op.getLayout() == LayoutKind::BSHD)
    directHeads = op.getNumKvHeads();
  int64_t bytesOfKey = directHeads * groupRows * getWidth() / 8;
  blockKeys = std::clamp<int64_t>(kScoreBytes / bytesOfKey / lanes, 2,
                                  kMostVectorsOfBlock) *
              lanes;
  int64_t batches = op.getQueryType().getDimSize(0);
  int64_t items = op.getNumKvHeads() / directHeads;
  if (ShapedType::isStatic(batches))
    items *= std::max<int64_t>(1, batches);
  leastKeysOfPart = kLeastKeysOfDirectPart;
  keyParts =
      needsTwoPasses ? 1 : getKeyParts(op, items, leastKeysOfPart, options);
}

std::optional<std::string> rope::getPairObstacle(AttentionOp op) {
  for (auto [name, type] : {std::pair("queries", op.getQueryType()),
                            std::pair("keys", op.getKeyType()),
                            std::pair("values", op.getValueType())})
    if (!type.getElementType().isBF16())
      return (Twine(name) + " are not bf16").str();
  if (!getKernelType(op).isF32())
    return "the softmax is not in f32";
  if (op.getKeyTail() && op.getOwnKeyDim() % 2 != 0)
    return "the key has an odd number of lanes before its tail";
  return std::nullopt;
}

void AttentionTiling::setPairSizes(AttentionOp op, BF16Products kind,
                                   int64_t queries) {
  products = kind;
  depth = 2;
  int exponent;
  double scale = op.getEffectiveScale();
  bool isPowerOfTwo = std::frexp(scale, &exponent) == 0.5;
  if (!isPowerOfTwo || scale > 1 || scale < kLeastQueryFactor)
    scoreFactor = scale;
  if (products != BF16Products::Tiles)
    return;
  depth = kTileEntries;
  panelVectors = 2;
  panelKeys = panelVectors * kTileWords;
  blockKeys = kPanelsOfBlock * panelKeys;
  int64_t group = op.getGroupSize();
  blockQueries = std::max<int64_t>(1, kRowsOfTileBlock / group);
  if (ShapedType::isStatic(queries))
    blockQueries = std::clamp<int64_t>(queries, 1, blockQueries);
  productRows = std::min(llvm::alignTo(blockQueries * group, kTileRows),
                         uint64_t(kRowsOfTileProduct));
  groupRows = kRowsOfTileSoftmax;
}

AttentionTiling::AttentionTiling(AttentionOp op,
                                 const RopeToAffineOptions &options)
    : AttentionTiling(op, options,
                      op.getQueryType().getDimSize(op.getSequenceDimension())) {
}

AttentionTiling::AttentionTiling(AttentionOp op,
                                 const RopeToAffineOptions &options,
                                 int64_t queries)
    : type(getKernelType(op)),
      needsTwoPasses(op.getSoftmaxPrecision() ||
                     op.getReturningScores() == ScoreKind::Weights) {
  lanes = options.vectorBits / type.getWidth();
  RegisterBlock registers = getRegisterBlock(options.getVectorRegisters());
  int64_t sequence = op.getSequenceDimension();
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
    isDirect = rows <= lanes && queries <= blockQueries &&
               hasTailOfWholeVectors(op, lanes);
    groupRows = isDirect ? rows : std::min(groupRows, rows);
    if (isDirect) {
      // Sums and a vector each of values beside one broadcast.
      valueVectors =
          std::clamp<int64_t>((options.getVectorRegisters() - 1) / (rows + 1),
                              1, kMostValueVectors);
      setDirectSizes(op, options);
    }
  }
  productRows = groupRows;
  if (options.bf16Products != BF16Products::Widen && !isDirect &&
      !getPairObstacle(op))
    setPairSizes(op, options.bf16Products, queries);
  if (!isDirect && !needsTwoPasses) {
    int64_t blocks = ShapedType::isStatic(queries)
                         ? llvm::divideCeil(queries, blockQueries)
                         : 0;
    keyParts =
        getKeyParts(op, op.getNumKvHeads() * blocks, leastKeysOfPart, options);
  }
  if (products == BF16Products::Tiles)
    valueVectors = panelVectors;
  blockRows = llvm::alignTo(blockQueries * group, productRows);

  valuePanels = cutIntoPanels(
      llvm::divideCeil(op.getValueType().getDimSize(3), lanes), valueVectors);
}
