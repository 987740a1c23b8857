//===- AttentionStages.cpp - What the stages of an attention share --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes, loops and the one way in which a stage makes a `linalg.generic`.
//
//===----------------------------------------------------------------------===//

#include "AttentionStages.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

TypedAttr rope::getNegativeInfinity(FloatType type) {
  return FloatAttr::get(
      type, APFloat::getInf(type.getFloatSemantics(), /*Negative=*/true));
}

AttentionStages::AttentionStages(OpBuilder &builder, AttentionOp op)
    : builder(builder), op(op), loc(op.getLoc()),
      computeType(op.getComputeType()) {
  auto sizeOf = [&](Value tensor, int64_t dim) {
    return tensor::getMixedSize(builder, loc, tensor, dim);
  };
  sizes = {sizeOf(op.getQuery(), 0),
           sizeOf(op.getQuery(), op.getHeadDimension()),
           sizeOf(op.getQuery(), op.getSequenceDimension()),
           sizeOf(op.getKey(), op.getSequenceDimension())};
}

SmallVector<AffineExpr> AttentionStages::inLayout(AffineExpr head,
                                                  AffineExpr sequence) {
  if (op.getLayout() == LayoutKind::BHSD)
    return {loop(Batch), head, sequence, loop(Lane)};
  return {loop(Batch), sequence, head, loop(Lane)};
}

IndexedTensor AttentionStages::overScores(Value tensor) {
  return {tensor, {loop(Batch), loop(Head), loop(Query), loop(Key)}};
}

IndexedTensor AttentionStages::overRows(Value tensor) {
  return {tensor, {loop(Batch), loop(Head), loop(Query)}};
}

Value AttentionStages::makeEmpty(ArrayRef<OpFoldResult> shape, Type element) {
  return tensor::EmptyOp::create(builder, loc, shape, element);
}

Value AttentionStages::makeFilled(ArrayRef<OpFoldResult> shape,
                                  TypedAttr value) {
  Value scalar = arith::ConstantOp::create(builder, loc, value);
  return linalg::FillOp::create(builder, loc, scalar,
                                makeEmpty(shape, value.getType()))
      .getResult(0);
}

SmallVector<Value> AttentionStages::compute(ArrayRef<AttentionLoop> loops,
                                            ArrayRef<IndexedTensor> inputs,
                                            ArrayRef<IndexedTensor> outputs,
                                            Body body) {
  // The loops that there are, counted from 0.
  SmallVector<AffineExpr> renumbered(Lane + 1);
  for (auto [number, dim] : llvm::enumerate(loops))
    renumbered[dim] = builder.getAffineDimExpr(number);
  SmallVector<AffineMap> maps;
  SmallVector<Value> inputTensors, outputTensors;
  auto addOperand = [&](const IndexedTensor &operand,
                        SmallVectorImpl<Value> &tensors) {
    tensors.push_back(operand.tensor);
    maps.push_back(
        AffineMap::get(loops.size(), 0, operand.indices, builder.getContext())
            .replaceDimsAndSymbols(renumbered, {}, loops.size(), 0));
  };
  for (const IndexedTensor &input : inputs)
    addOperand(input, inputTensors);
  for (const IndexedTensor &output : outputs)
    addOperand(output, outputTensors);
  auto iterators = llvm::map_to_vector(
      llvm::seq<unsigned>(0, loops.size()), [&](unsigned number) {
        return maps.back().isFunctionOfDim(number)
                   ? utils::IteratorType::parallel
                   : utils::IteratorType::reduction;
      });
  auto generic = linalg::GenericOp::create(
      builder, loc, TypeRange(ValueRange(outputTensors)), inputTensors,
      outputTensors, maps, iterators,
      [&](OpBuilder &nested, Location nestedLoc, ValueRange args) {
        linalg::YieldOp::create(nested, nestedLoc, body(nested, args));
      });
  return SmallVector<Value>(generic.getResults());
}

Value AttentionStages::computeOne(
    ArrayRef<AttentionLoop> loops, ArrayRef<IndexedTensor> inputs,
    IndexedTensor output, function_ref<Value(OpBuilder &, ValueRange)> body) {
  return compute(loops, inputs, output,
                 [&](OpBuilder &nested, ValueRange args) {
                   return SmallVector<Value>{body(nested, args)};
                 })
      .front();
}

Value AttentionStages::convert(Value tensor, Type element) {
  if (getElementTypeOrSelf(tensor) == element)
    return tensor;
  SmallVector<OpFoldResult> shape = tensor::getMixedSizes(builder, loc, tensor);
  SmallVector<AttentionLoop> loops;
  SmallVector<AffineExpr> indices;
  for (unsigned dim = 0; dim < shape.size(); ++dim) {
    loops.push_back(static_cast<AttentionLoop>(dim));
    indices.push_back(builder.getAffineDimExpr(dim));
  }
  return computeOne(loops, IndexedTensor{tensor, indices},
                    {makeEmpty(shape, element), indices},
                    [&](OpBuilder &nested, ValueRange args) {
                      return convertFloat(nested, loc, args[0], element);
                    });
}
