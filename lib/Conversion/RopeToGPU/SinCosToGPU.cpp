//===- SinCosToGPU.cpp - rope.sincos as a kernel --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A thread computes one entry of both tables, so that a warp writes neighbours:
// the frequency of its lane comes from constant arrays, in the form that the
// kernel of the CPU has it in registers (SinCosKernel.h). All lanes take the
// plan of the most demanding frequency: one code for all.
//
//===----------------------------------------------------------------------===//

#include "OpsToGPU.h"

#include "../RopeToAffine/GrowthKernel.h"
#include "../RopeToAffine/SinCosGoal.h"
#include "../RopeToAffine/SinCosKernel.h"
#include "../RopeToAffine/StretchedWords.h"
#include "DeviceBuffer.h"
#include "IntegerBuffer.h"
#include "Rope/Dialect/Rope/Transforms/SequenceLength.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <cmath>

using namespace mlir;
using namespace mlir::rope;

std::optional<std::string> rope::getSinCosToGPUObstacle(SinCosOp op) {
  Type position = getElementTypeOrSelf(op.getPositions());
  if (!isIndexOrWord(position))
    return "positions of neither 32 nor 64 bits have no kernel";
  return getAngleObstacle(op);
}

static FloatType getComputeType(SinCosOp op) {
  MLIRContext *context = op.getContext();
  return op.getTableType().getElementType().isF64()
             ? FloatType(Float64Type::get(context))
             : Float32Type::get(context);
}

namespace {
/// An op, and its frequencies if the host computes them.
struct SinCosWork {
  SinCosOp op;
  StretchedWords stretched;
};

class SinCosEmitter {
public:
  SinCosEmitter(KernelBuilder &kernel, const SinCosWork &work);
  void emit();

private:
  Value loadPosition(ArrayRef<Value> row, Value lane);
  void emitEntry(ArrayRef<Value> row, Value lane);
  SinCosKernel::Tables emitExact(SinCosKernel &arithmetic,
                                 const SinCosKernel::Position &position,
                                 Value lane);
  SinCosKernel::Tables emitStretched(SinCosKernel &arithmetic,
                                     const SinCosKernel::Position &position,
                                     Value lane);
  SinCosKernel::Tables emitF32(SinCosKernel &arithmetic,
                               const SinCosKernel::Position &position,
                               Value lane);
  /// The tables times what grows with the position.
  SinCosKernel::Tables emitGrown(const SinCosKernel::Tables &tables,
                                 const SinCosKernel::Position &position,
                                 Value lane);
  /// The value of a lane.
  LaneValue loadConstant(Type type, ArrayRef<Attribute> values, Value lane);

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;
  SinCosOp op;
  FrequenciesAttr frequencies;
  FloatType compute;
  DeviceBuffer cos, sin;
  /// One of both.
  std::optional<IntegerBuffer> positions;
  Value start;
  std::optional<IntegerBuffer> words;
  std::optional<DeviceBuffer> residual;
};
} // namespace

SinCosEmitter::SinCosEmitter(KernelBuilder &kernel, const SinCosWork &work)
    : kernel(kernel), builder(kernel.getBuilder()), op(work.op),
      frequencies(op.getFrequencies()), compute(getComputeType(op)),
      cos(kernel, op.getCosDest(), /*unitLanes=*/1),
      sin(kernel, op.getSinDest(), /*unitLanes=*/1) {
  if (work.stretched.words)
    words.emplace(kernel, work.stretched.words);
  if (work.stretched.residual)
    residual.emplace(kernel, work.stretched.residual, 1);
  ImplicitLocOpBuilder &host = kernel.getHost();
  if (isa<MemRefType>(op.getPositions().getType())) {
    positions.emplace(kernel, op.getPositions());
    return;
  }
  // Modulo 2^32, so that it is a scalar of 32 bits.
  IntegerType i32 = host.getI32Type();
  start = op.getPositions();
  if (start.getType().isIndex())
    start = arith::IndexCastOp::create(host, i32, start);
  else if (start.getType() != i32)
    start = arith::TruncIOp::create(host, i32, start);
  start = arith::IndexCastOp::create(host, host.getIndexType(), start);
}

