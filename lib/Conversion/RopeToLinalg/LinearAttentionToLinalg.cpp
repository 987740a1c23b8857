//===- LinearAttentionToLinalg.cpp - Reference of linear attention --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The op's equations token by token: features of all queries and keys, rotated
// by `rope.rotate`, then a loop that absorbs a key into the sums and answers a
// query from them; without `causal`, one loop after the other.
//
// Iterations of the loop nests are named b (batch), g (key head), h (query
// head), f (feature) and e (lane of a value).
//
//===----------------------------------------------------------------------===//

#include "FeatureMapToLinalg.h"
#include "Rope/Conversion/RopeToLinalg/RopeToLinalg.h"
#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "ShapedEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
/// The sums of an op and what goes into them.
class Recurrence {
public:
  Recurrence(ShapedEmitter &emitter, LinearAttentionOp op);

  /// All tokens, and the op's results from then on.
  SmallVector<Value> emit();

private:
  Value rotate(Value features, Value cos, Value sin, RotationAttr lanes);
  Value start(Value past, ArrayRef<OpFoldResult> sizes);
  void decay(Value token);
  void absorb(Value token);
  void answer(Value token);
  /// The value of a result or destination, from a sum.
  Value finish(Value sum, Value output);

  AffineMap getMap(unsigned loops, ArrayRef<AffineExpr> results) {
    return AffineMap::get(loops, 0, results, op.getContext());
  }
  AffineExpr loop(unsigned number) {
    return emitter.builder.getAffineDimExpr(number);
  }
  Value widen(OpBuilder &builder, Location loc, Value value) {
    return convertFloat(builder, loc, value, type);
  }
  /// sum + lhs * rhs, a body of a contraction.
  Value multiplyAdd(OpBuilder &builder, Location loc, Value lhs, Value rhs,
                    Value sum) {
    Value product = arith::MulFOp::create(
        builder, loc, widen(builder, loc, lhs), widen(builder, loc, rhs));
    return arith::AddFOp::create(builder, loc, sum, product);
  }

  ShapedEmitter &emitter;
  LinearAttentionOp op;
  FloatType type;
  int64_t sequence;
  /// Features, [B, H, S, F] in the op's layout.
  Value queries, keys, rotatedQueries, rotatedKeys;
  /// The sums: [B, Hk, F, Dv], and [B, Hk, F] or null.
  Value state, normalizer;
  Value out;
  /// state^T k [B, Hk, Dv], state^T q [B, Hq, Dv], normalizer . q [B, Hq]; null
  /// where not needed.
  Value recalled, numerator, denominator;
};
} // namespace

Recurrence::Recurrence(ShapedEmitter &emitter, LinearAttentionOp op)
    : emitter(emitter), op(op), type(op.getComputeType()),
      sequence(op.getSequenceDimension()) {
  OpBuilder &builder = emitter.builder;
  queries = emitFeatures(emitter, op, op.getQuery());
  keys = emitFeatures(emitter, op, op.getKey());
  rotatedQueries =
      rotate(queries, op.getQueryCos(), op.getQuerySin(), op.getQueryLanes());
  rotatedKeys = rotate(keys, op.getKeyCos(), op.getKeySin(), op.getKeyLanes());

  SmallVector<OpFoldResult> sizes =
      getAsIndexOpFoldResult(op.getContext(), op.getStateShape());
  OpFoldResult batch = sizes[0] = emitter.getSizes(op.getKey())[0];
  state = start(op.getPastState(), sizes);
  OpFoldResult heads = builder.getIndexAttr(op.getNumHeads());
  if (op.getNormalize()) {
    normalizer = start(op.getPastNormalizer(), ArrayRef(sizes).drop_back());
    denominator = emitter.allocate({batch, heads}, type);
  }
  numerator = emitter.allocate({batch, heads, sizes[3]}, type);
  if (op.getBeta())
    recalled = emitter.allocate({batch, sizes[1], sizes[3]}, type);

  if (!emitter.onTensors) {
    out = op.getOut();
    return;
  }
  SmallVector<OpFoldResult> outSizes = emitter.getSizes(op.getQuery());
  outSizes[3] = sizes[3];
  out = emitter.allocate(outSizes, op.getQueryType().getElementType());
}

