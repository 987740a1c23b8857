//===- RotationMatrixToGPU.cpp - rope.rotation_matrix ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A thread an entry: M[a, a] = c, M[a, b] = -s, M[b, a] = s, M[b, b] = c for
// the lanes (a, b) of a pair, and zero elsewhere.
//
//===----------------------------------------------------------------------===//

#include "OpsToGPU.h"

#include "DeviceBuffer.h"
#include "PairPlace.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::rope;

namespace {
class MatrixEmitter {
public:
  MatrixEmitter(KernelBuilder &kernel, RotationMatrixOp op)
      : kernel(kernel), builder(kernel.getBuilder()), op(op),
        cos(kernel, op.getCos(), 1), sin(kernel, op.getSin(), 1),
        matrix(kernel, op.getOutput(), 1),
        compute(cos.getElementType().isF64()
                    ? FloatType(builder.getF64Type())
                    : FloatType(builder.getF32Type())) {}

  void emit() {
    kernel.emitEntries(kernel.getSizes(op.getOutput()),
                       [&](ArrayRef<Value> indices) {
                         emitEntry(indices.drop_back(), indices.back());
                       });
  }

private:
  void emitEntry(ArrayRef<Value> row, Value column) {
    Value lane = row.back();
    ArrayRef<Value> tableRow = row.drop_back();
    PairPlace of(kernel, op.getPairing(), op.getRotaryDim(), lane);
    auto isEqual = [&](Value lhs, Value rhs) -> Value {
      return arith::CmpIOp::create(builder, arith::CmpIPredicate::eq, lhs, rhs);
    };
    Value zero =
        arith::ConstantOp::create(builder, builder.getZeroAttr(compute));
    auto emitWhere = [&](Value condition, function_ref<Value()> entry,
                         Value otherwise) -> Value {
      auto branch = scf::IfOp::create(builder, compute, condition,
                                      /*withElseRegion=*/true);
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(branch.thenBlock());
      scf::YieldOp::create(builder, entry());
      builder.setInsertionPointToStart(branch.elseBlock());
      scf::YieldOp::create(builder, otherwise);
      return branch.getResult(0);
    };
    auto load = [&](DeviceBuffer &table) {
      return table.load(table.getRow(tableRow), LaneIndex(of.pair), 1, compute)
          .front();
    };
    Value sine = emitWhere(
        isEqual(column, of.partner),
        [&] {
          Value entry = load(sin);
          Value negated = arith::NegFOp::create(builder, entry);
          return Value(
              arith::SelectOp::create(builder, of.isFirst, negated, entry));
        },
        zero);
    Value entry =
        emitWhere(isEqual(column, lane), [&] { return load(cos); }, sine);
    matrix.store(entry, matrix.getRow(row), LaneIndex(column));
  }

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &builder;
  RotationMatrixOp op;
  DeviceBuffer cos, sin, matrix;
  FloatType compute;
};
} // namespace

void rope::lowerRotationMatrix(RewriterBase &rewriter, gpu::GPUModuleOp module,
                               RotationMatrixOp op, const GpuModel &model) {
  lowerToKernel<MatrixEmitter>(rewriter, module, "rotation_matrix",
                               op.getOperation(), op, model);
}
