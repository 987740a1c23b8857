//===- AttentionSlices.cpp - Parts of an attention ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionSlices.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::rope;
using namespace mlir::rope::attention;

/// Packed sequences are one batch, which is static and so stays whole.
static Cut getBatchCut(AttentionOp op) {
  return op.getQueryStarts() ? Cut{} : Cut{Batch};
}

/// Cuts of [batch, head, sequence, lanes] in the order of the layout.
static SmallVector<Cut> getTokenCuts(AttentionOp op, Cut head, Loop sequence) {
  SmallVector<Cut> cuts{getBatchCut(op), {}, {}, {}};
  cuts[op.getHeadDimension()] = head;
  cuts[op.getSequenceDimension()] = {sequence};
  return cuts;
}

/// Cuts of the scores [B, Hq, S, N].
static SmallVector<Cut> getScoreCuts(AttentionOp op) {
  return {getBatchCut(op), {KvHead, op.getGroupSize()}, {Query}, {Key}};
}

SmallVector<Cut> attention::getResultCuts(AttentionOp op, unsigned number) {
  if (op.getScores() && number + 1 == op.getOutputs().size())
    return getScoreCuts(op);
  SmallVector<Cut> cuts = getTokenCuts(op, {KvHead, op.getGroupSize()}, Query);
  if (number == 1)
    cuts.pop_back();
  return cuts;
}

/// The cuts of each operand, by its number.
static SmallVector<SmallVector<Cut>> getOperandCuts(AttentionOp op) {
  SmallVector<SmallVector<Cut>> cuts(op->getNumOperands());
  auto assign = [&](MutableOperandRange operands, ArrayRef<Cut> value) {
    for (OpOperand &operand : operands)
      cuts[operand.getOperandNumber()].assign(value.begin(), value.end());
  };
  Cut queryHead{KvHead, op.getGroupSize()};
  assign(op.getQueryMutable(), getTokenCuts(op, queryHead, Query));
  assign(op.getKeyMutable(), getTokenCuts(op, {KvHead}, Key));
  assign(op.getValueMutable(), getTokenCuts(op, {KvHead}, Key));
  assign(op.getKeyTailMutable(), getTokenCuts(op, {}, Key));
  for (auto [number, operand] : llvm::enumerate(op.getDestinationsMutable()))
    assign(operand, getResultCuts(op, number));

  auto assignTable = [&](MutableOperandRange table, Loop rows) {
    for (OpOperand &operand : table)
      if (cast<ShapedType>(operand.get().getType()).getRank() == 3)
        assign(operand, {getBatchCut(op), {rows}, {}});
      else
        assign(operand, {{rows}, {}});
  };
  assignTable(op.getQueryCosMutable(), Query);
  assignTable(op.getQuerySinMutable(), Query);
  assignTable(op.getKeyCosMutable(), Key);
  assignTable(op.getKeySinMutable(), Key);
  assignTable(op.getValueCosMutable(), Key);
  assignTable(op.getValueSinMutable(), Key);
  assignTable(op.getOutputCosMutable(), Query);
  assignTable(op.getOutputSinMutable(), Query);

  if (Value mask = op.getMask()) {
    ArrayRef<int64_t> shape = cast<ShapedType>(mask.getType()).getShape();
    SmallVector<Cut> maskCuts(
        ArrayRef(getScoreCuts(op)).take_back(shape.size()));
    for (auto [cut, size] : llvm::zip(maskCuts, shape.drop_back()))
      if (size == 1)
        cut = {};
    assign(op.getMaskMutable(), maskCuts);
  }
  assign(op.getKvLengthsMutable(), {{Batch}});
  assign(op.getQueryStartsMutable(), {{}});
  assign(op.getKeyStartsMutable(), {{}});
  assign(op.getSinksMutable(), {queryHead});
  return cuts;
}

bool attention::takesAll(AttentionOp op, Loop sequence, Iterations iterations) {
  return isWhole(iterations.offsets[sequence], iterations.sizes[sequence],
                 sequence == Query ? op.getQuery() : op.getKey(),
                 op.getSequenceDimension());
}

/// A mask may end before the keys: what a part of the keys has of it.
static void endWithMask(OpBuilder &builder, AttentionOp op, Part &part,
                        OpFoldResult maskKeys, Iterations iterations) {
  Location loc = op.getLoc();
  OpFoldResult &offset = part.offsets.back(), &size = part.sizes.back();
  if (takesAll(op, Key, iterations)) {
    size = maskKeys;
    return;
  }
  OpFoldResult keys =
      getMixedSize(builder, loc, op.getKey(), op.getSequenceDimension());
  if (isEqualConstantIntOrValue(maskKeys, keys))
    return;
  AffineExpr o, n, m;
  bindDims(builder.getContext(), o, n, m);
  OpFoldResult given = offset;
  offset = affine::makeComposedFoldedAffineMin(
      builder, loc, AffineMap::get(3, 0, {o, m}, builder.getContext()),
      {given, size, maskKeys});
  // min(n, m - min(o, m)): not negative.
  size = affine::makeComposedFoldedAffineMin(
      builder, loc, AffineMap::get(3, 0, {n, m - o}, builder.getContext()),
      {offset, size, maskKeys});
}