void SinCosEmitter::emit() {
  kernel.emitEntries(op.getMixedTableSizes(kernel.getHost()),
                     [&](ArrayRef<Value> indices) {
                       emitEntry(indices.drop_back(), indices.back());
                     });
}

Value SinCosEmitter::loadPosition(ArrayRef<Value> row, Value lane) {
  Value position;
  if (start) {
    position = kernel.getIndex(start);
  } else {
    SmallVector<Value> indices;
    if (frequencies.hasAxes()) {
      SmallVector<Attribute> axes;
      for (int64_t axis : frequencies.getAxes())
        axes.push_back(builder.getI32IntegerAttr(axis));
      indices.push_back(arith::IndexCastOp::create(
          builder, builder.getIndexType(),
          loadConstant(builder.getI32Type(), axes, lane).get()));
    }
    llvm::append_range(indices, row.take_front(op.getNumPositionDims()));
    position = positions->load(indices);
  }
  if (!op.getLength())
    return position;
  if (!position.getType().isIndex())
    position =
        arith::IndexCastOp::create(builder, builder.getIndexType(), position);
  return arith::AddIOp::create(builder, position, row.back());
}

void SinCosEmitter::emitEntry(ArrayRef<Value> row, Value lane) {
  SinCosKernel arithmetic(builder, compute, /*lanes=*/0,
                          frequencies.getAttentionFactor(), /*isTight=*/false);
  SinCosKernel::Position position =
      arithmetic.emitPosition(loadPosition(row, lane));
  SinCosKernel::Tables entry = words ? emitStretched(arithmetic, position, lane)
                               : op.getAccuracy() == AccuracyKind::Exact
                                   ? emitExact(arithmetic, position, lane)
                                   : emitF32(arithmetic, position, lane);
  if (!frequencies.getGrowth().empty())
    entry = emitGrown(entry, position, lane);
  LaneIndex place(lane);
  cos.store(entry.cos, cos.getRow(row), place);
  sin.store(entry.sin, sin.getRow(row), place);
}

LaneValue SinCosEmitter::loadConstant(Type type, ArrayRef<Attribute> values,
                                      Value lane) {
  if (llvm::all_equal(values))
    return {builder, arith::ConstantOp::create(
                         builder, cast<TypedAttr>(values.front()))};
  auto shaped =
      RankedTensorType::get({static_cast<int64_t>(values.size())}, type);
  return {
      kernel.getBuilder(),
      kernel.emitConstantLoad(DenseElementsAttr::get(shaped, values), lane)};
}

SinCosKernel::Tables
SinCosEmitter::emitStretched(SinCosKernel &arithmetic,
                             const SinCosKernel::Position &position,
                             Value lane) {
  PhasePlan plan = planUnknownPhase(getSinCosGoal(op));
  SmallVector<LaneValue> fraction;
  for (unsigned word = 0; word < plan.words; ++word)
    fraction.push_back(
        {builder, words->load({kernel.getConstant(word), lane})});
  LaneValue rest;
  if (residual)
    rest = {builder,
            residual->load(residual->getRow({}), lane, 1, compute).front()};
  return arithmetic.emitExact(position, fraction, rest, plan);
}

SinCosKernel::Tables
SinCosEmitter::emitF32(SinCosKernel &arithmetic,
                       const SinCosKernel::Position &position, Value lane) {
  bool isProduct = op.getAccuracy() == AccuracyKind::F32Angle;
  SmallVector<APFloat> factors =
      isProduct ? frequencies.getRounded(APFloat::IEEEsingle())
                : frequencies.getTimescales();
  IntegerType bits = builder.getIntegerType(compute.getWidth());
  SmallVector<Attribute> magnitudes, signs;
  for (const APFloat &factor : factors) {
    magnitudes.push_back(
        builder.getFloatAttr(builder.getF32Type(), abs(factor)));
    signs.push_back(builder.getIntegerAttr(
        bits, factor.isNegative() ? APInt::getSignMask(bits.getWidth())
                                  : APInt::getZero(bits.getWidth())));
  }
  SinCosKernel::Factors loaded{
      loadConstant(builder.getF32Type(), magnitudes, lane),
      loadConstant(bits, signs, lane)};
  return isProduct ? arithmetic.emitF32Angle(position, loaded,
                                             getF32AngleExponent(factors))
                   : arithmetic.emitF32Quotient(
                         position, loaded, getF32QuotientExponent(factors));
}

