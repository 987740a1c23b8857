//===- AttentionToGPU.cpp - rope.attention as a kernel --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block takes a query of a head. Its threads load and rotate the query into
// shared memory; then each of a tile of keys has a thread, which rotates the
// key on the way into the product, and after the softmax of the tile each lane
// of the values has one. The softmax is corrected from tile to tile: with m the
// largest score so far,
//
//   l = l e^(m - m') + sum_j e^(x_j - m'),
//   o = o e^(m - m') + sum_j e^(x_j - m') v_j.
//
// It is the kernel of a decoder's step: keys are read once a query, by vector
// products, not by those of matrices.
//
//===----------------------------------------------------------------------===//

#include "AttentionToGPU.h"

#include "RowRotation.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace mlir;
using namespace mlir::rope;

/// Bytes of shared memory: a query, and the scores and weights of a tile.
static int64_t getSharedBytes(AttentionOp op, const GpuModel &model) {
  return 4 * (op.getHeadDim() + 2 * model.getBlockSize());
}

std::optional<std::string>
rope::getAttentionToGPUObstacle(AttentionOp op, const GpuModel &model) {
  for (Value operand : op->getOperands())
    if (isa<MemRefType>(operand.getType()) && !hasUnitStrideLanes(operand))
      return "the lanes of a buffer do not lie side by side";
  if (!op.getComputeType().isF32())
    return "attention in f64 has no kernel";
  if (op.getMask())
    return "attention with a mask has no kernel";
  if (op.getKeyTail())
    return "attention with a tail of keys has no kernel";
  if (op.getQueryStarts())
    return "attention of packed sequences has no kernel";
  if (op.getQueryOrigin())
    return "a tile of a larger attention has no kernel";
  if (op.getValueTables() || op.getOutputTables())
    return "attention of rotated values has no kernel";
  if (op.getScores())
    return "attention that returns its scores has no kernel";
  if (op.getSoftmaxPrecision())
    return "attention with a precision of its softmax has no kernel";
  for (Value table : {op.getQueryTables().cos, op.getKeyTables().cos})
    if (table && getElementTypeOrSelf(table).isF64())
      return "attention with tables of f64 has no kernel";
  if (Value lengths = op.getKvLengths()) {
    if (!isIndexOrWord(getElementTypeOrSelf(lengths)))
      return "lengths of neither 32 nor 64 bits have no kernel";
  }
  int64_t bytes = getSharedBytes(op, model);
  if (bytes > model.getMaxSharedBytes())
    return "attention of heads of " + std::to_string(op.getHeadDim()) +
           " lanes takes " + std::to_string(bytes) +
           " bytes of shared memory a block, of which the target has " +
           std::to_string(model.getMaxSharedBytes());
  return std::nullopt;
}

namespace {
class AttentionKernel {
public:
  AttentionKernel(KernelBuilder &kernel, AttentionOp op);
  void emit();
  int64_t getNumThreads() const { return threads; }

private:
  /// The query of this block.
  struct Place {
    Value query, head, batch;
  };
  struct Range {
    Value first, end;
  };

  void emitQuery(const Place &place);
  void loadQuery(const Place &place);
  /// The keys that a query may take.
  Range emitRange(const Place &place);
  /// The score of a key.
  LaneValue emitScore(const Place &place, Value key);
  LaneValue emitProduct(Value row, int64_t begin, int64_t end, LaneValue sum);
  void finish(const Place &place, LaneValue largest, ValueRange state);