FailureOr<Part> attention::getResultPart(OpBuilder &builder, AttentionOp op,
                                         unsigned number,
                                         Iterations iterations) {
  ReifiedRankedShapedTypeDims shapes;
  if (failed(op.reifyResultShapes(builder, shapes)))
    return failure();
  return getPart(builder, op.getLoc(), shapes[number],
                 getResultCuts(op, number), iterations);
}

/// Query i + i0 of the larger attention is number i of the tile; where a
/// position depends on the number of queries, i0 makes up for the others:
///
///     i + i0 + n_b - S = i + i0' + n_b - S', i0' = i0 + S' - S
static void setOrigin(OpBuilder &builder, AttentionOp op, AttentionOp tile,
                      Iterations iterations) {
  bool moves = op.dependsOnPositions() && !takesAll(op, Query, iterations);
  bool splits = op.hasKeyRanges() && !takesAll(op, Key, iterations);
  if (!moves && !splits)
    return;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(tile);
  Location loc = op.getLoc();
  MLIRContext *context = builder.getContext();
  AffineExpr origin, offset, size, whole;
  bindDims(context, origin, offset, size, whole);
  auto given = [&](Value value) -> OpFoldResult {
    return value ? OpFoldResult(value) : builder.getIndexAttr(0);
  };
  AffineExpr query = origin + offset;
  if (op.getKvLengths())
    query = query + size - whole;
  OpFoldResult queries =
      getMixedSize(builder, loc, op.getQuery(), op.getSequenceDimension());
  OpFoldResult firstQuery = affine::makeComposedFoldedAffineApply(
      builder, loc, query,
      {given(op.getQueryOrigin()), iterations.offsets[Query],
       iterations.sizes[Query], queries});
  OpFoldResult firstKey = affine::makeComposedFoldedAffineApply(
      builder, loc, origin + offset,
      {given(op.getKeyOrigin()), iterations.offsets[Key]});
  auto asValue = [&](OpFoldResult value) {
    return getValueOrCreateConstantIndexOp(builder, loc, value);
  };
  tile.getQueryOriginMutable().assign(asValue(firstQuery));
  tile.getKeyOriginMutable().assign(asValue(firstKey));
}

LogicalResult attention::verifyNotEmpty(AttentionOp op) {
  for (Value operand : op->getOperands())
    if (auto type = dyn_cast<ShapedType>(operand.getType());
        type && llvm::is_contained(type.getShape(), 0))
      return op.emitOpError("cannot be tiled, an operand is empty: ") << type;
  return success();
}

FailureOr<TilingResult> attention::buildTile(OpBuilder &builder, AttentionOp op,
                                             Iterations iterations) {
  if (!getConstantIntValue(iterations.sizes[KvHead]))
    return op.emitOpError("cannot be tiled by a number of heads that does not "
                          "divide ")
           << op.getNumKvHeads() << " key heads";
  if (failed(verifyNotEmpty(op)))
    return failure();
  Location loc = op.getLoc();
  SmallVector<Value> operands(op->getOperands());
  SmallVector<Operation *> slices;
  SmallVector<SmallVector<Cut>> cuts = getOperandCuts(op);
  MutableOperandRange mask = op.getMaskMutable();
  OpOperand *maskOperand = mask.empty() ? nullptr : &mask[0];
  for (auto [number, operand] : llvm::enumerate(operands)) {
    if (!isa<ShapedType>(operand.getType()))
      continue;
    SmallVector<OpFoldResult> shape = getMixedSizes(builder, loc, operand);
    Part part = getPart(builder, loc, shape, cuts[number], iterations);
    if (&op->getOpOperand(number) == maskOperand)
      endWithMask(builder, op, part, shape.back(), iterations);
    slices.push_back(createSlice(builder, loc, operand, part));
    operand = slices.back()->getResult(0);
  }
  SmallVector<Type> types;
  for (auto [number, type] : llvm::enumerate(op->getResultTypes()))
    types.push_back(getPartType(cast<RankedTensorType>(type),
                                getResultCuts(op, number), iterations));
  auto tile = cast<AttentionOp>(mlir::clone(builder, op, types, operands));
  setOrigin(builder, op, tile, iterations);
  return TilingResult{{tile}, SmallVector<Value>(tile->getResults()), slices};
}