/// R phi: the tables' rows are positions, or positions of a batch.
Value Recurrence::rotate(Value features, Value cos, Value sin,
                         RotationAttr lanes) {
  if (!cos)
    return features;
  OpBuilder &builder = emitter.builder;
  Value destination;
  if (!emitter.onTensors)
    destination = emitter.allocate(emitter.getSizes(features), type);
  SmallVector<int64_t> along{sequence};
  if (cast<ShapedType>(cos.getType()).getRank() == 3)
    along.insert(along.begin(), 0);
  TypeRange types(ValueRange{features});
  auto rotate = RotateOp::create(
      builder, emitter.loc, emitter.onTensors ? types.front() : Type(),
      features, destination, cos, sin, builder.getDenseI64ArrayAttr(along),
      PairingAttr::get(op.getContext(), lanes.getPairing()), PairingAttr(),
      builder.getI64IntegerAttr(lanes.getOffset()),
      builder.getI64IntegerAttr(
          lanes.getEffectiveRotaryDim(op.getNumFeatures())),
      lanes.getInverse() ? builder.getUnitAttr() : UnitAttr());
  return emitter.onTensors ? rotate.getResult() : destination;
}

/// The sum before the first token.
Value Recurrence::start(Value past, ArrayRef<OpFoldResult> sizes) {
  if (past && emitter.onTensors &&
      cast<ShapedType>(past.getType()).getElementType() == type)
    return past;
  Value sum = emitter.allocate(sizes, type);
  return past ? emitter.copy(past, sum) : emitter.fillWithZeros(sum);
}

/// sum = exp(log_decay) sum, for both sums.
void Recurrence::decay(Value token) {
  Value gate = emitter.take(op.getLogDecay(), sequence, token);
  auto gateType = cast<ShapedType>(gate.getType());
  auto apply = [&](Value sum, unsigned rank) {
    SmallVector<AffineExpr> entry{loop(0), loop(1)};
    // One entry for all heads.
    if (gateType.getDimSize(1) == 1)
      entry[1] = emitter.builder.getAffineConstantExpr(0);
    if (gateType.getRank() == 3)
      entry.push_back(loop(2));
    return emitter.map(
        {{gate, getMap(rank, entry)}},
        {sum, emitter.builder.getMultiDimIdentityMap(rank)},
        [&](OpBuilder &builder, Location loc, ValueRange args) -> Value {
          Value factor =
              math::ExpOp::create(builder, loc, widen(builder, loc, args[0]));
          return arith::MulFOp::create(builder, loc, factor, args[1]);
        });
  };
  state = apply(state, 4);
  if (normalizer)
    normalizer = apply(normalizer, 3);
}

/// state += k u^T with u = v or beta (v - state^T k); normalizer += phi(k).
void Recurrence::absorb(Value token) {
  AffineExpr b = loop(0), g = loop(1), f = loop(2), e = loop(3);
  if (op.getLogDecay())
    decay(token);
  Value key = emitter.take(rotatedKeys, sequence, token);
  Value value = emitter.take(op.getValue(), sequence, token);
  SmallVector<Access> inputs{{key, getMap(4, {b, g, f})},
                             {value, getMap(4, {b, g, e})}};
  if (op.getBeta()) {
    recalled = emitter.map(
        {{state, getMap(4, {b, g, f, e})}, {key, getMap(4, {b, g, f})}},
        {emitter.fillWithZeros(recalled), getMap(4, {b, g, e})},
        [&](OpBuilder &builder, Location loc, ValueRange args) {
          return multiplyAdd(builder, loc, args[0], args[1], args[2]);
        });
    Value beta = emitter.take(op.getBeta(), sequence, token);
    bool shared = cast<ShapedType>(beta.getType()).getDimSize(1) == 1;
    AffineExpr head = shared ? emitter.builder.getAffineConstantExpr(0) : g;
    inputs.push_back({recalled, getMap(4, {b, g, e})});
    inputs.push_back({beta, getMap(4, {b, head})});
  }
  state = emitter.map(
      inputs, {state, getMap(4, {b, g, f, e})},
      [&](OpBuilder &builder, Location loc, ValueRange args) {
        Value update = widen(builder, loc, args[1]);
        if (op.getBeta()) {
          update = arith::SubFOp::create(builder, loc, update, args[2]);
          update = arith::MulFOp::create(builder, loc,
                                         widen(builder, loc, args[3]), update);
        }
        return multiplyAdd(builder, loc, args[0], update, args.back());
      });
  if (!normalizer)
    return;
  AffineMap all = emitter.builder.getMultiDimIdentityMap(3);
  normalizer = emitter.map(
      {{emitter.take(keys, sequence, token), all}}, {normalizer, all},
      [&](OpBuilder &builder, Location loc, ValueRange args) -> Value {
        return arith::AddFOp::create(builder, loc, args[1], args[0]);
      });
}

