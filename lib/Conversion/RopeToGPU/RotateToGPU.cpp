//===- RotateToGPU.cpp - rope.rotate as a kernel --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block takes a position (several where there are few heads), and its threads
// are a grid of chunks of pairs by groups of heads: a thread loads its chunk of
// the table row once and rotates it in every head of its group. Which lanes a
// thread owns is the same for loads and stores, so that in place needs no
// barrier.
//
//===----------------------------------------------------------------------===//

#include "RotateToGPU.h"

#include "../RopeToAffine/NarrowFloat.h"
#include "DeviceBuffer.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::rope;

/// Heads whose lanes a thread has in flight: more would cost registers that the
/// latency of memory does not ask for.
static constexpr int64_t kHeadsInFlight = 2;
/// Up to this many heads a thread are straight-line code.
static constexpr int64_t kMaxUnrolledHeads = 16;
/// Lanes of a vector of the computation: what every target has.
static constexpr int64_t kVectorLanes = 4;

std::optional<int64_t> rope::getHeadsDim(RotateOp op) {
  for (int64_t dim = op.getInputType().getRank() - 2; dim >= 0; --dim)
    if (!llvm::is_contained(op.getAlong(), dim))
      return dim;
  return std::nullopt;
}

namespace {
/// How the pairs of a row and the rows of a position are dealt to threads.
struct ThreadGrid {
  /// Pairs a chunk; chunks a row.
  int64_t pairs, chunks;
  /// Threads with a chunk each; the others repeat it in other heads and rows.
  int64_t chunkThreads, headGroups, rows;
};

/// The rotations of one launch, which differ in their heads only.
class RotationKernel {
public:
  RotationKernel(KernelBuilder &kernel, ArrayRef<RotateOp> rotations);
  void emit();

private:
  using Pairs = std::pair<SmallVector<Value>, SmallVector<Value>>;
  /// The entries of the tables at the two lanes of each pair of a chunk.
  struct Tables {
    Pairs cos, sin;
  };
  /// What one rotation reads and writes.
  struct Target {
    RotateOp op;
    DeviceBuffer input, output;
    OpFoldResult numHeads;
  };

  ThreadGrid getThreadGrid(ArrayRef<RotateOp> rotations);
  /// What the lanes of accesses to input and output are multiples of.
  SmallVector<int64_t> getLaneSteps();
  void addTarget(RotateOp rotation);
  void emitPosition(ArrayRef<Value> outer);
  void emitHeads(OpFoldResult numHeads,
                 function_ref<void(ArrayRef<Value>)> body);
  /// The leading indices of a head at a position.
  SmallVector<Value> getIndices(ArrayRef<Value> outer, Value head);
  void rotateHeads(Target &target, ArrayRef<Value> outer, ArrayRef<Value> heads,
                   Value chunk, const Tables &entries);
  void copyOtherLanes(Target &target, ArrayRef<Value> outer, Value head);

  Tables loadTables(ArrayRef<Value> outer, Value chunk);
  Pairs loadPairs(DeviceBuffer &buffer, Value row, PairingKind pairing,
                  int64_t offset, Value chunk);
  void storePairs(const Pairs &lanes, DeviceBuffer &buffer, Value row,
                  Value chunk);
  Pairs rotate(const Pairs &lanes, const Tables &entries);

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;
  RotateOp op;
  FloatType compute;
  std::optional<int64_t> headsDim;
  /// The leading dimensions but the heads', those that move fastest first, and
  /// their sizes.
  SmallVector<int64_t> outerDims;
  SmallVector<OpFoldResult> outerSizes;
  ThreadGrid grid;
  SmallVector<DeviceBuffer, 2> tables;
  SmallVector<Target, 2> targets;
  Value chunkThread, headGroup, rowInBlock;
};
} // namespace

/// The size of a leading dimension, from whichever type knows it.
static OpFoldResult getSize(OpBuilder &host, RotateOp op, int64_t dim) {
  SmallVector<int64_t> known{
      op.getInputType().getDimSize(dim),
      cast<MemRefType>(op.getOutput().getType()).getDimSize(dim)};
  for (auto [tableDim, along] : llvm::enumerate(op.getAlong()))
    if (along == dim)
      known.push_back(op.getTableType().getDimSize(tableDim));
  for (int64_t size : known)
    if (ShapedType::isStatic(size))
      return host.getIndexAttr(size);
  return memref::getMixedSize(host, op.getLoc(), op.getInput(), dim);
}

