//===- LinearAttentionOp.cpp - Attention by a state -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Syntax, result types, shapes and effects of `rope.linear_attention`.
//
//===----------------------------------------------------------------------===//

#include "PastSyntax.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "TableTypes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

ParseResult
rope::parsePast(OpAsmParser &parser,
                std::optional<OpAsmParser::UnresolvedOperand> &state,
                std::optional<OpAsmParser::UnresolvedOperand> &normalizer,
                Type &stateType, Type &normalizerType) {
  if (failed(parser.parseOptionalKeyword("past")))
    return success();
  if (parser.parseLParen() || parser.parseOperand(state.emplace()))
    return failure();
  if (succeeded(parser.parseOptionalComma()) &&
      parser.parseOperand(normalizer.emplace()))
    return failure();
  if (parser.parseColon() || parser.parseType(stateType))
    return failure();
  if (normalizer && (parser.parseComma() || parser.parseType(normalizerType)))
    return failure();
  return parser.parseRParen();
}

void rope::printPast(OpAsmPrinter &printer, Operation *, Value state,
                     Value normalizer, Type stateType, Type normalizerType) {
  if (!state)
    return;
  printer << " past(" << state;
  if (normalizer)
    printer << ", " << normalizer;
  printer << " : " << stateType;
  if (normalizer)
    printer << ", " << normalizerType;
  printer << ')';
}

/// F: the rows of the projection, or the lanes of a query.
static int64_t getNumFeatures(Value query, Value projection) {
  Value source = projection ? projection : query;
  return cast<ShapedType>(source.getType()).getDimSize(projection ? 0 : 3);
}

int64_t LinearAttentionOp::getNumFeatures() {
  return ::getNumFeatures(getQuery(), getProjection());
}

LogicalResult LinearAttentionOp::inferReturnTypes(
    MLIRContext *, std::optional<Location> location, ValueRange operands,
    DictionaryAttr attributes, OpaqueProperties properties, RegionRange regions,
    SmallVectorImpl<Type> &inferred) {
  Adaptor adaptor(operands, attributes, properties, regions);
  if (!isa<TensorType>(adaptor.getQuery().getType()))
    return success();
  // C1
  for (Value operand :
       {adaptor.getQuery(), adaptor.getKey(), adaptor.getValue()})
    if (auto type = dyn_cast<ShapedType>(operand.getType());
        !type || !type.hasRank() || type.getRank() != 4)
      return emitOptionalError(location,
                               "'rope.linear_attention' op (C1) query, key and "
                               "value must have rank 4, got ",
                               operand.getType());
  // C3
  if (Value projection = adaptor.getProjection()) {
    auto type = dyn_cast<ShapedType>(projection.getType());
    if (!type || !type.hasRank() || type.getRank() != 2)
      return emitOptionalError(location,
                               "'rope.linear_attention' op (C3) projection "
                               "must have rank 2, got ",
                               projection.getType());
  }
  auto query = cast<ShapedType>(adaptor.getQuery().getType());
  auto key = cast<ShapedType>(adaptor.getKey().getType());
  auto value = cast<ShapedType>(adaptor.getValue().getType());
  SmallVector<int64_t> out(query.getShape());
  out[3] = value.getDimSize(3);
  inferred.push_back(RankedTensorType::get(out, query.getElementType()));
  if (!adaptor.getReturningState())
    return success();
  // Default values are not filled in while an op is parsed.
  bool headsFirst = !adaptor.getLayoutAttr() ||
                    adaptor.getLayoutAttr().getValue() == LayoutKind::BHSD;
  SmallVector<int64_t> state{
      key.getDimSize(0), key.getDimSize(headsFirst ? 1 : 2),
      ::getNumFeatures(adaptor.getQuery(), adaptor.getProjection()),
      value.getDimSize(3)};
  Type element = query.getElementType();
  if (adaptor.getPastState())
    element = getElementTypeOrSelf(adaptor.getPastState());
  inferred.push_back(RankedTensorType::get(state, element));
  if (adaptor.getNormalize())
    inferred.push_back(
        RankedTensorType::get(ArrayRef(state).drop_back(), element));
  return success();
}

/// With tables and no attribute, all lanes.
static RotationAttr getLanes(Value cos, RotationAttr lanes) {
  if (cos && !lanes)
    return RotationAttr::getDefault(cos.getContext());
  return lanes;
}

RotationAttr LinearAttentionOp::getQueryLanes() {
  return getLanes(getQueryCos(), getQueryRotationAttr());
}

RotationAttr LinearAttentionOp::getKeyLanes() {
  return getLanes(getKeyCos(), getKeyRotationAttr());
}

FloatType LinearAttentionOp::getComputeType() {
  bool isDouble = llvm::any_of(getOperands(), [&](Value operand) {
    return !llvm::is_contained(getDestinations(), operand) &&
           getElementTypeOrSelf(operand).isF64();
  });
  return isDouble ? FloatType(Float64Type::get(getContext()))
                  : FloatType(Float32Type::get(getContext()));
}

ValueRange LinearAttentionOp::getOutputs() {
  return hasTensorSemantics() ? ValueRange(getResults())
                              : ValueRange(getDestinations());
}

Value LinearAttentionOp::getState() {
  return getReturningState() ? getOutputs()[1] : Value();
}

Value LinearAttentionOp::getNormalizer() {
  return getReturningState() && getNormalize() ? getOutputs()[2] : Value();
}

SmallVector<int64_t> LinearAttentionOp::getOutShape() {
  SmallVector<int64_t> shape(getQueryType().getShape());
  shape[3] = getValueDim();
  return shape;
}

SmallVector<int64_t> LinearAttentionOp::getStateShape() {
  return {getKeyType().getDimSize(0), getNumKvHeads(), getNumFeatures(),
          getValueDim()};
}

void LinearAttentionOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  if (!hasTensorSemantics())
    getDestinationFormEffects(*this, getDestinationsMutable(), effects);
}

Speculation::Speculatability LinearAttentionOp::getSpeculatability() {
  return getStaticShapeSpeculatability(*this);
}

void LinearAttentionOp::getAsmResultNames(OpAsmSetValueNameFn setName) {
  if (!hasTensorSemantics())
    return;
  setName(getOut(), "out");
  if (Value state = getState())
    setName(state, "state");
  if (Value normalizer = getNormalizer())
    setName(normalizer, "normalizer");
}

LogicalResult
LinearAttentionOp::reifyResultShapes(OpBuilder &builder,
                                     ReifiedRankedShapedTypeDims &reified) {
  if (!hasTensorSemantics())
    return failure();
  Location loc = getLoc();
  SmallVector<OpFoldResult> out =
      tensor::getMixedSizes(builder, loc, getQuery());
  out[3] = builder.getIndexAttr(getValueDim());
  reified.push_back(out);
  if (!getReturningState())
    return success();
  SmallVector<OpFoldResult> state =
      getAsIndexOpFoldResult(getContext(), getStateShape());
  state[0] = tensor::getMixedSize(builder, loc, getKey(), 0);
  reified.push_back(state);
  if (getNormalize())
    reified.emplace_back(ArrayRef(state).drop_back());
  return success();
}
