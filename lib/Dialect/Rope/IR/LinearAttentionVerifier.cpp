//===- LinearAttentionVerifier.cpp - Constraints of linear attention ------===//
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

/// C2: grouped heads and the lanes of queries and keys.
static LogicalResult verifyHeads(LinearAttentionOp op) {
  if (failed(verifyGroups(op)))
    return failure();
  if (op.getHeadDim() != op.getKeyType().getDimSize(3))
    return op.emitOpError("(C2) query and key must have one number of lanes, "
                          "got ")
           << op.getHeadDim() << " and " << op.getKeyType().getDimSize(3);
  return success();
}

/// C3: the projection of the kernel features.
static LogicalResult verifyProjection(LinearAttentionOp op) {
  bool isKernel = op.getFeatures() == FeatureMapKind::SoftmaxKernel;
  if (isKernel != static_cast<bool>(op.getProjection()))
    return op.emitOpError("(C3) features<")
           << stringifyFeatureMapKind(op.getFeatures())
           << (isKernel ? "> needs a projection" : "> takes no projection");
  if (!isKernel)
    return success();
  ShapedType projection = shapedTypeOf(op.getProjection());
  if (projection.getRank() != 2 || projection.getDimSize(0) <= 0 ||
      projection.getDimSize(1) != op.getHeadDim())
    return op.emitOpError("(C3) projection must have a static number of rows "
                          "of ")
           << op.getHeadDim() << " lanes, got " << projection;
  return success();
}

/// C4: tables of features.
static LogicalResult verifyRotations(LinearAttentionOp op) {
  int64_t sequence = op.getSequenceDimension();
  auto verify = [&](StringRef name, Value cos, Value sin, RotationAttr lanes,
                    ShapedType rotated) {
    return verifyRotationClause(op, "C4", name, cos, sin, lanes,
                                {rotated, sequence, op.getNumFeatures()});
  };
  if (failed(verify("query", op.getQueryCos(), op.getQuerySin(),
                    op.getQueryLanes(), op.getQueryType())))
    return failure();
  return verify("key", op.getKeyCos(), op.getKeySin(), op.getKeyLanes(),
                op.getKeyType());
}

/// C5: a key a query, and what only a recurrence has.
static LogicalResult verifyCausality(LinearAttentionOp op) {
  if (!op.getCausal()) {
    if (op.getLogDecay() || op.getBeta())
      return op.emitOpError("(C5) log_decay and beta need causal");
    return success();
  }
  int64_t sequence = op.getSequenceDimension();
  if (!mayBeEqual(op.getQueryType().getDimSize(sequence),
                  op.getKeyType().getDimSize(sequence)))
    return op.emitOpError("(C5) causal needs as many queries as keys, got ")
           << op.getQueryType() << " and " << op.getKeyType() << " in layout "
           << stringifyLayoutKind(op.getLayout());
  return success();
}

/// Whether a type is [B, Hk or 1, N] in the op's layout, followed by `lanes`.
static bool isPerToken(LinearAttentionOp op, ShapedType type,
                       ArrayRef<int64_t> lanes) {
  SmallVector<int64_t> expected(op.getKeyType().getShape().take_front(3));
  llvm::append_range(expected, lanes);
  if (type.getRank() != static_cast<int64_t>(expected.size()))
    return false;
  int64_t head = op.getHeadDimension();
  if (ShapedType::isDynamic(type.getDimSize(head)))
    return false;
  if (type.getDimSize(head) == 1)
    expected[head] = 1;
  return succeeded(verifyCompatibleShape(type.getShape(), expected)) &&
         (lanes.empty() || type.getDimSize(3) == lanes[0]);
}

/// C6: the gates of a recurrence.
static LogicalResult verifyGates(LinearAttentionOp op) {
  if (op.getLogDecay()) {
    ShapedType decay = shapedTypeOf(op.getLogDecay());
    if (!isPerToken(op, decay, {}) &&
        !isPerToken(op, decay, {op.getNumFeatures()}))
      return op.emitOpError("(C6) log_decay must have an entry a key and head "
                            "of ")
             << op.getKeyType() << ", or " << op.getNumFeatures()
             << ", in layout " << stringifyLayoutKind(op.getLayout())
             << ", got " << decay;
  }
  if (!op.getBeta())
    return success();
  if (op.getNormalize())
    return op.emitOpError("(C6) beta cannot be normalized: a corrected state "
                          "is no weighted sum of values");
  ShapedType beta = shapedTypeOf(op.getBeta());
  if (!isPerToken(op, beta, {}))
    return op.emitOpError("(C6) beta must have an entry a key and head of ")
           << op.getKeyType() << " in layout "
           << stringifyLayoutKind(op.getLayout()) << ", got " << beta;
  return success();
}

