//===- RuntimeVerifiableOpInterfaceImpl.cpp - Checks at run time ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `generate-runtime-verification` asserts of rope ops that their verifiers
// cannot see.
//
//===----------------------------------------------------------------------===//

#include "mlir/Interfaces/RuntimeVerifiableOpInterface.h"

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/InterfaceImpls.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rope;

/// Asserts -2^31 <= position < 2^31.
static void assertInRange(OpBuilder &builder, Location loc, Value position,
                          StringRef message) {
  Type i64 = builder.getI64Type();
  Value wide = position;
  if (position.getType().isIndex())
    wide = arith::IndexCastOp::create(builder, loc, i64, position);
  else if (position.getType().getIntOrFloatBitWidth() < 64)
    wide = arith::ExtSIOp::create(builder, loc, i64, position);
  Value low = arith::TruncIOp::create(builder, loc, builder.getI32Type(), wide);
  Value again = arith::ExtSIOp::create(builder, loc, wide.getType(), low);
  Value isSame = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                       wide, again);
  cf::AssertOp::create(builder, loc, isSame, message);
}

namespace {
/// C1 of rope.sincos: every position is in the range of i32.
struct SinCosVerification
    : RuntimeVerifiableOpInterface::ExternalModel<SinCosVerification,
                                                  SinCosOp> {
  void
  generateRuntimeVerification(Operation *op, OpBuilder &builder, Location loc,
                              function_ref<std::string(Operation *, StringRef)>
                                  generateErrorMessage) const {
    auto sincos = cast<SinCosOp>(op);
    Value positions = sincos.getPositions();
    auto type = dyn_cast<IntegerType>(getElementTypeOrSelf(positions));
    if (type && type.getWidth() <= 32 && !sincos.getLength())
      return;
    std::string message =
        generateErrorMessage(op, "position is not in [-2^31, 2^31)");
    auto check = [&](OpBuilder &nested, Value position) {
      assertInRange(nested, loc, position, message);
      if (!sincos.getLength())
        return;
      // The last of a sequence; the length of an empty one is no position.
      Value start = position;
      if (!start.getType().isIndex())
        start = arith::IndexCastOp::create(nested, loc, nested.getIndexType(),
                                           start);
      Value one = arith::ConstantIndexOp::create(nested, loc, 1);
      Value steps = arith::SubIOp::create(nested, loc, sincos.getLength(), one);
      Value zero = arith::ConstantIndexOp::create(nested, loc, 0);
      steps = arith::MaxSIOp::create(nested, loc, steps, zero);
      assertInRange(nested, loc,
                    arith::AddIOp::create(nested, loc, start, steps), message);
    };
    auto shaped = dyn_cast<ShapedType>(positions.getType());
    if (!shaped)
      return check(builder, positions);

    bool isTensor = isa<TensorType>(positions.getType());
    SmallVector<Value> lower, upper, steps;
    for (int64_t dim = 0; dim < shaped.getRank(); ++dim) {
      lower.push_back(arith::ConstantIndexOp::create(builder, loc, 0));
      steps.push_back(arith::ConstantIndexOp::create(builder, loc, 1));
      upper.push_back(
          isTensor ? builder.createOrFold<tensor::DimOp>(loc, positions, dim)
                   : builder.createOrFold<memref::DimOp>(loc, positions, dim));
    }
    scf::buildLoopNest(builder, loc, lower, upper, steps,
                       [&](OpBuilder &nested, Location, ValueRange indices) {
                         Value position =
                             isTensor ? Value(tensor::ExtractOp::create(
                                            nested, loc, positions, indices))
                                      : Value(memref::LoadOp::create(
                                            nested, loc, positions, indices));
                         check(nested, position);
                       });
  }
};
} // namespace

void rope::registerRuntimeVerifiableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, RopeDialect *) {
    SinCosOp::attachInterface<SinCosVerification>(*context);
    context->loadDialect<arith::ArithDialect, cf::ControlFlowDialect,
                         memref::MemRefDialect, scf::SCFDialect,
                         tensor::TensorDialect>();
  });
}
