//===- SinCosToAffine.cpp - rope.sincos as loops of vectors ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops over positions around a row of the tables. The row is unrolled into
// vectors of frequencies: a position is then the same in all lanes, its
// magnitude and sign are computed once, frequencies are constants, and stores
// are contiguous. Vectors of positions would need a transpose to store.
//
//===----------------------------------------------------------------------===//

#include "Rope/Conversion/RopeToAffine/SinCosToAffine.h"

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "SinCosBound.h"
#include "SinCosKernel.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::rope;

std::optional<std::string> mlir::rope::getSinCosToAffineObstacle(SinCosOp op) {
  if (op.hasTensorSemantics())
    return "tensors have no loops: bufferize first";
  FrequenciesAttr frequencies = op.getFrequencies();
  if (frequencies.getScaling().dependsOnSequenceLength())
    return "frequencies depend on the sequence length, which is not known here";
  if (op.getAccuracy() != AccuracyKind::Exact)
    return std::nullopt;
  bool isF64 = op.getTableType().getElementType().isF64();
  for (auto [i, turns] : llvm::enumerate(frequencies.getTurns()))
    if (getPhaseDepth(turns, isF64) == PhaseDepth::None)
      return "the exact angle of frequency " + std::to_string(i) +
             " comes too close to a quarter turn for the error bound";
  return std::nullopt;
}

namespace {
/// Writes one row of both tables.
class RowEmitter {
public:
  RowEmitter(SinCosOp op, int64_t vectorBits)
      : op(op), tableElement(op.getTableType().getElementType()),
        frequencies(op.getFrequencies()), width(frequencies.getDim() / 2) {
    MLIRContext *context = op.getContext();
    computation = tableElement.isF64() ? FloatType(Float64Type::get(context))
                                       : Float32Type::get(context);
    // At most the row: the last vector ends with it and overlaps its neighbour.
    lanes = std::min<int64_t>(vectorBits / computation.getWidth(),
                              llvm::bit_floor<uint64_t>(width));
    isExact = op.getAccuracy() == AccuracyKind::Exact;
    if (isExact)
      turns = frequencies.getTurns();
    else
      rounded = frequencies.getRounded(APFloat::IEEEsingle());
  }

  void emitRow(ImplicitLocOpBuilder &builder, ValueRange position) {
    Value p =
        affine::AffineLoadOp::create(builder, op.getPositions(), position);
    SinCosKernel kernel(builder, computation, lanes == 1 ? 0 : lanes);
    SinCosKernel::Position forms = kernel.emitPosition(p);
    for (int64_t start = 0; start < width; start += lanes) {
      int64_t first = std::min(start, width - lanes);
      SinCosKernel::Tables tables = emitLanes(kernel, forms, first);
      emitStore(builder, tables.cos, op.getCosDest(), position, first);
      emitStore(builder, tables.sin, op.getSinDest(), position, first);
    }
  }

private:
  SinCosKernel::Tables emitLanes(SinCosKernel &kernel,
                                 const SinCosKernel::Position &position,
                                 int64_t first) {
    if (!isExact)
      return kernel.emitF32Angle(position,
                                 ArrayRef(rounded).slice(first, lanes));
    ArrayRef<ExactReal> chunk = ArrayRef(turns).slice(first, lanes);
    bool deep = llvm::any_of(chunk, [&](const ExactReal &frequency) {
      return getPhaseDepth(frequency, computation.isF64()) == PhaseDepth::Deep;
    });
    return kernel.emitExact(position, kernel.emitFrequency(chunk), deep);
  }

  /// A * value, rounded to the tables' type.
  LaneValue emitResult(LaneValue value) {
    ExactReal factor = frequencies.getAttentionFactor();
    if (factor != ExactReal(1))
      value = value *
              factor.round(computation.getFloatSemantics()).convertToDouble();
    if (tableElement == computation)
      return value;
    return value.emit<arith::TruncFOp>(value.withElement(tableElement),
                                       value.get());
  }

