//===- ShapeVerification.cpp - Sizes at run time --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// That dynamic dimensions of rotations, their matrices and merges agree.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/InterfaceImpls.h"
#include "RuntimeChecks.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Interfaces/RuntimeVerifiableOpInterface.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
struct RotateChecks
    : RuntimeVerifiableOpInterface::ExternalModel<RotateChecks, RotateOp> {
  void generateRuntimeVerification(Operation *op, OpBuilder &builder,
                                   Location loc,
                                   RuntimeMessageFn message) const {
    auto rotate = cast<RotateOp>(op);
    RuntimeChecks checks(op, builder, loc, message);
    for (auto [position, dim] : llvm::enumerate(rotate.getAlong())) {
      int64_t tableDim = position;
      for (Value table : {rotate.getCos(), rotate.getSin()})
        checks.requireEqual({rotate.getInput(), dim}, {table, tableDim},
                            "dimension " + Twine(dim) + " of the input and " +
                                Twine(tableDim) + " of the tables must agree");
    }
    if (Value output = rotate.getOutput())
      checks.requireSameShape(rotate.getInput(), output,
                              "input and destination must have one shape");
  }
};

struct RotationMatrixChecks
    : RuntimeVerifiableOpInterface::ExternalModel<RotationMatrixChecks,
                                                  RotationMatrixOp> {
  void generateRuntimeVerification(Operation *op, OpBuilder &builder,
                                   Location loc,
                                   RuntimeMessageFn message) const {
    auto matrix = cast<RotationMatrixOp>(op);
    RuntimeChecks checks(op, builder, loc, message);
    checks.requireSameShape(matrix.getCos(), matrix.getSin(),
                            "cos and sin must have one shape");
    if (Value output = matrix.getOutput())
      checks.requireSameShape(
          matrix.getCos(), output,
          "tables and destination must have the same leading dimensions",
          matrix.getTableType().getRank() - 1);
  }
};

struct MergeChecks
    : RuntimeVerifiableOpInterface::ExternalModel<MergeChecks, MergeOp> {
  void generateRuntimeVerification(Operation *op, OpBuilder &builder,
                                   Location loc,
                                   RuntimeMessageFn message) const {
    auto merge = cast<MergeOp>(op);
    RuntimeChecks checks(op, builder, loc, message);
    checks.requireSameShape(merge.getLhs(), merge.getRhs(),
                            "both partials must have one shape");
    int64_t rank = merge.getLseType().getRank();
    for (Value lse : {merge.getLhsLse(), merge.getRhsLse()})
      checks.requireSameShape(
          merge.getLhs(), lse,
          "lse must have the leading dimensions of its partial", rank);
    if (!merge.getOutput())
      return;
    checks.requireSameShape(merge.getLhs(), merge.getOutput(),
                            "destinations must have the shapes of a partial");
    checks.requireSameShape(merge.getLhs(), merge.getLseOutput(),
                            "destinations must have the shapes of a partial",
                            rank);
  }
};
} // namespace

void rope::registerShapeVerificationExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, RopeDialect *) {
    RotateOp::attachInterface<RotateChecks>(*context);
    RotationMatrixOp::attachInterface<RotationMatrixChecks>(*context);
    MergeOp::attachInterface<MergeChecks>(*context);
    context->loadDialect<arith::ArithDialect, cf::ControlFlowDialect,
                         memref::MemRefDialect, tensor::TensorDialect>();
  });
}
