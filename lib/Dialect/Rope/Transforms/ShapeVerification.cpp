//===- ShapeVerification.cpp - Sizes and lengths at run time --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What verifiers cannot see: that dynamic dimensions agree, and that lengths,
// starts and the past of an attention are within its keys and queries. A check
// of static sizes is the verifier's and is not repeated.
//
//===----------------------------------------------------------------------===//

#include "Rope/Dialect/Rope/IR/RopeOps.h"
#include "Rope/Dialect/Rope/Transforms/InterfaceImpls.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Interfaces/RuntimeVerifiableOpInterface.h"

using namespace mlir;
using namespace mlir::rope;
using arith::CmpIPredicate;

namespace {
using MessageFn = function_ref<std::string(Operation *, StringRef)>;

/// A dimension of an operand.
struct Dim {
  Value operand;
  int64_t dim;

  int64_t getStaticSize() const {
    return cast<ShapedType>(operand.getType()).getDimSize(dim);
  }
};

/// Emits assertions about one op.
class Checks {
public:
  Checks(Operation *op, OpBuilder &builder, Location loc, MessageFn message)
      : op(op), builder(builder), loc(loc), message(message) {}

  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value sizeOf(Dim dim) {
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

  void require(CmpIPredicate predicate, Value lhs, Value rhs,
               const Twine &what) {
    Value holds = arith::CmpIOp::create(builder, loc, predicate, lhs, rhs);
    cf::AssertOp::create(builder, loc, holds, message(op, what.str()));
  }
  void requireEqual(Dim lhs, Dim rhs, const Twine &what) {
    if (ShapedType::isDynamic(lhs.getStaticSize()) ||
        ShapedType::isDynamic(rhs.getStaticSize()))
      require(CmpIPredicate::eq, sizeOf(lhs), sizeOf(rhs), what);
  }
  void requireWithin(Value number, Value limit, const Twine &what) {
    require(CmpIPredicate::sge, number, constant(0), what);
    require(CmpIPredicate::sle, number, limit, what);
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
  MessageFn message;
};

struct RotateChecks
    : RuntimeVerifiableOpInterface::ExternalModel<RotateChecks, RotateOp> {
  void generateRuntimeVerification(Operation *op, OpBuilder &builder,
                                   Location loc, MessageFn message) const {
    auto rotate = cast<RotateOp>(op);
    Checks checks(op, builder, loc, message);
    for (auto [position, dim] : llvm::enumerate(rotate.getAlong())) {
      int64_t tableDim = position;
      for (Value table : {rotate.getCos(), rotate.getSin()})
        checks.requireEqual({rotate.getInput(), dim}, {table, tableDim},
                            "dimension " + Twine(dim) + " of the input and " +
                                Twine(tableDim) + " of the tables must agree");
    }
    if (Value output = rotate.getOutput())
      for (int64_t dim = 0; dim < rotate.getInputType().getRank(); ++dim)
        checks.requireEqual({rotate.getInput(), dim}, {output, dim},
                            "input and destination must have one shape");
  }
};

struct AttentionChecks
    : RuntimeVerifiableOpInterface::ExternalModel<AttentionChecks,
                                                  AttentionOp> {
  /// Tables have a row for each position of the sequence that they rotate.
  static void checkTables(Checks &checks, AttentionOp op, StringRef role,
                          AttentionOp::Rotation rotation, Value rotated) {
    if (!rotation)
      return;
    for (Value table : {rotation.cos, rotation.sin}) {
      int64_t sequence = cast<ShapedType>(table.getType()).getRank() - 2;
      checks.requireEqual(
          {table, sequence}, {rotated, op.getSequenceDimension()},
          "tables of rotate_" + role + " must have one row for each position");
      if (sequence == 1)
        checks.requireEqual({table, 0}, {rotated, 0},
                            "tables of rotate_" + role +
                                " must have the batches of the operand");
    }
  }

  static void checkMask(Checks &checks, AttentionOp op) {
    Value mask = op.getMask();
    if (!mask)
      return;
    int64_t sequence = op.getSequenceDimension();
    Dim scores[] = {{op.getQuery(), 0},
                    {op.getQuery(), op.getHeadDimension()},
                    {op.getQuery(), sequence},
                    {op.getKey(), sequence}};
    auto type = cast<ShapedType>(mask.getType());
    int64_t last = type.getRank() - 1;
    for (int64_t dim = 0; dim < last; ++dim)
      if (type.getDimSize(dim) != 1)
        checks.requireEqual({mask, dim}, scores[3 - last + dim],
                            "dimension " + Twine(dim) +
                                " of the mask must agree with the scores");
    if (ShapedType::isDynamic(type.getDimSize(last)) ||
        ShapedType::isDynamic(scores[3].getStaticSize()))
      checks.require(CmpIPredicate::sle, checks.sizeOf({mask, last}),
                     checks.sizeOf(scores[3]),
                     "the mask must not have more keys than there are");
  }

  static void checkStarts(Checks &checks, Value starts, Dim sequence,
                          StringRef name) {
    Value numSequences = checks.add(checks.sizeOf({starts, 0}), -1);
    checks.require(CmpIPredicate::sge, numSequences, checks.constant(1),
                   "starts must have two entries or more");
    checks.forEach(numSequences, [&](Value position) {
      Value start = checks.load(starts, position);
      Value end = checks.load(starts, checks.add(position, 1));
      checks.require(CmpIPredicate::sge, start, checks.constant(0),
                     "starts must not be negative");
      checks.require(CmpIPredicate::sle, start, end,
                     "starts must not decrease");
      checks.require(CmpIPredicate::sle, end, checks.sizeOf(sequence),
                     "starts must not be past the last of the " + name);
    });
  }

  void generateRuntimeVerification(Operation *operation, OpBuilder &builder,
                                   Location loc, MessageFn message) const {
    auto op = cast<AttentionOp>(operation);
    Checks checks(op, builder, loc, message);
    int64_t sequence = op.getSequenceDimension();
    Dim batch{op.getQuery(), 0}, queries{op.getQuery(), sequence},
        keys{op.getKey(), sequence};
    for (Value operand : {op.getKey(), op.getValue(), op.getKeyTail()}) {
      if (!operand)
        continue;
      checks.requireEqual(batch, {operand, 0},
                          "query, key and value must have one batch dimension");
      checks.requireEqual(keys, {operand, sequence},
                          "key and value must have one number of keys");
    }
    checkTables(checks, op, "query", op.getQueryTables(), op.getQuery());
    checkTables(checks, op, "key", op.getKeyTables(), op.getKey());
    checkTables(checks, op, "value", op.getValueTables(), op.getValue());
    checkTables(checks, op, "output", op.getOutputTables(), op.getQuery());
    checkMask(checks, op);
    if (Value sinks = op.getSinks())
      checks.requireEqual({sinks, 0}, {op.getQuery(), op.getHeadDimension()},
                          "sinks must have one logit for each head");
    if (Value past = op.getPast())
      checks.requireWithin(past, checks.sizeOf(keys),
                           "past must be within [0, number of keys]");
    if (Value lengths = op.getKvLengths()) {
      checks.requireEqual({lengths, 0}, batch,
                          "kv_lengths must have one length for each batch");
      checks.forEach(checks.sizeOf({lengths, 0}), [&](Value position) {
        checks.requireWithin(checks.load(lengths, position),
                             checks.sizeOf(keys),
                             "kv_lengths must be within [0, number of keys]");
      });
    }
    if (Value queryStarts = op.getQueryStarts()) {
      checks.requireEqual({queryStarts, 0}, {op.getKeyStarts(), 0},
                          "starts of queries and of keys must be as many");
      checkStarts(checks, queryStarts, queries, "queries");
      checkStarts(checks, op.getKeyStarts(), keys, "keys");
    }
  }
};
} // namespace

void rope::registerShapeVerificationExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, RopeDialect *) {
    RotateOp::attachInterface<RotateChecks>(*context);
    AttentionOp::attachInterface<AttentionChecks>(*context);
    context->loadDialect<arith::ArithDialect, cf::ControlFlowDialect,
                         memref::MemRefDialect, scf::SCFDialect,
                         tensor::TensorDialect>();
  });
}
