//===- KeyParts.cpp - Keys of an attention in parts -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyParts.h"

#include "AttentionIndices.h"
#include "DeviceBuffer.h"
#include "RowRotation.h"
#include "ScoreMath.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::rope;

/// Fewer keys are not worth the merge of what they make.
static constexpr int64_t kLeastKeysOfPart = 256;

OpFoldResult rope::getNumKeyParts(ImplicitLocOpBuilder &host, AttentionOp op,
                                  int64_t blocks, const GpuModel &model) {
  if (needsTwoPasses(op))
    return host.getIndexAttr(1);
  if (model.keyParts != 0)
    return host.getIndexAttr(model.keyParts);
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(host, value);
  };
  auto getSize = [&](Value buffer, int64_t dim) {
    return getValueOrCreateConstantIndexOp(
        host, host.getLoc(),
        memref::getMixedSize(host, host.getLoc(), buffer, dim));
  };
  // max(1, min(keys / least keys, wanted blocks / blocks))
  Value one = constant(1);
  Value items = host.createOrFold<arith::MulIOp>(
      getSize(op.getQuery(), 0),
      getSize(op.getQuery(), op.getSequenceDimension()));
  items = host.createOrFold<arith::MulIOp>(items, constant(blocks));
  items = host.createOrFold<arith::MaxUIOp>(items, one);
  Value useful = host.createOrFold<arith::DivUIOp>(
      constant(model.getWantedBlocks()), items);
  Value possible = host.createOrFold<arith::DivUIOp>(
      getSize(op.getKey(), op.getSequenceDimension()),
      constant(kLeastKeysOfPart));
  Value parts = host.createOrFold<arith::MinUIOp>(useful, possible);
  return getAsOpFoldResult(host.createOrFold<arith::MaxUIOp>(parts, one));
}

KeyParts rope::allocateKeyParts(ImplicitLocOpBuilder &host, AttentionOp op,
                                OpFoldResult count) {
  auto getSize = [&](int64_t dim) {
    return memref::getMixedSize(host, host.getLoc(), op.getQuery(), dim);
  };
  auto allocate = [&](int64_t lanes) -> Value {
    SmallVector<OpFoldResult> sizes{
        count, getSize(0), host.getIndexAttr(op.getNumHeads()),
        getSize(op.getSequenceDimension()), host.getIndexAttr(lanes)};
    auto [shape, dynamic] = decomposeMixedValues(sizes);
    return memref::AllocOp::create(
        host, MemRefType::get(shape, host.getF32Type()), dynamic);
  };
  return {op, count, allocate(op.getValueType().getDimSize(3)), allocate(2)};
}

namespace {
/// A thread an entry of the output.
class KeyPartsMerger {
public:
  KeyPartsMerger(KernelBuilder &kernel, KeyParts parts)
      : kernel(kernel), builder(kernel.getBuilder()), op(parts.op),
        count(parts.count), sums(kernel, parts.sums, 1),
        statistics(kernel, parts.statistics, 1), out(kernel, op.getOut(), 1),
        sizes(llvm::to_vector(llvm::drop_begin(kernel.getSizes(parts.sums)))) {
    if (op.getLse())
      lse.emplace(kernel, op.getLse(), 1);
    if (op.getSinks())
      sinks.emplace(kernel, op.getSinks(), 1);
    if (AttentionOp::Rotation given = op.getOutputTables())
      rotation.emplace(kernel, given, op.getValueType().getDimSize(3));
  }

  void emit() {
    kernel.emitEntries(sizes, [&](ArrayRef<Value> indices) {
      Value lane = indices.back();
      indices = indices.drop_back();
      LaneValue largest = emitLargest(indices), base = emitBase(largest);
      LaneValue total = emitSum(emitSinkWeight(indices, base), indices, base,
                                statistics, kernel.getConstant(1));
      auto getResult = [&](Value lane) {
        return emitQuotient(
            emitSum(largest.like(0.0), indices, base, sums, lane), total);
      };
      LaneValue result = rotation ? rotation->rotateLane(lane, getResult,
                                                         indices[0], indices[2])
                                  : getResult(lane);
      SmallVector<Value> place =
          getIndices(op, indices[0], indices[1], indices[2]);
      place.push_back(lane);
      storeEntry(kernel, out, place, result.get());
      if (lse)
        kernel.emitIf(arith::CmpIPredicate::eq, lane, kernel.getConstant(0),
                      [&] {
                        storeEntry(kernel, *lse, ArrayRef(place).drop_back(),
                                   emitLogSumExp(largest, total).get());
                      });
    });
  }

private:
  /// An entry of a part of a row.
  LaneValue load(DeviceBuffer &buffer, Value part, ArrayRef<Value> row,
                 Value lane) {
    SmallVector<Value> indices{part};
    llvm::append_range(indices, row);
    indices.push_back(lane);
    return {builder, loadEntry(kernel, buffer, indices)};
  }
  LaneValue loadSink(ArrayRef<Value> row) {
    return loadF32(kernel, *sinks, sinks->getRow({}), LaneIndex(row[1]));
  }

  LaneValue emitLoop(LaneValue start,
                     function_ref<LaneValue(Value part, LaneValue)> body) {
    auto loop = scf::ForOp::create(builder, kernel.getConstant(0),
                                   kernel.getIndex(count),
                                   kernel.getConstant(1), start.get());
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    LaneValue next =
        body(loop.getInductionVar(), {builder, loop.getRegionIterArg(0)});
    scf::YieldOp::create(builder, next.get());
    return {builder, loop.getResult(0)};
  }

  LaneValue emitLargest(ArrayRef<Value> row) {
    LaneValue start =
        sinks ? loadSink(row)
              : LaneValue(
                    builder,
                    arith::ConstantOp::create(
                        builder, builder.getF32FloatAttr(
                                     -std::numeric_limits<float>::infinity())));
    return emitLoop(start, [&](Value part, LaneValue largest) {
      LaneValue other = load(statistics, part, row, kernel.getConstant(0));
      return largest.emit<arith::MaximumFOp>(largest.get(), other.get());
    });
  }

  LaneValue emitSinkWeight(ArrayRef<Value> row, LaneValue base) {
    return sinks ? emitWeight(loadSink(row), base) : base.like(0.0);
  }

  /// start + sum_p x_p e^(m_p - base), without what has no weight.
  LaneValue emitSum(LaneValue start, ArrayRef<Value> row, LaneValue base,
                    DeviceBuffer &buffer, Value lane) {
    return emitLoop(start, [&](Value part, LaneValue sum) {
      LaneValue largest = load(statistics, part, row, kernel.getConstant(0));
      LaneValue weight = emitWeight(largest, base);
      LaneValue next = weight.fma(load(buffer, part, row, lane), sum);
      return weight.compare(arith::CmpFPredicate::OEQ, 0.0).select(sum, next);
    });
  }

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;
  AttentionOp op;
  OpFoldResult count;
  DeviceBuffer sums, statistics, out;
  std::optional<DeviceBuffer> lse, sinks;
  std::optional<RowRotation> rotation;
  SmallVector<OpFoldResult> sizes;
};
} // namespace

void rope::mergeKeyParts(RewriterBase &rewriter, gpu::GPUModuleOp module,
                         const KeyParts &parts, const GpuModel &model) {
  Location loc = parts.sums.getLoc();
  launchKernel<KeyPartsMerger>(rewriter, loc, module, "attention_merge", parts,
                               model);
  for (Value buffer : {parts.sums, parts.statistics})
    memref::DeallocOp::create(rewriter, loc, buffer);
}
