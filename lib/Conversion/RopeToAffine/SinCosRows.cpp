//===- SinCosRows.cpp - Rows of cosines and sines -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One row after the other, each from its own position.
//
//===----------------------------------------------------------------------===//

#include "SinCosRows.h"
#include "GrowthKernel.h"
#include "NarrowFloat.h"
#include "Rope/Dialect/Rope/Transforms/SequenceLength.h"
#include "SinCosGoal.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace mlir::rope;

/// For each frequency the cheapest plan that is proven to reach the goal.
static SmallVector<PhasePlan> planPhases(ArrayRef<ExactReal> turns,
                                         const SinCosGoal &goal) {
  return llvm::map_to_vector(turns, [&](const ExactReal &frequency) {
    return *planPhase(frequency, goal);
  });
}

/// Says what is proven, and what it takes.
static void remarkBound(SinCosOp op, ArrayRef<PhasePlan> plans,
                        const SinCosGoal &goal) {
  PhasePlan all = plans.front();
  size_t nearest = 0;
  for (auto [i, plan] : llvm::enumerate(plans)) {
    all.join(plan);
    if (plan.log2Distance < plans[nearest].log2Distance)
      nearest = i;
  }
  // The factor takes up to twice as many units of what was lost before it, and
  // 0.02 for the roundings of its product.
  bool hasFactor = op.getFrequencies().getAttentionFactor() != ExactReal(1);
  double ulps = hasFactor ? 2 * all.ulps - 0.5 + 0.02 : all.ulps;
  std::string text;
  llvm::raw_string_ostream(text)
      << "exact angles for |p| <= " << goal.maxPosition << ": within "
      << llvm::format("%.2f", ulps) << " ulp, with " << 32 * all.words
      << " bits of a turn" << (all.hasResidual() ? " and a float" : "")
      << "; frequency " << nearest << " comes closest to a quarter turn, 2^"
      << llvm::format("%.1f", plans[nearest].log2Distance) << " turns";
  remark::analysis(op.getLoc(),
                   remark::RemarkOpts::name("SinCosBound").category("rope"))
      << text;
}

/// Enough vectors to hide the latency of their chains, few enough for their
/// intermediate values to stay in 32 registers.
static constexpr int64_t kVectorsInLoop = 4;

SinCosRows::SinCosRows(SinCosOp op, const SinCosToAffineOptions &options)
    : op(op), isTight(options.isTight),
      tableElement(cast<FloatType>(op.getTableType().getElementType())),
      frequencies(op.getFrequencies()), axes(frequencies.getAxes()),
      width(frequencies.getDim() / 2) {
  MLIRContext *context = op.getContext();
  computation = tableElement.isF64() ? FloatType(Float64Type::get(context))
                                     : Float32Type::get(context);
  // At most the row: the last vector ends with it and overlaps its neighbour.
  lanes = std::min<int64_t>(options.vectorBits / computation.getWidth(),
                            llvm::bit_floor<uint64_t>(width));
  piece = lanes * kVectorsInLoop;
  isExact = op.getAccuracy() == AccuracyKind::Exact;
  growth = frequencies.getGrowth();
  SinCosGoal goal = getSinCosGoal(op, isTight);
  if (isStretched(op.getFrequencies())) {
    unknown = planUnknownPhase(goal);
  } else if (isExact) {
    turns = frequencies.getTurns();
    plans = planPhases(turns, goal);
    remarkBound(op, plans, goal);
  } else if (op.getAccuracy() == AccuracyKind::F32Angle) {
    rounded = frequencies.getRounded(APFloat::IEEEsingle());
  } else {
    rounded = frequencies.getTimescales();
  }
}

void SinCosRows::emitFrequencies(ImplicitLocOpBuilder &builder) {
  if (unknown)
    stretched = StretchedWords::emit(builder, op, *unknown, computation);
}

void SinCosRows::emitEnd(ImplicitLocOpBuilder &builder) {
  stretched.emitEnd(builder);
}

