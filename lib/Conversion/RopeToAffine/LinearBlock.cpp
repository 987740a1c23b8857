//===- LinearBlock.cpp - A head of a linear attention ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LinearBlock.h"
#include "AttentionTiling.h"
#include "NarrowFloat.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::rope;

/// Columns of the state that a token passes at a time, in vectors.
static constexpr int64_t kMostVectors = 8;

LinearBlock::LinearBlock(LinearAttentionOp op, LoopEmitter &emitter,
                         const RopeToAffineOptions &options, Value projection)
    : op(op), emitter(emitter), type(op.getComputeType()),
      lanes(options.vectorBits / type.getWidth()),
      registers(options.getVectorRegisters()), numFeatures(op.getNumFeatures()),
      valueDim(op.getValueDim()), group(op.getGroupSize()),
      projection(projection) {
  int64_t features = toVectors(numFeatures), columns = toVectors(valueDim);
  if (projection)
    inputs = allocate({group * kChunkTokens, toVectors(op.getHeadDim())});
  rotatedKeys = keys = allocate({kChunkTokens, features});
  rotatedQueries = queries = allocate({group * kChunkTokens, features});
  // The normalizer sums features that are not rotated.
  if (op.getNormalize() && op.getKeyCos())
    rotatedKeys = allocate({kChunkTokens, features});
  if (op.getNormalize() && op.getQueryCos())
    rotatedQueries = allocate({group * kChunkTokens, features});
  values = allocate({kChunkTokens, columns});
  results = allocate({group * kChunkTokens, columns});
  state = allocate({numFeatures, columns});
  if (op.getNormalize())
    normalizer = allocate({features});
  if (Value logDecay = op.getLogDecay())
    decays = allocate(
        {kChunkTokens,
         cast<MemRefType>(logDecay.getType()).getRank() == 3 ? 1 : features});
  if (op.getBeta())
    betas = allocate({kChunkTokens});
}

Value LinearBlock::allocate(ArrayRef<int64_t> shape) {
  ImplicitLocOpBuilder &builder = emitter.getBuilder();
  return buffers.emplace_back(
      memref::AllocOp::create(builder, MemRefType::get(shape, type),
                              ValueRange(), builder.getI64IntegerAttr(64)));
}

void LinearBlock::deallocate() {
  for (Value buffer : buffers)
    memref::DeallocOp::create(emitter.getBuilder(), buffer);
}

LaneValue LinearBlock::splat(double value, int64_t count) const {
  ImplicitLocOpBuilder &builder = emitter.getBuilder();
  TypedAttr constant = builder.getFloatAttr(type, value);
  if (count != 1)
    constant = DenseElementsAttr::get(VectorType::get(count, type),
                                      Attribute(constant));
  return wrap(arith::ConstantOp::create(builder, constant));
}

LaneValue LinearBlock::broadcast(Value scalar) const {
  return wrap(vector::BroadcastOp::create(
      emitter.getBuilder(), VectorType::get(lanes, type), scalar));
}

void LinearBlock::forLanes(int64_t width, bool hasVectors, Lanes body) {
  int64_t whole = hasVectors ? width / lanes * lanes : 0;
  if (whole != 0)
    emitter.emitRange(constant(0), constant(whole), lanes,
                      [&](Value lane) { body(lane, lanes); });
  if (whole != width)
    emitter.emitRange(constant(whole), constant(width), 1,
                      [&](Value lane) { body(lane, 1); });
}

Value LinearBlock::emitDot(Value lhs, ArrayRef<LaneIndex> lhsRow, Value rhs,
                           ArrayRef<LaneIndex> rhsRow, int64_t width) {
  auto accumulate = [&](int64_t from, int64_t to, int64_t count) {
    return emitter
        .emitReduction(
            constant(from), constant(to), count, splat(0.0, count).get(),
            [&](Value lane, ValueRange carried) -> SmallVector<Value> {
              SmallVector<LaneIndex> left(lhsRow), right(rhsRow);
              left.push_back(LaneIndex(lane));
              right.push_back(LaneIndex(lane));
              LaneValue x = wrap(emitter.load(lhs, left, count));
              LaneValue y = wrap(emitter.load(rhs, right, count));
              return {x.fma(y, wrap(carried[0])).get()};
            })
        .front();
  };
  int64_t whole = width / lanes * lanes;
  LaneValue sum = splat(0.0, 1);
  if (whole != 0)
    sum = wrap(vector::ReductionOp::create(
        emitter.getBuilder(), vector::CombiningKind::ADD,
        accumulate(0, whole, lanes), arith::FastMathFlags::reassoc));
  if (whole != width)
    sum = sum + wrap(accumulate(whole, width, 1));
  return sum.get();
}