/// out = scale state^T q / (normalizer . phi(q)), or zero for a zero below.
void Recurrence::answer(Value token) {
  AffineExpr b = loop(0), h = loop(1);
  AffineExpr g = h.floorDiv(op.getGroupSize());
  auto contract = [&](OpBuilder &builder, Location loc, ValueRange args) {
    return multiplyAdd(builder, loc, args[0], args[1], args[2]);
  };
  Value query = emitter.take(rotatedQueries, sequence, token);
  AffineExpr e = loop(2), f = loop(3);
  Value above = emitter.map(
      {{query, getMap(4, {b, h, f})}, {state, getMap(4, {b, g, f, e})}},
      {emitter.fillWithZeros(numerator), getMap(4, {b, h, e})}, contract);
  SmallVector<Access> inputs{{above, getMap(3, {b, h, e})}};
  if (normalizer) {
    f = loop(2);
    Value below = emitter.map(
        {{emitter.take(queries, sequence, token), getMap(3, {b, h, f})},
         {normalizer, getMap(3, {b, g, f})}},
        {emitter.fillWithZeros(denominator), getMap(3, {b, h})}, contract);
    inputs.push_back({below, getMap(3, {b, h})});
  }
  Value row = emitter.take(out, sequence, token);
  row = emitter.map(
      inputs, {row, getMap(3, {b, h, e})},
      [&](OpBuilder &builder, Location loc, ValueRange args) {
        Value scale = arith::ConstantOp::create(
            builder, loc,
            builder.getFloatAttr(type, op.getScale().convertToDouble()));
        Value scaled = arith::MulFOp::create(builder, loc, scale, args[0]);
        if (normalizer) {
          Value zero = arith::ConstantOp::create(builder, loc,
                                                 builder.getZeroAttr(type));
          Value isZero = arith::CmpFOp::create(
              builder, loc, arith::CmpFPredicate::OEQ, args[1], zero);
          scaled = arith::DivFOp::create(builder, loc, scaled, args[1]);
          scaled = arith::SelectOp::create(builder, loc, isZero, zero, scaled);
        }
        return convertFloat(builder, loc, scaled,
                            op.getQueryType().getElementType());
      });
  out = emitter.put(row, out, sequence, token);
}

Value Recurrence::finish(Value sum, Value output) {
  auto outputType = cast<ShapedType>(output.getType());
  if (!emitter.onTensors)
    return emitter.copy(sum, output);
  if (outputType == sum.getType())
    return sum;
  return emitter.copy(sum, emitter.allocate(emitter.getSizes(sum),
                                            outputType.getElementType()));
}

SmallVector<Value> Recurrence::emit() {
  SmallVector<Value *> sums{&state};
  if (normalizer)
    sums.push_back(&normalizer);
  OpFoldResult numKeys = emitter.getSizes(op.getKey())[sequence];
  if (op.getCausal()) {
    SmallVector<Value *> carried(sums);
    carried.push_back(&out);
    emitter.forEach(numKeys, carried, [&](Value token) {
      absorb(token);
      answer(token);
    });
  } else {
    emitter.forEach(numKeys, sums, [&](Value token) { absorb(token); });
    emitter.forEach(
        emitter.getSizes(op.getQuery()) [sequence], { &out },
        [&](Value token) { answer(token); });
  }
  SmallVector<Value> results{out};
  if (op.getState())
    results.push_back(finish(state, op.getState()));
  if (op.getNormalizer())
    results.push_back(finish(normalizer, op.getNormalizer()));
  return results;
}

namespace {
/// linear_attention = its equations, token by token.
struct LinearAttentionToLinalg final : OpRewritePattern<LinearAttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LinearAttentionOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Value> results;
    ShapedEmitter emitter(rewriter, op.getLoc(), op.hasTensorSemantics());
    if (op.getKeyType().getDimSize(0) != 0)
      results = Recurrence(emitter, op).emit();
    else
      // Slices of an empty batch do not verify.
      for (Type type : op->getResultTypes())
        results.push_back(emitter.allocate(
            getAsIndexOpFoldResult(op.getContext(),
                                   cast<ShapedType>(type).getShape()),
            cast<ShapedType>(type).getElementType()));
    if (op.hasTensorSemantics())
      rewriter.replaceOp(op, results);
    else
      rewriter.eraseOp(op);
    return success();
  }
};
} // namespace

void rope::populateLinearAttentionToLinalgPatterns(
    RewritePatternSet &patterns) {
  patterns.add<LinearAttentionToLinalg>(patterns.getContext());
}