void SinCosRows::emitPiece(LoopEmitter &loops, ValueRange row, int64_t start) {
  SinCosKernel kernel = makeKernel(loops.getBuilder());
  int64_t end = std::min(start + piece, width);
  // One position for each axis of these frequencies.
  SmallVector<SinCosKernel::Position> positions(
      std::max<size_t>(frequencies.getSections().size(), 1));
  for (int64_t i = std::min(start, width - lanes); i < end; ++i)
    if (!positions[axes[i]].magnitude)
      positions[axes[i]] =
          kernel.emitPosition(emitPosition(loops, row, axes[i]));
  for (; start < end; start += lanes) {
    int64_t first = std::min(start, width - lanes);
    SinCosKernel::Position position =
        selectPosition(loops.getBuilder(), positions, first);
    SinCosKernel::Tables tables = emitLanes(loops, kernel, position, first);
    if (!growth.empty())
      tables = emitGrown(loops.getBuilder(), tables, position, first);
    emitStore(loops, tables, row,
              LaneIndex(/*loop=*/Value(), /*scale=*/0, first));
  }
}

Value SinCosRows::emitPosition(LoopEmitter &loops, ValueRange row,
                               int64_t axis) {
  ImplicitLocOpBuilder &builder = loops.getBuilder();
  Value position = op.getPositions();
  if (!op.getPositionsShape().empty()) {
    SmallVector<Value> indices;
    if (frequencies.hasAxes())
      indices.push_back(arith::ConstantIndexOp::create(builder, axis));
    llvm::append_range(indices, row.take_front(op.getNumPositionDims()));
    LaneIndex last{indices.pop_back_val(), /*scale=*/1, /*offset=*/0};
    position = loops.load(position, indices, last, /*lanes=*/1);
  } else if (isa<MemRefType>(position.getType())) {
    position = memref::LoadOp::create(builder, position);
  }
  if (!op.getLength())
    return position;
  // The sum may be wider than the type of the start.
  if (!position.getType().isIndex())
    position =
        arith::IndexCastOp::create(builder, builder.getIndexType(), position);
  return arith::AddIOp::create(builder, position, row.back());
}

/// The position of each lane from `first` on, by the axis of its frequency.
SinCosKernel::Position
SinCosRows::selectPosition(ImplicitLocOpBuilder &builder,
                           ArrayRef<SinCosKernel::Position> positions,
                           int64_t first) {
  ArrayRef<int64_t> laneAxes = ArrayRef(axes).slice(first, lanes);
  SinCosKernel::Position chosen = positions[laneAxes.front()];
  for (int64_t axis = 0, e = positions.size(); axis < e; ++axis) {
    if (axis == laneAxes.front() || !llvm::is_contained(laneAxes, axis))
      continue;
    auto isAxis = llvm::map_to_vector(
        laneAxes, [axis](int64_t lane) { return lane == axis; });
    LaneValue mask(builder, arith::ConstantOp::create(
                                builder, builder.getBoolVectorAttr(isAxis)));
    for (LaneValue SinCosKernel::Position::*part :
         {&SinCosKernel::Position::magnitude,
          &SinCosKernel::Position::magnitudeAsFloat,
          &SinCosKernel::Position::magnitudeAsF32,
          &SinCosKernel::Position::sign})
      chosen.*part = mask.select(positions[axis].*part, chosen.*part);
  }
  return chosen;
}

/// The bits of one growth a lane, scalars if there is one.
static GrowthKernel::Growth emitGrowth(ImplicitLocOpBuilder &builder,
                                       ArrayRef<ExactReal> growth) {
  SmallVector<GrowthBits> all;
  for (const ExactReal &g : growth)
    all.emplace_back(g);
  auto emitConstants = [&](APInt GrowthBits::*part) -> LaneValue {
    Type i64 = builder.getI64Type();
    if (all.size() == 1)
      return {builder,
              arith::ConstantOp::create(
                  builder, builder.getIntegerAttr(i64, all.front().*part))};
    auto values = llvm::map_to_vector(
        all, [&](const GrowthBits &bits) { return bits.*part; });
    auto type = VectorType::get({static_cast<int64_t>(all.size())}, i64);
    return {builder, arith::ConstantOp::create(
                         builder, DenseElementsAttr::get(
                                      type, ArrayRef<APInt>(values)))};
  };
  return {emitConstants(&GrowthBits::high), emitConstants(&GrowthBits::low),
          emitConstants(&GrowthBits::sign)};
}

