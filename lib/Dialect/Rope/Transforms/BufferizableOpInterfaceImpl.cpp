//===- BufferizableOpInterfaceImpl.cpp - Bufferization of rope ops --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A rotation overwrites its input's buffer: it reads the two lanes of a pair
// before it writes them. Where One-Shot Bufferize finds that the input is still
// needed it inserts a copy, which canonicalization folds into a rotation from
// one buffer into another. Everything else writes a new buffer.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/InterfaceImpls.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/DialectRegistry.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace mlir::rope;

/// A new buffer for a result.
static FailureOr<Value> allocateResult(RewriterBase &rewriter, OpResult result,
                                       const BufferizationOptions &options,
                                       const BufferizationState &state) {
  FailureOr<Value> tensor = allocateTensorForShapedValue(
      rewriter, result.getOwner()->getLoc(), result, options, state,
      /*copy=*/false);
  if (failed(tensor))
    return failure();
  return getBuffer(rewriter, *tensor, options, state);
}

/// Whether the result can stand where the input stood.
static bool canRotateInPlace(RotateOp op) {
  return op.getEffectiveResultPairing() == op.getPairing();
}

namespace {
struct RotateBufferization
    : BufferizableOpInterface::ExternalModel<RotateBufferization, RotateOp> {
  static bool isOverwritten(Operation *op, OpOperand &operand) {
    auto rotate = cast<RotateOp>(op);
    return &operand == &rotate.getInputMutable() && canRotateInPlace(rotate);
  }

  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }

  bool bufferizesToMemoryWrite(Operation *op, OpOperand &operand,
                               const AnalysisState &) const {
    return isOverwritten(op, operand);
  }

  AliasingValueList getAliasingValues(Operation *op, OpOperand &operand,
                                      const AnalysisState &) const {
    if (!isOverwritten(op, operand))
      return {};
    return {{op->getResult(0), BufferRelation::Equivalent}};
  }

  bool bufferizesToAllocation(Operation *op, Value) const {
    return !canRotateInPlace(cast<RotateOp>(op));
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto rotate = cast<RotateOp>(op);
    SmallVector<Value, 3> buffers;
    for (Value operand :
         {rotate.getInput(), rotate.getCos(), rotate.getSin()}) {
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(*buffer);
    }
    FailureOr<Value> output = buffers[0];
    if (!canRotateInPlace(rotate))
      output = allocateResult(rewriter, op->getResult(0), options, state);
    if (failed(output))
      return failure();
    RotateOp::create(rewriter, op->getLoc(), TypeRange(),
                     ValueRange{buffers[0], *output, buffers[1], buffers[2]},
                     rotate.getProperties(),
                     op->getDiscardableAttrDictionary().getValue());
    replaceOpWithBufferizedValues(rewriter, op, *output);
    return success();
  }
};

/// A merge accumulates into its first partial.
struct MergeBufferization
    : BufferizableOpInterface::ExternalModel<MergeBufferization, MergeOp> {
  static bool isOverwritten(OpOperand &operand) {
    return operand.getOperandNumber() < 2;
  }

  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }

  bool bufferizesToMemoryWrite(Operation *, OpOperand &operand,
                               const AnalysisState &) const {
    return isOverwritten(operand);
  }

  AliasingValueList getAliasingValues(Operation *op, OpOperand &operand,
                                      const AnalysisState &) const {
    if (!isOverwritten(operand))
      return {};
    return {{op->getResult(operand.getOperandNumber()),
             BufferRelation::Equivalent}};
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    SmallVector<Value> buffers;
    for (Value operand : op->getOperands()) {
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(*buffer);
    }
    SmallVector<Value> destinations(ArrayRef(buffers).take_front(2));
    llvm::append_range(buffers, destinations);
    MergeOp::create(rewriter, op->getLoc(), TypeRange(), buffers,
                    op->getDiscardableAttrDictionary().getValue());
    replaceOpWithBufferizedValues(rewriter, op, destinations);
    return success();
  }
};