  void emitStore(ImplicitLocOpBuilder &builder, Value computed, Value table,
                 ValueRange position, int64_t first) {
    Value value = emitResult({builder, computed}).get();
    auto getMap = [&](int64_t lane) {
      unsigned rank = position.size();
      SmallVector<AffineExpr> indices;
      for (unsigned i = 0; i < rank; ++i)
        indices.push_back(builder.getAffineDimExpr(i));
      indices.push_back(builder.getAffineConstantExpr(first + lane));
      return AffineMap::get(rank, 0, indices, builder.getContext());
    };
    if (lanes == 1) {
      affine::AffineStoreOp::create(builder, value, table, getMap(0), position);
      return;
    }
    if (cast<MemRefType>(table.getType()).isLastDimUnitStride()) {
      affine::AffineVectorStoreOp::create(builder, value, table, getMap(0),
                                          position);
      return;
    }
    for (int64_t lane = 0; lane < lanes; ++lane) {
      Value element = vector::ExtractOp::create(builder, value, lane);
      affine::AffineStoreOp::create(builder, element, table, getMap(lane),
                                    position);
    }
  }

  SinCosOp op;
  Type tableElement;
  FrequenciesAttr frequencies;
  int64_t width, lanes;
  FloatType computation;
  bool isExact;
  SmallVector<ExactReal> turns;
  SmallVector<APFloat> rounded;
};

/// cos[p, :], sin[p, :] = cos(p w), sin(p w) for every position p.
struct LowerSinCos final : OpRewritePattern<SinCosOp> {
  LowerSinCos(MLIRContext *context, const SinCosToAffineOptions &options)
      : OpRewritePattern(context), options(options) {}

  LogicalResult matchAndRewrite(SinCosOp op,
                                PatternRewriter &rewriter) const override {
    if (std::optional<std::string> obstacle = getSinCosToAffineObstacle(op))
      return rewriter.notifyMatchFailure(op, *obstacle);

    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    FailureOr<SmallVector<Bound>> bounds = getBounds(op, builder);
    if (failed(bounds))
      return rewriter.notifyMatchFailure(op, "the number of positions is no "
                                             "symbol of an affine loop here");
    RowEmitter row(op, options.vectorBits);
    SmallVector<Value> position;
    for (auto [i, bound] : llvm::enumerate(*bounds))
      position.push_back(emitLoop(builder, bound, options.parallel && i == 0));
    row.emitRow(builder, position);
    rewriter.eraseOp(op);
    return success();
  }

private:
  struct Bound {
    AffineMap map;
    SmallVector<Value, 1> operands;
  };

  /// The size of each dimension of the positions.
  static FailureOr<SmallVector<Bound>>
  getBounds(SinCosOp op, ImplicitLocOpBuilder &builder) {
    auto type = cast<MemRefType>(op.getPositions().getType());
    SmallVector<Bound> bounds;
    for (int64_t i = 0; i < type.getRank(); ++i) {
      if (!type.isDynamicDim(i)) {
        bounds.push_back(
            {builder.getConstantAffineMap(type.getDimSize(i)), {}});
        continue;
      }
      Value size = memref::DimOp::create(builder, op.getPositions(), i);
      if (!affine::isValidSymbol(size, affine::getAffineScope(op)))
        return failure();
      bounds.push_back({builder.getSymbolIdentityMap(), {size}});
    }
    return bounds;
  }

  /// Emits a loop from zero, moves the builder into it and returns its counter.
  static Value emitLoop(ImplicitLocOpBuilder &builder, const Bound &bound,
                        bool isParallel) {
    if (isParallel) {
      auto loop = affine::AffineParallelOp::create(
          builder, TypeRange(), ArrayRef<arith::AtomicRMWKind>(),
          builder.getConstantAffineMap(0), ValueRange(), bound.map,
          bound.operands, ArrayRef<int64_t>(1));
      builder.setInsertionPointToStart(loop.getBody());
      return loop.getIVs().front();
    }
    auto loop = affine::AffineForOp::create(builder, ValueRange(),
                                            builder.getConstantAffineMap(0),
                                            bound.operands, bound.map);
    builder.setInsertionPointToStart(loop.getBody());
    return loop.getInductionVar();
  }

  SinCosToAffineOptions options;
};
} // namespace

void mlir::rope::populateSinCosToAffinePatterns(
    RewritePatternSet &patterns, const SinCosToAffineOptions &options) {
  patterns.add<LowerSinCos>(patterns.getContext(), options);
}
