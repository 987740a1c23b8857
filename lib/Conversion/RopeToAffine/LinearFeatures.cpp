//===- LinearFeatures.cpp - What the tokens of a chunk bring --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ExpKernel.h"
#include "LinearBlock.h"
#include "NarrowFloat.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;

Value LinearBlock::packProjection(LinearAttentionOp op, LoopEmitter &emitter,
                                  int64_t lanes) {
  Value projection = op.getProjection();
  if (!projection)
    return Value();
  ImplicitLocOpBuilder &builder = emitter.getBuilder();
  int64_t width = llvm::alignTo(op.getNumFeatures(), lanes);
  Value packed = memref::AllocOp::create(
      builder, MemRefType::get({op.getHeadDim(), width}, op.getComputeType()),
      ValueRange(), builder.getI64IntegerAttr(64));
  emitter.emitFor(builder.getIndexAttr(op.getNumFeatures()), [&](Value f) {
    emitter.emitFor(builder.getIndexAttr(op.getHeadDim()), [&](Value lane) {
      LaneValue entry(builder,
                      emitter.load(projection, {LaneIndex(f), LaneIndex(lane)},
                                   /*lanes=*/1));
      emitter.store(convertFloat(entry, op.getComputeType()).get(), packed,
                    {LaneIndex(lane), LaneIndex(f)});
    });
  });
  return packed;
}

void LinearBlock::load(Value operand, ArrayRef<LaneIndex> place, Value into,
                       Value row, int64_t width) {
  forLanes(width, hasUnitStrideLanes(operand), [&](Value lane, int64_t count) {
    SmallVector<LaneIndex> indices(place);
    indices.push_back(LaneIndex(lane));
    LaneValue x = wrap(emitter.load(operand, indices, count));
    emitter.store(convertFloat(x, type).get(), into,
                  {LaneIndex(row), LaneIndex(lane)});
  });
}

LaneValue LinearBlock::emitFeature(LaneValue x) {
  switch (op.getFeatures()) {
  case FeatureMapKind::Identity:
    return x;
  case FeatureMapKind::Relu:
    return x.emit<arith::MaximumFOp>(x.get(), x.like(0.0).get());
  case FeatureMapKind::Exp:
    return emitExpOfAny(x);
  case FeatureMapKind::EluPlusOne:
    return x.compare(arith::CmpFPredicate::OGT, 0.0)
        .select(x + x.like(1.0), emitExpOfAny(x));
  case FeatureMapKind::SoftmaxKernel:
    break;
  }
  llvm_unreachable("a softmax kernel is no map of single lanes");
}

/// phi_r(x) = exp(w_r . x - |x|^2 / 2) / sqrt(F), a vector of r at a time.
void LinearBlock::emitKernelFeatures(Value features, Value row) {
  int64_t width = op.getHeadDim();
  LaneValue half =
      wrap(emitDot(inputs, LaneIndex(row), inputs, LaneIndex(row), width)) *
      0.5;
  emitter.emitRange(
      constant(0), constant(toVectors(numFeatures)), lanes, [&](Value first) {
        Value sum =
            emitter
                .emitReduction(
                    constant(0), constant(width), 1, splat(0.0, lanes).get(),
                    [&](Value lane, ValueRange carried) -> SmallVector<Value> {
                      LaneValue weights = wrap(emitter.load(
                          projection, {LaneIndex(lane), LaneIndex(first)},
                          lanes));
                      Value x = emitter.load(
                          inputs, {LaneIndex(row), LaneIndex(lane)}, 1);
                      return {
                          weights.fma(broadcast(x), wrap(carried[0])).get()};
                    })
                .front();
        LaneValue feature = emitExpOfAny(wrap(sum) - broadcast(half.get())) *
                            (1.0 / std::sqrt(static_cast<double>(numFeatures)));
        emitter.store(feature.get(), features,
                      {LaneIndex(row), LaneIndex(first)});
      });
}