SinCosKernel::Tables
SinCosEmitter::emitGrown(const SinCosKernel::Tables &tables,
                         const SinCosKernel::Position &position, Value lane) {
  Type i64 = builder.getI64Type();
  SmallVector<Attribute> highs, lows, signs;
  for (const ExactReal &growth : frequencies.getGrowth()) {
    GrowthBits bits(growth);
    highs.push_back(builder.getIntegerAttr(i64, bits.high));
    lows.push_back(builder.getIntegerAttr(i64, bits.low));
    signs.push_back(builder.getIntegerAttr(i64, bits.sign));
  }
  GrowthKernel amplitude(builder, compute, position.magnitude, position.sign,
                         {loadConstant(i64, highs, lane),
                          loadConstant(i64, lows, lane),
                          loadConstant(i64, signs, lane)});
  return {amplitude.emitProduct({builder, tables.cos}).get(),
          amplitude.emitProduct({builder, tables.sin}).get()};
}

SinCosKernel::Tables
SinCosEmitter::emitExact(SinCosKernel &arithmetic,
                         const SinCosKernel::Position &position, Value lane) {
  SmallVector<ExactReal> turns = frequencies.getTurns();
  SinCosGoal goal = getSinCosGoal(op);
  SmallVector<PhasePlan> plans = llvm::map_to_vector(
      turns, [&](const ExactReal &turn) { return *planPhase(turn, goal); });
  PhasePlan joined = plans.front();
  for (const PhasePlan &plan : plans)
    joined.join(plan);
  joined.scale = 0;

  unsigned width = 32 * joined.words;
  SmallVector<SmallVector<Attribute>> words(joined.words);
  SmallVector<Attribute> residuals, unscales;
  IntegerType bits = builder.getIntegerType(compute.getWidth());
  for (auto [turn, plan] : llvm::zip_equal(turns, plans)) {
    ExactReal scaled = turn.scaleByPowerOfTwo(plan.scale);
    ExactReal kept = scaled.roundToFractionBits(width);
    APInt fraction = kept.getFraction(width);
    for (unsigned word = 0; word < joined.words; ++word)
      words[word].push_back(builder.getIntegerAttr(
          bits, fraction.extractBits(32, width - 32 * (word + 1))
                    .zext(bits.getWidth())));
    residuals.push_back(builder.getFloatAttr(
        compute, (scaled - kept)
                     .scaleByPowerOfTwo(compute.isF64() ? 64 : 32)
                     .round(compute.getFloatSemantics())));
    unscales.push_back(builder.getFloatAttr(
        compute, std::ldexp(1.0, -static_cast<int>(plan.scale))));
  }
  SmallVector<LaneValue> fraction;
  for (ArrayRef<Attribute> word : words)
    fraction.push_back(loadConstant(bits, word, lane));
  LaneValue residual;
  if (joined.hasResidual())
    residual = loadConstant(compute, residuals, lane);
  LaneValue unscale;
  if (llvm::any_of(plans,
                   [](const PhasePlan &plan) { return plan.scale != 0; }))
    unscale = loadConstant(compute, unscales, lane);

  return arithmetic.emitExact(position, fraction, residual, joined, unscale);
}

void rope::lowerSinCos(RewriterBase &rewriter, gpu::GPUModuleOp module,
                       SinCosOp op, const GpuModel &model) {
  rewriter.setInsertionPoint(op);
  ImplicitLocOpBuilder host(op.getLoc(), rewriter);
  SinCosWork work{op, {}};
  if (isStretched(op.getFrequencies()))
    work.stretched = StretchedWords::emit(
        host, op, planUnknownPhase(getSinCosGoal(op)), getComputeType(op));
  host.setInsertionPoint(op);
  rewriter.setInsertionPoint(op);
  launchKernel<SinCosEmitter>(rewriter, op.getLoc(), module, "sincos", work,
                              model);
  host.setInsertionPoint(op);
  work.stretched.emitEnd(host);
  rewriter.eraseOp(op);
}
