//===- AttentionTiling.h - The sizes of an attention's tiles ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A row is a query of one of the heads that share keys and values. Blocks of
// rows meet blocks of keys; the micro-kernel keeps `rows` times `vectors`
// vectors of sums in registers. See "Blocks of an attention" in Rationale.md.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_CONVERSION_ROPETOAFFINE_ATTENTIONTILING_H
#define ROPE_LIB_CONVERSION_ROPETOAFFINE_ATTENTIONTILING_H

#include "Rope/Conversion/RopeToAffine/RopeToAffine.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include <numeric>

namespace mlir::rope {

/// What a core multiplies at once: the registers of `registers` vectors hold
/// rows * vectors sums, `vectors` vectors of one operand and one entry of the
/// other, broadcast. Each step loads rows + vectors of them for rows * vectors
/// products, so that the shape with the best ratio is taken.
struct RegisterBlock {
  int64_t rows, vectors;
};
RegisterBlock getRegisterBlock(int64_t registers);

/// Panels of as many vectors each, which are multiplied at once, side by side.
struct PanelRun {
  int64_t firstVector, panels, vectors;

  int64_t getEnd() const { return firstVector + panels * vectors; }
  /// Whether every vector number `vector` of a panel ends before `columns`.
  bool isWhole(int64_t vector, int64_t lanes, int64_t columns) const {
    return (getEnd() - vectors + vector + 1) * lanes <= columns;
  }
};

struct AttentionTiling {
  AttentionTiling(AttentionOp op, const RopeToAffineOptions &options);
  /// The same for as many queries, which may be dynamic.
  AttentionTiling(AttentionOp op, const RopeToAffineOptions &options,
                  int64_t queries);

  /// Of scores, softmax and sums inside of the kernel.
  FloatType type;
  /// Of one vector.
  int64_t lanes;
  /// Weights that are returned or rounded need the sum of their whole row.
  bool needsTwoPasses = false;
  /// All rows of a head of keys are one group: they meet keys and values where
  /// these are.
  bool isDirect = false;
  /// The heads of keys that such rows meet in one pass.
  int64_t directHeads = 1;
  /// Into which the keys are cut where heads and blocks of queries are few: so
  /// that there is work for threads.
  int64_t keyParts = 1;
  /// Keys that are worth packing queries for, and a merge.
  int64_t leastKeysOfPart = 512;
  /// What the packed keys and values are multiplied by, and the entries of a
  /// row that it takes in a step.
  BF16Products products = BF16Products::Widen;
  int64_t depth = 1;
  /// What scores are multiplied by. Queries in bf16 take a power of two only,
  /// so that they stay as they are.
  double scoreFactor = 1.0;
  /// Rows and vectors of keys of the micro-kernel. The softmax takes
  /// `groupRows` of `productRows` rows at a time.
  int64_t groupRows, productRows, panelVectors;
  /// Keys that are multiplied at once, and keys of a block: its keys and values
  /// stay in the second-level cache while all rows of a block meet them.
  int64_t panelKeys, blockKeys;
  /// Queries of a block of rows, and its rows with those that fill up the last
  /// group.
  int64_t blockQueries, blockRows;
  /// The columns of v.
  SmallVector<PanelRun, 2> valuePanels;

  /// Whether packed operands are pairs of bf16.
  bool arePairs() const { return products != BF16Products::Widen; }
  /// Of a packed query, in whole vectors and steps of a product.
  int64_t getQueryColumns(AttentionOp op) const {
    return llvm::alignTo(op.getHeadDim(), getColumnUnit());
  }
  /// Columns of scores that belong together.
  int64_t getColumnUnit() const { return std::max(lanes, depth); }
  /// Of a row of scores: with a vector between the rows, so that they do not
  /// fall on the same lines of the cache.
  int64_t getScoreColumns() const { return blockKeys + lanes; }
  int64_t getWeightColumns() const { return blockKeys + 2 * lanes; }
  unsigned getWidth() const { return FloatType(type).getWidth(); }
  /// Of the sums of a row, in whole vectors.
  int64_t getColumns() const { return lanes * valuePanels.back().getEnd(); }

private:
  void setPairSizes(AttentionOp op, BF16Products kind, int64_t queries);
  void setDirectSizes(AttentionOp op, const RopeToAffineOptions &options);
};

/// Why no pairs of bf16 can be multiplied in an attention; nothing if they can.
std::optional<std::string> getPairObstacle(AttentionOp op);

} // namespace mlir::rope

#endif // ROPE_LIB_CONVERSION_ROPETOAFFINE_ATTENTIONTILING_H