void LinearBlock::emitFeatures(Value features, Value row) {
  if (projection)
    return emitKernelFeatures(features, row);
  // Loaded where they stay.
  if (op.getFeatures() == FeatureMapKind::Identity)
    return;
  forLanes(numFeatures, true, [&](Value lane, int64_t count) {
    SmallVector<LaneIndex> place{LaneIndex(row), LaneIndex(lane)};
    LaneValue x = wrap(emitter.load(features, place, count));
    emitter.store(emitFeature(x).get(), features, place);
  });
}

/// Rows of a chunk: a view of as many as there are tokens.
static Value viewRows(OpBuilder &builder, Location loc, Value buffer,
                      int64_t firstRow, Value count, int64_t width) {
  SmallVector<OpFoldResult> offsets{builder.getIndexAttr(firstRow),
                                    builder.getIndexAttr(0)};
  SmallVector<OpFoldResult> sizes{count, builder.getIndexAttr(width)};
  SmallVector<OpFoldResult> strides(2, builder.getIndexAttr(1));
  return memref::SubViewOp::create(builder, loc, buffer, offsets, sizes,
                                   strides);
}

void LinearBlock::emitRotation(Value from, Value into, int64_t firstRow,
                               Value cos, Value sin, RotationAttr rotation,
                               Value first, Value count) {
  ImplicitLocOpBuilder &builder = emitter.getBuilder();
  auto viewTable = [&](Value table) -> Value {
    auto tableType = cast<MemRefType>(table.getType());
    SmallVector<OpFoldResult> offsets{first, constant(0)};
    SmallVector<OpFoldResult> sizes{count,
                                    constant(tableType.getShape().back())};
    if (tableType.getRank() == 3) {
      offsets.insert(offsets.begin(), OpFoldResult(batch));
      sizes.insert(sizes.begin(), constant(1));
    }
    SmallVector<OpFoldResult> strides(offsets.size(), constant(1));
    auto view = memref::SubViewOp::inferRankReducedResultType(
        {ShapedType::kDynamic, tableType.getShape().back()}, tableType, offsets,
        sizes, strides);
    return memref::SubViewOp::create(builder, cast<MemRefType>(view), table,
                                     offsets, sizes, strides);
  };
  auto view = [&](Value buffer) {
    return viewRows(builder, builder.getLoc(), buffer, firstRow, count,
                    numFeatures);
  };
  // In place it is one view.
  Value rows = view(from), rotated = from == into ? rows : view(into);
  RotateOp::create(
      builder, Type(), rows, rotated, viewTable(cos), viewTable(sin),
      builder.getDenseI64ArrayAttr({0}),
      PairingAttr::get(op.getContext(), rotation.getPairing()), PairingAttr(),
      builder.getI64IntegerAttr(rotation.getOffset()),
      builder.getI64IntegerAttr(rotation.getEffectiveRotaryDim(numFeatures)),
      rotation.getInverse() ? builder.getUnitAttr() : UnitAttr());
}

void LinearBlock::stageKeys(Value first, Value count) {
  AffineExpr a, b;
  bindDims(op.getContext(), a, b);
  emitter.emitFor(count, [&](Value row) {
    LaneIndex token(emitter.apply(a + b, {first, row}));
    Value into = projection ? inputs : keys;
    load(op.getKey(), inLayout(LaneIndex(kvHead), token), into, row,
         op.getHeadDim());
    emitFeatures(keys, row);
    load(op.getValue(), inLayout(LaneIndex(kvHead), token), values, row,
         valueDim);
  });
  if (op.getKeyCos())
    emitRotation(keys, rotatedKeys, 0, op.getKeyCos(), op.getKeySin(),
                 op.getKeyLanes(), first, count);
  stageGates(first, count);
}