/// C7 and C8: where the sums start, and the factor.
static LogicalResult verifyPast(LinearAttentionOp op) {
  // C8
  if (!op.getScale().isFinite())
    return op.emitOpError("(C8) scale must be finite, got ")
           << op.getScale().convertToDouble();
  // C7
  bool hasState = static_cast<bool>(op.getPastState());
  bool hasNormalizer = static_cast<bool>(op.getPastNormalizer());
  if (hasNormalizer != (hasState && op.getNormalize()))
    return op.emitOpError("(C7) a past normalizer is given with a past state "
                          "and normalize, and only then");
  if (!hasState)
    return success();
  ShapedType state = shapedTypeOf(op.getPastState());
  SmallVector<int64_t> expected = op.getStateShape();
  if (state.getRank() != 4 ||
      state.getShape().drop_front() != ArrayRef(expected).drop_front() ||
      !mayBeEqual(state.getDimSize(0), expected[0]))
    return op.emitOpError("(C7) past state must have the shape [")
           << expected << "], got " << state;
  if (!hasNormalizer)
    return success();
  ShapedType normalizer = shapedTypeOf(op.getPastNormalizer());
  if (normalizer.getElementType() != state.getElementType() ||
      failed(verifyCompatibleShape(normalizer.getShape(),
                                   ArrayRef(expected).drop_back())))
    return op.emitOpError("(C7) past normalizer must have the shape [")
           << ArrayRef(expected).drop_back() << "] and the element type of "
           << state << ", got " << normalizer;
  return success();
}

/// C9: tensors and results, or memrefs and destinations.
static LogicalResult verifyForm(LinearAttentionOp op) {
  bool tensors = op.hasTensorSemantics();
  for (Value operand : op.getOperands())
    if (!llvm::is_contained(op.getDestinations(), operand) &&
        isa<TensorType>(operand.getType()) != tensors)
      return op.emitOpError("(C9) operands must be all tensors or all memrefs, "
                            "got ")
             << op.getQueryType() << " and " << operand.getType();
  size_t outputs = op.getReturningState() ? 2 + op.getNormalize() : 1;
  if (op.getNumResults() != (tensors ? outputs : 0) ||
      op.getDestinations().size() != (tensors ? 0 : outputs))
    return op.emitOpError("(C9) the tensor form has ")
           << outputs
           << " results and no destinations, the memref form the reverse";
  if (tensors)
    return success();
  auto verifyDestination = [&](Value destination, Value past, Type element,
                               ArrayRef<int64_t> shape) -> LogicalResult {
    ShapedType type = shapedTypeOf(destination);
    if (type.getElementType() != element ||
        failed(verifyCompatibleShape(type.getShape(), shape)))
      return op.emitOpError("(C9) destination of type ")
             << type << " does not have the shape [" << shape
             << "] and element type " << element << " of its result";
    int64_t uses = llvm::count(op.getOperands(), destination);
    if (uses != 1 + (destination == past))
      return op.emitOpError("(C9) a destination must not be another operand "
                            "than its past");
    return success();
  };
  Type element = op.getQueryType().getElementType();
  if (failed(
          verifyDestination(op.getOut(), Value(), element, op.getOutShape())))
    return failure();
  if (op.getPastState())
    element = getElementTypeOrSelf(op.getPastState());
  SmallVector<int64_t> state = op.getStateShape();
  if (op.getState() && failed(verifyDestination(
                           op.getState(), op.getPastState(), element, state)))
    return failure();
  if (!op.getNormalizer())
    return success();
  return verifyDestination(op.getNormalizer(), op.getPastNormalizer(), element,
                           ArrayRef(state).drop_back());
}

LogicalResult LinearAttentionOp::verify() {
  for (auto *constraint :
       {verifyOperandShapes, verifyHeads, verifyProjection, verifyRotations,
        verifyCausality, verifyGates, verifyPast, verifyForm})
    if (failed(constraint(*this)))
      return failure();
  return success();
}
