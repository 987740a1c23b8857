//===- RaiseCandidates.cpp - Where rotations are looked for ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RaiseCandidates.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::rope;

/// Fewer lanes make no embedding, more make no head.
static constexpr int64_t kMinLanes = 4;
static constexpr int64_t kMaxLanes = 512;
/// Symbols are kept in sets of 64 bits.
static constexpr int64_t kMaxRank = 60;

static bool addsElements(Operation *op) {
  return isa<arith::AddFOp, arith::SubFOp, math::FmaOp>(op);
}

bool rope::combinesLanes(Operation *op) {
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case<tensor::ConcatOp, tensor::InsertSliceOp, tensor::PadOp,
            tensor::ReshapeOp, scf::ForOp, scf::WhileOp, scf::ForallOp>(
          [](Operation *) { return true; })
      // Pairs that were stacked on a dimension of their own.
      .Case([](tensor::CollapseShapeOp collapse) {
        SmallVector<ReassociationIndices> groups =
            collapse.getReassociationIndices();
        return !groups.empty() && groups.back().size() > 1;
      })
      .Case([](linalg::LinalgOp linalgOp) {
        return linalgOp.getNumReductionLoops() > 0 ||
               llvm::any_of(*linalgOp.getBlock(), [](Operation &bodyOp) {
                 return addsElements(&bodyOp) ||
                        isa<arith::SelectOp, scf::IfOp, tensor::ExtractOp,
                            complex::MulOp>(bodyOp);
               });
      })
      .Default(addsElements);
}

static bool isRotatedType(Type type) {
  return isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(type);
}

/// A candidate with lanes in `laneDims` of a space of `sizes`, if these can be
/// lanes.
static std::optional<RotationCandidate>
makeCandidate(LaneEvaluator &evaluator, Value value, Operation *anchor,
              Type elementType, ArrayRef<IndexId> sizes,
              ArrayRef<int64_t> laneDims) {
  RotationCandidate candidate;
  candidate.value = value;
  candidate.anchor = anchor;
  candidate.elementType = elementType;
  for (auto [dim, size] : llvm::enumerate(sizes)) {
    if (!llvm::is_contained(laneDims, dim)) {
      candidate.leadingDims.push_back({static_cast<unsigned>(dim), size});
      continue;
    }
    std::optional<int64_t> constant =
        evaluator.getIndices().getConstantValue(size);
    if (!constant)
      return std::nullopt;
    candidate.laneDims.push_back(dim);
    candidate.laneShape.push_back(*constant);
  }
  int64_t numLanes = candidate.getNumLanes();
  if (numLanes < kMinLanes || numLanes > kMaxLanes)
    return std::nullopt;
  return candidate;
}

/// Values in the body of a structured op, over its loops.
static void addBodyCandidates(LaneEvaluator &evaluator, linalg::GenericOp op,
                              SmallVectorImpl<RotationCandidate> &candidates) {
  if (op.getNumLoops() > kMaxRank || !op.hasPureTensorSemantics() ||
      op->use_empty())
    return;
  SmallVector<std::optional<IndexId>> known(op.getNumLoops());
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<RankedTensorType>(operand.get().getType()))
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [dim, expr] : llvm::enumerate(map.getResults()))
      if (auto loop = dyn_cast<AffineDimExpr>(expr);
          loop && !known[loop.getPosition()])
        known[loop.getPosition()] = evaluator.getSize(operand.get(), dim);
  }
  SmallVector<IndexId> sizes;
  for (std::optional<IndexId> size : known) {
    if (!size)
      return;
    sizes.push_back(*size);
  }
  for (Operation &bodyOp : *op.getBlock()) {
    if (!addsElements(&bodyOp) && !isa<arith::SelectOp, scf::IfOp>(bodyOp))
      continue;
    if (bodyOp.getNumResults() != 1 ||
        !isRotatedType(bodyOp.getResult(0).getType()))
      continue;
    auto add = [&](ArrayRef<int64_t> laneLoops) {
      if (std::optional<RotationCandidate> candidate =
              makeCandidate(evaluator, bodyOp.getResult(0), op,
                            bodyOp.getResult(0).getType(), sizes, laneLoops))
        candidates.push_back(std::move(*candidate));
    };
    IndexId two = evaluator.getIndices().getConstant(2);
    int64_t numLoops = sizes.size();
    for (int64_t loop = 0; loop < numLoops; ++loop)
      add({loop});
    // Pairs in a loop of their own: the other loop is most likely its
    // neighbour, a sequence farther away could pass for it.
    for (int64_t distance = 1; distance < numLoops; ++distance)
      for (int64_t loop = 0; loop + distance < numLoops; ++loop)
        if (sizes[loop] == two || sizes[loop + distance] == two)
          add({loop, loop + distance});
  }
}