void LinearBlock::stageQueries(Value first, Value count) {
  AffineExpr a, b;
  bindDims(op.getContext(), a, b);
  for (int64_t local = 0; local < group; ++local) {
    Value head = emitter.apply(a * group + local, OpFoldResult(kvHead));
    emitter.emitFor(count, [&](Value number) {
      LaneIndex token(emitter.apply(a + b, {first, number}));
      Value row = emitter.apply(a + local * kChunkTokens, OpFoldResult(number));
      Value into = projection ? inputs : queries;
      load(op.getQuery(), inLayout(LaneIndex(head), token), into, row,
           op.getHeadDim());
      emitFeatures(queries, row);
    });
    if (op.getQueryCos())
      emitRotation(queries, rotatedQueries, local * kChunkTokens,
                   op.getQueryCos(), op.getQuerySin(), op.getQueryLanes(),
                   first, count);
  }
}

void LinearBlock::stageGates(Value first, Value count) {
  if (!decays && !betas)
    return;
  AffineExpr a, b;
  bindDims(op.getContext(), a, b);
  auto placeOf = [&](Value gate, Value token) {
    auto gateType = cast<MemRefType>(gate.getType());
    // One entry for all heads.
    bool isShared = gateType.getDimSize(op.getHeadDimension()) == 1;
    return inLayout(isShared ? LaneIndex() : LaneIndex(kvHead),
                    LaneIndex(token));
  };
  emitter.emitFor(count, [&](Value row) {
    Value token = emitter.apply(a + b, {first, row});
    if (betas) {
      LaneValue beta =
          wrap(emitter.load(op.getBeta(), placeOf(op.getBeta(), token), 1));
      emitter.store(convertFloat(beta, type).get(), betas, {LaneIndex(row)});
    }
    if (!decays)
      return;
    Value logDecay = op.getLogDecay();
    SmallVector<LaneIndex> place = placeOf(logDecay, token);
    if (cast<MemRefType>(logDecay.getType()).getRank() == 3) {
      LaneValue decay =
          convertFloat(wrap(emitter.load(logDecay, place, 1)), type);
      emitter.store(emitExpOfAny(decay).get(), decays,
                    {LaneIndex(row), LaneIndex()});
      return;
    }
    load(logDecay, place, decays, row, numFeatures);
    forLanes(numFeatures, true, [&](Value lane, int64_t lanes) {
      SmallVector<LaneIndex> entry{LaneIndex(row), LaneIndex(lane)};
      LaneValue decay = wrap(emitter.load(decays, entry, lanes));
      emitter.store(emitExpOfAny(decay).get(), decays, entry);
    });
  });
}

/// The sums before the first token, from what is past, or after the last one.
void LinearBlock::copyState(bool isStart) {
  auto copy = [&](Value sum, Value outer, ArrayRef<LaneIndex> row,
                  int64_t width) {
    if (!outer && !isStart)
      return;
    bool hasVectors = !outer || hasUnitStrideLanes(outer);
    forLanes(width, hasVectors, [&](Value lane, int64_t count) {
      SmallVector<LaneIndex> inner(row),
          place{LaneIndex(batch), LaneIndex(kvHead)};
      place.append(row.begin(), row.end());
      inner.push_back(LaneIndex(lane));
      place.push_back(LaneIndex(lane));
      if (!isStart) {
        auto element =
            cast<FloatType>(cast<MemRefType>(outer.getType()).getElementType());
        LaneValue x = wrap(emitter.load(sum, inner, count));
        emitter.store(convertFloat(x, element).get(), outer, place);
        return;
      }
      LaneValue x = splat(0.0, count);
      if (outer)
        x = convertFloat(wrap(emitter.load(outer, place, count)), type);
      emitter.store(x.get(), sum, inner);
    });
  };
  emitter.emitFor(constant(numFeatures), [&](Value feature) {
    copy(state, isStart ? op.getPastState() : op.getState(),
         {LaneIndex(feature)}, valueDim);
  });
  if (normalizer)
    copy(normalizer, isStart ? op.getPastNormalizer() : op.getNormalizer(), {},
         numFeatures);
}
