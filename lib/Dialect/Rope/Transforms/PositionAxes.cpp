//===- PositionAxes.cpp - Positions that differ by lane -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pairs that stand in the order of their axes are contiguous sections; pairs
// that take turns are interleaved ones; otherwise each run of pairs with one
// position is an axis of its own.
//
//===----------------------------------------------------------------------===//

#include "PositionAxes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::rope;

/// More axes than any embedding has.
static constexpr size_t kMaxAxes = 8;

/// The positions of runs of pairs, and the lengths of the runs.
static PositionAxes getRuns(ArrayRef<IndexId> positions) {
  PositionAxes runs;
  for (auto [i, position] : llvm::enumerate(positions)) {
    if (i == 0 || position != positions[i - 1]) {
      runs.positions.push_back(position);
      runs.sections.push_back(0);
    }
    ++runs.sections.back();
  }
  return runs;
}

/// Sections for axes that take turns, or none.
static std::optional<PositionAxes> getTurns(ArrayRef<IndexId> positions) {
  PositionAxes turns;
  turns.kind = SectionKind::Interleaved;
  for (IndexId position : positions) {
    auto *axis = llvm::find(turns.positions, position);
    if (axis == turns.positions.end()) {
      if (turns.positions.size() == kMaxAxes)
        return std::nullopt;
      turns.positions.push_back(position);
      turns.sections.push_back(1);
    } else {
      ++turns.sections[axis - turns.positions.begin()];
    }
  }
  // Axis a = i mod A where i < A n_a, else axis 0.
  int64_t numAxes = turns.positions.size();
  for (auto [i, position] : llvm::enumerate(positions)) {
    int64_t axis = i % numAxes;
    if (axis > 0 && static_cast<int64_t>(i) >= numAxes * turns.sections[axis])
      axis = 0;
    if (position != turns.positions[axis])
      return std::nullopt;
  }
  return turns;
}

/// The integer tensor with these positions along its first dimension, in order.
static Value getStacked(LaneEvaluator &evaluator, ArrayRef<IndexId> positions) {
  IndexContext &indices = evaluator.getIndices();
  const IndexAtom *first = indices.getAsAtom(positions.front());
  if (!first || first->kind != IndexAtom::Kind::Data ||
      first->operands.empty() || !isa<RankedTensorType>(first->value.getType()))
    return {};
  for (auto [axis, position] : llvm::enumerate(positions)) {
    const IndexAtom *atom = indices.getAsAtom(position);
    if (!atom || atom->kind != IndexAtom::Kind::Data ||
        atom->value != first->value ||
        indices.getConstantValue(atom->operands.front()) !=
            static_cast<int64_t>(axis) ||
        ArrayRef(atom->operands).drop_front() !=
            ArrayRef(first->operands).drop_front())
      return {};
  }
  IndexId numAxes = indices.getConstant(positions.size());
  return evaluator.getSize(first->value, 0) == numAxes ? first->value : Value();
}

std::optional<PositionAxes> rope::getPositionAxes(LaneEvaluator &evaluator,
                                                  ArrayRef<IndexId> positions) {
  if (llvm::all_equal(positions))
    return PositionAxes{{positions.front()}, {}};
  PositionAxes axes = getRuns(positions);
  if (axes.positions.size() !=
      llvm::DenseSet<IndexId>(axes.positions.begin(), axes.positions.end())
          .size())
    if (std::optional<PositionAxes> turns = getTurns(positions))
      axes = *turns;
  if (axes.positions.size() > kMaxAxes)
    return std::nullopt;
  axes.stacked = getStacked(evaluator, axes.positions);
  return axes;
}

SmallVector<int64_t> rope::getPositionDims(LaneEvaluator &evaluator,
                                           const PositionAxes &axes,
                                           ArrayRef<LeadingDim> leadingDims) {
  IndexContext &indices = evaluator.getIndices();
  const IndexAtom *atom = indices.getAsAtom(axes.positions.front());
  bool isTensor = atom && atom->kind == IndexAtom::Kind::Data &&
                  isa<RankedTensorType>(atom->value.getType());
  if (isTensor && (axes.sections.empty() || axes.stacked)) {
    SmallVector<IndexId> operands(atom->operands.begin(), atom->operands.end());
    Value value = atom->value;
    size_t next = axes.stacked ? 1 : 0;
    SmallVector<int64_t> inOrder;
    for (auto [dim, leading] : llvm::enumerate(leadingDims))
      if (next < operands.size() &&
          operands[next] == indices.getSymbol(leading.symbol, leading.size) &&
          evaluator.getSize(value, next) == leading.size) {
        inOrder.push_back(dim);
        ++next;
      }
    if (next == operands.size())
      return inOrder;
  }
  uint64_t symbols = 0;
  for (IndexId position : axes.positions)
    symbols |= indices.getSymbols(position);
  SmallVector<int64_t> used;
  for (auto [dim, leading] : llvm::enumerate(leadingDims))
    if (symbols >> leading.symbol & 1)
      used.push_back(dim);
  return used;
}

/// [axes, dims...] of tensors over dims.
static Value stack(OpBuilder &builder, Location loc, ArrayRef<Value> axes) {
  Type i64 = builder.getI64Type();
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(builder, loc, axes.front());
  int64_t rank = sizes.size() + 1;
  sizes.insert(sizes.begin(), builder.getIndexAttr(axes.size()));
  Value empty = tensor::EmptyOp::create(builder, loc, sizes, i64);
  AffineMap all = builder.getMultiDimIdentityMap(rank);
  SmallVector<AffineMap> maps(axes.size(), all.getMinorSubMap(rank - 1));
  maps.push_back(all);
  auto toI64 = [i64](OpBuilder &body, Location loc, Value value) -> Value {
    if (value.getType().isIndex())
      return arith::IndexCastOp::create(body, loc, i64, value);
    unsigned width = value.getType().getIntOrFloatBitWidth();
    if (width < 64)
      return arith::ExtSIOp::create(body, loc, i64, value);
    if (width > 64)
      return arith::TruncIOp::create(body, loc, i64, value);
    return value;
  };
  return linalg::GenericOp::create(
             builder, loc, TypeRange{empty.getType()}, axes, ValueRange{empty},
             maps,
             SmallVector<utils::IteratorType>(rank,
                                              utils::IteratorType::parallel),
             [&](OpBuilder &body, Location loc, ValueRange arguments) {
               Value axis = linalg::IndexOp::create(body, loc, 0);
               Value chosen = toI64(body, loc, arguments.front());
               for (size_t i = 1; i < axes.size(); ++i) {
                 Value number = arith::ConstantIndexOp::create(body, loc, i);
                 Value isAxis = arith::CmpIOp::create(
                     body, loc, arith::CmpIPredicate::eq, axis, number);
                 chosen = arith::SelectOp::create(
                     body, loc, isAxis, toI64(body, loc, arguments[i]), chosen);
               }
               linalg::YieldOp::create(body, loc, chosen);
             })
      .getResult(0);
}

Value rope::makePositions(LaneMaterializer &materializer, OpBuilder &builder,
                          Location loc, const PositionAxes &axes,
                          ArrayRef<LeadingDim> dims) {
  if (axes.stacked &&
      materializer.isReadInOrder(axes.stacked, dims, axes.positions.front()))
    return axes.stacked;
  SmallVector<Value, 3> parts;
  for (IndexId position : axes.positions) {
    parts.push_back(materializer.makePositions(position, dims));
    if (!parts.back())
      return {};
  }
  return axes.sections.empty() ? parts.front() : stack(builder, loc, parts);
}