SmallVector<LaneIndex> LinearBlock::inLayout(LaneIndex head, LaneIndex token) {
  bool headsFirst = op.getLayout() == LayoutKind::BHSD;
  return {LaneIndex(batch), headsFirst ? head : token,
          headsFirst ? token : head};
}

void LinearBlock::forChunks(OpFoldResult tokens,
                            function_ref<void(Value, Value)> body) {
  if (isConstantIntValue(tokens, 0))
    return;
  AffineExpr a, b;
  bindDims(op.getContext(), a, b);
  emitter.emitRange(constant(0), tokens, kChunkTokens, [&](Value first) {
    Value left = emitter.apply(a - b, {tokens, first});
    body(first,
         arith::MinSIOp::create(emitter.getBuilder(), left,
                                emitter.getValue(constant(kChunkTokens))));
  });
}

void LinearBlock::forPanels(int64_t most,
                            function_ref<void(int64_t, int64_t)> body) {
  int64_t count = toVectors(valueDim) / lanes;
  for (int64_t first = 0; first < count; first += most)
    body(first * lanes, std::min(most, count - first));
}

LaneValue LinearBlock::loadEntry(Value buffer, Value row, Value feature) {
  return broadcast(
      emitter.load(buffer, {LaneIndex(row), LaneIndex(feature)}, 1));
}

LaneValue LinearBlock::loadForgetting(ArrayRef<LaneIndex> place, Value row) {
  LaneValue x = wrap(emitter.load(state, place, lanes));
  if (!decays)
    return x;
  bool isShared = cast<MemRefType>(decays.getType()).getDimSize(1) == 1;
  LaneIndex entry = isShared ? LaneIndex() : place.front();
  return broadcast(emitter.load(decays, {LaneIndex(row), entry}, 1)) * x;
}

void LinearBlock::emitPass(ArrayRef<Value> rows, int64_t column,
                           int64_t vectors, const Update *update) {
  SmallVector<Value> zeros(rows.size() * vectors, splat(0.0, lanes).get());
  SmallVector<Value> sums = emitter.emitReduction(
      constant(0), constant(numFeatures), 1, zeros,
      [&](Value feature, ValueRange carried) {
        auto ofRows = llvm::map_to_vector(rows, [&](Value row) {
          return loadEntry(rotatedQueries, row, feature);
        });
        SmallVector<Value> next(carried);
        // One vector of the state after the other, so that few are live.
        for (int64_t i = 0; i < vectors; ++i) {
          SmallVector<LaneIndex> place = inState(feature, column + i * lanes);
          // With `beta` it has forgotten already.
          LaneValue x = update && !betas
                            ? loadForgetting(place, update->row)
                            : wrap(emitter.load(state, place, lanes));
          if (update) {
            x = loadEntry(rotatedKeys, update->row, feature)
                    .fma(wrap(update->values[i]), x);
            emitter.store(x.get(), state, place);
          }
          for (auto [number, query] : llvm::enumerate(ofRows)) {
            Value &sum = next[number * vectors + i];
            sum = query.fma(x, wrap(sum)).get();
          }
        }
        return next;
      });
  for (auto [number, sum] : llvm::enumerate(sums))
    emitter.store(sum, results,
                  {LaneIndex(rows[number / vectors]),
                   LaneIndex() + (column + number % vectors * lanes)});
}

/// u = v, or beta (v - state^T k) after the state has forgotten.
SmallVector<Value> LinearBlock::emitUpdateValues(Value row, int64_t column,
                                                 int64_t vectors) {
  SmallVector<Value> update;
  for (int64_t i = 0; i < vectors; ++i)
    update.push_back(emitter.load(
        values, {LaneIndex(row), LaneIndex() + (column + i * lanes)}, lanes));
  if (!betas)
    return update;
  SmallVector<Value> zeros(vectors, splat(0.0, lanes).get());
  SmallVector<Value> recalled = emitter.emitReduction(
      constant(0), constant(numFeatures), 1, zeros,
      [&](Value feature, ValueRange carried) {
        LaneValue key = loadEntry(rotatedKeys, row, feature);
        SmallVector<Value> next;
        for (int64_t i = 0; i < vectors; ++i) {
          SmallVector<LaneIndex> place = inState(feature, column + i * lanes);
          LaneValue x = loadForgetting(place, row);
          if (decays)
            emitter.store(x.get(), state, place);
          next.push_back(key.fma(x, wrap(carried[i])).get());
        }
        return next;
      });
  LaneValue beta = broadcast(emitter.load(betas, {LaneIndex(row)}, 1));
  for (auto [value, sum] : llvm::zip_equal(update, recalled))
    value = (beta * (wrap(value) - wrap(sum))).get();
  return update;
}