  SmallVector<Value> getIndices(Value batch, Value head, Value sequence) {
    if (op.getLayout() == LayoutKind::BHSD)
      return {batch, head, sequence};
    return {batch, sequence, head};
  }
  LaneValue wrap(Value value) { return {builder, value}; }
  LaneValue emitF32(double value) {
    return wrap(
        arith::ConstantOp::create(builder, builder.getF32FloatAttr(value)));
  }
  LaneValue emitExp2(LaneValue value) {
    return value.emit<math::Exp2Op>(value.get());
  }
  /// e^(x - m). The difference comes first: log2(e) times a large score is not
  /// a number of f32.
  LaneValue emitWeight(LaneValue score, LaneValue largest) {
    return emitExp2((score - largest) * llvm::numbers::log2e);
  }
  /// tanh(x) = 1 - 2 / (e^(2 x) + 1), which cancels near 0: there the series,
  /// of which the next term is below 2^-29 of the first.
  LaneValue emitTanh(LaneValue x) {
    LaneValue square = x * x;
    LaneValue series = square * (-17.0 / 315) + emitF32(2.0 / 15);
    series = square * series + emitF32(-1.0 / 3);
    series = x * (square * series) + x;
    LaneValue growth = emitExp2(x * (2 * llvm::numbers::log2e));
    LaneValue quotient =
        x.emit<arith::DivFOp>(emitF32(2).get(), (growth + emitF32(1)).get());
    return x.emit<math::AbsFOp>(x.get())
        .compare(arith::CmpFPredicate::OLT, 0.125)
        .select(series, emitF32(1) - quotient);
  }
  LaneValue emitMax(LaneValue lhs, LaneValue rhs) {
    return lhs.emit<arith::MaximumFOp>(lhs.get(), rhs.get());
  }
  /// m, or 0 where no key has a weight yet: what exponents are relative to.
  LaneValue emitBase(LaneValue largest) {
    return largest.compare(arith::CmpFPredicate::OEQ, -kInfinity)
        .select(emitF32(0), largest);
  }
  Value loadShared(Value buffer, Value index) {
    return memref::LoadOp::create(builder, buffer, index);
  }
  Value getLane(int64_t i) {
    return kernel.add(thread, kernel.getConstant(i * threads));
  }

  static constexpr double kInfinity = std::numeric_limits<double>::infinity();

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;
  AttentionOp op;
  int64_t threads, headDim, valueDim, lanesOfThread;
  DeviceBuffer query, key, value, out;
  std::optional<DeviceBuffer> lse, sinks;
  std::optional<RowRotation> queryRotation, keyRotation;
  Value lengths;
  OpFoldResult numKeys, numQueries, numBatches;
  Value sharedQuery, sharedScores, sharedWeights;
  Value thread;
};
} // namespace

/// The widest unit for the lanes of a row from its first one on.
static int64_t getRowUnit(Value buffer) {
  return DeviceBuffer::getUnitLanes(
      buffer, {cast<MemRefType>(buffer.getType()).getShape().back()});
}

AttentionKernel::AttentionKernel(KernelBuilder &kernel, AttentionOp op)
    : kernel(kernel), builder(kernel.getBuilder()), op(op),
      threads(kernel.getModel().getBlockSize()), headDim(op.getHeadDim()),
      valueDim(op.getValueType().getDimSize(3)),
      lanesOfThread(llvm::divideCeil(valueDim, threads)),
      query(kernel, op.getQuery(), 1),
      key(kernel, op.getKey(), op.getKeyTables() ? 1 : getRowUnit(op.getKey())),
      value(kernel, op.getValue(), 1), out(kernel, op.getOut(), 1) {
  ImplicitLocOpBuilder &host = kernel.getHost();
  if (op.getLse())
    lse.emplace(kernel, op.getLse(), 1);
  if (op.getSinks())
    sinks.emplace(kernel, op.getSinks(), 1);
  if (op.getQueryTables())
    queryRotation.emplace(kernel, op.getQueryTables(), headDim);
  if (op.getKeyTables())
    keyRotation.emplace(kernel, op.getKeyTables(), headDim);
  if (Value given = op.getKvLengths()) {
    Type unit = getElementTypeOrSelf(given);
    if (unit.isIndex())
      unit = builder.getI64Type();
    lengths = kernel.addBuffer(given, unit, 1);
  }
  auto getSize = [&](Value buffer, int64_t dim) {
    return memref::getMixedSize(host, host.getLoc(), buffer, dim);
  };
  numKeys = getSize(op.getKey(), op.getSequenceDimension());
  numQueries = getSize(op.getQuery(), op.getSequenceDimension());
  numBatches = getSize(op.getQuery(), 0);
  Type f32 = builder.getF32Type();
  sharedQuery = kernel.addShared(headDim, f32);
  sharedScores = kernel.addShared(threads, f32);
  sharedWeights = kernel.addShared(threads, f32);
}

