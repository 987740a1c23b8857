//===- AttentionVerifier.cpp - Constraints of rope.attention --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function a constraint of the op's description.
//
//===----------------------------------------------------------------------===//

#include "AttentionShapes.h"
#include "RotationClause.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

/// C2: grouped heads and the width of a score's dot product.
static LogicalResult verifyHeads(AttentionOp op) {
  if (failed(verifyGroups(op)))
    return failure();
  int64_t tailDim =
      op.getKeyTail() ? shapedTypeOf(op.getKeyTail()).getShape().back() : 0;
  if (!ShapedType::isDynamic(tailDim) &&
      op.getHeadDim() != op.getOwnKeyDim() + tailDim)
    return op.emitOpError("(C2) a query of ")
           << op.getHeadDim() << " lanes needs keys of as many, got "
           << op.getOwnKeyDim() << " and a tail of " << tailDim;
  return success();
}

/// C3: the lanes that all heads share.
static LogicalResult verifyKeyTail(AttentionOp op) {
  if (!op.getKeyTail())
    return success();
  ShapedType tail = shapedTypeOf(op.getKeyTail()), key = op.getKeyType();
  SmallVector<int64_t> expected(key.getShape());
  expected[op.getHeadDimension()] = 1;
  if (tail.getRank() != 4 || ShapedType::isDynamic(tail.getShape().back()) ||
      tail.getElementType() != key.getElementType() ||
      failed(verifyCompatibleShape(tail.getShape().drop_back(),
                                   ArrayRef(expected).drop_back())) ||
      tail.getDimSize(op.getHeadDimension()) != 1)
    return op.emitOpError("(C3) key_tail must have one head, a static number "
                          "of lanes and the batch, keys and element type of ")
           << key << ", got " << tail;
  return success();
}

/// C4 for one rotation of `headDim` lanes of `rotated`; `boundary` is where the
/// lanes change from the key to its tail, 0 if nowhere.
static LogicalResult verifyRotation(AttentionOp op, StringRef name,
                                    AttentionOp::Rotation tables,
                                    ShapedType rotated, int64_t headDim,
                                    int64_t boundary = 0) {
  if (failed(verifyRotationClause(
          op, "C4", name, tables.cos, tables.sin, tables.lanes,
          {rotated, op.getSequenceDimension(), headDim})))
    return failure();
  if (!tables)
    return success();
  int64_t offset = tables.lanes.getOffset();
  int64_t end = offset + tables.lanes.getEffectiveRotaryDim(headDim);
  if (offset < boundary && end > boundary)
    return op.emitOpError("(C4) rotate_")
           << name << ": the lanes [" << offset << ", " << end
           << ") are neither all in key nor all in key_tail, which starts at "
           << boundary;
  return success();
}

static LogicalResult verifyRotations(AttentionOp op) {
  int64_t valueDim = op.getValueType().getDimSize(3);
  if (failed(verifyRotation(op, "query", op.getQueryTables(), op.getQueryType(),
                            op.getHeadDim())) ||
      failed(verifyRotation(op, "key", op.getKeyTables(), op.getKeyType(),
                            op.getHeadDim(), op.getOwnKeyDim())) ||
      failed(verifyRotation(op, "value", op.getValueTables(), op.getValueType(),
                            valueDim)))
    return failure();
  return verifyRotation(op, "output", op.getOutputTables(), op.getQueryType(),
                        valueDim);
}

/// C5: alignment of the mask with the scores.
static LogicalResult verifyMask(AttentionOp op) {
  if (!op.getMask())
    return success();
  ShapedType mask = shapedTypeOf(op.getMask());
  if (mask.getRank() < 1 || mask.getRank() > 4)
    return op.emitOpError("(C5) mask must have rank 1 to 4, got ") << mask;
  int64_t sequence = op.getSequenceDimension();
  SmallVector<int64_t> scores{op.getQueryType().getDimSize(0), op.getNumHeads(),
                              op.getQueryType().getDimSize(sequence),
                              op.getKeyType().getDimSize(sequence)};
  auto aligned = ArrayRef(scores).take_back(mask.getRank());
  for (auto [dim, size] : llvm::enumerate(mask.getShape().drop_back()))
    if (size != 1 && !mayBeEqual(size, aligned[dim]))
      return op.emitOpError("(C5) dimension ")
             << dim << " of mask of type " << mask << " must be 1 or "
             << aligned[dim];
  int64_t keys = mask.getShape().back();
  if (ShapedType::isStatic(keys) && ShapedType::isStatic(scores[3]) &&
      keys > scores[3])
    return op.emitOpError("(C5) mask of type ")
           << mask << " has more than " << scores[3] << " keys";
  return success();
}

/// Whether the elements are integers that can count.
static bool isCount(Value value) {
  return !getElementTypeOrSelf(value).isInteger(1);
}

