//===- TiledAttentionOutput.cpp - What a tile of queries results in -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The state of a tile, values that are not finite, and the output.
//
//===----------------------------------------------------------------------===//

#include "ScoreMath.h"
#include "TiledAttention.h"
#include "WordPair.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::rope;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

SmallVector<Value> TiledAttention::pack(const State &state) {
  SmallVector<Value> values;
  for (LaneValue ofRow : state.largest)
    values.push_back(ofRow.get());
  llvm::append_range(values, product->pack(state.sums));
  for (LaneValue ofRow : state.total)
    values.push_back(ofRow.get());
  return values;
}

TiledAttention::State TiledAttention::unpack(ValueRange values) {
  State state;
  int64_t rows = layout.getRows();
  for (Value value : values.take_front(rows))
    state.largest.push_back(wrap(value));
  values = values.drop_front(rows);
  if (lse) {
    for (Value value : values.take_back(rows))
      state.total.push_back(wrap(value));
    values = values.drop_back(rows);
  }
  state.sums = product->unpack(values);
  return state;
}

/// Whether the bits of a number have the exponent of infinities and NaNs.
static LaneValue hasExponent(LaneValue bits, uint64_t exponent) {
  return (bits & exponent).compare(arith::CmpIPredicate::eq, exponent);
}

SmallVector<LaneValue> TiledAttention::loadValues(Value key, int64_t first) {
  auto divide = [&](Value index, int64_t by) {
    return builder.createOrFold<arith::DivUIOp>(index, constant(by));
  };
  SmallVector<LaneValue> scalars;
  if (layout.keysOfWord == 1) {
    for (int64_t j = 0; j < layout.entries; j += 2) {
      auto [index, offset] = valueTile.getPlace(
          kernel, key, LaneIndex(divide(column, 2), 2, first + j));
      auto [even, odd] = widenPair(wrap(shared.load(index, offset)), element);
      scalars.append({even, odd});
    }
    return scalars;
  }
  LaneValue isOdd = wrap(arith::IndexCastOp::create(
      builder, builder.getI32Type(),
      builder.createOrFold<arith::RemUIOp>(key, constant(2))));
  for (int64_t j = 0; j < layout.entries; ++j) {
    auto [index, offset] =
        layout.hasRowsOfLanes
            ? getValuePlace(divide(key, 2), divide(column, 8), first + j)
            : SharedTile::Place{
                  kernel.add(kernel.multiply(divide(key, 2), valueTile.stride),
                             column),
                  valueTile.first + first + j};
    auto [even, odd] = widenPair(wrap(shared.load(index, offset)), element);
    scalars.push_back(
        isOdd.compare(arith::CmpIPredicate::ne, 0).select(odd, even));
  }
  return scalars;
}

SmallVector<Value> TiledAttention::emitSpecialValues(const Place &place,
                                                     State state,
                                                     ArrayRef<Value> weights) {
  Type i32 = builder.getI32Type();
  auto word = [&](int64_t value) {
    return wrap(arith::ConstantIntOp::create(builder, i32, value));
  };
  // Which weights are not zero, a bit in each half of a word, where the keys
  // were.
  int64_t stride = tiles.keys / 2;
  forEachPair(tiles.keys / layout.columns, [&](int64_t n, int64_t i,
                                               int64_t j) {
    auto getBit = [&](int64_t entry, int64_t bit) {
      return wrap(weights[getPlace(n, i, entry)])
          .compare(arith::CmpFPredicate::UNE, 0.0)
          .select(word(bit), word(0));
    };
    Value index =
        kernel.add(kernel.multiply(getRow(i), stride),
                   builder.createOrFold<arith::DivUIOp>(column, constant(2)));
    shared.store((getBit(j, 1) | getBit(j + 1, 1 << 16)).get(), index,
                 getColumn(n, j) / 2);
  });
  gpu::BarrierOp::create(builder);

  auto loop = scf::ForOp::create(builder, constant(0), constant(tiles.keys),
                                 constant(1), product->pack(state.sums));
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value key = loop.getInductionVar();
    Value half = builder.createOrFold<arith::RemUIOp>(key, constant(2));
    LaneValue shift = wrap(
        arith::IndexCastOp::create(builder, i32, kernel.multiply(half, 16)));
    SmallVector<LaneValue, 2> hasWeight;
    for (int64_t i = 0; i < layout.getRows(); ++i) {
      Value index =
          kernel.add(kernel.multiply(getRow(i), stride),
                     builder.createOrFold<arith::DivUIOp>(key, constant(2)));
      hasWeight.push_back(((wrap(shared.load(index)) >> shift) & 1)
                              .compare(arith::CmpIPredicate::ne, 0));
    }
    SmallVector<Value> sums = product->unpack(loop.getRegionIterArgs());
    for (int64_t n = 0; n < getNumFragments(); ++n) {
      for (auto [j, entry] :
           llvm::enumerate(loadValues(key, getColumn(n, 0)))) {
        LaneValue isSpecial = hasExponent(entry.bitcast(i32), 0x7F800000);
        for (int64_t i = 0; i < layout.getRows(); ++i) {
          Value &sum = sums[getPlace(n, i, j)];
          LaneValue added = wrap(sum) + entry;
          sum = (isSpecial & hasWeight[i]).select(added, wrap(sum)).get();
        }
      }
      product->fence();
    }
    scf::YieldOp::create(builder, product->pack(sums));
  }
  gpu::BarrierOp::create(builder);

  // What remains for the product.
  uint64_t exponent = element.isBF16() ? 0x7F80 : 0x7C00;
  int64_t words = group ? tiles.keys * valueDim / 2
                        : layout.getValueWords(tiles.keys, valueDim);
  kernel.emitFor(
      thread, constant(words), constant(tiles.getThreads()), [&](Value index) {
        LaneValue bits = wrap(shared.load(index, valueTile.first));
        for (int64_t j = 0; j < 2; ++j) {
          LaneValue rest = bits & (j ? 0xFFFF : 0xFFFF0000);
          bits = hasExponent(bits, exponent << (16 * j)).select(rest, bits);
        }
        shared.store(bits.get(), index, valueTile.first);
      });
  if (group)
    group->publish();
  gpu::BarrierOp::create(builder);
  return product->unpack(loop.getResults());
}

