//===- RuntimeChecks.h - Assertions about an op -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `generate-runtime-verification` puts before an op. A check of static
// sizes is the verifier's and is not repeated.
//
//===----------------------------------------------------------------------===//

#ifndef ROPE_LIB_DIALECT_ROPE_TRANSFORMS_RUNTIMECHECKS_H
#define ROPE_LIB_DIALECT_ROPE_TRANSFORMS_RUNTIMECHECKS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::rope {

using RuntimeMessageFn = function_ref<std::string(Operation *, StringRef)>;

/// A dimension of an operand.
struct OperandDim {
  Value operand;
  int64_t dim;

  int64_t getStaticSize() const {
    return cast<ShapedType>(operand.getType()).getDimSize(dim);
  }
};

/// Emits assertions about one op.
class RuntimeChecks {
public:
  RuntimeChecks(Operation *op, OpBuilder &builder, Location loc,
                RuntimeMessageFn message)
      : op(op), builder(builder), loc(loc), message(message) {}

  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value sizeOf(OperandDim dim) {
    if (isa<MemRefType>(dim.operand.getType()))
      return memref::DimOp::create(builder, loc, dim.operand, dim.dim);
    return tensor::DimOp::create(builder, loc, dim.operand, dim.dim);
  }
  /// An element of a vector of integers, as an index.
  Value load(Value vector, Value position) {
    Value element;
    if (isa<MemRefType>(vector.getType()))
      element = memref::LoadOp::create(builder, loc, vector, position);
    else
      element = tensor::ExtractOp::create(builder, loc, vector, position);
    if (element.getType().isIndex())
      return element;
    return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                      element);
  }

  void require(arith::CmpIPredicate predicate, Value lhs, Value rhs,
               const Twine &what) {
    Value holds = arith::CmpIOp::create(builder, loc, predicate, lhs, rhs);
    cf::AssertOp::create(builder, loc, holds, message(op, what.str()));
  }
  void requireEqual(OperandDim lhs, OperandDim rhs, const Twine &what) {
    if (ShapedType::isDynamic(lhs.getStaticSize()) ||
        ShapedType::isDynamic(rhs.getStaticSize()))
      require(arith::CmpIPredicate::eq, sizeOf(lhs), sizeOf(rhs), what);
  }
  void requireWithin(Value number, Value limit, const Twine &what) {
    require(arith::CmpIPredicate::sge, number, constant(0), what);
    require(arith::CmpIPredicate::sle, number, limit, what);
  }
  /// Two operands of one rank have one shape, in the leading `dims` dimensions
  /// where that is given.
  void requireSameShape(Value lhs, Value rhs, const Twine &what,
                        std::optional<int64_t> dims = std::nullopt) {
    int64_t rank = cast<ShapedType>(lhs.getType()).getRank();
    for (int64_t dim = 0; dim < dims.value_or(rank); ++dim)
      requireEqual({lhs, dim}, {rhs, dim}, what);
  }
  /// Checks in a loop over [0, size).
  void forEach(Value size, function_ref<void(Value)> body) {
    auto loop =
        scf::ForOp::create(builder, loc, constant(0), size, constant(1));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar());
  }
  Value add(Value number, int64_t summand) {
    return arith::AddIOp::create(builder, loc, number, constant(summand));
  }

private:
  Operation *op;
  OpBuilder &builder;
  Location loc;
  RuntimeMessageFn message;
};

} // namespace mlir::rope

#endif // ROPE_LIB_DIALECT_ROPE_TRANSFORMS_RUNTIMECHECKS_H