void AttentionKernel::emit() {
  thread = kernel.emitThreadIndices({threads}).front();
  OpFoldResult numHeads = builder.getIndexAttr(op.getNumHeads());
  kernel.emitGrid({numQueries, numHeads, numBatches}, 1, kernel.getConstant(0),
                  [&](ArrayRef<Value> point) {
                    emitQuery({point[0], point[1], point[2]});
                  });
}

void AttentionKernel::loadQuery(const Place &place) {
  FloatType f32 = builder.getF32Type();
  Value row = query.getRow(getIndices(place.batch, place.head, place.query));
  auto load = [&](LaneIndex lane) {
    return wrap(query.load(row, lane, 1, f32).front());
  };
  auto store = [&](LaneValue scalar, LaneIndex lane) {
    Value index = kernel.add(kernel.multiply(lane.loop, lane.scale),
                             kernel.getConstant(lane.offset));
    memref::StoreOp::create(builder, scalar.get(), sharedQuery, index);
  };
  auto forEach = [&](int64_t begin, int64_t end, auto body) {
    if (begin < end)
      kernel.emitFor(kernel.add(thread, kernel.getConstant(begin)),
                     kernel.getConstant(end), kernel.getConstant(threads),
                     body);
  };
  auto copy = [&](Value lane) { store(load(lane), lane); };
  if (!queryRotation)
    return forEach(0, headDim, copy);
  forEach(0, queryRotation->getNumPairs(), [&](Value pair) {
    auto [first, second] = queryRotation->getLanes(pair);
    auto [a, b] = queryRotation->rotate(load(first), load(second), place.batch,
                                        place.query, pair);
    store(a, first);
    store(b, second);
  });
  forEach(0, queryRotation->getBegin(), copy);
  forEach(queryRotation->getEnd(), headDim, copy);
}

AttentionKernel::Range AttentionKernel::emitRange(const Place &place) {
  // In 64 bits, which no sum of a position and a limit exceeds: an index may
  // have 32. Positions may lie before the first key.
  IntegerType i64 = builder.getI64Type();
  auto constant = [&](int64_t number) -> Value {
    return arith::ConstantIntOp::create(builder, i64, number);
  };
  auto widen = [&](Value index) -> Value {
    return arith::IndexCastOp::create(builder, i64, index);
  };
  auto add = [&](Value lhs, Value rhs) -> Value {
    return arith::AddIOp::create(builder, lhs, rhs);
  };
  Value first = constant(0), end = widen(kernel.getIndex(numKeys));
  Value position = widen(place.query);
  if (op.getPast())
    position = add(position, widen(kernel.getIndex(op.getPast())));
  if (lengths) {
    end = memref::LoadOp::create(builder, lengths, place.batch);
    if (end.getType() != i64)
      end = arith::ExtSIOp::create(builder, i64, end);
    Value queries = widen(kernel.getIndex(numQueries));
    position = add(position, arith::SubIOp::create(builder, end, queries));
  }
  auto limit = [&](int64_t reach) {
    Value last = add(position, constant(reach));
    end = arith::MinSIOp::create(builder, end, add(last, constant(1)));
  };
  if (op.getCausal())
    limit(0);
  if (op.getRightWindow() >= 0)
    limit(op.getRightWindow());
  if (int64_t reach = op.getLeftWindow(); reach >= 0) {
    first =
        arith::MaxSIOp::create(builder, first, add(position, constant(-reach)));
    first = arith::MinSIOp::create(builder, first, end);
  }
  auto narrow = [&](Value key) -> Value {
    return arith::IndexCastOp::create(builder, builder.getIndexType(), key);
  };
  return {narrow(first), narrow(end)};
}

LaneValue AttentionKernel::emitProduct(Value row, int64_t begin, int64_t end,
                                       LaneValue sum) {
  if (begin == end)
    return sum;
  int64_t step = key.getUnitLanes();
  auto loop = scf::ForOp::create(builder, kernel.getConstant(begin / step),
                                 kernel.getConstant(end / step),
                                 kernel.getConstant(1), sum.get());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  LaneValue partial = wrap(loop.getRegionIterArg(0));
  Value unit = loop.getInductionVar();
  for (auto [i, scalar] : llvm::enumerate(
           key.load(row, LaneIndex(unit, step), step, builder.getF32Type()))) {
    Value lane = kernel.add(kernel.multiply(unit, step), kernel.getConstant(i));
    partial = wrap(scalar).fma(wrap(loadShared(sharedQuery, lane)), partial);
  }
  scf::YieldOp::create(builder, partial.get());
  return wrap(loop.getResult(0));
}

