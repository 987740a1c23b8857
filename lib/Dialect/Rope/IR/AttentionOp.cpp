//===- AttentionOp.cpp - Softmax attention with rotations -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Result types, shapes and effects of `rope.attention`.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "TableTypes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;

/// f64 where an element of query, keys or values is, else f32.
static FloatType computeTypeOf(ValueRange operands) {
  MLIRContext *context = operands.front().getContext();
  bool isDouble = llvm::any_of(operands, [](Value operand) {
    return operand && getElementTypeOrSelf(operand).isF64();
  });
  return isDouble ? FloatType(Float64Type::get(context))
                  : FloatType(Float32Type::get(context));
}

LogicalResult AttentionOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> location, ValueRange operands,
    DictionaryAttr attributes, OpaqueProperties properties, RegionRange regions,
    SmallVectorImpl<Type> &inferred) {
  Adaptor adaptor(operands, attributes, properties, regions);
  if (!isa<TensorType>(adaptor.getQuery().getType()))
    return success();
  RankedTensorType query, key, value;
  // C1
  for (auto [type, operand] : {std::pair(&query, adaptor.getQuery()),
                               std::pair(&key, adaptor.getKey()),
                               std::pair(&value, adaptor.getValue())}) {
    *type = dyn_cast<RankedTensorType>(operand.getType());
    if (!*type || type->getRank() != 4)
      return emitOptionalError(location,
                               "'rope.attention' op (C1) query, key and value "
                               "must have rank 4, got ",
                               operand.getType());
  }
  // Default values are not filled in while an op is parsed.
  bool headsFirst = !adaptor.getLayoutAttr() ||
                    adaptor.getLayoutAttr().getValue() == LayoutKind::BHSD;
  SmallVector<int64_t> out(query.getShape());
  out[3] = value.getDimSize(3);
  inferred.push_back(RankedTensorType::get(out, query.getElementType()));
  if (adaptor.getReturningLse())
    inferred.push_back(RankedTensorType::get(
        query.getShape().drop_back(),
        computeTypeOf({adaptor.getQuery(), adaptor.getKey(), adaptor.getValue(),
                       adaptor.getKeyTail()})));
  if (adaptor.getReturningScores())
    inferred.push_back(RankedTensorType::get(
        {query.getDimSize(0), query.getDimSize(headsFirst ? 1 : 2),
         query.getDimSize(headsFirst ? 2 : 1),
         key.getDimSize(headsFirst ? 2 : 1)},
        query.getElementType()));
  return success();
}

/// With tables and no attribute, all lanes.
static AttentionOp::Rotation makeRotation(Value cos, Value sin,
                                          RotationAttr lanes) {
  if (cos && !lanes)
    lanes = RotationAttr::getDefault(cos.getContext());
  return {cos, sin, lanes};
}

AttentionOp::Rotation AttentionOp::getQueryTables() {
  return makeRotation(getQueryCos(), getQuerySin(), getQueryRotationAttr());
}

AttentionOp::Rotation AttentionOp::getKeyTables() {
  return makeRotation(getKeyCos(), getKeySin(), getKeyRotationAttr());
}

AttentionOp::Rotation AttentionOp::getValueTables() {
  return makeRotation(getValueCos(), getValueSin(), getValueRotationAttr());
}

AttentionOp::Rotation AttentionOp::getOutputTables() {
  return makeRotation(getOutputCos(), getOutputSin(), getOutputRotationAttr());
}

double AttentionOp::getEffectiveScale() {
  if (std::optional<APFloat> scale = getScale())
    return scale->convertToDouble();
  return 1.0 / std::sqrt(static_cast<double>(getHeadDim()));
}

FloatType AttentionOp::getComputeType() {
  return computeTypeOf({getQuery(), getKey(), getValue(), getKeyTail()});
}

ValueRange AttentionOp::getOutputs() {
  return hasTensorSemantics() ? ValueRange(getResults())
                              : ValueRange(getDestinations());
}

Value AttentionOp::getLse() {
  return getReturningLse() ? getOutputs()[1] : Value();
}

Value AttentionOp::getScores() {
  return getReturningScores() ? getOutputs().back() : Value();
}

void AttentionOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  if (!hasTensorSemantics())
    getDestinationFormEffects(*this, getDestinationsMutable(), effects);
}

Speculation::Speculatability AttentionOp::getSpeculatability() {
  return getStaticShapeSpeculatability(*this);
}

void AttentionOp::getAsmResultNames(OpAsmSetValueNameFn setName) {
  if (!hasTensorSemantics())
    return;
  setName(getOut(), "out");
  if (Value lse = getLse())
    setName(lse, "lse");
  if (Value scores = getScores())
    setName(scores, "scores");
}

LogicalResult
AttentionOp::reifyResultShapes(OpBuilder &builder,
                               ReifiedRankedShapedTypeDims &reified) {
  if (!hasTensorSemantics())
    return failure();
  Location loc = getLoc();
  SmallVector<OpFoldResult> query =
      tensor::getMixedSizes(builder, loc, getQuery());
  SmallVector<OpFoldResult> out = query;
  out[3] = builder.getIndexAttr(getValueType().getDimSize(3));
  reified.push_back(out);
  if (getReturningLse())
    reified.emplace_back(ArrayRef(query).drop_back());
  if (getReturningScores())
    reified.push_back(
        {query[0], query[getHeadDimension()], query[getSequenceDimension()],
         tensor::getMixedSize(builder, loc, getKey(), getSequenceDimension())});
  return success();
}
