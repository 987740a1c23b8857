//===- LaneMaterializer.h - Tensors from evaluated lanes --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns what the lane evaluator found back into tensors: lanes of an SSA value,
// products of such, positions. The layout is always the leading dimensions that
// are asked for, then the lanes.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_LANEMATERIALIZER_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_LANEMATERIALIZER_H

#include "Rope/Analysis/RotationMatcher.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Dominance.h"

namespace mlir::rope {

/// A leading dimension of a tensor to be made: the symbol that runs over it.
struct LeadingDim {
  unsigned symbol;
  IndexId size;
};

/// An element of an SSA tensor: coefficient times it is what it stands for.
struct NamedTensor {
  Value value;
  SmallVector<IndexId> at;
  double coefficient = 1.0;
};

class LaneMaterializer {
public:
  /// Makes everything just before `anchor`.
  LaneMaterializer(LaneEvaluator &evaluator, DominanceInfo &dominance,
                   OpBuilder &builder, Operation *anchor)
      : evaluator(evaluator), dominance(dominance), builder(builder),
        anchor(anchor), loc(anchor->getLoc()) {
    builder.setInsertionPoint(anchor);
  }

  /// The source itself, a slice or a transposition of it: no element is
  /// computed. Null where that is not enough.
  Value makeView(const LaneSource &source, ArrayRef<LeadingDim> dims,
                 Type elementType);
  /// The same by any means. Null where an index cannot be computed here.
  Value makeLanes(const LaneSource &source, ArrayRef<LeadingDim> dims,
                  Type elementType);
  /// coefficient * product of `sources`, a coefficient a lane.
  Value makeProduct(ArrayRef<LaneSource> sources, ArrayRef<double> coefficients,
                    ArrayRef<LeadingDim> dims, Type elementType);
  /// An uninitialized tensor; null where a size cannot be computed here.
  Value makeEmpty(ArrayRef<IndexId> sizes, Type elementType);
  /// Whether the last indices of `index`, an element of `tensor`, are the
  /// symbols of all `dims` in order, so that the tensor itself can be taken.
  bool isReadInOrder(Value tensor, ArrayRef<LeadingDim> dims, IndexId index);
  /// An integer tensor of the values of `index`.
  Value makePositions(IndexId index, ArrayRef<LeadingDim> dims);
  /// `tensor` with lane `lanes[i]` of its last dimension as lane i.
  Value makePermuted(Value tensor, ArrayRef<int64_t> lanes);
  /// `tensor` with its elements widened or rounded to `elementType`.
  Value convertElements(Value tensor, Type elementType);
  /// The float type that holds the elements of all, f32 at least where two
  /// types of one width differ.
  Type getCommonType(ArrayRef<Value> tensors) const;
  /// The lanes of all, one after the other, in their common type.
  Value concatLanes(ArrayRef<Value> tensors);
  /// source[at] for all values of the symbols `dims`. Null where an index
  /// cannot be computed here.
  Value makeCopy(Value source, ArrayRef<IndexId> at, ArrayRef<LeadingDim> dims);
  /// A size; null where it cannot be computed here.
  Value makeSize(IndexId size) { return makeIndex(size, {}, {}); }
  /// The content of constant columns, one a lane, whose indices are exactly the
  /// symbols of `dims`. Null if they are anything else.
  Value makeColumns(ArrayRef<ExprId> columns, ArrayRef<double> coefficients,
                    ArrayRef<LeadingDim> dims, Type elementType);

  /// An index inside of a body, or outside where `loops` is empty.
  Value makeIndex(IndexId index, ArrayRef<LeadingDim> dims,
                  ArrayRef<Value> loops);
  /// Whether an index is not zero, inside of a body: comparisons and logic.
  Value makeBoolean(IndexId index, ArrayRef<LeadingDim> dims,
                    ArrayRef<Value> loops);
  /// An expression inside of a body: elements of the tensors that `getName`
  /// knows and elementwise arithmetic on them, rounded as the expression says.
  /// Null where it holds anything else.
  Value makeExpr(ExprId id, ArrayRef<LeadingDim> dims, ArrayRef<Value> loops,
                 function_ref<std::optional<NamedTensor>(ExprId)> getName);
  /// source[at] inside of a body, widened to `elementType`; null where an index
  /// cannot be computed or the type is narrower.
  Value makeElementAt(Value source, ArrayRef<IndexId> at,
                      ArrayRef<LeadingDim> dims, ArrayRef<Value> loops,
                      Type elementType);
  /// A generic op over `dims` and then `numLanes` lanes (none if negative).
  Value makeGeneric(ArrayRef<LeadingDim> dims, int64_t numLanes,
                    Type elementType,
                    function_ref<Value(ArrayRef<Value>, Value)> body);

private:
  Value makeSelect(const IndexAtom &select, ArrayRef<LeadingDim> dims,
                   ArrayRef<Value> loops);
  Value nameInteger(IndexId index, ArrayRef<LeadingDim> dims);
  Value makeFunction(const LaneExpr &expr, ArrayRef<LeadingDim> dims,
                     ArrayRef<Value> loops,
                     function_ref<std::optional<NamedTensor>(ExprId)> getName);
  Value makeElement(const LaneSource &source, ArrayRef<LeadingDim> dims,
                    ArrayRef<Value> loops, Value lane, Type elementType);
  bool isAvailable(Value value) {
    return dominance.properlyDominates(value, anchor);
  }

  LaneEvaluator &evaluator;
  DominanceInfo &dominance;
  OpBuilder &builder;
  Operation *anchor;
  Location loc;
};

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_LANEMATERIALIZER_H