LaneValue AttentionKernel::emitScore(const Place &place, Value keyIndex) {
  // Heads of a group share theirs.
  Value head = place.head;
  if (op.getGroupSize() > 1)
    head = builder.createOrFold<arith::DivUIOp>(
        head, kernel.getConstant(op.getGroupSize()));
  Value row = key.getRow(getIndices(place.batch, head, keyIndex));
  LaneValue sum = emitF32(0);
  if (!keyRotation) {
    sum = emitProduct(row, 0, headDim, sum);
  } else {
    sum = emitProduct(row, 0, keyRotation->getBegin(), sum);
    sum = emitProduct(row, keyRotation->getEnd(), headDim, sum);
    auto loop =
        scf::ForOp::create(builder, kernel.getConstant(0),
                           kernel.getConstant(keyRotation->getNumPairs()),
                           kernel.getConstant(1), sum.get());
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value pair = loop.getInductionVar();
    auto [first, second] = keyRotation->getLanes(pair);
    auto load = [&](LaneIndex lane) {
      return wrap(key.load(row, lane, 1, builder.getF32Type()).front());
    };
    auto loadQueryLane = [&](LaneIndex lane) {
      return wrap(loadShared(sharedQuery,
                             kernel.add(kernel.multiply(lane.loop, lane.scale),
                                        kernel.getConstant(lane.offset))));
    };
    auto [a, b] = keyRotation->rotate(load(first), load(second), place.batch,
                                      keyIndex, pair);
    LaneValue partial = wrap(loop.getRegionIterArg(0));
    partial = a.fma(loadQueryLane(first), partial);
    partial = b.fma(loadQueryLane(second), partial);
    scf::YieldOp::create(builder, partial.get());
    sum = wrap(loop.getResult(0));
  }
  LaneValue score = sum * op.getEffectiveScale();
  if (!op.getSoftcap())
    return score;
  double cap = op.getSoftcap()->convertToDouble();
  LaneValue ratio = score.emit<arith::DivFOp>(score.get(), emitF32(cap).get());
  return emitTanh(ratio) * cap;
}