RotationKernel::RotationKernel(KernelBuilder &kernel,
                               ArrayRef<RotateOp> rotations)
    : kernel(kernel), builder(kernel.getBuilder()), op(rotations.front()),
      compute(Float32Type::get(op.getContext())), headsDim(getHeadsDim(op)) {
  for (ShapedType type : {op.getInputType(), op.getTableType()})
    if (type.getElementTypeBitWidth() > compute.getWidth())
      compute = cast<FloatType>(type.getElementType());
  for (int64_t dim = op.getInputType().getRank() - 2; dim >= 0; --dim)
    if (dim != headsDim)
      outerDims.push_back(dim);
  // Positions first: neighbours in the grid read neighbouring rows.
  llvm::stable_sort(outerDims, [&](int64_t first, int64_t second) {
    return llvm::is_contained(op.getAlong(), first) &&
           !llvm::is_contained(op.getAlong(), second);
  });
  for (int64_t dim : outerDims)
    outerSizes.push_back(getSize(kernel.getHost(), op, dim));
  grid = getThreadGrid(rotations);
  for (Value table : {op.getCos(), op.getSin()}) {
    SmallVector<int64_t> steps{grid.pairs};
    if (op.hasPerLaneTables())
      steps =
          op.getPairing() == PairingKind::Half
              ? SmallVector<int64_t>{grid.pairs, op.getEffectiveRotaryDim() / 2}
              : SmallVector<int64_t>{2 * grid.pairs};
    tables.emplace_back(kernel, table,
                        DeviceBuffer::getUnitLanes(table, steps));
  }
  for (RotateOp rotation : rotations)
    addTarget(rotation);
}

SmallVector<int64_t> RotationKernel::getLaneSteps() {
  SmallVector<int64_t> steps{static_cast<int64_t>(op.getOffset())};
  for (PairingKind pairing : {op.getPairing(), op.getEffectiveResultPairing()})
    if (pairing == PairingKind::Half)
      steps.append({grid.pairs, op.getEffectiveRotaryDim() / 2});
    else
      steps.push_back(2 * grid.pairs);
  return steps;
}

void RotationKernel::addTarget(RotateOp rotation) {
  SmallVector<int64_t> steps = getLaneSteps();
  Value input = rotation.getInput(), output = rotation.getOutput();
  // What passes through is copied unit by unit.
  if (input != output)
    steps.append({op.getEffectiveRotaryDim(), op.getHeadDim()});
  int64_t lanes = std::min(DeviceBuffer::getUnitLanes(input, steps),
                           DeviceBuffer::getUnitLanes(output, steps));
  DeviceBuffer source(kernel, input, lanes);
  DeviceBuffer target =
      input == output ? source : DeviceBuffer(kernel, output, lanes);
  OpFoldResult numHeads = kernel.getHost().getIndexAttr(1);
  if (headsDim)
    numHeads = getSize(kernel.getHost(), rotation, *headsDim);
  targets.push_back({rotation, source, target, numHeads});
}

ThreadGrid RotationKernel::getThreadGrid(ArrayRef<RotateOp> rotations) {
  // Enough pairs for every access to be as wide as can be.
  auto getPairs = [](ShapedType type, bool hasBothLanes) {
    int64_t lanes = 8 * kMaxAccessBytes / type.getElementTypeBitWidth();
    return hasBothLanes ? lanes / 2 : lanes;
  };
  bool isHalf = op.getPairing() == PairingKind::Half;
  bool hasHalf = isHalf || op.getEffectiveResultPairing() == PairingKind::Half;
  int64_t width = op.getEffectiveRotaryDim() / 2;
  ThreadGrid result;
  result.pairs = getCommonPowerOfTwo(
      {width},
      std::max(getPairs(op.getInputType(), !hasHalf),
               getPairs(op.getTableType(), op.hasPerLaneTables() && !isHalf)));
  result.chunks = width / result.pairs;

  int64_t threads = kernel.getModel().getBlockSize();
  result.chunkThreads = std::min(result.chunks, threads);
  int64_t most = threads / result.chunkThreads, common = 0, numHeads = 0;
  for (RotateOp rotation : rotations) {
    std::optional<int64_t> heads = 1;
    if (headsDim)
      heads =
          getConstantIntValue(getSize(kernel.getHost(), rotation, *headsDim));
    numHeads = std::max(numHeads, heads.value_or(most));
    common = std::gcd(common, heads.value_or(0));
  }
  result.headGroups = std::clamp<int64_t>(numHeads, 1, most);
  // Groups of equal numbers of heads, unless that leaves many threads idle.
  for (int64_t groups = result.headGroups; 2 * groups > result.headGroups;
       --groups)
    if (common % groups == 0) {
      result.headGroups = groups;
      break;
    }
  result.rows = 1;
  if (!outerSizes.empty()) {
    int64_t rows = getConstantIntValue(outerSizes.front()).value_or(most);
    result.rows = std::clamp<int64_t>(rows, 1, most / result.headGroups);
  }
  return result;
}

