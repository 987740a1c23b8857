//===- ValueBoundsOpInterfaceImpl.cpp - Sizes of rope ops' results --------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The leading dimensions of a result are those of the operand that it follows;
// the others are static.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/InterfaceImpls.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
/// dim(result, d) = dim(first operand, d), where d is not static.
template <typename OpTy>
struct FollowsFirstOperand
    : ValueBoundsOpInterface::ExternalModel<FollowsFirstOperand<OpTy>, OpTy> {
  void populateBoundsForShapedValueDim(Operation *op, Value value, int64_t dim,
                                       ValueBoundsConstraintSet &bounds) const {
    int64_t size = cast<ShapedType>(value.getType()).getDimSize(dim);
    if (ShapedType::isStatic(size))
      bounds.bound(value)[dim] == size;
    else
      bounds.bound(value)[dim] == bounds.getExpr(op->getOperand(0), dim);
  }
};

/// The same for tables: positions may have a dimension of axes in front, and
/// a length stands behind theirs.
struct SinCosBounds
    : ValueBoundsOpInterface::ExternalModel<SinCosBounds, SinCosOp> {
  void populateBoundsForShapedValueDim(Operation *op, Value value, int64_t dim,
                                       ValueBoundsConstraintSet &bounds) const {
    auto sincos = cast<SinCosOp>(op);
    int64_t size = cast<ShapedType>(value.getType()).getDimSize(dim);
    if (ShapedType::isStatic(size))
      bounds.bound(value)[dim] == size;
    else if (dim == sincos.getNumPositionDims())
      bounds.bound(value)[dim] == bounds.getExpr(sincos.getLength());
    else
      bounds.bound(value)[dim] ==
          bounds.getExpr(sincos.getPositions(),
                         dim + sincos.getFrequencies().hasAxes());
  }
};

/// out and lse follow the query, scores (batch, head, query, key) the query and
/// the key.
struct AttentionBounds
    : ValueBoundsOpInterface::ExternalModel<AttentionBounds, AttentionOp> {
  void populateBoundsForShapedValueDim(Operation *op, Value value, int64_t dim,
                                       ValueBoundsConstraintSet &bounds) const {
    int64_t size = cast<ShapedType>(value.getType()).getDimSize(dim);
    if (ShapedType::isStatic(size)) {
      bounds.bound(value)[dim] == size;
      return;
    }
    auto attention = cast<AttentionOp>(op);
    bool isScores = value == attention.getScores();
    Value source =
        isScores && dim == 3 ? attention.getKey() : attention.getQuery();
    int64_t sourceDim =
        isScores && dim != 0 ? attention.getSequenceDimension() : dim;
    bounds.bound(value)[dim] == bounds.getExpr(source, sourceDim);
  }
};
} // namespace

void rope::registerValueBoundsOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, RopeDialect *) {
    SinCosOp::attachInterface<SinCosBounds>(*context);
    RotateOp::attachInterface<FollowsFirstOperand<RotateOp>>(*context);
    AttentionOp::attachInterface<AttentionBounds>(*context);
    MergeOp::attachInterface<FollowsFirstOperand<MergeOp>>(*context);
    LinearAttentionOp::attachInterface<FollowsFirstOperand<LinearAttentionOp>>(
        *context);
    RotationMatrixOp::attachInterface<FollowsFirstOperand<RotationMatrixOp>>(
        *context);
  });
}