void AttentionKernel::emitQuery(const Place &place) {
  loadQuery(place);
  gpu::BarrierOp::create(builder);
  Range range = emitRange(place);

  LaneValue largest = emitF32(-kInfinity);
  if (sinks)
    largest = wrap(sinks
                       ->load(sinks->getRow({}), LaneIndex(place.head), 1,
                              builder.getF32Type())
                       .front());
  // m, l and the lanes of o.
  SmallVector<Value> inits{largest.get(),
                           emitWeight(largest, emitBase(largest)).get()};
  inits.append(lanesOfThread, emitF32(0).get());
  auto tiles = scf::ForOp::create(builder, range.first, range.end,
                                  kernel.getConstant(threads), inits);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(tiles.getBody());
    Value tile = tiles.getInductionVar();
    Value keyIndex = kernel.add(tile, thread);
    Value isInside = arith::CmpIOp::create(builder, arith::CmpIPredicate::slt,
                                           keyIndex, range.end);
    auto branch = scf::IfOp::create(builder, builder.getF32Type(), isInside,
                                    /*withElseRegion=*/true);
    {
      OpBuilder::InsertionGuard branchGuard(builder);
      builder.setInsertionPointToStart(branch.thenBlock());
      scf::YieldOp::create(builder, emitScore(place, keyIndex).get());
      builder.setInsertionPointToStart(branch.elseBlock());
      scf::YieldOp::create(builder, emitF32(-kInfinity).get());
    }
    LaneValue score = wrap(branch.getResult(0));
    memref::StoreOp::create(builder, score.get(), sharedScores, thread);
    gpu::BarrierOp::create(builder);

    LaneValue before = wrap(tiles.getRegionIterArg(0));
    auto maximum = scf::ForOp::create(builder, kernel.getConstant(0),
                                      kernel.getConstant(threads),
                                      kernel.getConstant(1), before.get());
    {
      OpBuilder::InsertionGuard loopGuard(builder);
      builder.setInsertionPointToStart(maximum.getBody());
      LaneValue next =
          emitMax(wrap(maximum.getRegionIterArg(0)),
                  wrap(loadShared(sharedScores, maximum.getInductionVar())));
      scf::YieldOp::create(builder, next.get());
    }
    LaneValue after = wrap(maximum.getResult(0)), base = emitBase(after);
    memref::StoreOp::create(builder, emitWeight(score, base).get(),
                            sharedWeights, thread);
    gpu::BarrierOp::create(builder);

    LaneValue correction = emitWeight(before, base);
    SmallVector<Value> state;
    for (Value part : tiles.getRegionIterArgs().drop_front())
      state.push_back((wrap(part) * correction).get());
    Value count =
        arith::MinSIOp::create(builder, kernel.getConstant(threads),
                               arith::SubIOp::create(builder, range.end, tile));
    Value head = builder.createOrFold<arith::DivUIOp>(
        place.head, kernel.getConstant(op.getGroupSize()));
    auto sums = scf::ForOp::create(builder, kernel.getConstant(0), count,
                                   kernel.getConstant(1), state);
    {
      OpBuilder::InsertionGuard loopGuard(builder);
      builder.setInsertionPointToStart(sums.getBody());
      Value i = sums.getInductionVar();
      LaneValue weight = wrap(loadShared(sharedWeights, i));
      LaneValue isZero = weight.compare(arith::CmpFPredicate::OEQ, 0.0);
      Value row =
          value.getRow(getIndices(place.batch, head, kernel.add(tile, i)));
      SmallVector<Value> next{(wrap(sums.getRegionIterArg(0)) + weight).get()};
      for (int64_t lane = 0; lane < lanesOfThread; ++lane) {
        // Threads past the last lane repeat it.
        Value place = arith::MinUIOp::create(builder, getLane(lane),
                                             kernel.getConstant(valueDim - 1));
        LaneValue scalar = wrap(
            value.load(row, LaneIndex(place), 1, builder.getF32Type()).front());
        LaneValue sum = wrap(sums.getRegionIterArg(1 + lane));
        next.push_back(isZero.select(sum, weight.fma(scalar, sum)).get());
      }
      scf::YieldOp::create(builder, next);
    }
    SmallVector<Value> results{after.get()};
    llvm::append_range(results, sums.getResults());
    scf::YieldOp::create(builder, results);
  }
  finish(place, wrap(tiles.getResult(0)), tiles.getResults().drop_front());
  // The next query of this block overwrites what others may still read.
  gpu::BarrierOp::create(builder);
}

void AttentionKernel::finish(const Place &place, LaneValue largest,
                             ValueRange state) {
  LaneValue total = wrap(state.front());
  LaneValue isEmpty = total.compare(arith::CmpFPredicate::OEQ, 0.0);
  Value row = out.getRow(getIndices(place.batch, place.head, place.query));
  for (int64_t i = 0; i < lanesOfThread; ++i) {
    LaneValue quotient = total.emit<arith::DivFOp>(state[1 + i], total.get());
    LaneValue result = isEmpty.select(emitF32(0), quotient);
    kernel.emitIf(arith::CmpIPredicate::ult, getLane(i),
                  kernel.getConstant(valueDim),
                  [&] { out.store(result.get(), row, LaneIndex(getLane(i))); });
  }
  if (!lse)
    return;
  kernel.emitIf(arith::CmpIPredicate::eq, thread, kernel.getConstant(0), [&] {
    LaneValue logarithm =
        largest + total.emit<math::Log2Op>(total.get()) * llvm::numbers::ln2;
    LaneValue result = isEmpty.select(emitF32(-kInfinity), logarithm);
    SmallVector<Value> indices =
        getIndices(place.batch, place.head, place.query);
    Value last = indices.pop_back_val();
    lse->store(result.get(), lse->getRow(indices), LaneIndex(last));
  });
}

void rope::lowerAttention(RewriterBase &rewriter, gpu::GPUModuleOp module,
                          AttentionOp op, const GpuModel &model) {
  lowerToKernel<AttentionKernel>(rewriter, module, "attention",
                                 op.getOperation(), op, model);
}