/// C6: one source of positions, and its shape.
static LogicalResult verifyPositions(AttentionOp op) {
  Value lengths = op.getKvLengths(), queryStarts = op.getQueryStarts(),
        keyStarts = op.getKeyStarts();
  if (static_cast<bool>(queryStarts) != static_cast<bool>(keyStarts))
    return op.emitOpError("(C6) starts are those of queries and of keys");
  if (static_cast<bool>(op.getPast()) + static_cast<bool>(lengths) +
          static_cast<bool>(queryStarts) >
      1)
    return op.emitOpError("(C6) at most one of past, kv_lengths and starts may "
                          "be given");
  if (static_cast<bool>(op.getQueryOrigin()) !=
      static_cast<bool>(op.getKeyOrigin()))
    return op.emitOpError("(C6) origin is that of queries and of keys");
  int64_t batch = op.getQueryType().getDimSize(0);
  if (lengths) {
    ShapedType type = shapedTypeOf(lengths);
    if (!isCount(lengths) || type.getRank() != 1 ||
        !mayBeEqual(type.getDimSize(0), batch))
      return op.emitOpError("(C6) kv_lengths must be one integer a batch of ")
             << op.getQueryType() << ", got " << type;
  }
  if (!queryStarts)
    return success();
  ShapedType first = shapedTypeOf(queryStarts),
             second = shapedTypeOf(keyStarts);
  if (!isCount(queryStarts) || !isCount(keyStarts) || first.getRank() != 1 ||
      second.getRank() != 1 ||
      !mayBeEqual(first.getDimSize(0), second.getDimSize(0)) ||
      llvm::is_contained({0, 1}, first.getDimSize(0)) ||
      llvm::is_contained({0, 1}, second.getDimSize(0)))
    return op.emitOpError("(C6) starts must be integers of one shape [G + 1], "
                          "G > 0, got ")
           << first << " and " << second;
  if (batch != 1)
    return op.emitOpError("(C6) with starts the batch dimension must be 1, "
                          "got ")
           << op.getQueryType();
  return success();
}

/// C7 and C8: attributes.
static LogicalResult verifyNumbers(AttentionOp op) {
  // C7
  if (std::optional<ArrayRef<int64_t>> window = op.getWindow())
    if (window->size() != 2 ||
        llvm::any_of(*window, [](int64_t limit) { return limit < -1; }))
      return op.emitOpError("(C7) window must be a left and a right limit, "
                            "each -1 or larger, got [")
             << *window << "]";
  // C8
  for (auto [name, number] : {std::pair("scale", op.getScale()),
                              std::pair("softcap", op.getSoftcap())})
    if (number &&
        !(number->isFinite() && !number->isNegative() && !number->isZero()))
      return op.emitOpError("(C8) ")
             << name << " must be positive and finite, got "
             << number->convertToDouble();
  if (std::optional<Type> precision = op.getSoftmaxPrecision())
    if (!isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(*precision))
      return op.emitOpError("(C8) softmax_precision must be f16, bf16, f32 or "
                            "f64, got ")
             << *precision;
  return success();
}

/// C9: one sink a head.
static LogicalResult verifySinks(AttentionOp op) {
  if (!op.getSinks())
    return success();
  ShapedType sinks = shapedTypeOf(op.getSinks());
  if (sinks.getRank() != 1 ||
      !mayBeEqual(sinks.getDimSize(0), op.getNumHeads()))
    return op.emitOpError("(C9) sinks must be one logit for each of ")
           << op.getNumHeads() << " heads, got " << sinks;
  return success();
}

/// C10: tensors and results, or memrefs and destinations.
static LogicalResult verifyForm(AttentionOp op) {
  bool tensors = op.hasTensorSemantics();
  ValueRange inputs = op.getOperands();
  for (Value operand : inputs)
    if (isa<ShapedType>(operand.getType()) &&
        !llvm::is_contained(op.getDestinations(), operand) &&
        isa<TensorType>(operand.getType()) != tensors)
      return op.emitOpError("(C10) operands must be all tensors or all "
                            "memrefs, got ")
             << op.getQueryType() << " and " << operand.getType();
  size_t outputs =
      1 + op.getReturningLse() + op.getReturningScores().has_value();
  if (op.getNumResults() != (tensors ? outputs : 0) ||
      op.getDestinations().size() != (tensors ? 0 : outputs))
    return op.emitOpError("(C10) the tensor form has ")
           << outputs
           << " results and no destinations, the memref form the reverse";
  if (tensors)
    return success();
  for (Value destination : op.getDestinations())
    if (llvm::count(op.getOperands(), destination) != 1)
      return op.emitOpError("(C10) a destination must not be another operand");

  auto verifyDestination = [&](Value destination, Type element,
                               ArrayRef<int64_t> shape) -> LogicalResult {
    ShapedType type = shapedTypeOf(destination);
    if (type.getElementType() == element &&
        succeeded(verifyCompatibleShape(type.getShape(), shape)))
      return success();
    return op.emitOpError("(C10) destination of type ")
           << type << " does not have the shape [" << shape
           << "] and element type " << element << " of its result";
  };
  ShapedType query = op.getQueryType();
  int64_t head = op.getHeadDimension(), sequence = op.getSequenceDimension();
  SmallVector<int64_t> out(query.getShape());
  out[3] = op.getValueType().getDimSize(3);
  if (failed(verifyDestination(op.getOut(), query.getElementType(), out)))
    return failure();
  if (op.getLse() && failed(verifyDestination(op.getLse(), op.getComputeType(),
                                              query.getShape().drop_back())))
    return failure();
  if (!op.getScores())
    return success();
  return verifyDestination(op.getScores(), query.getElementType(),
                           {query.getDimSize(0), query.getDimSize(head),
                            query.getDimSize(sequence),
                            op.getKeyType().getDimSize(sequence)});
}

LogicalResult AttentionOp::verify() {
  for (auto *constraint :
       {verifyOperandShapes, verifyKeyTail, verifyHeads, verifyRotations,
        verifyMask, verifyPositions, verifyNumbers, verifySinks, verifyForm})
    if (failed(constraint(*this)))
      return failure();
  return success();
}