/// normalizer = exp(log_decay) normalizer + phi(k)
void LinearBlock::updateNormalizer(Value row) {
  if (!normalizer)
    return;
  forLanes(numFeatures, true, [&](Value lane, int64_t count) {
    LaneValue sum = wrap(emitter.load(normalizer, {LaneIndex(lane)}, count));
    if (decays) {
      bool isShared = cast<MemRefType>(decays.getType()).getDimSize(1) == 1;
      Value decay = emitter.load(
          decays, {LaneIndex(row), isShared ? LaneIndex() : LaneIndex(lane)},
          isShared ? 1 : count);
      if (isShared && count != 1)
        decay = broadcast(decay).get();
      sum = wrap(decay) * sum;
    }
    LaneValue key =
        wrap(emitter.load(keys, {LaneIndex(row), LaneIndex(lane)}, count));
    emitter.store((sum + key).get(), normalizer, {LaneIndex(lane)});
  });
}

/// A result: scale times the sums, over normalizer . phi(q), or zero for zero.
void LinearBlock::finishRow(Value row, Value localHead, Value token) {
  AffineExpr a, b;
  bindDims(op.getContext(), a, b);
  Value below;
  if (normalizer)
    below = emitDot(queries, LaneIndex(row), normalizer, {}, numFeatures);
  Value head = emitter.apply(a * group + b, {kvHead, localHead});
  Value out = op.getOut();
  auto element =
      cast<FloatType>(cast<MemRefType>(out.getType()).getElementType());
  forLanes(valueDim, hasUnitStrideLanes(out), [&](Value lane, int64_t count) {
    LaneValue x =
        wrap(emitter.load(results, {LaneIndex(row), LaneIndex(lane)}, count)) *
        op.getScale().convertToDouble();
    if (below) {
      LaneValue divisor = count == 1 ? wrap(below) : broadcast(below);
      x = divisor.compare(arith::CmpFPredicate::OEQ, 0.0)
              .select(x.like(0.0),
                      x.emit<arith::DivFOp>(x.get(), divisor.get()));
    }
    SmallVector<LaneIndex> place = inLayout(LaneIndex(head), LaneIndex(token));
    place.push_back(LaneIndex(lane));
    emitter.store(convertFloat(x, element).get(), out, place);
  });
}

/// Token by token: an update of the state and the answers of the heads, in one
/// pass for as many of them as registers hold sums of.
void LinearBlock::emitCausal() {
  AffineExpr a, b;
  bindDims(op.getContext(), a, b);
  OpFoldResult tokens =
      memref::getMixedSize(emitter.getBuilder(), op.getLoc(), op.getKey(),
                           op.getSequenceDimension());
  // Beside sums: values, a vector of the state and broadcasts.
  int64_t atOnce = std::min<int64_t>(group, kMostVectors / 2);
  int64_t most =
      std::clamp<int64_t>((registers - 4) / (atOnce + 1), 1, kMostVectors);
  forChunks(tokens, [&](Value first, Value count) {
    stageKeys(first, count);
    stageQueries(first, count);
    emitter.emitFor(count, [&](Value row) {
      SmallVector<Value> rows;
      for (int64_t head = 0; head < group; ++head)
        rows.push_back(
            emitter.apply(a + head * kChunkTokens, OpFoldResult(row)));
      updateNormalizer(row);
      forPanels(most, [&](int64_t column, int64_t vectors) {
        Update update{row, emitUpdateValues(row, column, vectors)};
        emitPass(ArrayRef(rows).take_front(atOnce), column, vectors, &update);
        for (int64_t head = atOnce; head < group; head += atOnce)
          emitPass(ArrayRef(rows).slice(
                       head, std::min<int64_t>(atOnce, group - head)),
                   column, vectors, nullptr);
      });
      Value token = emitter.apply(a + b, {first, row});
      for (int64_t head = 0; head < group; ++head)
        finishRow(rows[head], emitter.getValue(constant(head)), token);
    });
  });
}