SinCosKernel::Tables
SinCosRows::emitGrown(ImplicitLocOpBuilder &builder,
                      const SinCosKernel::Tables &tables,
                      const SinCosKernel::Position &position, int64_t first) {
  GrowthKernel amplitude(
      builder, computation, position.magnitude, position.sign,
      emitGrowth(builder, ArrayRef(growth).slice(first, lanes)));
  return {amplitude.emitProduct({builder, tables.cos}).get(),
          amplitude.emitProduct({builder, tables.sin}).get()};
}

SinCosKernel::Tables
SinCosRows::emitLanes(LoopEmitter &loops, SinCosKernel &kernel,
                      const SinCosKernel::Position &position, int64_t first) {
  if (!isExact) {
    ArrayRef<APFloat> ofLanes = ArrayRef(rounded).slice(first, lanes);
    SinCosKernel::Factors factors = kernel.emitFactors(ofLanes);
    return op.getAccuracy() == AccuracyKind::F32Angle
               ? kernel.emitF32Angle(position, factors,
                                     getF32AngleExponent(ofLanes))
               : kernel.emitF32Quotient(position, factors,
                                        getF32QuotientExponent(ofLanes));
  }
  if (unknown) {
    ImplicitLocOpBuilder &builder = loops.getBuilder();
    LaneIndex lane{/*loop=*/Value(), /*scale=*/0, first};
    SmallVector<LaneValue> fraction;
    for (unsigned word = 0; word < unknown->words; ++word) {
      Value row = arith::ConstantIndexOp::create(builder, word);
      fraction.emplace_back(builder,
                            loops.load(stretched.words, row, lane, lanes));
    }
    LaneValue rest;
    if (stretched.residual)
      rest = {builder,
              loops.load(stretched.residual, ValueRange(), lane, lanes)};
    return kernel.emitExact(position, fraction, rest, *unknown);
  }
  return kernel.emitExact(position, ArrayRef(turns).slice(first, lanes),
                          ArrayRef(plans).slice(first, lanes));
}

void SinCosRows::emitStore(LoopEmitter &loops, Value computed, Value table,
                           ValueRange row, LaneIndex first) {
  ImplicitLocOpBuilder &builder = loops.getBuilder();
  Value value = narrow({builder, computed}, tableElement).get();
  if (lanes == 1 || hasUnitStrideLanes(table))
    return loops.store(value, table, row, first);
  for (int64_t i = 0; i < lanes; ++i)
    loops.store(vector::ExtractOp::create(builder, value, i), table, row,
                first + i);
}

void SinCosRows::emitStore(LoopEmitter &loops,
                           const SinCosKernel::Tables &tables, ValueRange row,
                           LaneIndex first) {
  emitStore(loops, tables.cos, op.getCosDest(), row, first);
  emitStore(loops, tables.sin, op.getSinDest(), row, first);
}

ArrayRef<ExactReal> SinCosRows::getPlainTurns() const {
  bool isPlain = computation.isF32() && !isTight && growth.empty() &&
                 frequencies.getAttentionFactor() == ExactReal(1);
  return isPlain ? ArrayRef(turns) : ArrayRef<ExactReal>();
}

SinCosKernel SinCosRows::makeKernel(ImplicitLocOpBuilder &builder) const {
  return SinCosKernel(builder, computation, lanes == 1 ? 0 : lanes,
                      frequencies.getAttentionFactor(), isTight);
}