SmallVector<RotationCandidate>
rope::getCandidates(LaneEvaluator &evaluator, Operation *op, LanePlace place) {
  SmallVector<RotationCandidate> candidates;
  if (place == LanePlace::Body) {
    if (auto generic = dyn_cast<linalg::GenericOp>(op))
      addBodyCandidates(evaluator, generic, candidates);
    return candidates;
  }
  for (OpResult value : op->getResults()) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type || type.getRank() == 0 || type.getRank() > kMaxRank ||
        !isRotatedType(type.getElementType()) || value.use_empty())
      continue;
    int64_t rank = type.getRank();
    SmallVector<IndexId> sizes;
    for (int64_t dim = 0; dim < rank; ++dim)
      sizes.push_back(evaluator.getSize(value, dim));
    auto add = [&](ArrayRef<int64_t> laneDims) {
      if (std::optional<RotationCandidate> candidate = makeCandidate(
              evaluator, value, op, type.getElementType(), sizes, laneDims))
        candidates.push_back(std::move(*candidate));
    };
    if (place == LanePlace::LastDim)
      add({rank - 1});
    // Two dimensions hold pairs only if one of them counts the two lanes.
    if (place == LanePlace::LastTwoDims && rank > 1 &&
        llvm::is_contained(type.getShape().take_back(2), 2))
      add({rank - 2, rank - 1});
    if (place == LanePlace::OtherDim)
      for (int64_t dim = 0; dim < rank - 1; ++dim)
        add({dim});
  }
  return candidates;
}

/// What is rounded to `type` last, or the lane itself where nothing is.
static ExprId stripRounding(LaneExprContext &exprs, ExprId lane, Type type) {
  bool negative = exprs.get(lane).kind == LaneExpr::Kind::Neg;
  const LaneExpr &expr =
      exprs.get(negative ? exprs.get(lane).operands[0] : lane);
  if (expr.kind != LaneExpr::Kind::Function || expr.name != "arith.truncf" ||
      expr.type != type)
    return lane;
  ExprId wide = expr.operands[0];
  return negative ? exprs.neg(wide) : wide;
}

/// Lanes that are each rounded to the candidate's type, such as two halves that
/// are converted before they are put together: those before the rounding, of
/// which the candidate is then.
static void stripRoundings(LaneExprContext &exprs, RotationCandidate &candidate,
                           SmallVectorImpl<ExprId> &lanes) {
  SmallVector<ExprId> wide;
  Type type;
  for (ExprId lane : lanes) {
    wide.push_back(stripRounding(exprs, lane, candidate.elementType));
    Type wideType = exprs.get(wide.back()).type;
    if (wide.back() != lane && wideType &&
        (!type ||
         wideType.getIntOrFloatBitWidth() > type.getIntOrFloatBitWidth()))
      type = wideType;
  }
  bool combines = llvm::any_of(wide, [&](ExprId lane) {
    auto sum = exprs.getSumOfProducts(lane);
    return sum && sum->size() == 2;
  });
  if (!combines || !isa_and_nonnull<Float32Type, Float64Type>(type))
    return;
  candidate.roundedType = std::exchange(candidate.elementType, type);
  lanes.assign(wide.begin(), wide.end());
}

std::optional<SmallVector<ExprId>>
rope::evaluateLanes(LaneEvaluator &evaluator, RotationCandidate &candidate,
                    bool expandsProducts) {
  IndexContext &indices = evaluator.getIndices();
  SmallVector<IndexId> at(candidate.leadingDims.size() +
                          candidate.laneDims.size());
  for (const LeadingDim &dim : candidate.leadingDims)
    at[dim.symbol] = indices.getSymbol(dim.symbol, dim.size);
  SmallVector<ExprId> lanes;
  for (int64_t lane = 0; lane < candidate.getNumLanes(); ++lane) {
    int64_t rest = lane;
    for (auto [dim, size] : llvm::reverse(
             llvm::zip_equal(candidate.laneDims, candidate.laneShape))) {
      at[dim] = indices.getConstant(rest % size);
      rest /= size;
    }
    LaneScalar scalar = isa<RankedTensorType>(candidate.value.getType())
                            ? evaluator.evaluate(candidate.value, at)
                            : evaluator.evaluateInBody(
                                  candidate.value,
                                  cast<linalg::LinalgOp>(candidate.anchor), at);
    if (expandsProducts)
      scalar.re = evaluator.expandProducts(scalar.re);
    std::optional<SmallVector<LaneTerm, 2>> sum =
        evaluator.getExprs().getSumOfProducts(scalar.re);
    if (!sum || sum->empty() || sum->size() > 2)
      return std::nullopt;
    // Lanes that are all alike are no lanes.
    if (lane == 1 && scalar.re == lanes.front())
      return std::nullopt;
    lanes.push_back(scalar.re);
  }
  if (llvm::any_of(lanes, [&](ExprId lane) {
        return stripRounding(evaluator.getExprs(), lane,
                             candidate.elementType) != lane;
      }))
    stripRoundings(evaluator.getExprs(), candidate, lanes);
  return lanes;
}