void RotationKernel::emit() {
  SmallVector<Value> thread =
      kernel.emitThreadIndices({grid.chunkThreads, grid.headGroups, grid.rows});
  chunkThread = thread[0];
  headGroup = thread[1];
  rowInBlock = thread[2];

  kernel.emitGrid(outerSizes, grid.rows, rowInBlock,
                  [&](ArrayRef<Value> outer) { emitPosition(outer); });
}

void RotationKernel::emitPosition(ArrayRef<Value> outer) {
  auto emitChunk = [&](Value chunk) {
    Tables entries = loadTables(outer, chunk);
    for (Target &target : targets)
      emitHeads(target.numHeads, [&](ArrayRef<Value> heads) {
        rotateHeads(target, outer, heads, chunk, entries);
      });
  };
  if (grid.chunks == grid.chunkThreads)
    emitChunk(chunkThread);
  else
    kernel.emitFor(chunkThread, kernel.getConstant(grid.chunks),
                   kernel.getConstant(grid.chunkThreads), emitChunk);
  for (Target &target : targets)
    if (target.op.getInput() != target.op.getOutput() &&
        op.getEffectiveRotaryDim() < op.getHeadDim())
      emitHeads(target.numHeads, [&](ArrayRef<Value> heads) {
        for (Value head : heads)
          copyOtherLanes(target, outer, head);
      });
}

void RotationKernel::emitHeads(OpFoldResult numHeads,
                               function_ref<void(ArrayRef<Value>)> body) {
  int64_t groups = grid.headGroups;
  auto getHead = [&](Value first, int64_t i) {
    return kernel.add(first, kernel.getConstant(i * groups));
  };
  Value end = kernel.getIndex(numHeads);
  std::optional<int64_t> constant = getConstantIntValue(numHeads);
  if (constant && *constant <= kMaxUnrolledHeads * groups) {
    int64_t full = *constant / groups;
    for (int64_t i = 0; i < full; i += kHeadsInFlight) {
      SmallVector<Value> heads;
      for (int64_t j = i; j < std::min(full, i + kHeadsInFlight); ++j)
        heads.push_back(getHead(headGroup, j));
      body(heads);
    }
    if (*constant % groups != 0) {
      Value last = getHead(headGroup, full);
      kernel.emitIf(arith::CmpIPredicate::ult, last, end, [&] { body(last); });
    }
    return;
  }
  // Several heads at a time, then one at a time.
  Value step = kernel.getConstant(kHeadsInFlight * groups);
  Value margin = kernel.getConstant((kHeadsInFlight - 1) * groups);
  Value fullEnd = arith::SubIOp::create(builder, end, margin);
  auto loop = scf::ForOp::create(builder, headGroup, fullEnd, step, headGroup);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> heads;
    for (int64_t i = 0; i < kHeadsInFlight; ++i)
      heads.push_back(getHead(loop.getInductionVar(), i));
    body(heads);
    scf::YieldOp::create(builder, kernel.add(loop.getInductionVar(), step));
  }
  kernel.emitFor(loop.getResult(0), end, kernel.getConstant(groups),
                 [&](Value head) { body(head); });
}

SmallVector<Value> RotationKernel::getIndices(ArrayRef<Value> outer,
                                              Value head) {
  SmallVector<Value> indices(op.getInputType().getRank() - 1);
  for (auto [dim, index] : llvm::zip_equal(outerDims, outer))
    indices[dim] = index;
  if (headsDim)
    indices[*headsDim] = head;
  return indices;
}

void RotationKernel::rotateHeads(Target &target, ArrayRef<Value> outer,
                                 ArrayRef<Value> heads, Value chunk,
                                 const Tables &entries) {
  SmallVector<Pairs> loaded;
  for (Value head : heads)
    loaded.push_back(loadPairs(target.input,
                               target.input.getRow(getIndices(outer, head)),
                               op.getPairing(), op.getOffset(), chunk));
  for (auto [head, lanes] : llvm::zip_equal(heads, loaded))
    storePairs(rotate(lanes, entries), target.output,
               target.output.getRow(getIndices(outer, head)), chunk);
}