/// The sums of a linear attention take the place of their past.
struct LinearAttentionBufferization
    : BufferizableOpInterface::ExternalModel<LinearAttentionBufferization,
                                             LinearAttentionOp> {
  /// The past that a result replaces, if it does.
  static Value getPast(LinearAttentionOp op, unsigned result) {
    if (result == 0)
      return {};
    return result == 1 ? op.getPastState() : op.getPastNormalizer();
  }

  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }

  bool bufferizesToMemoryWrite(Operation *op, OpOperand &operand,
                               const AnalysisState &state) const {
    return getAliasingValues(op, operand, state).getNumAliases() != 0;
  }

  AliasingValueList getAliasingValues(Operation *op, OpOperand &operand,
                                      const AnalysisState &) const {
    auto attention = cast<LinearAttentionOp>(op);
    auto isPast = [&](MutableOperandRange past) {
      return !past.empty() && &*past.begin() == &operand;
    };
    if (attention.getState() && isPast(attention.getPastStateMutable()))
      return {{attention.getState(), BufferRelation::Equivalent}};
    if (attention.getNormalizer() &&
        isPast(attention.getPastNormalizerMutable()))
      return {{attention.getNormalizer(), BufferRelation::Equivalent}};
    return {};
  }

  bool bufferizesToAllocation(Operation *op, Value value) const {
    unsigned number = cast<OpResult>(value).getResultNumber();
    return !getPast(cast<LinearAttentionOp>(op), number);
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto attention = cast<LinearAttentionOp>(op);
    DenseMap<Value, Value> bufferOf;
    for (Value operand : op->getOperands()) {
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      bufferOf[operand] = *buffer;
    }
    SmallVector<Value> outputs;
    for (OpResult result : op->getResults()) {
      FailureOr<Value> output;
      if (Value past = getPast(attention, result.getResultNumber()))
        output = bufferOf[past];
      else
        output = allocateResult(rewriter, result, options, state);
      if (failed(output))
        return failure();
      outputs.push_back(*output);
    }
    SmallVector<Value> buffers = llvm::map_to_vector(
        op->getOperands(), [&](Value operand) { return bufferOf[operand]; });
    auto memRefForm = cast<LinearAttentionOp>(
        mlir::clone(rewriter, op, TypeRange(), buffers));
    memRefForm.getDestinationsMutable().assign(outputs);
    replaceOpWithBufferizedValues(rewriter, op, outputs);
    return success();
  }
};

/// Ops that read all tensors and write new buffers. The derived model makes the
/// memref form of the op.
template <typename Derived, typename OpTy>
struct AllocatingBufferization
    : BufferizableOpInterface::ExternalModel<Derived, OpTy> {
  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }
  AliasingValueList getAliasingValues(Operation *, OpOperand &,
                                      const AnalysisState &) const {
    return {};
  }
  bool bufferizesToAllocation(Operation *, Value) const { return true; }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    SmallVector<Value, 4> inputs, outputs;
    for (Value operand : op->getOperands()) {
      FailureOr<Value> buffer = operand;
      if (isa<TensorType>(operand.getType()))
        buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      inputs.push_back(*buffer);
    }
    for (OpResult result : op->getResults()) {
      FailureOr<Value> buffer =
          allocateResult(rewriter, result, options, state);
      if (failed(buffer))
        return failure();
      outputs.push_back(*buffer);
    }
    Derived::createMemRefForm(rewriter, cast<OpTy>(op), inputs, outputs);
    replaceOpWithBufferizedValues(rewriter, op, outputs);
    return success();
  }
};

struct AttentionBufferization
    : AllocatingBufferization<AttentionBufferization, AttentionOp> {
  /// Destinations stand behind query, key and value.
  static void createMemRefForm(RewriterBase &rewriter, AttentionOp op,
                               ValueRange inputs, ValueRange outputs) {
    auto [first, size] = op.getODSOperandIndexAndLength(3);
    assert(size == 0 && "the tensor form has no destinations");
    SmallVector<Value> operands(inputs.take_front(first));
    llvm::append_range(operands, outputs);
    llvm::append_range(operands, inputs.drop_front(first));
    AttentionOp::Properties properties = op.getProperties();
    properties.operandSegmentSizes[3] = outputs.size();
    AttentionOp::create(rewriter, op.getLoc(), TypeRange(), operands,
                        properties,
                        op->getDiscardableAttrDictionary().getValue());
  }
};

struct SinCosBufferization
    : AllocatingBufferization<SinCosBufferization, SinCosOp> {
  static void createMemRefForm(RewriterBase &rewriter, SinCosOp op,
                               ValueRange inputs, ValueRange outputs) {
    SinCosOp::create(rewriter, op.getLoc(), /*cos=*/Type(), /*sin=*/Type(),
                     inputs[0], op.getLength(), op.getSequenceLength(),
                     outputs[0], outputs[1], op.getFrequencies(),
                     op.getAccuracyAttr());
  }
};

struct RotationMatrixBufferization
    : AllocatingBufferization<RotationMatrixBufferization, RotationMatrixOp> {
  static void createMemRefForm(RewriterBase &rewriter, RotationMatrixOp op,
                               ValueRange inputs, ValueRange outputs) {
    RotationMatrixOp::create(rewriter, op.getLoc(), TypeRange(),
                             ValueRange{inputs[0], inputs[1], outputs[0]},
                             op.getProperties(),
                             op->getDiscardableAttrDictionary().getValue());
  }
};
} // namespace

void rope::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, RopeDialect *) {
    SinCosOp::attachInterface<SinCosBufferization>(*context);
    RotateOp::attachInterface<RotateBufferization>(*context);
    RotationMatrixOp::attachInterface<RotationMatrixBufferization>(*context);
    AttentionOp::attachInterface<AttentionBufferization>(*context);
    MergeOp::attachInterface<MergeBufferization>(*context);
    LinearAttentionOp::attachInterface<LinearAttentionBufferization>(*context);
    // Results are allocated as bufferization.alloc_tensor.
    context->loadDialect<BufferizationDialect>();
  });
}