/// state += K^T V of a chunk, a tile of the state in registers.
void LinearBlock::absorbChunk(Value count) {
  RegisterBlock tile = getRegisterBlock(registers);
  auto absorb = [&](Value feature, int64_t rows, int64_t column,
                    int64_t vectors) {
    auto placeOf = [&](int64_t number) -> SmallVector<LaneIndex> {
      return {LaneIndex(feature, 1, number / vectors),
              LaneIndex() + (column + number % vectors * lanes)};
    };
    SmallVector<Value> sums;
    for (int64_t number = 0; number < rows * vectors; ++number)
      sums.push_back(emitter.load(state, placeOf(number), lanes));
    sums = emitter.emitReduction(
        constant(0), OpFoldResult(count), 1, sums,
        [&](Value token, ValueRange carried) {
          SmallVector<LaneValue> ofValues;
          for (int64_t i = 0; i < vectors; ++i)
            ofValues.push_back(wrap(emitter.load(
                values, {LaneIndex(token), LaneIndex() + (column + i * lanes)},
                lanes)));
          SmallVector<Value> next;
          for (int64_t row = 0; row < rows; ++row) {
            LaneValue key = broadcast(emitter.load(
                rotatedKeys, {LaneIndex(token), LaneIndex(feature, 1, row)},
                1));
            for (int64_t i = 0; i < vectors; ++i)
              next.push_back(
                  key.fma(ofValues[i], wrap(carried[row * vectors + i])).get());
          }
          return next;
        });
    for (auto [number, sum] : llvm::enumerate(sums))
      emitter.store(sum, state, placeOf(number));
  };
  int64_t whole = numFeatures / tile.rows * tile.rows;
  forPanels(tile.vectors, [&](int64_t column, int64_t vectors) {
    if (whole != 0)
      emitter.emitRange(
          constant(0), constant(whole), tile.rows,
          [&](Value feature) { absorb(feature, tile.rows, column, vectors); });
    if (whole != numFeatures)
      absorb(emitter.getValue(constant(whole)), numFeatures - whole, column,
             vectors);
  });
}

/// All keys, then all queries.
void LinearBlock::emitWhole() {
  AffineExpr a, b;
  bindDims(op.getContext(), a, b);
  auto getTokens = [&](Value operand) {
    return memref::getMixedSize(emitter.getBuilder(), op.getLoc(), operand,
                                op.getSequenceDimension());
  };
  forChunks(getTokens(op.getKey()), [&](Value first, Value count) {
    stageKeys(first, count);
    emitter.emitFor(count, [&](Value row) { updateNormalizer(row); });
    absorbChunk(count);
  });
  RegisterBlock tile = getRegisterBlock(registers);
  // The rows of a chunk that there are not are computed, but not stored.
  int64_t rowsAtOnce = std::min<int64_t>(
      llvm::bit_floor(static_cast<uint64_t>(tile.rows)), kChunkTokens);
  forChunks(getTokens(op.getQuery()), [&](Value first, Value count) {
    stageQueries(first, count);
    AffineExpr rounded = a.ceilDiv(rowsAtOnce) * rowsAtOnce;
    OpFoldResult end = emitter.apply(rounded, OpFoldResult(count));
    emitter.emitFor(constant(group), [&](Value head) {
      emitter.emitRange(constant(0), end, rowsAtOnce, [&](Value number) {
        SmallVector<Value> rows;
        for (int64_t i = 0; i < rowsAtOnce; ++i)
          rows.push_back(
              emitter.apply(a * kChunkTokens + b + i, {head, number}));
        forPanels(tile.vectors, [&](int64_t column, int64_t vectors) {
          emitPass(rows, column, vectors, nullptr);
        });
      });
      emitter.emitFor(count, [&](Value number) {
        finishRow(emitter.apply(a * kChunkTokens + b, {head, number}), head,
                  emitter.apply(a + b, {first, number}));
      });
    });
  });
}

void LinearBlock::emit(Value ofBatch, Value ofHead) {
  batch = ofBatch;
  kvHead = ofHead;
  copyState(/*isStart=*/true);
  if (op.getCausal())
    emitCausal();
  else
    emitWhole();
  copyState(/*isStart=*/false);
}