void RotationKernel::copyOtherLanes(Target &target, ArrayRef<Value> outer,
                                    Value head) {
  Value source = target.input.getRow(getIndices(outer, head));
  Value row = target.output.getRow(getIndices(outer, head));
  auto copyRange = [&](int64_t begin, int64_t end) {
    int64_t step = target.input.getUnitLanes();
    kernel.emitFor(chunkThread, kernel.getConstant((end - begin) / step),
                   kernel.getConstant(grid.chunkThreads), [&](Value unit) {
                     target.output.copy(target.input, source, row,
                                        LaneIndex(unit, step, begin), step);
                   });
  };
  int64_t end = op.getOffset() + op.getEffectiveRotaryDim();
  if (op.getOffset() > 0)
    copyRange(0, op.getOffset());
  if (end < op.getHeadDim())
    copyRange(end, op.getHeadDim());
}

RotationKernel::Tables RotationKernel::loadTables(ArrayRef<Value> outer,
                                                  Value chunk) {
  SmallVector<Value> indices;
  SmallVector<Value> all = getIndices(outer, Value());
  for (int64_t dim : op.getAlong())
    indices.push_back(all[dim]);
  auto load = [&](DeviceBuffer &table) -> Pairs {
    Value row = table.getRow(indices);
    if (op.hasPerLaneTables())
      return loadPairs(table, row, op.getPairing(), /*offset=*/0, chunk);
    SmallVector<Value> entries =
        table.load(row, LaneIndex(chunk, grid.pairs), grid.pairs, compute);
    return {entries, entries};
  };
  return {load(tables[0]), load(tables[1])};
}

RotationKernel::Pairs RotationKernel::loadPairs(DeviceBuffer &buffer, Value row,
                                                PairingKind pairing,
                                                int64_t offset, Value chunk) {
  LaneIndex first(chunk, grid.pairs, offset);
  if (pairing == PairingKind::Half)
    return {buffer.load(row, first, grid.pairs, compute),
            buffer.load(row, first + op.getEffectiveRotaryDim() / 2, grid.pairs,
                        compute)};
  Pairs lanes;
  for (auto [lane, scalar] : llvm::enumerate(
           buffer.load(row, LaneIndex(chunk, 2 * grid.pairs, offset),
                       2 * grid.pairs, compute)))
    (lane % 2 ? lanes.second : lanes.first).push_back(scalar);
  return lanes;
}

void RotationKernel::storePairs(const Pairs &lanes, DeviceBuffer &buffer,
                                Value row, Value chunk) {
  LaneIndex first(chunk, grid.pairs, op.getOffset());
  if (op.getEffectiveResultPairing() == PairingKind::Half) {
    buffer.store(lanes.first, row, first);
    buffer.store(lanes.second, row, first + op.getEffectiveRotaryDim() / 2);
    return;
  }
  SmallVector<Value> scalars;
  for (auto [even, odd] : llvm::zip_equal(lanes.first, lanes.second))
    scalars.append({even, odd});
  buffer.store(scalars, row, LaneIndex(chunk, 2 * grid.pairs, op.getOffset()));
}

RotationKernel::Pairs RotationKernel::rotate(const Pairs &lanes,
                                             const Tables &entries) {
  int64_t width = std::min(grid.pairs, kVectorLanes);
  Pairs result;
  for (int64_t i = 0; i < grid.pairs; i += width) {
    auto get = [&](ArrayRef<Value> scalars) -> LaneValue {
      if (width == 1)
        return {builder, scalars[i]};
      return {builder, vector::FromElementsOp::create(
                           builder, VectorType::get(width, compute),
                           scalars.slice(i, width))};
    };
    auto put = [&](LaneValue value, SmallVectorImpl<Value> &scalars) {
      if (width == 1)
        return scalars.push_back(value.get());
      for (int64_t j = 0; j < width; ++j)
        scalars.push_back(vector::ExtractOp::create(builder, value.get(), j));
    };
    LaneValue a = get(lanes.first), b = get(lanes.second);
    LaneValue sinA = get(entries.sin.first), sinB = get(entries.sin.second);
    LaneValue ofB = sinA * b, ofA = sinB * a;
    (op.getInverse() ? ofA : ofB) = -(op.getInverse() ? ofA : ofB);
    put(get(entries.cos.first).fma(a, ofB), result.first);
    put(get(entries.cos.second).fma(b, ofA), result.second);
  }
  return result;
}

void rope::lowerRotations(RewriterBase &rewriter, gpu::GPUModuleOp module,
                          ArrayRef<RotateOp> rotations, const GpuModel &model) {
  SmallVector<Operation *> ops(rotations.begin(), rotations.end());
  lowerToKernel<RotationKernel>(rewriter, module, "rotate", ops, rotations,
                                model);
}