Value TiledAttention::emitHasSpecial(ArrayRef<Value> sums) {
  Type i32 = builder.getI32Type();
  // In integers: floating-point tests may be taken to be of finite numbers.
  LaneValue largest;
  for (Value sum : sums) {
    LaneValue bits = wrap(sum).bitcast(i32) & 0x7FFFFFFF;
    largest =
        largest ? bits.emit<arith::MaxUIOp>(largest.get(), bits.get()) : bits;
  }
  Value isSpecial =
      largest.compare(arith::CmpIPredicate::uge, 0x7F800000).get();
  auto set = [&](Value condition, int64_t value) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(
        scf::IfOp::create(builder, condition).thenBlock());
    flag.store(arith::ConstantIntOp::create(builder, i32, value).getResult(),
               constant(0));
  };
  set(arith::CmpIOp::create(builder, arith::CmpIPredicate::eq, thread,
                            constant(0)),
      0);
  gpu::BarrierOp::create(builder);
  set(isSpecial, 1);
  gpu::BarrierOp::create(builder);
  Value result =
      wrap(flag.load(constant(0))).compare(arith::CmpIPredicate::ne, 0).get();
  // All have read the flag, and shared memory is free.
  gpu::BarrierOp::create(builder);
  return result;
}

LaneValue TiledAttention::loadSink(Value head) {
  return wrap(loadEntry(kernel, *sinks, head)) *
         (llvm::numbers::log2e / getLog2Unit());
}

void TiledAttention::finish(const Place &place, State state) {
  Value numQueries = kernel.getIndex(ranges.getNumQueries());
  SmallVector<Value> sums = state.sums;
  for (int64_t i = 0; i < layout.getRows(); ++i) {
    LaneValue largest = state.largest[i], ofSink;
    if (sinks) {
      LaneValue isNone = largest.compare(arith::CmpFPredicate::OEQ, -kInfinity);
      ofSink = emitNativeExp2(
          (loadSink(place.head) - isNone.select(emitF32(0), largest)) *
          getLog2Unit());
    }
    LaneValue total = wrap(sums[getPlace(getNumFragments(), i, 0)]);
    if (sinks)
      total = total + ofSink;
    LaneValue inverse =
        total.emit<arith::DivFOp>(emitF32(1).get(), total.get());
    inverse = total.compare(arith::CmpFPredicate::OEQ, 0.0)
                  .select(emitF32(0), inverse);
    for (int64_t n = 0; n < getNumFragments(); ++n)
      for (int64_t j = 0; j < layout.entries; ++j) {
        Value &sum = sums[getPlace(n, i, j)];
        sum = (wrap(sum) * inverse).get();
      }
    if (!lse)
      continue;
    total = emitRowFold(state.total[i],
                        [](LaneValue x, LaneValue y) { return x + y; });
    if (sinks)
      total = total + ofSink;
    LaneValue logarithm =
        mask ? emitLogSumExp(largest, total)
             : emitLogSumExp(largest * llvm::numbers::ln2, total);
    Value query = kernel.add(place.firstQuery, getRow(i));
    kernel.emitIf(arith::CmpIPredicate::eq, column, constant(0), [&] {
      kernel.emitIf(arith::CmpIPredicate::ult, query, numQueries, [&] {
        storeEntry(kernel, *lse, getIndices(op, place.batch, place.head, query),
                   logarithm.get());
      });
    });
  }
  storeOutput(place, sums);
}

void TiledAttention::storeOutput(const Place &place, ArrayRef<Value> sums) {
  // Through shared memory, so that accesses are of 16 bytes.
  Value half = builder.createOrFold<arith::DivUIOp>(column, constant(2));
  forEachPair(getNumFragments(), [&](int64_t n, int64_t i, int64_t j) {
    int64_t place = getPlace(n, i, j);
    shared.store(
        narrowPair(kernel, wrap(sums[place]), wrap(sums[place + 1]), element)
            .get(),
        kernel.add(kernel.multiply(getRow(i), outStride), half),
        getColumn(n, j) / 2);
  });
  gpu::BarrierOp::create(builder);
  Value numQueries = kernel.getIndex(ranges.getNumQueries());
  int64_t units = valueDim / 8;
  kernel.emitFor(
      thread, constant(tiles.queries * units), constant(tiles.getThreads()),
      [&](Value item) {
        Value rowOf =
            builder.createOrFold<arith::DivUIOp>(item, constant(units));
        Value unit =
            builder.createOrFold<arith::RemUIOp>(item, constant(units));
        Value query = kernel.add(place.firstQuery, rowOf);
        kernel.emitIf(arith::CmpIPredicate::ult, query, numQueries, [&] {
          Value index = kernel.add(kernel.multiply(rowOf, outStride),
                                   kernel.multiply(unit, 4));
          SmallVector<Value> words;
          for (int64_t i = 0; i < 4; ++i)
            words.push_back(shared.load(index, i));
          out.storeWords(
              words, out.getRow(getIndices(op, place.batch, place.head, query)),
              LaneIndex(unit, 8));
        });
      });
  // The next tile of this block overwrites what others may still read.
  gpu::BarrierOp::create(builder);
}
